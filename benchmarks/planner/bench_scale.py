"""Large editions: sessions placed, cost over the bound, seconds and memory, one row for each instance.

usage: python benchmarks/planner/bench_scale.py SECONDS INSTANCE.json [INSTANCE.json ...]
Seconds are of the wall clock, on two cores that should be free. CPU and memory are of all processes so far: run each
instance by itself.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path

from services.scheduling.adapters.cpsat.budget import Budget
from services.scheduling.adapters.cpsat.large.plan import LargeRoutes
from services.scheduling.adapters.cpsat.shape import shape_of
from services.scheduling.domain.checker import check
from services.scheduling.domain.rotation import from_instance, to_solution
from services.scheduling.domain.solution import Progress

TITLES = [
    "instance",
    "seconds",
    "whole-after",
    "placed",
    "left-out",
    "broken-rules",
    "cost",
    "bound",
    "above-it",
    "CPU",
    "wall",
    "memory",
    "load",
]
WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def main(seconds: str, *instances: str) -> None:
    """Print one row for each instance, and leave its plan beside it as ``.plan.json``."""
    print("| " + " | ".join(TITLES) + " |")
    print("|---" * len(TITLES) + "|")
    for instance in instances:
        print(row(Path(instance), float(seconds)), flush=True)


def row(instance: Path, seconds: float) -> str:
    """Plan one instance."""
    wall = time.monotonic()
    problem = from_instance(json.loads(instance.read_text(encoding="utf-8")))
    shape = shape_of(problem)
    if shape is None:
        raise SystemExit(f"{instance}: not in the fast form")
    whole: list[float] = []

    def heard(progress: Progress) -> None:
        _tell(progress)
        if progress.placed == len(problem.demands):
            whole.append(progress.elapsed)

    solution = LargeRoutes(shape, Budget(seconds), seconds, 0, heard, lambda found: None).run()
    took = time.monotonic() - wall
    instance.with_suffix(".plan.json").write_text(json.dumps(to_solution(problem, solution)), encoding="utf-8")
    cpu = sum(sum(resource.getrusage(who)[:2]) for who in WHO)
    memory = [resource.getrusage(who).ru_maxrss // 1024 for who in WHO]
    cells = [
        instance.stem,
        f"{seconds:.0f}",
        f"{min(whole):.1f} s" if whole else "-",
        len(solution.placements),
        len(solution.unplaced),
        len(check(problem, solution.placements)),
        f"{solution.value:.0f}",
        f"{solution.bound:.0f}",
        f"{100 * (solution.value / solution.bound - 1):.2f} %",
        f"{cpu:.0f} s",
        f"{took:.0f} s",
        f"{memory[0]} + 2 x {memory[1]} MB",
        f"{os.getloadavg()[0]:.0f}",
    ]
    return "| " + " | ".join(map(str, cells)) + " |"


def _tell(progress: Progress) -> None:
    if progress.value is not None:
        sys.stderr.write(f"{progress.elapsed:7.1f} s  placed {progress.placed}  value {progress.value:.0f}\n")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
