"""Runs a blocking solver in a thread of its own, so that the loop that asks for it stays free."""

from __future__ import annotations

import logging
import threading
from functools import partial

from services.contracts import errors
from services.scheduling.domain.problem import Problem
from services.scheduling.domain.solution import Progress, Solution, SolverFailed
from services.scheduling.ports import Solver

log = logging.getLogger(__name__)


class SolverThread:
    """One solve at a time. Under eventlet the thread is a green one: the solver must wait cooperatively."""

    def __init__(self, solver: Solver, version: str = "") -> None:
        self._solver = solver
        self.version = version
        self._cancelled = threading.Event()
        self._thread: threading.Thread | None = None
        self._outcome: Solution | SolverFailed | None = None
        self.progress: Progress | None = None

    def start(self, problem: Problem, *, seconds: float, seed: int, steps: int | None = None) -> None:
        """Begin a solve; the outcome of the one before must have been taken."""
        self._cancelled.clear()
        self.progress = None
        solve = partial(self._solve, problem, seconds, seed, steps)
        self._thread = threading.Thread(target=solve, name="scheduling-solver", daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """Ask the solve under way to stop, and wait a moment for it."""
        self._cancelled.set()
        if self._thread:
            self._thread.join(timeout=5)

    def take_outcome(self) -> Solution | SolverFailed | None:
        """Return how the solve ended, once; None while it has not."""
        outcome, self._outcome = self._outcome, None
        if outcome is not None:
            self._thread = None
        return outcome

    def _solve(self, problem: Problem, seconds: float, seed: int, steps: int | None) -> None:
        try:
            self._outcome = self._solver.solve(
                problem,
                seconds=seconds,
                seed=seed,
                report=self._hear,
                cancelled=self._cancelled.is_set,
                steps=steps,
            )
        except SolverFailed as failure:
            self._outcome = failure
        except Exception as error:
            log.exception("the solver broke")
            self._outcome = SolverFailed(
                errors.Problem("solver_crashed", {"detail": f"{type(error).__name__}: {error}"})
            )

    def _hear(self, progress: Progress) -> None:
        self.progress = progress
