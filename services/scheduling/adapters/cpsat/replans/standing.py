"""Where a replan stands: the best plan so far, how many of its aims are proved, and what the caller heard of it.

It needs no solver library, so that what still holds of the released plan can be told before one is loaded.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from services.scheduling.adapters.cpsat.settle import aims_reached, key, moves_of, solution_of
from services.scheduling.domain.problem import Placement, Problem
from services.scheduling.domain.solution import Progress, Solution

METHOD = "day routes"


class Standing:
    """Begins with a first plan; better plans and proofs replace it and are told."""

    def __init__(
        self,
        problem: Problem,
        seconds: float,
        report: Callable[[Progress], None],
        found: Callable[[Solution], None],
        first: Sequence[Placement],
    ) -> None:
        self.problem, self.seconds, self.report, self.found = problem, seconds, report, found
        self.began = time.monotonic()
        self.fewest: tuple[int, ...] = ()
        self.bound: float | None = None
        self.best = solution_of(problem, first, None, METHOD)
        self._tell("construct")

    @property
    def left(self) -> float:
        """Seconds left."""
        return self.seconds - (time.monotonic() - self.began)

    @property
    def proved(self) -> tuple[int, ...]:
        """The values of the leading aims that the best plan has reached to the proof."""
        reached = aims_reached(self.problem, moves_of(self.problem, self.best.placements))
        pairs = enumerate(zip(reached, self.fewest, strict=False))
        return self.fewest[: next((i for i, (value, least) in pairs if value != least), len(self.fewest))]

    def take(self, placements: Sequence[Placement]) -> None:
        """Keep a plan when it is better than the best; tell in any case how far the search is."""
        solution = solution_of(self.problem, placements, self.bound, METHOD)
        if key(self.problem, solution) < key(self.problem, self.best):
            self.best = solution
        self._tell("improve")

    def prove(self, fewest: tuple[int, ...]) -> None:
        """Take over what no plan can better: the values of the leading aims."""
        self.fewest = fewest
        self._tell("prove")

    def settle(self, bound: float) -> None:
        """Take over a bound of the cost of every plan that serves the aims as well."""
        self.bound = bound
        self._tell("prove")

    def _tell(self, phase: str) -> None:
        self.best = solution_of(self.problem, self.best.placements, self.bound, METHOD, len(self.proved))
        self.found(self.best)
        best, elapsed = self.best, time.monotonic() - self.began
        self.report(Progress(phase, len(best.placements), best.value, self.bound, elapsed, best.moves))
