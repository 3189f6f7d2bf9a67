"""Milliseconds until every cell of the board has its price, for each session of a plan, beside a plain loop.

usage: python -m benchmarks.board.bench_cells

The 2020 edition (62 sessions) is asked through the embedded house on SQLite, as the portal asks.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from services.commands.journey import Doors, Journey
from services.commands.running import free_port, running
from services.contracts import rpc
from services.kit.settings import Settings

EXAMPLE = Path("examples/soissons-2020")
LOOP = 1_000_000


def times(calls: Iterable[Callable[[], object]]) -> tuple[list[float], list[float]]:
    """Return the wall and the CPU milliseconds of each call, in order of size."""
    wall, cpu = [], []
    for call in calls:
        began, worked = time.perf_counter(), time.process_time()
        call()
        wall.append((time.perf_counter() - began) * 1000)
        cpu.append((time.process_time() - worked) * 1000)
    return sorted(wall), sorted(cpu)


def tell(what: str, found: tuple[list[float], list[float]]) -> None:
    """Print the median and the 95th percentile, and how many plain loops the latter takes."""
    loop = times([lambda: sum(range(LOOP))] * 9)[1][4]
    for clock, each in zip(("wall", "CPU"), found, strict=True):
        middle, late = each[len(each) // 2], each[int(len(each) * 0.95)]
        print(f"{what:28} {clock:4} median {middle:7.1f} ms  p95 {late:7.1f} ms  {late / loop:5.2f} loops")


def main() -> None:
    """Ask for the cells of every session of the 2020 edition, three times over."""
    with tempfile.TemporaryDirectory() as folder:
        web = free_port()
        settings = Settings(data_dir=Path(folder), port=web, mail_port=free_port(), base_url=f"http://127.0.0.1:{web}")
        with running(settings) as house:
            doors = Doors(house.settings.base_url, (house.settings.mail_host, house.settings.mail_port))
            journey = Journey(house.ask, doors, lambda *_, **__: None)
            edition = journey.load(EXAMPLE)
            plan = journey.plan_first(edition, seconds=10)
            ids = [planned.session.id for planned in plan.sessions]
            asked = [rpc.PriceCells(edition, plan.proposal_id, id_) for id_ in ids * 3]
            tell(f"{len(ids)} sessions, one request", times([partial(house.ask, question) for question in asked]))
            tell("the whole plan, one request", times([lambda: house.ask(rpc.GetPlan(edition))] * 20))


if __name__ == "__main__":
    main()
