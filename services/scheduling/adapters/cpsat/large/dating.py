"""Give all trips of a task their days at once.

Those of the first task go round their depot as the hand of a clock does, so that neighbours are visited within days of
each other and followers find near schools free together; those of a later task go where the task before has been.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from services.scheduling.adapters.cpsat.large.cover import Undated
from services.scheduling.adapters.cpsat.large.days import Visits
from services.scheduling.adapters.cpsat.large.pool import Pool
from services.scheduling.adapters.cpsat.large.timetable import Timetable, Trip
from services.scheduling.adapters.cpsat.linear import HIGHS, Floats, Ints, Linear, solve

PULL = 2.0
"""Points for the square of the days between a trip's turn and its day."""

DRAWN, STAY = 10, 0.5
"""Times that trips are drawn towards those they share with, and how much of their own place they keep."""

GAP = 0.1
"""Points for each trip by which the days need not be the best."""

NODES = 100


class Before:
    """What the task before leaves to one that follows it.

    ``ready`` [site, count]: date of the session that must be over for so many to follow, that of the last day of all
    where there are not so many; ``since``: date of the last session.
    """

    def __init__(self, table: Timetable, task: int) -> None:
        self.table, sizes = table, table.field.sizes
        self.never = int(table.ordinal[-1])
        self.ready = np.full((len(sizes) + 1, int(sizes.max(initial=0)) + 1), self.never)
        self.ready[:, 0] = 0
        self.since = self.ready.copy()
        for site, held in enumerate(table.held[task - 1]):
            dates = np.repeat(table.ordinal, held)
            self.ready[site, 1 : len(dates) + 1] = dates
            self.since[site, 1 : len(dates) + 1] = dates[-1:]

    def least(self, pool: Pool) -> Floats:
        """Return the points of each route's waits when its day is as early as can be; infinite where there is none."""
        dates = np.append(self.table.ordinal[~self.table.field.rare], self.never + 1)
        ready = self.ready[pool.sites, pool.counts].max(axis=1)
        day = dates[np.searchsorted(dates, ready, side="right").clip(max=len(dates) - 1)]
        late = day[:, None] - self.since[pool.sites, pool.counts] - self.table.weights.gap_max
        points = self.table.weights.late_gap * (np.maximum(0, late) * pool.counts).sum(axis=1)
        return np.where(ready < self.never, points, np.inf)

    def costs(self, visits: Visits) -> Floats:
        """Return the points of a trip's waits by day; infinite before its turn."""
        sites, counts = np.array(visits, np.int64).T
        dates = self.table.ordinal[:, None]
        late = np.maximum(0, dates - self.since[sites, counts] - self.table.weights.gap_max)
        points = self.table.weights.late_gap * (late * counts).sum(axis=1)
        return np.where((dates > self.ready[sites, counts]).all(axis=1), points, np.inf)


def date(table: Timetable, trips: Sequence[Undated], after: Sequence[Undated], seconds: float) -> None:
    """Add trips of one task to a timetable that holds those of the tasks before; those without a day are left out.

    ``after``: trips of the next task, as far as they are known.
    """
    if not trips:
        return
    task = table.field.bases[trips[0][0]].task
    before = Before(table, task) if task else None
    points = np.array([before.costs(visits) for _, visits in trips]) if before else _turns(table, trips, after)
    held = np.array([[sum(count for _, count in visits)] for _, visits in trips])
    model = _Model(table, trips, points + held * table.field.follow(task))
    if before:
        model.order(task)
    for (base, visits), day in zip(trips, model.days(seconds), strict=True):
        if day >= 0:
            table.add(Trip(base, visits, day))


def _turns(table: Timetable, trips: Sequence[Undated], after: Sequence[Undated]) -> Floats:
    """Return the points of each day's distance from a trip's turn."""
    is_open = np.array([[bool(windows) for windows in row] for row in table.field.windows]).mean(axis=1)
    bases, place = np.array([base for base, _ in trips]), _places(table, trips, after)
    turn = np.zeros(len(trips))
    for base in np.unique(bases):
        own = np.flatnonzero(bases == base)
        room = np.cumsum(table.limits[base] * is_open * (table.field.follow(0) == 0))
        turn[own] = np.searchsorted(room, place[own] * room[-1])
    return np.asarray(PULL * (np.arange(len(table.ordinal)) - turn[:, None]) ** 2)


def _places(table: Timetable, trips: Sequence[Undated], after: Sequence[Undated]) -> Floats:
    """Return each trip's place in its base's order, from 0 to 1: round the depot, then nearer to those it shares with.

    Trips that share a school, or are followed together, are drawn together (the barycentre heuristic of graph drawing).
    """
    bases = np.array([base for base, _ in trips])
    own, other = (_matrix(table, part) for part in (trips, after))
    near = own @ own.T + (own @ other.T) @ (own @ other.T).T
    np.fill_diagonal(near, near.sum(axis=1) * STAY + 1)
    near /= near.sum(axis=1, keepdims=True)
    place = _ranked(bases, np.array([_angle(table, base, visits) for base, visits in trips]))
    for _ in range(DRAWN):
        place = _ranked(bases, near @ place)
    return place


