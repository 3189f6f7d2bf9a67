"""Milliseconds until every cell of a page of the board has its price, for each session, beside a plain loop.

usage: python -m benchmarks.board.bench_cells FOLDER [COPIES [SECONDS]]

FOLDER keeps the house: the 2020 edition (62 sessions), or COPIES of it side by side, planned in SECONDS the first time.
It is embedded, on SQLite, and asked as the portal asks.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from benchmarks.board.house import planned
from services.contracts import rpc
from services.portal.display.board import days_of, page_of

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


def main(folder: str, copies: str = "1", seconds: str = "10") -> None:
    """Ask for the cells of up to 62 sessions, three times over, as the board does: on the days of its page."""
    with planned(Path(folder), int(copies), float(seconds)) as there:
        plan, ask = there.plan, there.house.ask
        edition = ask(rpc.GetEdition(plan.edition_id))
        sessions = plan.sessions[:: -(-len(plan.sessions) // 62)]
        days = page_of(days_of(edition, plan.sessions), plan.sessions, "")
        asked = [rpc.PriceCells(edition.id, plan.proposal_id, s.session.id, days) for s in sessions] * 3
        tell(f"cells, {len(days)} days", times([partial(ask, question) for question in asked]))
        tell("the whole plan", times([lambda: ask(rpc.GetPlan(edition.id))] * 20))


if __name__ == "__main__":
    main(*sys.argv[1:])
