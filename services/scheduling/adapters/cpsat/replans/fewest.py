"""How few released sessions must move: counts of half-days only, without road or cost, so that the proof is quick.

Rooms are only counted, half-day by half-day, so these values bound every plan's.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.scheduling.adapters.cpsat.budget import Budget
from services.scheduling.adapters.cpsat.columns import Columns
from services.scheduling.adapters.cpsat.linear import GLOP, HIGHS, INFINITY, Answer, Floats, Ints, Linear, solve
from services.scheduling.adapters.cpsat.master import room_limits
from services.scheduling.adapters.cpsat.replans.aims import Aim, aims_of, proved_aims
from services.scheduling.adapters.cpsat.replans.half_days import HalfDays, half_days_of
from services.scheduling.adapters.cpsat.replans.keeps import Cells, add_keeps

LEADING = 2
"""Aims that are settled one after the other: moves beyond those allowed, and sessions left out."""

AT_ONCE = 0.25
"""Share of the time for all aims at once, where they could not be settled one after the other."""


@dataclass(frozen=True)
class Fewest:
    """``aims``: the best values found; ``proved``: how many of them, in order, no plan can better.

    ``counts[crew, half, site]``: sessions of a plan that has these values, if it can be timed; None: none found.
    """

    aims: tuple[int, ...]
    proved: int
    counts: Ints | None


class CountModel:
    """The programme over the columns; those ``fixed`` are in every plan."""

    def __init__(self, columns: Columns, fixed: Ints) -> None:
        self.columns, self.shape, self.model = columns, columns.shape, Linear()
        self.halves = 2 * len(self.shape.problem.days)
        days = half_days_of(columns, np.setdiff1d(np.arange(len(columns)), fixed))
        self.cells = Cells(self.shape, self._cells(days, fixed))
        for (crew, day), halves in days.items():
            self._day(crew, day, halves)
        left = self._cover()
        self._rooms()
        self.aims = aims_of(self.model, self.shape, left, add_keeps(self.model, self.cells))

    def _cells(self, days: dict[tuple[int, int], HalfDays], fixed: Ints) -> Ints:
        """Add a count for each half-day in which a team can be at a site; what is fixed is counted already."""
        cells = np.full((len(self.shape.crews), self.halves, len(self.shape.sites)), -1, np.int64)
        for (crew, day), halves in days.items():
            for half, part in enumerate(halves.parts):
                most = part.max(axis=0, initial=0)
                stops = self.shape.stops(self.shape.fixed.get((crew, day), ()))
                least = Counter((site, h) for site, h, _ in stops)
                for site in np.flatnonzero(most):
                    low = float(least[int(site), half])
                    cells[crew, 2 * day + half, site] = self.model.add_columns([0.0], float(most[site]), low=low)[0]
        for column in fixed:
            crew, day = self.columns.crew[column], self.columns.day[column]
            for half, site in zip(*np.nonzero(self.columns.counts[column]), strict=True):
                held = float(self.columns.counts[column, half, site])
                cells[crew, 2 * day + half, site] = self.model.add_columns([0.0], held, low=held)[0]
        return cells

    def _day(self, crew: int, day: int, halves: HalfDays) -> None:
        """One morning and one afternoon, that go together; a team holds at most what they hold.

        Mornings that all go with none of the same afternoons share a row with these: the widest such rows bind most.
        """
        model = self.model
        parts = [model.add_columns(np.zeros(len(part))) for part in halves.parts]
        for half, (part, ways) in enumerate(zip(halves.parts, parts, strict=True)):
            model.put(model.add_rows(1, above=1), ways, 1)
            sites = np.flatnonzero(part.any(axis=0))
            rows = np.full(part.shape[1], -1, np.int64)
            rows[sites] = model.add_rows(len(sites), above=0)
            model.put(rows[sites], self.cells.held[crew, 2 * day + half, sites], 1)
            way, site = np.nonzero(part)
            model.put(rows[site], ways[way], -part[way, site])
        for (one, other), apart in ((parts, halves.apart), (parts[::-1], halves.apart.T)):
            for none in np.unique(apart[apart.any(axis=1)], axis=0):
                row = model.add_rows(1, above=1)
                model.put(row, one[apart[:, none].all(axis=1)], 1)
                model.put(row, other[none], 1)

    def _cover(self) -> Ints:
        """Every session is held or left out."""
        tasks, sites = len(self.shape.chain), len(self.shape.sites)
        left = self.model.add_columns(np.zeros(tasks * sites), float(max(self.shape.sizes))).reshape(tasks, sites)
        for task in range(tasks):
            for site, size in enumerate(self.shape.sizes):
                row = self.model.add_rows(1, below=size, above=size)
                self.model.put(row, self.cells.until(task, self.halves, site), 1)
                self.model.put(row, left[task, site], 1)
        return left

    def _rooms(self) -> None:
        limits = room_limits(self.columns)
        for half in range(self.halves):
            for site in range(len(self.shape.sites)):
                held = self.cells.held[:, half, site]
                if (held >= 0).sum() > 1:
                    limit = float(limits[half // 2, half % 2, site])
                    self.model.put(self.model.add_rows(1, above=limit), held[held >= 0], 1)

    def solve(self, seconds: float, seed: int, budget: Budget) -> Fewest:
        """Search in the time given: aim by aim, far quicker where it comes to an end, else all at once."""
        self.budget = budget
        until = budget.used + seconds
        found = self._one_by_one(until - AT_ONCE * seconds, seed)
        return found or self._fewest(self._minimise(self.aims, until, seed), 0)

    def _one_by_one(self, until: float, seed: int) -> Fewest | None:
        """As few left out as the relaxation promises, or one more as long as that proves impossible; then moves."""
        beyond, left = self.aims[:LEADING]
        least = self._minimise((beyond,), until, seed)
        if least.x is None or not least.proved:
            return None
        beyond.limit(self.model, beyond.value(least.x))
        promised = self._minimise((left,), until, seed, relaxed=True)
        if not promised.proved:
            return None
        row = left.limit(self.model, 0)
        first, last = math.ceil(promised.value / left.weight - 1e-6), sum(self.shape.sizes) * len(self.shape.chain)
        for value in range(first, last + 1):
            self.model.below[row] = self.model.above[row] = value
            answer = self._minimise(self.aims[LEADING:], until, seed)
            if not answer.infeasible:
                break
        self.model.above[row] = INFINITY
        return self._fewest(answer, LEADING) if answer.x is not None else None

    def _minimise(self, aims: Sequence[Aim], until: float, seed: int, *, relaxed: bool = False) -> Answer:
        cost = np.zeros(self.model.columns)
        for aim in aims:
            cost[aim.variables] = aim.sign * aim.weight
        self.model.cost = [cost]
        table, seconds = self.model.table(), until - self.budget.used
        if relaxed:
            return solve(table.relaxed(), GLOP, seconds=seconds, budget=self.budget)
        return solve(table, HIGHS, seconds=seconds, seed=seed, budget=self.budget)

    def _fewest(self, answer: Answer, kept: int) -> Fewest:
        """Read an answer; the first ``kept`` aims are at values proved before, the others were minimised."""
        if answer.x is None:
            return Fewest((), 0, None)
        values = tuple(aim.value(answer.x) for aim in self.aims)
        known = (value if i < kept else aim.more for i, (aim, value) in enumerate(zip(self.aims, values, strict=True)))
        bound = answer.bound + sum(aim.weight * value for aim, value in zip(self.aims, known, strict=True))
        return Fewest(values, proved_aims(self.aims, values, bound), self._counts(answer.x))

    def _counts(self, x: Floats) -> Ints:
        held = self.cells.held
        return np.where(held >= 0, np.rint(x[held]), 0).astype(np.int64)