def _matrix(table: Timetable, trips: Sequence[Undated]) -> Floats:
    """Return the sessions of each trip by site."""
    held = np.zeros((len(trips), len(table.field.sizes)))
    for i, (_, visits) in enumerate(trips):
        for site, count in visits:
            held[i, site] = count
    return held


def _ranked(bases: Ints, keys: Floats) -> Floats:
    """Return the place of each in its base, from 0 to 1."""
    place = np.zeros(len(keys))
    for base in np.unique(bases):
        own = np.flatnonzero(bases == base)
        place[own[np.argsort(keys[own], kind="stable")]] = (np.arange(len(own)) + 0.5) / len(own)
    return place


def _angle(table: Timetable, base: int, visits: Visits) -> float:
    """Return the direction in which the sessions of a trip lie."""
    depot, sites = table.field.bases[base].depot, table.field.shape.sites
    north = sum(count * (sites[site].place.lat - depot.lat) for site, count in visits)
    east = sum(count * (sites[site].place.lon - depot.lon) for site, count in visits)
    return float(np.arctan2(north, east * np.cos(np.radians(depot.lat))))


class _Model:
    """A variable for each trip and day."""

    def __init__(self, table: Timetable, trips: Sequence[Undated], points: Floats) -> None:
        self.table, self.trips = table, trips
        costs = points + np.array([table.days.of(base, visits).cost for base, visits in trips])
        self.trip, self.day = np.nonzero(np.isfinite(costs))
        self.model = Linear()
        self.x = self.model.add_columns(costs[self.trip, self.day])
        self._once()
        self._teams()
        self.visit = np.array([(i, s, n) for i, (_, visits) in enumerate(trips) for s, n in visits], np.int64)
        self._rooms()

    def _once(self) -> None:
        leaving = self.table.field.leaving
        out = self.model.add_columns(np.array([sum(leaving[s] * n for s, n in visits) for _, visits in self.trips]))
        rows = self.model.add_rows(len(self.trips), 1, 1)
        self.model.put(rows, out, 1)
        self.model.put(rows[self.trip], self.x, 1)

    def _teams(self) -> None:
        free = self.table.limits - self.table.load
        rows = self.model.add_rows(free.size).reshape(free.shape)
        self.model.above[rows[0, 0] :] = free.ravel().astype(float).tolist()
        self.model.put(rows[np.array([base for base, _ in self.trips])[self.trip], self.day], self.x, 1)

    def _rooms(self) -> None:
        """No more teams at a site than rooms: a row for each site and day where that may be."""
        free = self.table.rooms[:, None] - self.table.meets
        which, column = self._columns()
        cell = self.visit[which, 1] * free.shape[1] + self.day[column]
        tight = np.bincount(cell, minlength=free.size) > free.ravel()
        row = np.full(free.size, -1)
        row[tight] = self.model.add_rows(int(np.count_nonzero(tight)))
        if tight.any():
            self.model.above[row[tight][0] :] = np.maximum(0, free.ravel()[tight]).astype(float).tolist()
        kept = tight[cell]
        self.model.put(row[cell[kept]], self.x[column[kept]], 1)

    def _columns(self) -> tuple[Ints, Ints]:
        """Return every pair of a visit and a column of its trip."""
        first = np.searchsorted(self.trip, np.arange(len(self.trips) + 1))
        count = np.diff(first)[self.visit[:, 0]]
        which = np.repeat(np.arange(len(self.visit)), count)
        offset = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
        return which, first[self.visit[which, 0]] + offset

    def order(self, task: int) -> None:
        """No more sessions at a site until the day of some of the task before than that held there before this day.

        Nor in the end, where some of the task before are left out. One visit alone is on its days by ``Before.costs``.
        """
        held, sizes = self.table.held[task - 1], self.table.field.sizes
        alone = np.bincount(self.visit[:, 1], minlength=len(held)) < 2
        lacks = held.sum(axis=1) < sizes
        site, day = np.nonzero(np.append(held > 0, lacks[:, None], axis=1) & ~alone[:, None])
        rows = self.model.add_rows(len(site))
        if not len(rows):
            return
        over = np.append(np.zeros_like(sizes)[:, None], held.cumsum(axis=1), axis=1)[site, day]
        self.model.above[rows[0] :] = over.astype(float).tolist()
        which, column = self._columns()
        for r, s, d in zip(rows, site, day, strict=True):
            kept = np.flatnonzero((self.visit[which, 1] == s) & (self.day[column] <= d))
            self.model.put(r, self.x[column[kept]], self.visit[which[kept], 2])

    def days(self, seconds: float) -> list[int]:
        """Return the day of each trip, -1 where it has none."""
        answer = solve(self.model.table(), HIGHS, seconds=seconds, gap=GAP * len(self.trips), nodes=NODES)
        days = np.full(len(self.trips), -1)
        if answer.x is not None:
            chosen = answer.x[self.x] > 0.5
            days[self.trip[chosen]] = self.day[chosen]
        return [int(day) for day in days]
