"""The solver as a child process: a crash, a lack of memory or an endless search there never takes the service down.

Parent and child talk by files (see spool), and the parent only polls: it works in plain and in green threads alike.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from services.contracts.errors import Problem
from services.scheduling.adapters.spool import Request, Spool
from services.scheduling.domain import problem as rotation
from services.scheduling.domain.solution import Progress, Solution, SolverCancelled, SolverFailed
from services.scheduling.ports import never

CHILD = (sys.executable, "-m", "services.scheduling.adapters.cpsat")
POLL_SECONDS = 0.05
GRACE_SECONDS = 15.0
NO_MEMORY = (
    "memoryerror",
    "bad_alloc",
    "allocate memory",
    "memory allocation",
    "out of memory",
    "failed to map segment",
)
"""What Python, C++, its libraries and the kernel say, in small letters, at the end of a child without memory."""


def solver_version() -> str:
    """Return what makes plans here, and in which version."""
    return f"Quinzaine {version('quinzaine')}, OR-Tools {version('ortools')}"


class SolverProcess:
    """The port ``Solver`` by a child process.

    ``spool``: directory for the files of running solves (default: the system's). ``memory``: bytes the child may use, 0
    for no limit. ``grace``: seconds beyond the time given after which the child is killed and its best plan taken.
    ``workers``: who solve the parts of a large problem: processes of the child when empty, whoever listens at this
    address of RabbitMQ, or nobody (``alone``).
    """

    def __init__(
        self,
        spool: Path | None = None,
        *,
        memory: int = 0,
        grace: float = GRACE_SECONDS,
        command: tuple[str, ...] = CHILD,
        workers: str = "",
    ) -> None:
        self.spool, self.memory, self.grace, self.command, self.workers = spool, memory, grace, command, workers

    def solve(
        self,
        problem: rotation.Problem,
        *,
        seconds: float,
        seed: int,
        report: Callable[[Progress], None],
        cancelled: Callable[[], bool] = never,
        steps: int | None = None,
    ) -> Solution:
        """See ports.Solver."""
        if self.spool:
            self.spool.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="solve-", dir=self.spool) as directory:
            spool = Spool(Path(directory))
            spool.write_request(Request(problem, seconds, seed, os.getpid(), self.memory, self.workers, steps))
            code = self._run(spool, Path(directory), seconds + self.grace, report, cancelled)
            return _outcome(spool, code)

    def _run(
        self,
        spool: Spool,
        directory: Path,
        limit: float,
        report: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> int | None:
        """Watch the child to its end; return its exit code, or None when it took too long."""
        deadline, offset = time.monotonic() + limit, 0
        with spool.errors.open("wb") as errors:
            child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [*self.command, str(directory)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
        try:
            while True:
                code = child.poll()
                fresh, offset = spool.read_progress(offset)
                for progress in fresh:
                    report(progress)
                if code is not None or time.monotonic() > deadline:
                    return code
                if cancelled():
                    raise SolverCancelled(spool.read_best())
                time.sleep(POLL_SECONDS)
        finally:
            _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill the child if it still runs, and wait for it without blocking green threads."""
    if child.poll() is None:
        child.kill()
    while child.poll() is None:
        time.sleep(POLL_SECONDS)


def _outcome(spool: Spool, code: int | None) -> Solution:
    """Return the plan, or raise SolverFailed with what became of the child. Overtime with a plan is no failure."""
    result, best = spool.read_result(), spool.read_best()
    if code == 0 and result is not None:
        return result
    if code is None and best is not None:
        return best
    raise SolverFailed(spool.read_failure() or _reason(code, spool.last_errors()), best)


def _reason(code: int | None, said: str) -> Problem:
    """Return why a child ended that did not say so itself. Only the kernel, out of memory, kills it behind our back."""
    if code is None:
        return Problem("solver_overtime")
    if code == -signal.SIGKILL or any(sign in said.lower() for sign in NO_MEMORY):
        return Problem("solver_out_of_memory")
    return Problem("solver_crashed", {"detail": f"{code}, {said.splitlines()[-1][:300]}" if said else str(code)})
