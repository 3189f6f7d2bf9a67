"""The best plan of a run so far, what is proved of it, and what the caller heard of it.

It needs no solver library, so that a first plan can be told before one is loaded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from services.scheduling.adapters.cpsat.budget import Budget
from services.scheduling.adapters.cpsat.settle import aims_reached, keep_starts, key, moves_of, solution_of
from services.scheduling.domain.checker import check
from services.scheduling.domain.problem import Placement, Problem
from services.scheduling.domain.solution import Progress, Solution

ALL_AIMS = 4


class Best:
    """Starts with a plan; better plans and better bounds replace it and are told.

    ``fewest``: the values of the leading aims of a replan that no plan can better.
    """

    def __init__(
        self,
        problem: Problem,
        budget: Budget,
        report: Callable[[Progress], None],
        found: Callable[[Solution], None],
        first: Sequence[Placement],
    ) -> None:
        self.problem, self.budget, self.report, self.found = problem, budget, report, found
        self.told = budget.elapsed
        self.fewest: tuple[int, ...] = ()
        self.bound: float | None = None
        self.is_valid = not (problem.pins and check(problem, first))  # a pin may wait for the session before it
        self.solution = self._solution(first, "insertion")
        self.tell("construct")

    @property
    def left(self) -> float:
        """Seconds left, see Budget."""
        return self.budget.left

    @property
    def placements(self) -> tuple[Placement, ...]:
        """The sessions of the best plan."""
        return self.solution.placements

    @property
    def is_proved(self) -> bool:
        """Whether no plan is better."""
        return self.solution.status == "optimal"

    @property
    def proved(self) -> tuple[int, ...]:
        """The values of the leading aims that the best plan has reached to the proof."""
        return self._reached(self.placements)

    def take(self, placements: Sequence[Placement], method: str) -> None:
        """Keep a plan when it is better than the best and breaks no rule; tell in any case how far the search is."""
        solution = self._solution(keep_starts(self.problem, placements), method)
        is_better = not self.is_valid or key(self.problem, solution) < key(self.problem, self.solution)
        if is_better and not check(self.problem, solution.placements):
            self.solution, self.is_valid = solution, True
        self.tell("improve")

    def prove(self, fewest: tuple[int, ...], method: str) -> None:
        """State the values of the leading aims that no plan can better."""
        self.fewest = fewest
        self.solution = self._solution(self.placements, method)
        self.tell("prove")

    def raise_bound(self, bound: float, method: str) -> None:
        """State a better bound beside the plan; costs are whole.

        It is of every plan's cost or, with a baseline, of those that serve all its aims as well as the best plan.
        """
        if bound >= 0 and (self.bound is None or bound > self.bound):  # a relaxation that ran out of time may say less
            self.bound = float(math.ceil(bound - 1e-4))
            self.solution = self._solution(self.placements, method)
            self.tell("prove")

    def tell(self, phase: str) -> None:
        """Say how far the search is."""
        self.told = self.budget.elapsed
        self.found(self.solution)
        best = self.solution
        self.report(Progress(phase, len(best.placements), best.value, self.bound, self.told, best.moves))

    def _solution(self, placements: Sequence[Placement], method: str) -> Solution:
        """With a bound, every aim is proved as soon as the cost is: what is left out is part of it."""
        solution = solution_of(self.problem, placements, self.bound, method, ALL_AIMS)
        if solution.status == "optimal":
            return solution
        return solution_of(self.problem, placements, self.bound, method, len(self._reached(placements)))

    def _reached(self, placements: Sequence[Placement]) -> tuple[int, ...]:
        reached = aims_reached(self.problem, moves_of(self.problem, placements))
        pairs = enumerate(zip(reached, self.fewest, strict=False))
        return self.fewest[: next((i for i, (value, least) in pairs if value != least), len(self.fewest))]
