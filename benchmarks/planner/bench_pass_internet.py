"""Plan the Pass Internet whole, and resumed after twelve of its seventeen classes.

``python -m benchmarks.planner.bench_pass_internet [resumed|whole] [SECONDS]``: wall and CPU seconds of each step.
"""

from __future__ import annotations

import sys
import time

from services.scheduling.adapters.cpsat.solve import CpSat
from services.scheduling.domain.checker import check
from services.scheduling.domain.demand import build
from services.scheduling.domain.score import cost
from services.scheduling.domain.solution import Progress
from tests.integration.test_examples_demand import basis_of
from tests.integration.test_pass_internet_resumed import before_the_lockdown, resumed


def main(which: str = "resumed", seconds: str = "120") -> None:
    """Print each better plan or bound, then the result."""
    problem = resumed(before_the_lockdown()) if which == "resumed" else build(basis_of("pass-internet-2020"))
    solution = CpSat().solve(problem, seconds=float(seconds), seed=0, report=_tell)
    faults = len(check(problem, solution.placements))
    sys.stdout.write(f"{solution.status} by {solution.method}: {solution.value}, bound {solution.bound}\n")
    sys.stdout.write(f"{len(solution.unplaced)} left out, {faults} faults, {cost(problem, solution.placements)}\n")


def _tell(progress: Progress) -> None:
    cpu = time.process_time()
    sys.stdout.write(
        f"{progress.elapsed:7.1f} s {cpu:6.1f} CPU s  {progress.phase:<10} {progress.placed} placed  "
        f"value {progress.value}  bound {progress.bound}\n"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
