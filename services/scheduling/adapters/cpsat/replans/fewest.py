"""How few released sessions must move: counts of half-days only, without road or cost, so that the proof is quick.

Rooms are only counted, half-day by half-day, so these values bound every plan's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.scheduling.adapters.cpsat.columns import Columns
from services.scheduling.adapters.cpsat.linear import GLOP, HIGHS, Floats, Ints, Linear, solve
from services.scheduling.adapters.cpsat.master import room_limits
from services.scheduling.adapters.cpsat.replans.aims import Aim, aims_of, proved_aims
from services.scheduling.adapters.cpsat.replans.half_days import HalfDays, half_days_of
from services.scheduling.adapters.cpsat.replans.keeps import Cells, add_keeps


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
                for site in np.flatnonzero(most):
                    cells[crew, 2 * day + half, site] = self.model.add_columns([0.0], float(most[site]))[0]
        for column in fixed:
            crew, day = self.columns.crew[column], self.columns.day[column]
            for half, site in zip(*np.nonzero(self.columns.counts[column]), strict=True):
                held = float(self.columns.counts[column, half, site])
                cells[crew, 2 * day + half, site] = self.model.add_columns([0.0], held, low=held)[0]
        return cells

    def _day(self, crew: int, day: int, halves: HalfDays) -> None:
        """One morning and one afternoon, that go together; a team holds at most what they hold."""
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
            for i in np.flatnonzero(apart.any(axis=1)):
                row = model.add_rows(1, above=1)
                model.put(row, one[i], 1)
                model.put(row, other[apart[i]], 1)

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

    def solve(self, seconds: float, seed: int = 0) -> Fewest:
        """Search in the time given."""
        for aim in self.aims[:2]:
            self._round_up(aim)
        self._minimise(list(self.aims))
        answer = solve(self.model.table(), HIGHS, seconds=seconds, seed=seed)
        if answer.x is None:
            return Fewest((), 0, None)
        values = tuple(aim.value(answer.x) for aim in self.aims)
        bound = answer.bound + sum(aim.weight * aim.more for aim in self.aims)
        return Fewest(values, proved_aims(self.aims, values, bound), self._counts(answer.x))

    def _minimise(self, aims: list[Aim]) -> None:
        cost = np.zeros(self.model.columns)
        for aim in aims:
            cost[aim.variables] = aim.sign * aim.weight
        self.model.cost = [cost]

    def _round_up(self, aim: Aim) -> None:
        """An aim is whole, so its relaxation rounded up bounds it; said at once, it halves the search."""
        self._minimise([aim])
        answer = solve(self.model.table().relaxed(), GLOP, seconds=10)
        if answer.proved:
            least = np.ceil(answer.value / aim.weight - 1e-6)
            self.model.put(self.model.add_rows(1, below=float(least)), aim.variables, aim.sign)

    def _counts(self, x: Floats) -> Ints:
        held = self.cells.held
        return np.where(held >= 0, np.rint(x[held]), 0).astype(np.int64)
