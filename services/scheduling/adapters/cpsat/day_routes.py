"""The fast form solved: routes by counts, then the times of each day, then names."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import cast

import numpy as np

from services.scheduling.adapters.cpsat.columns import Columns, columns_of
from services.scheduling.adapters.cpsat.exact.proof import Proof, Routes, end_of, proof_of
from services.scheduling.adapters.cpsat.first_fit import FirstFit
from services.scheduling.adapters.cpsat.identity import name_slots
from services.scheduling.adapters.cpsat.replans.replan import freeze
from services.scheduling.adapters.cpsat.search import Draft, Search
from services.scheduling.adapters.cpsat.settle import keep_starts, key, solution_of
from services.scheduling.adapters.cpsat.shape import Shape
from services.scheduling.adapters.cpsat.timetable import Timetable
from services.scheduling.adapters.cpsat.undated import price
from services.scheduling.domain.constraints.past import frozen
from services.scheduling.domain.problem import Placement
from services.scheduling.domain.solution import Progress, Solution

METHOD = "day routes"


TELL_SECONDS = 0.5
"""Seconds after which a long step says that it still goes on, and hears whether it is cancelled."""


class OutOfTime(Exception):
    """The time given is over."""


class DayRoutes:
    """One run over one problem in its fast form; ``best`` is the best plan so far."""

    def __init__(self, shape: Shape, seconds: float, seed: int, report: Callable[[Progress], None]) -> None:
        self.shape, self.report, self.seed = shape, report, seed
        self.began, self.seconds = time.monotonic(), seconds
        self.told = self.began
        self.columns, self.fixed = freeze(columns_of(shape))
        self.past = frozen(shape.problem)
        self.best: Solution | None = None
        self.bound: float | None = None
        self.draft: Draft | None = None

    def run(self, found: Callable[[Solution], None]) -> Solution:
        """Search until time is over, the plan is proved, or nothing better is found for long; return the best plan."""
        self._keep(FirstFit(self.shape.problem).plan(), found)
        self._say("construct")
        proof = None if self.shape.problem.baseline else proof_of(self.columns, self._value(), self._tick)
        with suppress(OutOfTime):
            if proof is not None:
                self._follow(proof, proof.first(), found)
                if self._is_whole():
                    self._follow(proof, proof.rise(), found)
            if not self._is_proved():
                self._improve(found)
            if proof is not None and self._is_whole() and not self._is_proved():
                proof.best = min(proof.best, self._value())
                self._follow(proof, proof.rise(), found)
        return cast(Solution, self.best)  # the first fit at least

    def _follow(self, proof: Proof, steps: Iterator[Routes | None], found: Callable[[Solution], None]) -> None:
        """Take the plans and bounds of the exact search as they come."""
        for routes in steps:
            self.bound = max(self.bound or 0, float(min(proof.bound, self.shape.problem.weights.unplaced)))
            if routes:
                before = len(self.columns)
                self.columns = self.columns.with_routes(routes)
                self._take(Draft(np.arange(before, len(self.columns)), proof.best), found)
            elif self.best:
                self._keep(list(self.best.placements), found)
                self._say("prove")

    def _improve(self, found: Callable[[Solution], None]) -> None:
        """Search around what there is, without the exact search's claim to completeness."""
        prices = price(self.columns)
        self.search = Search(self.columns, prices.reduced(self.columns), self.seed, self.fixed)
        if not self.shape.problem.baseline:
            self.bound = max(self.bound or 0, lower_bound(self.columns, float(prices.bound.sum())))
        draft = self.draft or self._timed(lambda: self.search.start(self._left() / 2))
        self._take(draft, found)
        while self._left() > 0.1 and not self.search.is_stuck and not self._is_proved():
            better = self._timed(partial(self._next, draft))
            if better.value < draft.value - 0.5 or self._is_bound_better():
                draft = better
                self._take(draft, found)

    def _tick(self) -> None:
        """Tell now and then that the exact search goes on. Raises OutOfTime."""
        if self._left() < 0:
            raise OutOfTime
        if time.monotonic() - self.told > TELL_SECONDS:
            self._say("prove")

    def _value(self) -> float:
        """The best plan's cost, or what no plan that places everything reaches."""
        unplaced = float(self.shape.problem.weights.unplaced)
        return self.best.value if self.best and self._is_whole() else unplaced

    def _is_whole(self) -> bool:
        return self.best is not None and not self.best.unplaced

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
            clashes = Timetable(self.columns, self.fixed).clashes(draft.chosen)
            if not clashes:
                return draft
            self.search.forbidden.extend(clashes)

    def _take(self, draft: Draft, found: Callable[[Solution], None]) -> None:
        self.draft = draft
        placements = name_slots(self.shape, Timetable(self.columns, self.fixed).slots(draft.chosen), self.past)
        self._keep(keep_starts(self.shape.problem, placements), found)
        self._say("improve")

    def _keep(self, placements: list[Placement], found: Callable[[Solution], None]) -> None:
        """Take a plan when it is no worse than the best."""
        solution = solution_of(self.shape.problem, placements, self.bound, METHOD)
        if self.best is None or key(self.shape.problem, solution) <= key(self.shape.problem, self.best):
            self.best = solution
            found(solution)

    def _say(self, phase: str) -> None:
        self.told = time.monotonic()
        placed = len(self.best.placements) if self.best else None
        value = self.best.value if self.best else None
        self.report(Progress(phase, placed, value, self.bound, time.monotonic() - self.began))


def lower_bound(columns: Columns, routes: float) -> float:
    """Return a bound of every plan's cost from a bound of its routes.

    The last day cannot be early, unless sessions are left out.
    """
    unplaced = float(columns.shape.problem.weights.unplaced)
    return routes if routes >= unplaced else min(routes + end_of(columns), unplaced)
