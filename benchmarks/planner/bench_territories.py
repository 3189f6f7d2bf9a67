"""Many schools by territories: on worker processes that take them from a broker's queue, or as on free cores.

usage: python -m benchmarks.planner.bench_territories SECONDS WORKERS AMQP_URL|free INSTANCE.json
Over the broker, workers are processes of this machine; each solves one part at a time in a child, as the scheduling
service does. ``free`` counts CPU seconds: each part gets those it may take, and the clock goes on as if the workers
had a core each, whatever else the machine does. The plan is left beside the instance as ``.plan.json``.
"""

from __future__ import annotations

import heapq
import json
import multiprocessing
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from services.scheduling.adapters.cpsat.budget import Budget
from services.scheduling.adapters.cpsat.large.plan import LargeRoutes
from services.scheduling.adapters.cpsat.shape import shape_of
from services.scheduling.adapters.cpsat.territories.mend import mended
from services.scheduling.adapters.cpsat.territories.plan import ByTerritories
from services.scheduling.adapters.part_queue import PartQueue
from services.scheduling.adapters.solver_process import SolverProcess
from services.scheduling.adapters.solver_thread import SolverThread
from services.scheduling.domain.checker import check
from services.scheduling.domain.problem import Problem
from services.scheduling.domain.rotation import from_instance, to_solution
from services.scheduling.domain.solution import Progress, Solution
from services.scheduling.domain.territories import Part
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


def main(seconds: str, workers: str, where: str, path: str) -> None:
    """Print the row of one instance."""
    began, instance = time.monotonic(), Path(path)
    problem = from_instance(json.loads(instance.read_text(encoding="utf-8")))
    plan = as_on_free_cores if where == "free" else partial(over_broker, where)
    solution = plan(problem, float(seconds), int(workers))
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
        f"{time.monotonic() - began:.0f} s",
        f"{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024} MB",
        f"{os.getloadavg()[0]:.0f}",
    ]
    for line in (TITLES, ["---"] * len(TITLES), cells):
        print("| " + " | ".join(map(str, line)) + " |")


def over_broker(amqp_url: str, problem: Problem, seconds: float, count: int) -> Solution:
    """Plan with worker processes at the queue of a broker."""
    processes = [multiprocessing.Process(target=work, args=(amqp_url,)) for _ in range(count)]
    for process in processes:
        process.start()
    try:
        return SolverProcess(workers=amqp_url).solve(problem, seconds=seconds, seed=0, report=_tell)
    finally:
        for process in processes:
            process.terminate()
            process.join()


def as_on_free_cores(problem: Problem, seconds: float, count: int) -> Solution:
    """Plan with workers that have a core each."""
    shape, cores = shape_of(problem), FreeCores(count)
    if shape is None:
        raise SystemExit("not in the fast form")
    return ByTerritories(shape, seconds, 0, _tell, lambda found: None, cores, cores).run()


class FreeCores:
    """Workers with a core each, and their clock: CPU seconds of this process, and of the busiest while it waits."""

    def __init__(self, count: int) -> None:
        self._count, self.waited = count, 0.0

    def __call__(self) -> float:
        """Return the time, in seconds."""
        return self.waited + time.process_time()

    def count(self) -> int:
        """See ports.Workers."""
        return self._count

    def solve(self, parts: Sequence[Part], is_over: Callable[[], bool]) -> Iterator[tuple[int, Solution]]:
        """See ports.Workers. The largest parts come first, each on the core that is free first."""
        order = sorted(range(len(parts)), key=lambda i: -parts[i].seconds)
        with ProcessPoolExecutor(self._count, mp_context=multiprocessing.get_context("spawn")) as pool:
            solved = list(pool.map(timed, [parts[i] for i in order]))
        free, ends = [self()] * self._count, []
        for i, (solution, took) in zip(order, solved, strict=True):
            ends.append((heapq.heapreplace(free, free[0] + took) + took, i, solution))
        for end, i, solution in sorted(ends, key=lambda each: each[0]):
            self.waited += max(0.0, end - self())
            if is_over():
                return
            yield i, solution


def timed(part: Part) -> tuple[Solution, float]:
    """Solve a part in CPU seconds; return its plan and what it took."""
    began, shape = time.process_time(), shape_of(part.problem)
    assert shape is not None
    budget = Budget(part.seconds, clock=time.process_time)
    if part.problem.start:
        solution = mended(shape, budget, part.seed)
    else:
        run = LargeRoutes(shape, budget, part.seconds, part.seed, lambda _: None, lambda _: None, processes=1)
        solution = run.run()
    return solution, time.process_time() - began


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
