"""Options of the whole suite."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--servers``: the ports suites run on PostgreSQL and RabbitMQ too; a server that cannot be had is a failure."""
    parser.addoption("--servers", action="store_true", help="also on PostgreSQL and RabbitMQ (make test-servers)")
