"""Improve a timetable region by region: other days where schools wait, then other routes anywhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from services.scheduling.adapters.cpsat.large.region import Region, visits_of
from services.scheduling.adapters.cpsat.large.stage import Covered
from services.scheduling.adapters.cpsat.large.timetable import Timetable, Trip
from services.scheduling.adapters.cpsat.linear import Floats, Ints

REDATED, REROUTED = 8, 3
"""Trips of each task that a region frees to give them other days, and to make them anew."""

MOST_DATED, DATED_NODES = 1000, 200
"""Trips times days up to which all get their days at once, and nodes of that search."""

TRIES = 2
"""Times a school's neighbourhood is searched in vain before others come first."""


class Improver:
    """Makes one step after the other over one timetable."""

    def __init__(self, table: Timetable, covered: Sequence[Covered], seed: int) -> None:
        self.table, self.field, self.seed = table, table.field, seed
        self.random = np.random.default_rng(seed)
        self.pools = [part.pool for part in covered]
        self.reduced = [part.reduced for part in covered]
        self.worth = sum(part.worth for part in covered)
        self.above = {
            (int(part.pool.base[i]), visits_of(part.pool, i)): float(part.reduced[i])
            for part in covered
            for i in range(len(part.pool))
        }
        self.failed = np.zeros((2, len(self.field.sizes)), np.int64)

    def date(self, seconds: float) -> bool:
        """Give all trips their days at once, those without a place left out; return whether that was possible."""
        if not 0 < len(self.table.trips) * len(self.table.ordinal) <= MOST_DATED:
            return False
        nothing = [pool.only(np.arange(0)) for pool in self.pools]
        dated = Region(self.table, self.table.trips, nothing, [np.empty(0) for _ in nothing])
        return dated.redo(self.seed, seconds, DATED_NODES)

    def insert(self, sites: Sequence[int]) -> None:
        """Place sessions left out at some sites where they fit beside all others, task by task."""
        for task in range(self.table.chain):
            for site in sites:
                while self.table.left()[task, site] and self.table.insert(task, site):
                    pass

    def step(self) -> bool:
        """Make one region anew; return whether there is more to try."""
        left = self.table.left().sum(axis=0) * (self.failed[1] < TRIES)
        if left.any():
            self._try(1, int(self.random.choice(np.flatnonzero(left))))
            return True
        waiting = self._discontent() * (self.failed[0] < TRIES)
        if waiting.any():
            self._try(0, int(self.random.choice(len(waiting), p=waiting / waiting.sum())))
            return True
        fresh = np.flatnonzero(self.failed[1] == self.failed[1].min())
        self._try(1, int(self.random.choice(fresh)))
        return bool(self.failed[1].min() < TRIES)

    def _try(self, reroute: int, site: int) -> None:
        freed = self._near(site, REROUTED if reroute else REDATED)
        if not freed:
            self.failed[reroute, site] += 1
            return
        near = self._affordable(freed) if reroute else [np.empty(0, np.int64)] * len(self.pools)
        pools = [pool.only(kept) for pool, kept in zip(self.pools, near, strict=True)]
        reduced = [points[kept] for points, kept in zip(self.reduced, near, strict=True)]
        if Region(self.table, freed, pools, reduced).redo(self.seed):
            sites = sorted({s for trip in freed for s, _ in trip.visits})
            self.failed[:, sites] = 0
            self.insert(sites)
        else:
            self.failed[reroute, site] += 1

    def _affordable(self, freed: Sequence[Trip]) -> list[Ints]:
        """Return the routes of each task that may be in a better plan: a plan costs its routes' points above them."""
        freed_too = {id(trip) for trip in freed}
        stay = sum(self.above.get((t.base, t.visits), 0.0) for t in self.table.trips if id(t) not in freed_too)
        points = self.table.value - self.worth - stay
        return [np.flatnonzero(reduced < points) for reduced in self.reduced]

    def _discontent(self) -> Floats:
        """Return the points of each school's waits, and of half-days it would rather avoid."""
        points = np.array([self.table.wait(site) for site in range(len(self.field.sizes))])
        for trip in self.table.trips:
            points[trip.visits[0][0]] += self.table.cost(trip) - self.table.least(trip)
        return np.maximum(0, points)

    def _near(self, site: int, count: int) -> list[Trip]:
        """Return the trips of each task nearest to a school, those that miss sessions there included."""
        near = self.field.roads[site]
        freed: list[Trip] = []
        for task in range(self.table.chain):
            own = [trip for trip in self.table.trips if self.field.bases[trip.base].task == task]
            own.sort(key=lambda trip: min(near[s] for s, _ in trip.visits) + 2 * self.random.random())
            freed.extend(own[:count])
        return freed
