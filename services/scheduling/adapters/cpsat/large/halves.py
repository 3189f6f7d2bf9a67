"""What one team can do in one half-day, all of it as arrays; a day route is a morning joined to an afternoon.

Times are exact: a morning keeps the earliest end of its last session, an afternoon the latest start of its first, so
the two join exactly when road, lunch and packing fit between.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scheduling.adapters.cpsat.large.field import Base, Field
from services.scheduling.adapters.cpsat.linear import Ints
from services.scheduling.adapters.cpsat.routes import NEVER
from services.scheduling.domain.problem import Task

MOST = 200_000
"""Half-days of one base beyond which this form is too large to search."""


class TooMany(Exception):
    """The half-days of a base are too many to list."""


@dataclass(frozen=True)
class Halves:
    """Half-days of one base. ``edge``: the site next to lunch; ``time``: end of the last session there, or the latest
    start of the first; ``road``: minutes, way from or to the depot included; ``stops`` and ``counts``: sites (-1: none)
    and sessions, from the edge outward; ``alone``: whether it can be a whole day.
    """

    edge: Ints
    time: Ints
    road: Ints
    visits: Ints
    held: Ints
    stops: Ints
    counts: Ints
    alone: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.edge)

    def only(self, kept: NDArray[np.bool_] | Ints) -> Halves:
        """Return the half-days chosen by a mask or by their numbers."""
        return Halves(*(getattr(self, name)[kept] for name in self.__dataclass_fields__))


class Search:
    """Lists the half-days of one base; ``half`` 0: forward from the depot, 1: backward to it."""

    def __init__(self, field: Field, base: Base, half: int) -> None:
        self.field, self.base, self.half = field, base, half
        self.task: Task = field.shape.chain[base.task]

    def all(self) -> Halves:
        """Return every half-day. Raises TooMany."""
        level, found = self._first(), []
        while len(level):
            found.append(level)
            if sum(map(len, found)) > MOST:
                raise TooMany
            level = _join([self._more_here(level), self._elsewhere(level)])
        return self._alone(_join(found)) if found else self._first()

    def _first(self) -> Halves:
        sites = np.arange(len(self.field.sizes))
        task, base = self.task, self.base
        if self.half:
            limit = base.hours.end - base.roads - task.packing - task.duration
        else:
            limit = base.hours.start + base.roads + task.setup
        stops = np.full((len(sites), max(1, base.most)), -1, np.int64)
        stops[:, 0] = sites
        counts = np.zeros_like(stops)
        counts[:, 0] = 1
        ones = np.ones(len(sites), np.int64)
        level = Halves(sites, self._time(sites, limit), base.roads, ones, ones, stops, counts, ones > 0)
        return level.only(self._holds(level))

    def _time(self, site: Ints, limit: Ints) -> Ints:
        if self.half:
            return self.field.latest(self.task, site, limit)
        start = self.field.earliest(self.task, site, limit, 0)
        return np.where(start < NEVER, start + self.task.duration, NEVER)

    def _holds(self, level: Halves) -> NDArray[np.bool_]:
        in_time = level.time > -NEVER if self.half else level.time < NEVER
        return np.asarray(in_time & (level.held <= self.base.most) & (self.field.sizes[level.edge] > 0))

    def _more_here(self, level: Halves) -> Halves:
        task = self.task
        shift = -task.turnover - task.duration if self.half else task.turnover
        counts = level.counts.copy()
        counts[:, 0] += 1
        here = (level.stops == level.edge[:, None]) * counts
        time = self._time(level.edge, level.time + shift)
        more = Halves(level.edge, time, level.road, level.visits, level.held + 1, level.stops, counts, level.alone)
        return more.only(self._holds(more) & (here.sum(axis=1) <= self.field.sizes[level.edge]))

    def _elsewhere(self, level: Halves) -> Halves:
        task, sites = self.task, np.arange(len(self.field.sizes))
        level = level.only(level.held < self.base.most)
        legs = self.field.roads[level.edge] + task.packing + task.setup
        limit = level.time[:, None] - legs - task.duration if self.half else level.time[:, None] + legs
        time = self._time(np.broadcast_to(sites, limit.shape), limit)
        part, site = np.nonzero((abs(time) < NEVER) & (level.edge[:, None] != sites))
        there = (level.stops[part] == site[:, None]) * level.counts[part]
        fits = there.sum(axis=1) < self.field.sizes[site]
        part, site = part[fits], site[fits]
        stops, counts = np.roll(level.stops[part], 1, axis=1), np.roll(level.counts[part], 1, axis=1)
        stops[:, 0], counts[:, 0] = site, 1
        road = level.road[part] + self.field.roads[level.edge[part], site]
        alone = np.ones(len(part), bool)
        return Halves(site, time[part, site], road, level.visits[part] + 1, level.held[part] + 1, stops, counts, alone)

    def _alone(self, found: Halves) -> Halves:
        task, base = self.task, self.base
        if self.half:
            alone = base.hours.start + base.roads[found.edge] + task.setup <= found.time
        else:
            alone = found.time + task.packing + base.roads[found.edge] <= base.hours.end
        return Halves(
            found.edge, found.time, found.road, found.visits, found.held, found.stops, found.counts, np.asarray(alone)
        )


def _join(parts: list[Halves]) -> Halves:
    return Halves(*(np.concatenate([getattr(p, name) for p in parts]) for name in Halves.__dataclass_fields__))
