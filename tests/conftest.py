"""Options of the whole suite."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from tests.unit.notifications import libical

# a busy machine is no fault of what is tested
settings.register_profile("quinzaine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("quinzaine")


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--servers``: the ports suites run on PostgreSQL and RabbitMQ too; a server that cannot be had is a failure."""
    parser.addoption("--servers", action="store_true", help="also on PostgreSQL and RabbitMQ (make test-servers)")


def pytest_configure(config: pytest.Config) -> None:
    """libical looks at every calendar the suite makes; with ``--servers`` it must be there."""
    if not libical.watch() and config.getoption("--servers"):
        raise pytest.UsageError("libical is missing: install Debian's libical3.")
