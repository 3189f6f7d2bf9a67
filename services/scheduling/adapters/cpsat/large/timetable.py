"""Undated routes given their days: each to the day that suits it best beside the others, again and again, ever calmer.

Whole days only: a session follows the one before it on a later day, and no more teams meet at a school on one day than
it has rooms, so that every such timetable has start times.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from services.scheduling.adapters.cpsat.large.days import Days, Visits
from services.scheduling.adapters.cpsat.large.field import Field
from services.scheduling.adapters.cpsat.linear import Floats, Ints

BROKEN = 400.0
"""Points for a session before the one it follows, and for a team too many at a school or on a day."""

HEAT = 40.0
"""Points by which the first choices of a day are blurred; it falls to 0."""


EARLY = 0.05
"""Part of the heat by which a later day is dearer, so that followers keep the end for themselves."""

NEAR = 8
"""Trips that may take in sessions left out nearby."""

Dates = tuple[int, ...]
"""Proleptic ordinals of days, ascending."""

PEERS = 20
"""Trips with which one that breaks a rule tries to change days."""


@dataclass
class Trip:
    """One team-day of a base: what it holds and on which day (-1: none yet)."""

    base: int
    visits: Visits
    day: int = -1


class Timetable:
    """Trips and their days."""

    def __init__(self, field: Field, days: Days, seed: int) -> None:
        self.field, self.days = field, days
        self.random = np.random.default_rng(seed)
        problem = field.shape.problem
        self.weights, self.chain = problem.weights, len(field.shape.chain)
        self.ordinal = np.array([day.toordinal() for day in problem.days])
        self.dates: list[int] = self.ordinal.tolist()
        self.known: dict[tuple[Dates, int, Dates | None, Dates | None], Floats] = {}
        self.rooms = np.array([site.rooms for site in field.shape.sites])
        self.limits = np.array([[len(hours) for hours in row] for row in days.hours])
        self.load = np.zeros_like(self.limits)
        self.meets = np.zeros((len(field.sizes), len(problem.days)), np.int64)
        self.trips: list[Trip] = []
        self.at: list[list[list[Trip]]] = [[[] for _ in field.sizes] for _ in range(self.chain)]

    def add(self, trip: Trip) -> None:
        """Take a trip in, on its day."""
        self.trips.append(trip)
        self._count(trip, 1)
        for site, _ in trip.visits:
            self.at[self.field.bases[trip.base].task][site].append(trip)

    def remove(self, trip: Trip) -> None:
        """Give a trip up."""
        self.trips.remove(trip)
        self._count(trip, -1)
        for site, _ in trip.visits:
            self.at[self.field.bases[trip.base].task][site].remove(trip)

    def move(self, trip: Trip, day: int) -> None:
        """Give a trip another day."""
        self._count(trip, -1)
        trip.day = day
        self._count(trip, 1)

    def _count(self, trip: Trip, by: int) -> None:
        if trip.day >= 0:
            self.load[trip.base, trip.day] += by
            self.meets[[site for site, _ in trip.visits], trip.day] += by

    def settle(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Give every trip its day: first the tasks in order, then round after round until nothing changes."""
        began = clock()
        for trip in sorted(self.trips, key=lambda t: self.field.bases[t.base].task):
            self._choose(trip, HEAT)
        while (spent := clock() - began) < seconds:
            heat = HEAT * max(0.0, 1 - 1.25 * spent / seconds)
            order = self.random.permutation(len(self.trips))
            changed = [self._choose(self.trips[i], heat) or self._swap(self.trips[i]) for i in order]
            if heat == 0 and not any(changed):
                return

    def _choose(self, trip: Trip, heat: float) -> bool:
        costs = self.costs(trip)
        if heat:
            costs = costs + self.random.exponential(heat, len(costs)) + EARLY * heat * np.arange(len(costs))
        best = int(costs.argmin())
        if trip.day >= 0 and costs[trip.day] <= costs[best]:
            return False
        self.move(trip, best)
        return True

    def _swap(self, trip: Trip) -> bool:
        """Let a trip that breaks a rule change days with another of its base, if both together are better for it."""
        here = self.costs(trip)
        if here[trip.day] < BROKEN + self.least(trip):
            return False
        peers = [t for t in self.trips if t.base == trip.base and t.day != trip.day]
        for i in self.random.permutation(len(peers))[:PEERS]:
            peer = peers[i]
            before = here[trip.day] + self.costs(peer)[peer.day]
            old = trip.day, peer.day
            self.move(trip, old[1])
            self.move(peer, old[0])
            if self.costs(trip)[trip.day] + self.costs(peer)[peer.day] < before - 1:
                return True
            self.move(trip, old[0])
            self.move(peer, old[1])
        return False

    def costs(self, trip: Trip) -> Floats:
        """Return what the trip would cost on each day beside all others."""
        own = np.zeros(len(self.ordinal), np.int64)
        if trip.day >= 0:
            own[trip.day] = 1
        base = np.minimum(self.days.of(trip.base, trip.visits).cost, 1e6)
        costs = base + BROKEN * (self.load[trip.base] - own >= self.limits[trip.base])
        for site, count in trip.visits:
            costs = costs + BROKEN * (self.meets[site] - own >= self.rooms[site]) + self._gaps(trip, site, count)
        return costs

    def _gaps(self, trip: Trip, site: int, count: int) -> Floats:
        """Return the price of the waits at a site for each day the trip may take."""
        task = self.field.bases[trip.base].task
        key = (
            self._dates(task, site, trip),
            count,
            self._dates(task - 1, site) if task else None,
            self._dates(task + 1, site) if task + 1 < self.chain else None,
        )
        if key not in self.known:
            self.known[key] = self._price(*key)
        return self.known[key]

    def _price(self, others: Dates, count: int, before: Dates | None, after: Dates | None) -> Floats:
        mine = np.repeat(self.ordinal[:, None], count, axis=1)
        beside = np.broadcast_to(np.array(others, np.int64), (len(mine), len(others)))
        every = np.sort(np.concatenate([beside, mine], axis=1), axis=1)
        total = np.zeros(len(mine))
        if before is not None:
            total += self._waits(np.array(before, np.int64)[None, :], every)
        if after is not None:
            total += self._waits(every, np.array(after, np.int64)[None, :])
        return total

    def _dates(self, task: int, site: int, but: Trip | None = None) -> Dates:
        """Return the dates of a task's sessions at a site, in order."""
        dates = [
            self.dates[trip.day]
            for trip in self.at[task][site]
            if trip is not but and trip.day >= 0
            for s, count in trip.visits
            if s == site
            for _ in range(count)
        ]
        return tuple(sorted(dates))

    def _waits(self, first: Ints, second: Ints) -> Floats:
        """Price the waits between sessions served in order: too early, or too late."""
        both = min(first.shape[1], second.shape[1])
        wait = second[:, :both] - first[:, :both]
        late = self.weights.late_gap * np.maximum(0, wait - self.weights.gap_max)
        early = np.where(wait <= 0, BROKEN * (1 - 0.02 * wait), 0)
        return np.asarray((late + early).sum(axis=1) + BROKEN * (second.shape[1] - both))

    def drop_broken(self) -> None:
        """Give up trips until none breaks a rule: of those that do, the one that breaks most first."""
        while broken := sorted(((self._excess(trip), i) for i, trip in enumerate(self.trips)), reverse=True):
            worst = [self.trips[i] for excess, i in broken if excess >= BROKEN]
            if not worst:
                return
            for trip in worst:
                if self._excess(trip) >= BROKEN:
                    self.remove(trip)

    def _excess(self, trip: Trip) -> float:
        """Return what a trip costs where it is beyond its best day alone."""
        if trip.day < 0 or not np.isfinite(self.cost(trip)):
            return np.inf
        return float(self.costs(trip)[trip.day] - self.least(trip))

    def insert(self, task: int, site: int) -> bool:
        """Place sessions missing at a site where that costs least: in a trip of their own, or in one that passes near.

        Return whether some were placed.
        """
        missing = int(self.left()[task, site])
        offers = [offer for count in {missing, 1} - {0} for offer in self._offers(task, site, count)]
        best = min(offers, key=lambda offer: offer[0], default=None)
        if best is None:
            return False
        _, old, new = best
        if old is not None:
            self.remove(old)
        self.add(new)
        return True

    def _offers(self, task: int, site: int, count: int) -> Iterator[tuple[float, Trip | None, Trip]]:
        """Yield (points per session, the trip replaced, the trip with the session), none against a rule."""
        bases = self.field.of_task(task)
        near = self.field.roads[site]
        old = [trip for trip in self.trips if trip.base in bases]
        old.sort(key=lambda trip: min(near[s] for s, _ in trip.visits))
        for trip in (None, *old[:NEAR]):
            before = 0.0
            if trip is not None:
                before = float(self.costs(trip)[trip.day])
                self.remove(trip)
            for base in [trip.base] if trip else bases:
                new = Trip(base, _with(trip.visits if trip else (), site, count))
                if not self._is_possible(new):
                    continue
                costs = self.costs(new)
                day = int(costs.argmin())
                if costs[day] < self.least(new) + BROKEN:
                    yield (costs[day] - before) / count, trip, Trip(base, new.visits, day)
            if trip is not None:
                self.add(trip)

    def _is_possible(self, trip: Trip) -> bool:
        """Whether there is a day on which the trip, alone, is possible and a team is free."""
        if sum(count for _, count in trip.visits) > self.field.bases[trip.base].most:
            return False
        is_free = self.load[trip.base] < self.limits[trip.base]
        return bool(is_free.any() and np.isfinite(self.days.of(trip.base, trip.visits).cost[is_free]).any())

    def least(self, trip: Trip) -> float:
        """Return what the trip costs on its best day, alone."""
        return float(self.days.of(trip.base, trip.visits).cost.min())

    def cost(self, trip: Trip) -> float:
        """Return the points of a trip on its day, without waits."""
        return float(self.days.of(trip.base, trip.visits).cost[trip.day])

    def wait(self, site: int) -> float:
        """Return the points of all waits at a site."""
        dates = [np.array([self._dates(task, site)], np.int64) for task in range(self.chain)]
        return float(sum(self._waits(first, second)[0] for first, second in pairwise(dates)))

    def left(self) -> Ints:
        """Return the sessions that no trip holds, by task and site."""
        left = np.repeat(self.field.sizes[None, :], self.chain, axis=0)
        for trip in self.trips:
            for site, count in trip.visits:
                left[self.field.bases[trip.base].task, site] -= count
        return left

    @property
    def value(self) -> float:
        """Cost of the timetable, without fairness and end."""
        routes = sum(self.cost(trip) for trip in self.trips)
        waits = sum(self.wait(site) for site in range(len(self.field.sizes)))
        return routes + waits + float(self.weights.unplaced * self.left().sum())


def _with(visits: Visits, site: int, count: int) -> Visits:
    """Return visits with some more sessions at a site."""
    held = dict(visits)
    held[site] = held.get(site, 0) + count
    return tuple(sorted(held.items()))
