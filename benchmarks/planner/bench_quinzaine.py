"""Time to the first complete plan, value over time and bound on the 2020 edition, over several seeds.

usage: python benchmarks/planner/bench_quinzaine.py [SECONDS [SEEDS [INSTANCE.json]]]
Wall seconds are counted from the start of the child process, its imports included.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from services.scheduling.adapters.solver_process import SolverProcess
from services.scheduling.domain.checker import check
from services.scheduling.domain.problem import Problem
from services.scheduling.domain.rotation import from_instance
from services.scheduling.domain.solution import Progress

INSTANCE = Path(__file__).parents[2] / "tests" / "rotation" / "instances" / "quinzaine2020.json"
MARKS = (2, 3, 5, 10, 20, 30, 60)


def main(seconds: float = 20.0, seeds: int = 10, instance: Path = INSTANCE) -> None:
    """Print one row for each seed."""
    problem = from_instance(json.loads(instance.read_text(encoding="utf-8")))
    marks = [mark for mark in MARKS if mark <= seconds]
    print(f"{instance.stem}: {len(problem.demands)} sessions, {seconds:g} s, load {os.getloadavg()[0]:.1f}")
    print(
        "| seed | first complete plan | " + " | ".join(f"at {m} s" for m in marks) + " | end | bound | broken rules |"
    )
    print("|---" * (len(marks) + 5) + "|")
    for seed in range(seeds):
        print(_row(problem, seed, seconds, marks), flush=True)


def _row(problem: Problem, seed: int, seconds: float, marks: list[int]) -> str:
    heard: list[tuple[float, Progress]] = []
    began = time.monotonic()

    def report(progress: Progress) -> None:
        heard.append((time.monotonic() - began, progress))

    solution = SolverProcess().solve(problem, seconds=seconds, seed=seed, report=report)
    took = time.monotonic() - began
    whole = [(at, p.value) for at, p in heard if p.placed == len(problem.demands) and p.value is not None]
    values = [min((value for at, value in whole if at <= mark), default=None) for mark in marks]
    first = f"{whole[0][0]:.1f} s" if whole else "none"
    shown = " | ".join("-" if value is None else f"{value:.0f}" for value in values)
    end = f"{solution.value:.0f} {solution.status} after {took:.1f} s"
    bound = "-" if solution.bound is None else f"{solution.bound:.0f}"
    return f"| {seed} | {first} | {shown} | {end} | {bound} | {len(check(problem, solution.placements))} |"


if __name__ == "__main__":
    given = sys.argv[1:]
    main(
        float(given[0]) if given else 20.0,
        int(given[1]) if len(given) > 1 else 10,
        Path(given[2]) if len(given) > 2 else INSTANCE,
    )
