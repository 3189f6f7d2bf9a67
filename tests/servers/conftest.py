"""The toy services on the servers of the environment, or on servers of a test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stage import OwnServers, Stage, address, clear_broker, fresh_database
from tests.toys import TOYS


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """No service runs yet; queues and database are empty."""
    amqp_url = address("QUINZAINE_TEST_AMQP_URL")
    clear_broker(amqp_url, TOYS.values())
    with fresh_database(address("QUINZAINE_TEST_DATABASE_URL")) as url, Stage(amqp_url, url, tmp_path) as stage:
        yield stage


@pytest.fixture
def own_servers(tmp_path: Path) -> Iterator[OwnServers]:
    """A broker and a PostgreSQL that this test may kill."""
    with OwnServers(tmp_path / "servers") as servers:
        yield servers


@pytest.fixture
def own_stage(own_servers: OwnServers, tmp_path: Path) -> Iterator[Stage]:
    """The stage on servers that this test may kill."""
    with (
        fresh_database(own_servers.database_url) as url,
        Stage(own_servers.amqp_url, url, tmp_path) as stage,
    ):
        yield stage
