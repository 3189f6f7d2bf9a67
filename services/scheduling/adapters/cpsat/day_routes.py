"""The fast form solved: routes by counts, then the times of each day, then names."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import cast

import numpy as np

from services.scheduling.adapters.cpsat.columns import Columns, columns_of
from services.scheduling.adapters.cpsat.first_fit import FirstFit
from services.scheduling.adapters.cpsat.identity import name_slots
from services.scheduling.adapters.cpsat.replan import freeze, released_of
from services.scheduling.adapters.cpsat.search import Draft, Search
from services.scheduling.adapters.cpsat.settle import keep_starts, key, solution_of
from services.scheduling.adapters.cpsat.shape import Shape
from services.scheduling.adapters.cpsat.timetable import Timetable
from services.scheduling.adapters.cpsat.undated import price
from services.scheduling.domain.constraints.past import frozen
from services.scheduling.domain.problem import Placement
from services.scheduling.domain.solution import Progress, Solution

METHOD = "day routes"


class DayRoutes:
    """One run over one problem in its fast form; ``best`` is the best plan so far."""

    def __init__(self, shape: Shape, seconds: float, seed: int, report: Callable[[Progress], None]) -> None:
        self.shape, self.report = shape, report
        self.began, self.seconds = time.monotonic(), seconds
        self.columns, self.fixed = freeze(columns_of(shape))
        prices = price(self.columns)
        self.bound = None if shape.problem.baseline else lower_bound(self.columns, float(prices.bound.sum()))
        released = released_of(shape)
        self.search = Search(self.columns, prices.reduced(self.columns), seed, self.fixed, released)
        self.past = frozen(shape.problem)
        self.timetable = Timetable(self.columns, self.fixed)
        self.best: Solution | None = None

    def run(self, found: Callable[[Solution], None]) -> Solution:
        """Search until time is over, the plan is proved, or nothing better is found for long; return the best plan."""
        self._keep(FirstFit(self.shape.problem).plan(), found)
        self._say("construct")
        draft = self._timed(lambda: self.search.start(self._left() / 2))
        self._take(draft, found)
        while self._left() > 0.1 and not self.search.is_stuck and not self._is_proved():
            better = self._timed(partial(self._next, draft))
            if better.value < draft.value - 0.5 or self._is_bound_better():
                draft = better
                self._take(draft, found)
        return cast(Solution, self.best)  # the first fit at least

    def _next(self, draft: Draft) -> Draft:
        return self.search.next(draft, self._left())

    def _is_bound_better(self) -> bool:
        """Take over what the search proved; return whether that is news."""
        if self.bound is None or self.search.bound <= self.bound:
            return False
        self.bound = self.search.bound
        return True

    def _left(self) -> float:
        return self.seconds - (time.monotonic() - self.began)

    def _is_proved(self) -> bool:
        return self.best is not None and self.best.status == "optimal"

    def _timed(self, propose: Callable[[], Draft]) -> Draft:
        """Return a draft whose days can be timed; what rooms forbid together is forbidden to the search."""
        while True:
            draft = propose()
            clashes = self.timetable.clashes(draft.chosen)
            if not clashes:
                return draft
            self.search.forbidden.extend(clashes)

    def _take(self, draft: Draft, found: Callable[[Solution], None]) -> None:
        placements = name_slots(self.shape, self.timetable.slots(draft.chosen), self.past)
        self._keep(keep_starts(self.shape.problem, placements), found)
        self._say("improve")

    def _keep(self, placements: list[Placement], found: Callable[[Solution], None]) -> None:
        """Take a plan when it is no worse than the best."""
        solution = solution_of(self.shape.problem, placements, self.bound, METHOD)
        if self.best is None or key(self.shape.problem, solution) <= key(self.shape.problem, self.best):
            self.best = solution
            found(solution)

    def _say(self, phase: str) -> None:
        placed = len(self.best.placements) if self.best else None
        value = self.best.value if self.best else None
        self.report(Progress(phase, placed, value, self.bound, time.monotonic() - self.began))


def lower_bound(columns: Columns, routes: float) -> float:
    """Return a bound of every plan's cost from a bound of its routes.

    The last day cannot be early, unless sessions are left out.
    """
    shape, weights = columns.shape, columns.shape.problem.weights
    if routes >= weights.unplaced:
        return routes
    last = max((_last_day(columns, task) for task in range(len(shape.chain))), default=0)
    return min(routes + weights.end * last, float(weights.unplaced))


def _last_day(columns: Columns, task: int) -> int:
    """The first day by which the teams of a task could have held all its sessions."""
    shape = columns.shape
    own = columns.task == task
    most = np.zeros((len(shape.crews), len(shape.problem.days)), np.int64)
    np.maximum.at(most, (columns.crew[own], columns.day[own]), columns.totals[own].sum(axis=1))
    reached = most.sum(axis=0).cumsum()
    return int(np.argmax(reached >= sum(shape.sizes))) if reached[-1] >= sum(shape.sizes) else 0
