"""The real services and the portal as four processes on RabbitMQ and PostgreSQL, each with its own role."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.commands.journey import Doors, Journey
from services.contracts.errors import Unavailable
from services.contracts.rpc import GetHealth
from services.kit.amqp import SyncAsk
from services.kit.organisations import organisations
from services.kit.settings import Settings
from tests.stage import ROOT, OwnServers, eventually, free_port

SERVICES = ("registration", "scheduling", "notifications")


class RealHouse:
    """Starts, kills and looks into the processes of one house; ``others``: TOML, organisations beside the first."""

    def __init__(self, servers: OwnServers, folder: Path, others: str = "") -> None:
        self.servers = servers
        self.folder = folder
        self.port, self.mail_port = free_port(30001, 32000), free_port(32001, 34000)
        address = f"http://127.0.0.1:{self.port}"
        self.settings = Settings(amqp_url=servers.amqp_url, base_url=address, secret="s" * 32, organisations=others)
        self.organisations = organisations(self.settings)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.ask = SyncAsk(self.settings)

    def __enter__(self) -> RealHouse:
        self.ask.__enter__()
        for name in (*SERVICES, "portal"):
            self.start(name)
        self.wait()
        return self

    def __exit__(self, *exception: object) -> None:
        for name in list(self.processes):
            self.kill(name)
        self.ask.__exit__(*exception)

    @property
    def journey(self) -> Journey:
        """The journey through this house's doors."""
        return Journey(self.ask, Doors(self.settings.base_url, ("127.0.0.1", self.mail_port)), lambda *_: None)

    def start(self, name: str) -> None:
        """Start one of the four processes."""
        with self.log(name).open("ab") as log:
            command = [sys.executable, "-m", "services", "run", name]
            self.processes[name] = subprocess.Popen(
                command, env=self.environment(name), cwd=ROOT, stdout=log, stderr=log
            )

    def kill(self, name: str) -> None:
        """kill -9."""
        self.processes[name].kill()
        self.processes.pop(name).wait()

    def wait(self) -> None:
        """Wait until all four answer."""
        for name in SERVICES:
            eventually(lambda name=name: self._answers(name), 120)  # type: ignore[misc]

    def demo(self, out: Path, seconds: int) -> subprocess.Popen[bytes]:
        """Begin ``quinzaine demo`` on this house."""
        command = [
            sys.executable,
            "-m",
            "services",
            "demo",
            "--connected",
            "--out",
            str(out),
            "--seconds",
            str(seconds),
        ]
        with self.log("demo").open("ab") as log:
            return subprocess.Popen(command, env=self.environment("portal"), cwd=ROOT, stdout=log, stderr=log)

    def rows(self, service: str, query: str) -> list[Any]:
        """Look into a service's tables, as its own role."""
        engine = sa.create_engine(self.servers.database_url_of(service).replace("postgresql", "postgresql+psycopg2", 1))
        with engine.connect() as connection:
            found = list(connection.execute(sa.text(query)))
        engine.dispose()
        return found

    def log(self, name: str) -> Path:
        """Return where a process writes its log."""
        return self.folder / f"{name}.log"

    def environment(self, name: str) -> dict[str, str]:
        """Return the settings of one process, and nothing of ours."""
        settings = {
            "AMQP_URL": self.servers.amqp_url,
            "SECRET": self.settings.secret,
            "ORGANISATIONS": self.settings.organisations,
            "DATA_DIR": str(self.folder / name),
            "BASE_URL": self.settings.base_url,
        }
        if name == "portal":
            settings |= {"PORT": str(self.port), "MAIL_PORT": str(self.mail_port)}
            settings |= {"LANGUAGE": "en"}
        else:
            settings |= {
                "DATABASE_URL": self.servers.database_url_of(name),
                "SMTP_URL": f"smtp://127.0.0.1:{self.mail_port}",
            }
        plain = {key: value for key, value in os.environ.items() if not key.startswith("QUINZAINE_")}
        return plain | {f"QUINZAINE_{key}": value for key, value in settings.items()}

    def _answers(self, name: str) -> bool:
        if self.processes[name].poll() is not None:
            pytest.fail(f"{name} ended: {self.log(name).read_text()[-2000:]}")
        try:
            self.ask(GetHealth(name))
        except Unavailable:
            return False
        return True
