"""Options of the whole suite."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

from tests.unit.notifications import libical

# a busy machine is no fault of what is tested
settings.register_profile("quinzaine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("quinzaine")

ON_THE_BROKER = (
    "ports/test_ask.py",
    "servers/test_bad_messages.py",
    "servers/test_kills.py",
    "servers/test_process.py",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--servers``: the ports suites run on PostgreSQL and RabbitMQ too; a server that cannot be had is a failure."""
    parser.addoption("--servers", action="store_true", help="also on PostgreSQL and RabbitMQ (make test-servers)")


def pytest_configure(config: pytest.Config) -> None:
    """libical looks at every calendar the suite makes; with ``--servers`` it must be there."""
    if not libical.watch() and config.getoption("--servers"):
        raise pytest.UsageError("libical is missing: install Debian's libical3.")


class ByFile(LoadFileScheduling):
    """The tests of a file stay together, and with them all that use the same queues of the one broker."""

    def _split_scope(self, nodeid: str) -> str:
        path = str(super()._split_scope(nodeid))
        return "broker" if path.endswith(ON_THE_BROKER) else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadFileScheduling | None:
    """Suites with servers are dealt out by file; the others as xdist would."""
    return ByFile(config, log) if config.getoption("--servers") else None
