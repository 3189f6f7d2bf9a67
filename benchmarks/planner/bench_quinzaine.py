"""Time to the first complete plan, value over time and bound on the 2020 edition, over several seeds.

usage: python benchmarks/planner/bench_quinzaine.py [SECONDS [SEEDS [INSTANCE.json]]]
Each seed is one fresh process. Seconds are CPU seconds of that process since its start, imports included, so that other
work on the machine does not blur them; SECONDS limits its wall time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from services.scheduling.adapters.cpsat.solve import CpSat
from services.scheduling.domain.checker import check
from services.scheduling.domain.rotation import from_instance
from services.scheduling.domain.solution import Progress

INSTANCE = Path(__file__).parents[2] / "tests" / "rotation" / "instances" / "quinzaine2020.json"
MARKS = (2, 3, 5, 10, 20, 30)


def main(seconds: str = "60", seeds: str = "10", instance: str = str(INSTANCE)) -> None:
    """Print one row for each seed."""
    print(f"{Path(instance).stem}, {seconds} s of wall time at most, load {os.getloadavg()[0]:.1f}")
    print(
        "| seed | first complete plan | " + " | ".join(f"at {m} s" for m in MARKS) + " | end | bound | broken rules |"
    )
    print("|---" * (len(MARKS) + 5) + "|")
    for seed in range(int(seeds)):
        one = [sys.executable, __file__, "--one", seconds, str(seed), instance]
        told = json.loads(subprocess.run(one, stdout=subprocess.PIPE, check=True).stdout)
        print(_row(seed, told), flush=True)


def one(seconds: str, seed: str, instance: str) -> None:
    """Plan once in this process; print what was heard, and when."""
    problem = from_instance(json.loads(Path(instance).read_text(encoding="utf-8")))
    heard: list[tuple[float, float]] = []

    def report(progress: Progress) -> None:
        if progress.placed == len(problem.demands) and progress.value is not None:
            heard.append((time.process_time(), progress.value))

    solution = CpSat().solve(problem, seconds=float(seconds), seed=int(seed), report=report)
    told = {
        "heard": heard,
        "end": time.process_time(),
        "value": solution.value,
        "status": solution.status,
        "bound": solution.bound,
        "broken": len(check(problem, solution.placements)),
    }
    print(json.dumps(told))


def _row(seed: int, told: dict) -> str:
    values = [min((value for at, value in told["heard"] if at <= mark), default=None) for mark in MARKS]
    first = f"{told['heard'][0][0]:.1f} s" if told["heard"] else "none"
    shown = " | ".join("-" if value is None else f"{value:.0f}" for value in values)
    end = f"{told['value']:.0f} {told['status']} after {told['end']:.0f} s"
    return f"| {seed} | {first} | {shown} | {end} | {told['bound']:.0f} | {told['broken']} |"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(*sys.argv[2:5])
    else:
        main(*sys.argv[1:4])
