"""PostgreSQL databases and service processes for the suites that need servers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
import sqlalchemy as sa
from kombu import Connection

from services.contracts.errors import Unavailable
from services.contracts.rpc import GetHealth, Request
from services.kit import topology
from services.kit.amqp import SyncAsk
from services.kit.settings import Settings

A = TypeVar("A")
Ask = Callable[[Request[A]], A]
ROOT = Path(__file__).parents[1]


def address(name: str) -> str:
    """Return the address of a server from the environment; its absence fails the test."""
    if not os.environ.get(name):
        pytest.fail(f"{name} is not set: run `make servers`, then `make test-servers`.")
    return os.environ[name]


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """Create a database of this test's own; drop it at the end."""
    name = f"quinzaine_test_{uuid.uuid4().hex}"
    _administer(server_url, f"CREATE DATABASE {name}")
    try:
        yield sa.make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        _administer(server_url, f"DROP DATABASE {name} WITH (FORCE)")


def in_schema(database_url: str, schema: str) -> str:
    """Return the address of a schema, created where missing: connections find their tables there."""
    _administer(database_url, f"CREATE SCHEMA IF NOT EXISTS {schema}")
    return f"{database_url}?options=-csearch_path%3D{schema}"


def _administer(server_url: str, statement: str) -> None:
    url = sa.make_url(server_url).set(drivername="postgresql+psycopg2")
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


def clear_broker(amqp_url: str, service_classes: Iterable[type]) -> None:
    """Delete the queues of these services, so that a test begins with empty ones."""
    with Connection(amqp_url) as connection:
        for entity in topology.entities(service_classes):
            entity.bind(connection.default_channel).delete()


def eventually(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until a condition holds; fail when it does not come true in a time far above what it needs."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail(f"{holds} did not come true within {seconds:g} s")
        time.sleep(0.1)


class Stage:
    """Service processes on a broker and a PostgreSQL database; ``ask`` reaches them."""

    def __init__(self, amqp_url: str, database_url: str, folder: Path) -> None:
        self.amqp_url = amqp_url
        self.database_url = database_url
        self.folder = folder
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.ask = SyncAsk(Settings(amqp_url=amqp_url), timeout=15)

    def __enter__(self) -> Stage:
        self.ask.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        for name in list(self.processes):
            self.kill(name)
        self.ask.__exit__(*exception)

    def start(self, name: str, *arguments: str) -> None:
        """Start a toy service."""
        command = [sys.executable, str(ROOT / "tests/servers/toy_process.py"), name, *arguments]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(command, env=self._environment(name), stdout=log, stderr=log)

    def wait_for(self, *names: str) -> None:
        """Wait until these services answer."""
        for name in names:
            eventually(lambda name=name: self.answers(name))  # type: ignore[misc]

    def answers(self, name: str) -> bool:
        """Say whether a service answers."""
        if self.processes[name].poll() is not None:
            pytest.fail(f"{name} ended: {self.log(name)[-2000:]}")
        try:
            self.ask(GetHealth(name))
        except Unavailable:
            return False
        return True

    def kill(self, name: str) -> None:
        """kill -9."""
        self.processes[name].kill()
        self.processes.pop(name).wait()

    def terminate(self, name: str) -> int:
        """SIGTERM; return the exit code."""
        self.processes[name].send_signal(signal.SIGTERM)
        return self.processes.pop(name).wait(timeout=30)

    def log(self, name: str) -> str:
        """Return what a service has logged."""
        return (self.folder / f"{name}.log").read_text()

    def _environment(self, name: str) -> dict[str, str]:
        plain = {key: value for key, value in os.environ.items() if not key.startswith("QUINZAINE_")}
        return plain | {
            "PYTHONPATH": str(ROOT),
            "QUINZAINE_AMQP_URL": self.amqp_url,
            "QUINZAINE_DATABASE_URL": in_schema(self.database_url, name),
        }
