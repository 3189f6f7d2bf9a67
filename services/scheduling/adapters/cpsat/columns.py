"""All day routes of all team-days as arrays: costs and counts, ready for linear models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from services.scheduling.adapters.cpsat.linear import Floats, Ints
from services.scheduling.adapters.cpsat.routes import Day, Route, Routes, as_rows, day_of, joined, routes_of
from services.scheduling.adapters.cpsat.shape import Shape

Near = Mapping[tuple[int, int], frozenset[int]]
"""(crew, day) -> the sites where the team may hold sessions then."""


@dataclass(frozen=True)
class Columns:
    """A column is one route on one team-day.

    ``counts[c, half, site]``: sessions held there; ``cost``: of the day, without fairness, gaps and end.
    """

    shape: Shape
    routes: Routes
    crew: Ints
    day: Ints
    cost: Floats
    counts: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.routes)

    @property
    def totals(self) -> NDArray[np.int8]:
        """Sessions of each column at each site, morning and afternoon together."""
        return self.counts[:, 0, :] + self.counts[:, 1, :]

    @property
    def covers(self) -> NDArray[np.int8]:
        """What each column covers: sessions at each site and, behind these, its team-day where that has pins."""
        marks = [(self.crew == crew) & (self.day == day) for crew, day in self.shape.fixed]
        return np.concatenate([self.totals, *(mark[:, None].astype(np.int8) for mark in marks)], axis=1)

    @property
    def task(self) -> Ints:
        """The task each column's crew gives."""
        return np.asarray(self.shape.task_index, dtype=np.int64)[self.crew]

    @property
    def plain(self) -> Floats:
        """The cost without what sites would rather avoid: of the team's day, its visits and its road."""
        return plain_cost(self.shape, self.routes)

    def only(self, kept: NDArray[np.bool_] | Ints) -> Columns:
        """Return the columns chosen by a mask or by their numbers."""
        where = np.flatnonzero(kept) if kept.dtype == np.bool_ else kept
        routes = self.routes.take(where)
        return Columns(self.shape, routes, self.crew[where], self.day[where], self.cost[where], self.counts[where])

    def with_routes(self, added: list[tuple[int, int, Route]]) -> Columns:
        """Return these columns and, behind them, one for each (crew, day, route)."""
        parts = [(crew, day, _block(self.shape, as_rows([route]))) for crew, day, route in added]
        more = _join(self.shape, parts)
        return Columns(
            self.shape,
            joined([self.routes, more.routes]),
            np.concatenate([self.crew, more.crew]),
            np.concatenate([self.day, more.day]),
            np.concatenate([self.cost, more.cost]),
            np.concatenate([self.counts, more.counts]),
        )


@dataclass(frozen=True)
class _Block:
    """Routes of one day: their cost without dislikes, and what they hold."""

    routes: Routes
    plain: Floats
    counts: NDArray[np.int8]


def columns_of(shape: Shape, near: Near | None = None) -> Columns:
    """Enumerate the routes of every team-day, or of those ``near``; equal team-days are searched once."""
    known: dict[object, _Block] = {}
    parts = []
    for t in range(len(shape.crews)):
        for d, date in enumerate(shape.problem.days):
            day = day_of(shape, t, date)
            if day is None or (near is not None and (t, d) not in near):
                continue
            if near is not None:
                day = replace(day, sizes=tuple(n if s in near[t, d] else 0 for s, n in enumerate(day.sizes)))
            key = likeness(day)
            if key not in known:
                known[key] = _block(shape, routes_of(day))
            parts.append((t, d, known[key]))
    return _join(shape, parts)


def likeness(day: Day) -> object:
    """Return what is equal for days with the same routes."""
    return day.task.id, day.hours, day.most, day.sizes, tuple(day.depot), day.windows, day.now, day.fixed


def plain_cost(shape: Shape, routes: Routes) -> Floats:
    """Return what each route costs for the team's day, its visits and its road."""
    weights = shape.problem.weights
    return np.asarray(weights.team_day + weights.visit * routes.visits + weights.drive * routes.road, dtype=float)


def _block(shape: Shape, routes: Routes) -> _Block:
    return _Block(routes, plain_cost(shape, routes), routes.counts(len(shape.sites)))


def _join(shape: Shape, parts: list[tuple[int, int, _Block]]) -> Columns:
    dislikes = dislikes_of(shape)
    blocks = [block for _, _, block in parts]
    costs = [block.plain + np.tensordot(block.counts, dislikes[day], axes=([1, 2], [0, 1])) for _, day, block in parts]
    sizes = np.array([len(block.routes) for block in blocks], dtype=np.int64)
    return Columns(
        shape,
        joined([block.routes for block in blocks]),
        np.repeat(np.array([crew for crew, _, _ in parts], dtype=np.int64), sizes),
        np.repeat(np.array([day for _, day, _ in parts], dtype=np.int64), sizes),
        np.concatenate([np.zeros(0), *costs]),
        np.concatenate([np.zeros((0, 2, len(shape.sites)), np.int8), *(block.counts for block in blocks)]),
    )


def dislikes_of(shape: Shape) -> Floats:
    """Return the points a session costs by day, half-day and site because the site would rather avoid it."""
    points = np.zeros((len(shape.problem.days), 2, len(shape.sites)))
    for s, site in enumerate(shape.sites):
        for d, day in enumerate(shape.problem.days):
            for half in (0, 1):
                points[d, half, s] = site.dislike(day, half)
    return points
