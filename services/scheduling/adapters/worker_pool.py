"""The parts of a large problem solved by processes of this machine."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait

from services.scheduling.adapters.spool import bind_to_parent
from services.scheduling.domain.solution import Solution
from services.scheduling.domain.territories import Part

POLL_SECONDS = 0.5

Work = Callable[[Part], Solution]


class WorkerPool:
    """The port ``Workers``. ``work`` solves one part, in a process that dies with this one."""

    def __init__(self, work: Work, count: int = 0) -> None:
        self._work = work
        self._count = count or len(os.sched_getaffinity(0))

    def count(self) -> int:
        """See ports.Workers."""
        return self._count

    def solve(self, parts: Sequence[Part], is_over: Callable[[], bool]) -> Iterator[tuple[int, Solution]]:
        """See ports.Workers. The largest parts come first."""
        spawn = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(self._count, mp_context=spawn, initializer=bind_to_parent, initargs=(os.getpid(),))
        order = sorted(range(len(parts)), key=lambda i: -parts[i].seconds)
        try:
            number = {pool.submit(self._work, parts[i]): i for i in order}
            waiting = set(number)
            while waiting and not is_over():
                done, waiting = wait(waiting, POLL_SECONDS, FIRST_COMPLETED)
                yield from ((number[future], future.result()) for future in done)
        finally:
            for process in list(pool._processes.values()):
                process.kill()
            pool.shutdown(cancel_futures=True)
