"""The adapters of a port, each in turn: SQLite always, PostgreSQL and RabbitMQ with ``--servers``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.embedded import House
from services.kit.database import Database, service_database
from services.kit.settings import Settings
from tests.ports.bureau import SqlBureau
from tests.stage import Ask, Stage, address, clear_broker, fresh_database
from tests.toys import TOYS
from tests.unit.notifications.fakes import Bureau


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give ``adapter`` its values for the fixtures below."""
    servers = metafunc.config.getoption("--servers")
    if "database_adapter" in metafunc.fixturenames:
        metafunc.parametrize("database_adapter", ["sqlite", *(["postgresql"] if servers else [])], scope="function")
    if "ask_adapter" in metafunc.fixturenames:
        metafunc.parametrize("ask_adapter", ["embedded", *(["amqp"] if servers else [])], scope="module")


@pytest.fixture
def database(database_adapter: str, tmp_path: Path) -> Iterator[Database]:
    """An empty database."""
    if database_adapter == "sqlite":
        yield from _opened(Settings(data_dir=tmp_path))
        return
    with fresh_database(address("QUINZAINE_TEST_DATABASE_URL")) as url:
        yield from _opened(Settings(database_url=url))


@pytest.fixture(params=["memory", "sql"])
def empty_bureau(request: pytest.FixtureRequest, database: Database) -> Any:
    """The handlers of notifications, on fakes and on a real database."""
    return Bureau() if request.param == "memory" else SqlBureau(database)


def _opened(settings: Settings) -> Iterator[Database]:
    database = service_database(settings, "ports")
    yield database
    database.close()


@pytest.fixture(scope="module")
def ask(ask_adapter: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """The toy services, to be asked."""
    folder = tmp_path_factory.mktemp(ask_adapter)
    if ask_adapter == "embedded":
        house = House(TOYS.values(), Settings(data_dir=folder))
        house.start()
        yield house.ask
        house.stop()
        return
    amqp_url = address("QUINZAINE_TEST_AMQP_URL")
    clear_broker(amqp_url, TOYS.values())
    with (
        fresh_database(address("QUINZAINE_TEST_DATABASE_URL")) as url,
        Stage(amqp_url, url, folder) as stage,
    ):
        for name in TOYS:
            stage.start(name)
        stage.wait_for(*TOYS)
        yield stage.ask
