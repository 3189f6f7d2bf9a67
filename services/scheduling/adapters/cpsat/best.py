"""The best plan of a run so far, with its bound: what a search hands on, and how it says so."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

from services.scheduling.adapters.cpsat.settle import keep_starts, key, solution_of
from services.scheduling.domain.checker import check
from services.scheduling.domain.problem import Placement, Problem
from services.scheduling.domain.solution import Progress, Solution

ALL_AIMS = 4


class Best:
    """Starts with a plan; better plans and better bounds replace it and are told."""

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
        self.bound: float | None = None
        self.solution = self._solution(first, "first fit")
        self._tell("construct")

    @property
    def left(self) -> float:
        """Seconds left."""
        return self.seconds - (time.monotonic() - self.began)

    @property
    def placements(self) -> tuple[Placement, ...]:
        """The sessions of the best plan."""
        return self.solution.placements

    @property
    def is_proved(self) -> bool:
        """Whether no plan is better."""
        return self.solution.status == "optimal"

    def take(self, placements: Sequence[Placement], method: str) -> None:
        """Keep a plan when it is better than the best and breaks no rule."""
        solution = self._solution(keep_starts(self.problem, placements), method)
        is_better = key(self.problem, solution) < key(self.problem, self.solution)
        if is_better and not check(self.problem, solution.placements):
            self.solution = solution
            self._tell("improve")

    def raise_bound(self, bound: float, method: str) -> None:
        """State a better bound of every plan's cost beside the plan; costs are whole."""
        whole = float(math.ceil(bound - 1e-4))
        if self.bound is None or whole > self.bound:
            self.bound = whole
            self.solution = self._solution(self.solution.placements, method)
            self._tell("prove")

    def _solution(self, placements: Sequence[Placement], method: str) -> Solution:
        """With a bound, every aim is proved as soon as the cost is: what is left out is part of it."""
        solution = solution_of(self.problem, placements, self.bound, method, ALL_AIMS)
        return solution if solution.status == "optimal" else solution_of(self.problem, placements, self.bound, method)

    def _tell(self, phase: str) -> None:
        self.found(self.solution)
        elapsed, best = time.monotonic() - self.began, self.solution
        self.report(Progress(phase, len(best.placements), best.value, self.bound, elapsed, best.moves))
