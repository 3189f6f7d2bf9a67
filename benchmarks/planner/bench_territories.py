"""Many schools over a broker: territories on worker processes that take them from a queue.

usage: python -m benchmarks.planner.bench_territories SECONDS WORKERS AMQP_URL INSTANCE.json
Workers are processes of this machine; each solves one part at a time in a child, as the scheduling service does.
The plan is left beside the instance as ``.plan.json``.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import signal
import sys
import time
from pathlib import Path

from services.scheduling.adapters.part_queue import PartQueue
from services.scheduling.adapters.solver_process import SolverProcess
from services.scheduling.adapters.solver_thread import SolverThread
from services.scheduling.domain.checker import check
from services.scheduling.domain.rotation import from_instance, to_solution
from services.scheduling.domain.solution import Progress
from services.scheduling.handlers.parts import PartLoop

TITLES = [
    "instance",
    "seconds",
    "workers",
    "placed",
    "left-out",
    "broken-rules",
    "cost",
    "bound",
    "CPU",
    "wall",
    "memory",
    "load",
]
WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def main(seconds: str, workers: str, amqp_url: str, path: str) -> None:
    """Print the row of one instance."""
    processes = [multiprocessing.Process(target=work, args=(amqp_url,)) for _ in range(int(workers))]
    for process in processes:
        process.start()
    began, instance = time.monotonic(), Path(path)
    problem = from_instance(json.loads(instance.read_text(encoding="utf-8")))
    solver = SolverProcess(workers=amqp_url)
    solution = solver.solve(problem, seconds=float(seconds), seed=0, report=_tell)
    wall = time.monotonic() - began
    for process in processes:
        process.terminate()
        process.join()
    instance.with_suffix(".plan.json").write_text(json.dumps(to_solution(problem, solution)), encoding="utf-8")
    cells = [
        instance.stem,
        seconds,
        workers,
        len(solution.placements),
        len(solution.unplaced),
        len(check(problem, solution.placements)),
        solution.value,
        solution.bound,
        f"{sum(sum(resource.getrusage(who)[:2]) for who in WHO):.0f} s",
        f"{wall:.0f} s",
        f"{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024} MB",
        f"{os.getloadavg()[0]:.0f}",
    ]
    for line in (TITLES, ["---"] * len(TITLES), cells):
        print("| " + " | ".join(map(str, line)) + " |")


def work(amqp_url: str) -> None:
    """Be a worker until told to end."""
    loop = PartLoop(PartQueue(amqp_url), SolverThread(SolverProcess(workers="alone")))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        time.sleep(0 if loop.tick() else 0.2)


def _tell(progress: Progress) -> None:
    sys.stderr.write(f"{progress.elapsed:7.1f} s  placed {progress.placed}  value {progress.value}\n")


if __name__ == "__main__":
    if len(sys.argv) != 5:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
