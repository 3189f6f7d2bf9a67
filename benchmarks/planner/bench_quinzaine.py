"""Time to the first complete plan, to within 0.1 % of the end, and to the proof: the 2020 edition and six variants.

usage: python benchmarks/planner/bench_quinzaine.py [SECONDS [SEEDS [VARIANT_SEED]]]
Each row is one fresh process. Seconds are CPU seconds of that process since its start, imports included, so that other
work on the machine does not blur them; SECONDS limits its wall time. The 2020 edition is solved with SEEDS seeds, each
of the variants (see variants.py) with one. ``-`` where the process never came so far.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from variants import variants

from services.scheduling.adapters.cpsat.solve import CpSat
from services.scheduling.domain.checker import check
from services.scheduling.domain.rotation import from_instance
from services.scheduling.domain.solution import Progress

INSTANCE = Path(__file__).parents[2] / "tests" / "rotation" / "instances" / "quinzaine2020.json"
HEADS = ("instance", "first plan", "within 0.1 %", "last plan", "end", "value", "bound", "status", "broken", "MB")


def main(seconds: str = "120", seeds: str = "3", variant_seed: str = "1") -> None:
    """Print one row for each run."""
    print(f"{seconds} s of wall time at most, load {os.getloadavg()[0]:.1f}, CPU seconds")
    print("| " + " | ".join(HEADS) + " |\n" + "|---" * len(HEADS) + "|")
    instance = json.loads(INSTANCE.read_text(encoding="utf-8"))
    for seed in range(int(seeds)):
        _row(f"2020, seed {seed}", instance, seconds, str(seed))
    for name, variant in variants(instance, int(variant_seed)).items():
        _row(name, variant, seconds, "0")


def _row(name: str, instance: dict, seconds: str, seed: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "instance.json"
        path.write_text(json.dumps(instance), encoding="utf-8")
        one = [sys.executable, __file__, "--one", str(path), seconds, seed]
        told = json.loads(subprocess.run(one, stdout=subprocess.PIPE, check=True).stdout)
    heard, value = told["heard"], told["value"]
    marks = [
        next((at for at, found in heard if found < limit), None) for limit in (float("inf"), value * 1.001, value + 0.5)
    ]
    cells = [name, *("-" if at is None else f"{at:.1f}" for at in [*marks, told["end"]]), f"{value:.0f}"]
    cells += [f"{told['bound']:.0f}", told["status"], str(told["broken"]), f"{told['megabytes']:.0f}"]
    print("| " + " | ".join(cells) + " |", flush=True)


def one(path: str, seconds: str, seed: str) -> None:
    """Plan once in this process; print what was heard, and when."""
    problem = from_instance(json.loads(Path(path).read_text(encoding="utf-8")))
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
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(*sys.argv[2:5])
    else:
        main(*sys.argv[1:4])
