"""Plan territory by territory; then join neighbours and mend their plans together, in ever larger territories."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import reduce
from operator import or_

from services.scheduling.adapters.cpsat.insertion import completed
from services.scheduling.adapters.cpsat.large.field import field_of
from services.scheduling.adapters.cpsat.large.halves import TooMany
from services.scheduling.adapters.cpsat.large.plan import lower_bound
from services.scheduling.adapters.cpsat.large.relaxation import relax
from services.scheduling.adapters.cpsat.large.stage import workers as processes
from services.scheduling.adapters.cpsat.settle import key, solution_of
from services.scheduling.adapters.cpsat.shape import Shape
from services.scheduling.domain.checker import check
from services.scheduling.domain.problem import Placement, Problem
from services.scheduling.domain.solution import Progress, Solution
from services.scheduling.domain.territories import Part, joined, part_of, territories
from services.scheduling.ports import Workers

METHOD = "territories"

FIRST_SHARE = 0.55
"""Share of the time for the first plans of all territories; the rest is for mending."""

ROUNDS = 2
"""Times that neighbours are joined and mended: in larger territories the prices alone take all the time."""

GIVEN = 0.9
"""Share of the workers' time given out: parts take a little longer than told, and do not fill it evenly."""

LEAST_SECONDS = 1.0
"""Seconds below which mending is not worth a worker."""

MOST_BOUND = 2000
"""Sites up to which the relaxation of the whole, whose value is the bound, fits into memory."""

FILL_SHARE = 0.05
"""Share of the time kept for territories that have no plan by then: these get one by insertion."""

TELL_SECONDS = 10.0
"""Seconds between two plans handed on: to price one of 5,000 schools takes half a second."""


class ByTerritories:
    """One run over one problem in its fast form. ``plans``: the best of each territory so far."""

    def __init__(
        self,
        shape: Shape,
        seconds: float,
        seed: int,
        report: Callable[[Progress], None],
        found: Callable[[Solution], None],
        workers: Workers,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.shape, self.problem, self.seconds, self.seed = shape, shape.problem, seconds, seed
        self.report, self.found, self.workers, self.clock = report, found, workers, clock
        self.began = self.told = clock()
        self.parts = list(territories(shape.problem))
        self.plans: list[tuple[Placement, ...]] = [()] * len(self.parts)
        self.bound: float | None = None
        self.best = solution_of(self.problem, (), None, METHOD)

    def run(self) -> Solution:
        """Return the best plan found in time."""
        with self._relaxed() as self.relaxed:
            self._solve(FIRST_SHARE * self.seconds)
            self._fill()
            for left in range(ROUNDS, 0, -1):
                self._join()
                self._solve(self._left() / left)
            return self._keep()

    def _left(self) -> float:
        return self.seconds - (self.clock() - self.began)

    @contextmanager
    def _relaxed(self) -> Iterator[Future[float | None]]:
        """Work out the bound of the whole in a process beside, which ends with this search."""
        with processes(1) as pool:
            try:
                yield pool.submit(whole_bound, self.shape, self.seconds)
            finally:
                for process in list(pool._processes.values()):
                    process.kill()

    def _solve(self, seconds: float) -> None:
        """Plan every territory anew, or mend what it has, and keep what is better."""
        wholes = [part_of(self.problem, part, plan) for part, plan in zip(self.parts, self.plans, strict=True)]
        shares = self._shares(wholes, seconds)
        if min(shares) < LEAST_SECONDS and any(self.plans):
            return
        parts = [Part(whole, share, self.seed) for whole, share in zip(wholes, shares, strict=True)]
        for i, solution in self.workers.solve(parts, self._is_over):
            old = solution_of(wholes[i], wholes[i].start, None, METHOD)
            if key(wholes[i], solution) < key(wholes[i], old) and not check(wholes[i], solution.placements):
                self.plans[i] = solution.placements

    def _fill(self) -> None:
        """Give territories that have no plan yet one by a single insertion: mending goes on from it."""
        for i, (part, plan) in enumerate(zip(self.parts, self.plans, strict=True)):
            if not plan:
                self.plans[i] = tuple(completed(part_of(self.problem, part), ()))
                self._keep()

    def _shares(self, wholes: Sequence[Problem], seconds: float) -> list[float]:
        """Part the workers' time by the number of sessions."""
        every, given = sum(len(whole.demands) for whole in wholes), GIVEN * seconds
        return [min(given, given * self.workers.count() * len(whole.demands) / max(1, every)) for whole in wholes]

    def _join(self) -> None:
        """Make pairs of neighbouring territories one, with their plans."""
        left = [
            len(part_of(self.problem, part).demands) - len(plan)
            for part, plan in zip(self.parts, self.plans, strict=True)
        ]
        groups = joined(self.problem, self.parts, left)
        self.plans = [tuple(p for i in group for p in self.plans[i]) for group in groups]
        self.parts = [reduce(or_, (self.parts[i] for i in group)) for group in groups]

    def _is_over(self) -> bool:
        """Tell how far the search is now and then; whether time is over."""
        if self.clock() - self.told > TELL_SECONDS:
            self._keep()
        return self._left() < (0 if all(self.plans) else FILL_SHARE * self.seconds)

    def _keep(self) -> Solution:
        """Hand on what all territories have."""
        if self.bound is None and self.relaxed.done():
            self.bound = self.relaxed.result()
        self.best = solution_of(self.problem, [p for plan in self.plans for p in plan], self.bound, METHOD)
        self.found(self.best)
        elapsed = self.clock() - self.began
        self.report(Progress("territories", len(self.best.placements), self.best.value, self.bound, elapsed))
        self.told = self.clock()
        return self.best


def whole_bound(shape: Shape, seconds: float) -> float | None:
    """Return a bound of every plan's cost, whatever the territories; None when the problem is too large for it."""
    if len(shape.sites) > MOST_BOUND:
        return None
    until, field = time.monotonic() + seconds, field_of(shape)
    try:
        routes = sum(
            relax(field, task, is_over=lambda: time.monotonic() > until).bound for task in range(len(shape.chain))
        )
    except TooMany:
        return None
    return lower_bound(field, routes)
