"""Improve a timetable region by region: other days where schools wait, then other routes anywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from services.scheduling.adapters.cpsat.budget import Budget
from services.scheduling.adapters.cpsat.large.cover import Cover, Undated
from services.scheduling.adapters.cpsat.large.region import Region
from services.scheduling.adapters.cpsat.large.timetable import Timetable, Trip
from services.scheduling.adapters.cpsat.linear import Floats, Ints

MISSING, REDATED, REROUTED = 6, 8, 3
"""Trips of each task that a region frees: to place sessions left out, to give other days, to make all anew."""

MOST_DATED, DATED_NODES = 2000, 200
"""Trips times days up to which all get their days at once, and nodes of that search."""

TRIES = 2
"""Times a school's neighbourhood is searched in vain before others come first."""


class Improver:
    """Makes one step after the other over one timetable; ``left``: the seconds there are, see Budget."""

    def __init__(
        self,
        table: Timetable,
        covers: Sequence[Cover],
        seed: int,
        budget: Budget,
        left: Callable[[], float],
        failed: Ints | None = None,
    ) -> None:
        self.table, self.field, self.seed, self.covers, self.left = table, table.field, seed, covers, left
        self.budget = budget
        self.random = np.random.default_rng(seed)
        self.failed = np.zeros((3, len(self.field.sizes)), np.int64) if failed is None else failed

    def step(self) -> bool:
        """Make one region anew; return whether there was one to try, and time for it."""
        if self.left() <= 0:
            return False
        for kind, points in enumerate((self._missing, self._discontent)):
            worth = points() * (self.failed[kind] < TRIES)
            if worth.any():
                self._try(kind, int(self.random.choice(len(worth), p=worth / worth.sum())))
                return True
        if self.failed[2].min() >= TRIES:
            return False
        fresh = np.flatnonzero(self.failed[2] == self.failed[2].min())
        self._try(2, int(self.random.choice(fresh)))
        return True

    def _try(self, kind: int, site: int) -> None:
        freed = self._near(site, (MISSING, REDATED, REROUTED)[kind])
        covers = [] if kind == 1 else self.covers
        region = Region(self.table, freed, [site])
        if region.redo(covers, self.seed, self.left(), self.budget):
            self.failed[:, region.sites] = 0
        else:
            self.failed[kind, site] += 1

    def _missing(self) -> Floats:
        """Return the points of each school's sessions left out."""
        return np.asarray(self.table.left().sum(axis=0) * self.field.leaving)

    def _discontent(self) -> Floats:
        """Return the points of each school's waits, and of half-days it would rather avoid."""
        points = self.table.waits(np.arange(len(self.field.sizes)))
        for trip in self.table.trips:
            points[trip.visits[0][0]] += self.table.beyond(trip)
        return points

    def _near(self, site: int, count: int) -> list[Trip]:
        """Return the trips of each task nearest to a school."""
        near = self.field.roads[site].tolist()
        freed: list[Trip] = []
        for task in range(self.table.chain):
            own = [trip for trip in self.table.trips if self.table.task(trip) == task]
            own.sort(key=lambda trip: min(near[s] for s, _ in trip.visits) + 2 * self.random.random())
            freed.extend(own[:count])
        return freed


def together(table: Timetable, trips: Sequence[Undated], seed: int, budget: Budget, seconds: float) -> None:
    """Give all trips their days at once, others that have none too, where they are few."""
    if len(trips) * len(table.ordinal) <= MOST_DATED:
        Region(table, table.trips, range(len(table.field.sizes))).redo([], seed, seconds, budget, trips, DATED_NODES)
