"""Five events on released plans of the 2020 edition: when the first answer comes, when the fewest moves are proved.

usage: python benchmarks/planner/bench_replan.py [SECONDS [SHARE,SHARE,.. [PLAN.json ..]]]
Shares of the sessions that are confirmed: all, half, none. PLAN.json: released plans in rotation-1 form; without any,
one is made first. Each replan is one fresh process; seconds are CPU seconds of that process since its start, imports
included, so that other work on the machine does not blur them; SECONDS limits its wall time. Every answer is held
against the independent checker.
"""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from services.scheduling.adapters.cpsat.solve import CpSat
from services.scheduling.domain import rotation
from services.scheduling.domain.problem import Baseline, Problem
from services.scheduling.domain.solution import Progress, Solution

ROTATION = Path(__file__).parents[2] / "tests" / "rotation"
INSTANCE = ROTATION / "instances" / "quinzaine2020.json"
Event = Callable[[Problem], Problem]


def november(*days: int) -> frozenset[dt.date]:
    return frozenset(dt.date(2020, 11, day) for day in days)


def closed(school: str, when: frozenset[dt.date]) -> Event:
    """Return the event of a school closed on some days; of every school for ``""``."""

    def happen(problem: Problem) -> Problem:
        sites = tuple(
            replace(site, windows={d: w for d, w in site.windows.items() if d not in when})
            if site.place.name.startswith(school)
            else site
            for site in problem.sites
        )
        return replace(problem, sites=sites)

    return happen


def away(kind: str, when: frozenset[dt.date]) -> Event:
    """Return the event of the teams of a kind away on some days."""

    def happen(problem: Problem) -> Problem:
        crews = tuple(
            replace(crew, available={d: h for d, h in crew.available.items() if d not in when})
            if kind in crew.kinds
            else crew
            for crew in problem.crews
        )
        return replace(problem, crews=crews)

    return happen


EVENTS: dict[str, tuple[dt.date, Event]] = {
    "Belleu closed 9 and 10 Nov": (dt.date(2020, 11, 9), closed("Belleu", november(9, 10))),
    "video team ill 10 and 12 Nov": (dt.date(2020, 11, 10), away("video", november(10, 12))),
    "snow: no school 5 Nov": (dt.date(2020, 11, 5), closed("", november(5))),
    "Cuffies cancels 10 Nov": (dt.date(2020, 11, 9), closed("Cuffies", november(10))),
    "truck broken down 6 Nov": (dt.date(2020, 11, 6), away("robotics", november(6))),
}
"""Each event with the day before which nothing changes any more."""


def main(seconds: str = "40", shares: str = "half,all,none", *plans: str) -> None:
    """Print one row for each plan, share and event."""
    print(
        "| plan | confirmed | event | hit | first answer | fewest confirmed moved | fewest moved | left out | "
        "moved: confirmed + offered | cost, the left out aside | end | agrees |"
    )
    print("|---" * 12 + "|")
    for plan in plans or [_a_plan(seconds)]:
        for share in shares.split(","):
            for event in EVENTS:
                one = [sys.executable, __file__, "--one", seconds, share, event, plan]
                told = json.loads(subprocess.run(one, stdout=subprocess.PIPE, check=True).stdout)
                print(f"| {told['plan']} | {share} | {event} | {told['row']} |", flush=True)


def _a_plan(seconds: str) -> str:
    problem = rotation.from_instance(json.loads(INSTANCE.read_text(encoding="utf-8")))
    solution = CpSat().solve(problem, seconds=float(seconds), seed=0, report=lambda progress: None)
    with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as file:
        json.dump(rotation.to_solution(problem, solution), file)
    return file.name


def one(seconds: str, share: str, event: str, plan: str) -> None:
    """Replan once in this process; print what was heard, and when."""
    whole = rotation.from_instance(json.loads(INSTANCE.read_text(encoding="utf-8")))
    sessions = json.loads(Path(plan).read_text(encoding="utf-8"))
    released = rotation.from_solution(whole, sessions)
    ids = sorted(p.demand_id for p in released)
    confirmed = frozenset({"all": ids, "half": ids[::2], "none": []}[share])
    frozen, happen = EVENTS[event]
    problem = replace(happen(whole), baseline=Baseline(released, confirmed, frozen))
    heard: list[tuple[float, Progress]] = []
    solution = CpSat().solve(
        problem, seconds=float(seconds), seed=1, report=lambda progress: heard.append((time.process_time(), progress))
    )
    told = {"plan": sessions["objective"], "row": _row(problem, heard, solution, time.process_time())}
    print(json.dumps(told))


def _row(problem: Problem, heard: list[tuple[float, Progress]], solution: Solution, end: float) -> str:
    moves = solution.moves
    assert moves is not None
    hit = sum(_is_hit(problem, p) for p in (problem.baseline.placements if problem.baseline else ()))
    cost = solution.value - problem.weights.unplaced * len(solution.unplaced)
    cells = (
        str(hit),
        f"{heard[0][0]:.1f} s",
        _since(heard, 3),
        _since(heard, 4),
        str(moves.unplaced),
        f"{moves.confirmed} + {moves.offered}",
        f"{cost:.0f}{' (the least)' if solution.status == 'optimal' else ''}",
        f"{end:.1f} s",
        "yes" if _agrees(problem, solution) else "NO",
    )
    return " | ".join(cells)


def _is_hit(problem: Problem, placement) -> bool:
    """Whether a released session that is not past cannot stay, looked at by itself."""
    if problem.baseline is None or problem.baseline.frozen_before is None:
        return False
    open_hours = problem.site_by_id[placement.site_id].windows.get(placement.day)
    there = placement.day in problem.crew_by_id[placement.crew_id].available
    return placement.day >= problem.baseline.frozen_before and not (open_hours and there)


def _since(heard: list[tuple[float, Progress]], proved: int) -> str:
    at = next((at for at, progress in heard if progress.moves and progress.moves.proved >= proved), None)
    return "not proved" if at is None else f"{at:.1f} s"


def _agrees(problem: Problem, solution: Solution) -> bool:
    """Whether the independent checker finds the plan valid and counts the same moves."""
    sessions = {"sessions": rotation.sessions_out(problem, solution.placements)}
    told = _checker().Checker(rotation.to_instance(problem), sessions).run(rotation.to_baseline(problem))
    counts = told["moved_confirmed"], told["moved_offered"], len(problem.demands) - told["placed"]
    moves = solution.moves
    return told["valid"] and moves is not None and counts == (moves.confirmed, moves.offered, moves.unplaced)


def _checker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_rotation", ROTATION / "check_rotation.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(*sys.argv[2:6])
    else:
        main(*sys.argv[1:])
