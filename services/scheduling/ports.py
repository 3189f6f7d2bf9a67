"""What the handlers need from outside: a solver, repositories."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from services.scheduling.domain.problem import Problem
from services.scheduling.domain.solution import Progress, Solution


def never() -> bool:
    """The answer of a caller that does not cancel."""
    return False


class Solver(Protocol):
    """Makes plans. The same problem, seed and budget of steps give the same plan."""

    def solve(
        self,
        problem: Problem,
        *,
        seconds: float,
        seed: int,
        report: Callable[[Progress], None],
        cancelled: Callable[[], bool] = never,
    ) -> Solution:
        """Return the best plan found in ``seconds``; ``report`` hears of each better plan or bound.

        Raises SolverCancelled once ``cancelled`` answers True, SolverFailed when the solver dies or finds its pins
        and frozen past at odds with the rules; both carry the best plan so far.
        """
        ...
