"""PostgreSQL databases and service processes for the suites that need servers."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from kombu import Connection

from services.contracts.codec import encode
from services.contracts.errors import Unavailable
from services.contracts.rpc import GetHealth, Request
from services.kit import topology
from services.kit.amqp import SyncAsk
from services.kit.application import Application
from services.kit.rpc import read_answer
from services.kit.settings import Settings
from tests.toys import TOYS

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


def eventually(look: Callable[[], A | None], seconds: float = 60.0) -> A:
    """Return what ``look`` finds once it finds something; its absence fails the test when the time is over."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            pytest.fail(f"{look} found nothing within {seconds:g} s")
        time.sleep(0.05)
    return found


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

    def application(self, name: str) -> Application[Any]:
        """Return a service's application on its database, to look at from the outside."""
        provider = vars(TOYS[name])["app"]
        application: Application[Any] = provider.bootstrap(Settings(database_url=in_schema(self.database_url, name)))
        return application

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


class OwnServers:
    """A broker and a PostgreSQL of this test's own, to be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ports = {
            "SERVERS_AMQP_PORT": str(free_port(20000, 25000)),
            "SERVERS_POSTGRES_PORT": str(free_port(25001, 30000)),
        }
        self._environment = os.environ | ports | {"SERVERS_DIR": str(folder)}

    def __enter__(self) -> OwnServers:
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        lines = (self.folder / "env").read_text().splitlines()
        found = dict(line.removeprefix("export ").split("=", 1) for line in lines)
        self.amqp_url = found["QUINZAINE_TEST_AMQP_URL"]
        self.database_url = found["QUINZAINE_TEST_DATABASE_URL"]
        return self

    def __exit__(self, *_exception: object) -> None:
        self._run("stop")
        shutil.rmtree(self._place)

    @property
    def _place(self) -> Path:
        """Where their data lie."""
        return Path((self.folder / "place").read_text().strip())

    def start(self) -> None:
        """Start what does not run."""
        self._run("start")

    def make_room(self, organisation: str) -> None:
        """Give an organisation its virtual host, roles and schemas."""
        self._run("organisation", organisation)

    def database_url_of(self, service: str) -> str:
        """Return the address with which a service enters."""
        lines = (self.folder / f"{service}.env").read_text().splitlines()
        return next(line.split("=", 1)[1] for line in lines if "DATABASE_URL" in line)

    def kill_broker(self) -> None:
        """kill -9 RabbitMQ and wait until it is gone."""
        self._kill("rabbitmq/pid")

    def kill_database(self) -> None:
        """kill -9 the postmaster; its backends end with it."""
        self._kill("postgres/postmaster.pid")

    def _kill(self, pid_file: str) -> None:
        pid = int((self._place / pid_file).read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: not Path(f"/proc/{pid}").exists())

    def _run(self, *verb: str) -> None:
        command = ["bash", str(ROOT / "deploy/servers.sh"), *verb]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, timeout=180, check=False)
        if done.returncode:
            pytest.fail(done.stdout + done.stderr)


def ask_directly(application: Application[Any], request: Request[A]) -> A:
    """Carry out a request without broker or process."""
    return read_answer(request, application.answer(type(request), encode(request)))


def free_port(low: int, high: int) -> int:
    """Return a free port of the loopback address in a range."""
    for port in random.sample(range(low, high), 50):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    pytest.fail(f"no free port between {low} and {high}")
