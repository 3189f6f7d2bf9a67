"""Trips of teams and their days.

Whole days only: a session follows the one before it on a later day, and no more teams meet at a school on one day than
it has rooms, so that every such timetable has start times.
"""

from __future__ import annotations

from copy import copy
from functools import cached_property
from typing import NamedTuple

import numpy as np

from services.scheduling.adapters.cpsat.large.days import Days, Visits
from services.scheduling.adapters.cpsat.large.field import Field
from services.scheduling.adapters.cpsat.linear import Floats, Ints, Mask


class Trip(NamedTuple):
    """One team-day of a base: what it holds and on which day."""

    base: int
    visits: Visits
    day: int


class Timetable:
    """Trips, none against a rule. ``held``: their sessions by task, site and day; ``load``, ``meets``: trips."""

    def __init__(self, field: Field, days: Days | None = None) -> None:
        self.field, self.days = field, days or Days(field)
        problem, sites = field.shape.problem, len(field.sizes)
        self.weights, self.chain = problem.weights, len(field.shape.chain)
        self.ordinal = np.array([day.toordinal() for day in problem.days])
        self.rooms = np.array([site.rooms for site in field.shape.sites])
        self.limits = np.array([[len(hours) for hours in row] for row in self.days.hours], np.int64)
        self.load = np.zeros_like(self.limits)
        self.meets = np.zeros((sites, len(problem.days)), np.int64)
        self.held = np.zeros((self.chain, sites, len(problem.days)), np.int64)
        self.trips: list[Trip] = []

    def inside(self, sites: Mask, bases: Mask) -> Timetable:
        """Return a copy to change within some sites: it has their trips, and the free team-days of some bases."""
        part = copy(self)
        part.trips = [trip for trip in self.trips if all(sites[site] for site, _ in trip.visits)]
        part.limits = np.where(bases[:, None], self.limits, self.load)
        part.load, part.meets, part.held = self.load.copy(), self.meets.copy(), self.held.copy()
        return part

    def add(self, trip: Trip) -> None:
        """Take a trip in."""
        self.trips.append(trip)
        self._count(trip, 1)

    def remove(self, trip: Trip) -> None:
        """Give a trip up."""
        self.trips.remove(trip)
        self._count(trip, -1)

    def _count(self, trip: Trip, by: int) -> None:
        self.load[trip.base, trip.day] += by
        for site, count in trip.visits:
            self.meets[site, trip.day] += by
            self.held[self.task(trip), site, trip.day] += by * count

    def task(self, trip: Trip) -> int:
        """Return the task of a trip."""
        return self.field.bases[trip.base].task

    def fits(self, trip: Trip) -> bool:
        """Whether a trip can be added after those of the days before."""
        sites, counts = np.array(trip.visits, np.int64).reshape(-1, 2).T
        task, day = self.task(trip), trip.day
        reached = self.held[task, sites, : day + 1].sum(axis=1) + counts
        most = self.held[task - 1, sites, :day].sum(axis=1) if task else self.field.sizes[sites]
        has_room = (self.meets[sites, day] < self.rooms[sites]).all() and self.load[trip.base, day] < self.limits[
            trip.base, day
        ]
        return bool(has_room and (reached <= most).all() and np.isfinite(self.cost(trip)))

    def cost(self, trip: Trip) -> float:
        """Return the points of a trip on its day, without waits."""
        return float(self.days.of(trip.base, trip.visits).cost[trip.day])

    def beyond(self, trip: Trip) -> float:
        """Return the points of a trip beyond its best day's."""
        dated = self.days.of(trip.base, trip.visits)
        return float(dated.cost[trip.day]) - dated.least

    def waits(self, sites: Ints) -> Floats:
        """Return the points of all waits at each of some sites, sessions served in order."""
        reached = self.held[:, sites].cumsum(axis=2)
        by, until = self.spans
        late = np.minimum(reached[:-1][:, :, by], reached[1:, :, -1:]) - reached[1:][:, :, until]
        return np.asarray(self.weights.late_gap * np.maximum(0, late).sum(axis=(0, 2)), float)

    @cached_property
    def spans(self) -> tuple[Ints, Ints]:
        """Return the last days until each date and until the end of the free days that begin on it."""
        dates = np.arange(self.ordinal[0], self.ordinal[-1] + 1 - self.weights.gap_max)
        until = np.searchsorted(self.ordinal, dates + self.weights.gap_max, side="right") - 1
        return np.searchsorted(self.ordinal, dates, side="right") - 1, until

    def left(self) -> Ints:
        """Return the sessions that no trip holds, by task and site."""
        return np.asarray(self.field.sizes - self.held.sum(axis=2))

    @property
    def value(self) -> float:
        """Cost of the timetable, without fairness and end."""
        routes = sum(map(self.cost, self.trips))
        waits = self.waits(np.arange(len(self.field.sizes))).sum()
        return float(routes + waits + (self.left() @ self.field.leaving).sum())
