"""Bookings a second through the portal, RabbitMQ and PostgreSQL, with one and with two workers of registration.

``python -m benchmarks.registration.bench_workers`` starts servers of its own. CPU is that of the portal, of the workers
and of PostgreSQL's backends; RabbitMQ's is not counted.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.registration.bench_places import WARM, bare, cpu_seconds, rate, through_the_portal
from services.contracts import rpc
from services.contracts.errors import Unavailable
from services.embedded import House
from tests.rush.crowd import Visitor, visitor
from tests.rush.house import SECRET
from tests.rush.stage import Rush, house_of, put_on_file
from tests.servers.real_house import RealHouse
from tests.stage import ROOT, OwnServers, eventually

FORMS = 300


class Workers(RealHouse):
    """A portal and so many workers of registration; no other service."""

    def __init__(self, servers: OwnServers, folder: Path, workers: int) -> None:
        super().__init__(servers, folder)
        self.names = ["portal", *(f"registration-{number}" for number in range(workers))]

    def __enter__(self) -> Workers:
        self.ask.__enter__()
        for name in self.names:
            self.start(name)
        eventually(self._answer, 120)
        return self

    def start(self, name: str) -> None:
        """Start the portal or one worker."""
        service = name.partition("-")[0]
        environment = self.environment(service) | {"QUINZAINE_SECRET": SECRET}
        command = [sys.executable, "-m", "services", "run", service]
        with self.log(name).open("ab") as log:
            self.processes[name] = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log)

    def database_url(self) -> str:
        """Return the address of registration's database."""
        return self.environment("registration")["QUINZAINE_DATABASE_URL"]

    def _answer(self) -> bool:
        ended = {name: self.log(name).read_text() for name, process in self.processes.items() if process.poll()}
        assert not ended, ended
        try:
            return all(self.ask(rpc.GetHealth("registration")) for _ in self.names)
        except Unavailable:
            return False


def measure(running: Workers, house: House, visitors: list[Visitor], alone: float) -> None:
    """Print one line."""
    processes = [process.pid for process in running.processes.values()]
    crowd = Rush([running.port], processes, visitors, house.applications["registration"])
    through_the_portal(crowd, visitors[:WARM])
    used = cpu_seconds(crowd)
    portal = through_the_portal(crowd, visitors[WARM:])
    each = 1000 * (cpu_seconds(crowd) - used) / (len(visitors) - WARM)
    print(f"{len(processes) - 1} workers{alone:10.0f}{portal:11.0f}{portal / alone:8.2f}{each:14.1f}")


def main() -> None:
    """Measure one worker, then two, with schools that nobody has seen."""
    with tempfile.TemporaryDirectory() as folder, OwnServers(Path(folder) / "servers") as servers:
        url = Workers(servers, Path(folder), 0).database_url()
        with house_of(Path(folder), [10_000], url) as house:
            tokens = put_on_file(house.applications["registration"], 2 * (WARM + FORMS))
            visitors = [visitor(house.settings, school_id, token) for school_id, token in sorted(tokens.items())]
            print("            bare/s   portal/s   ratio   CPU ms each")
            for workers, own in ((1, visitors[: WARM + FORMS]), (2, visitors[WARM + FORMS :])):
                alone = rate(FORMS, bare(house.applications["registration"].database))
                with Workers(servers, Path(folder), workers) as running:
                    measure(running, house, own, alone)


if __name__ == "__main__":
    main()
