"""The fast form solved: routes by counts, then the times of each day, then names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

import numpy as np

from services.scheduling.adapters.cpsat.best import Best
from services.scheduling.adapters.cpsat.columns import Columns, columns_of
from services.scheduling.adapters.cpsat.exact.proof import Drives, Proof, end_of, proof_of
from services.scheduling.adapters.cpsat.identity import name_slots
from services.scheduling.adapters.cpsat.search import Draft, Search
from services.scheduling.adapters.cpsat.shape import Shape
from services.scheduling.adapters.cpsat.timetable import Timetable
from services.scheduling.adapters.cpsat.undated import price

METHOD = "day routes"

TELL_SECONDS = 0.5
"""Seconds after which a long step says that it still goes on, and hears whether it is cancelled."""

CELL = 1e-4
"""Steps of a state and a route compared."""


class OutOfTime(Exception):
    """The time given is over."""


class DayRoutes:
    """One run over one problem in its fast form, without a baseline."""

    def __init__(self, shape: Shape, best: Best, seed: int) -> None:
        self.shape, self.best, self.seed = shape, best, seed
        self.columns = columns_of(shape)
        self.draft: Draft | None = None

    def run(self) -> None:
        """Search until time is over, the plan is proved, or nothing better is found for long."""
        proof = proof_of(self.columns, self._value(), self._tick)
        with suppress(OutOfTime):
            if proof is not None:
                self._follow(proof, proof.first())
                if self._is_whole():
                    self._follow(proof, proof.rise())
            if not self.best.is_proved:
                self._improve()
            if proof is not None and self._is_whole() and not self.best.is_proved:
                proof.best = min(proof.best, self._value())
                self._follow(proof, proof.rise())

    def _follow(self, proof: Proof, steps: Iterator[Drives | None]) -> None:
        """Take the plans and bounds of the exact search as they come."""
        for routes in steps:
            self.best.raise_bound(min(proof.bound, self.shape.problem.weights.unplaced), METHOD)
            if routes:
                before = len(self.columns)
                self.columns = self.columns.with_routes(routes)
                self._take(Draft(np.arange(before, len(self.columns)), proof.best))

    def _improve(self) -> None:
        """Search around what there is, without the exact search's claim to completeness."""
        prices = price(self.columns)
        self.search = Search(self.columns, prices.reduced(self.columns), self.seed, self.best.budget)
        self.best.raise_bound(lower_bound(self.columns, float(prices.bound.sum())), METHOD)
        draft = self.draft or self._timed(lambda: self.search.start(self.best.left / 2))
        self._take(draft)
        while self.best.left > 0.1 and not self.search.is_stuck and not self.best.is_proved:
            better = self._timed(partial(self._next, draft))
            if better.value < draft.value - 0.5:
                draft = better
                self._take(draft)
            self.best.raise_bound(self.search.bound, METHOD)

    def _tick(self, cells: int) -> None:
        """Count what the exact search compares, and tell now and then that it goes on. Raises OutOfTime."""
        self.best.budget.spend(cells * CELL)
        if self.best.left < 0:
            raise OutOfTime
        if self.best.budget.elapsed - self.best.told > TELL_SECONDS:
            self.best.tell("prove")

    def _value(self) -> float:
        """The best plan's cost, or what no plan that places everything reaches."""
        return self.best.solution.value if self._is_whole() else float(self.shape.problem.weights.unplaced)

    def _is_whole(self) -> bool:
        return not self.best.solution.unplaced

    def _next(self, draft: Draft) -> Draft:
        return self.search.next(draft, self.best.left)

    def _timed(self, propose: Callable[[], Draft]) -> Draft:
        """Return a draft whose days can be timed; what rooms forbid together is forbidden to the search."""
        while True:
            draft = propose()
            clashes = Timetable(self.columns).clashes(draft.chosen)
            if not clashes:
                return draft
            self.search.forbidden.extend(clashes)

    def _take(self, draft: Draft) -> None:
        self.draft = draft
        pins = {pin.demand_id: pin for pin in self.shape.problem.pins}
        self.best.take(name_slots(self.shape, Timetable(self.columns).slots(draft.chosen), pins), METHOD)


def lower_bound(columns: Columns, routes: float) -> float:
    """Return a bound of every plan's cost from a bound of its routes.

    The last day cannot be early, unless sessions are left out.
    """
    unplaced = float(columns.shape.problem.weights.unplaced)
    return routes if routes >= unplaced else min(routes + end_of(columns), unplaced)
