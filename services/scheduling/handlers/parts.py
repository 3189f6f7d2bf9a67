"""The loop of a worker: it solves parts of large problems for whichever process plans them."""

from __future__ import annotations

from services.scheduling.domain.solution import Solution
from services.scheduling.ports import Parts, SolverRun


class PartLoop:
    """Takes one part after the other to the solver; each tick is short."""

    def __init__(self, parts: Parts, run: SolverRun) -> None:
        self._parts, self._run = parts, run
        self._works = False

    def tick(self) -> bool:
        """Do one step; say whether there may be another at once."""
        if not self._works:
            return self._begin()
        if not self._parts.keep():
            self._end()
            return True
        outcome = self._run.take_outcome()
        if outcome is None:
            return False
        self._works = False
        self._parts.answer(outcome if isinstance(outcome, Solution) else outcome.best)
        return True

    def close(self) -> None:
        """Stop the solver and leave its part to another worker."""
        self._end()
        self._parts.close()

    def _begin(self) -> bool:
        part = self._parts.take()
        if part is None:
            return False
        self._run.start(part.problem, seconds=part.seconds, seed=part.seed)
        self._works = True
        return True

    def _end(self) -> None:
        self._run.cancel()
        self._run.take_outcome()
        self._works = False
