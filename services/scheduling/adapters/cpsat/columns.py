"""All day routes of all team-days as arrays: costs and counts, ready for linear models."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scheduling.adapters.cpsat.linear import Floats, Ints
from services.scheduling.adapters.cpsat.routes import Day, Route, day_of, routes_of
from services.scheduling.adapters.cpsat.shape import Shape


@dataclass(frozen=True)
class Columns:
    """A column is one route on one team-day.

    ``counts[c, half, site]``: sessions held there; ``cost``: of the day, without fairness, gaps and end.
    """

    shape: Shape
    routes: tuple[Route, ...]
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
    def task(self) -> Ints:
        """The task each column's crew gives."""
        return np.asarray(self.shape.task_index, dtype=np.int64)[self.crew]

    def only(self, kept: NDArray[np.bool_] | Ints) -> Columns:
        """Return the columns chosen by a mask or by their numbers."""
        where = np.flatnonzero(kept) if kept.dtype == np.bool_ else kept
        routes = tuple(self.routes[i] for i in where)
        return Columns(self.shape, routes, self.crew[where], self.day[where], self.cost[where], self.counts[where])

    def with_routes(self, added: list[tuple[int, int, Route]]) -> Columns:
        """Return these columns and, behind them, one for each (crew, day, route)."""
        parts = [(crew, day, *_table(self.shape, [route])) for crew, day, route in added]
        more = _join(self.shape, parts)
        return Columns(
            self.shape,
            self.routes + more.routes,
            np.concatenate([self.crew, more.crew]),
            np.concatenate([self.day, more.day]),
            np.concatenate([self.cost, more.cost]),
            np.concatenate([self.counts, more.counts]),
        )


def columns_of(shape: Shape) -> Columns:
    """Enumerate the routes of every team-day; equal team-days are searched once."""
    known: dict[object, tuple[list[Route], Floats, NDArray[np.int8]]] = {}
    parts = []
    for t in range(len(shape.crews)):
        for d, date in enumerate(shape.problem.days):
            day = day_of(shape, t, date)
            if day is None:
                continue
            key = _key(day)
            if key not in known:
                known[key] = _table(shape, routes_of(day))
            parts.append((t, d, *known[key]))
    return _join(shape, parts)


def _key(day: Day) -> object:
    return day.task.id, day.hours, day.most, tuple(day.depot), day.windows


def _table(shape: Shape, routes: list[Route]) -> tuple[list[Route], Floats, NDArray[np.int8]]:
    weights = shape.problem.weights
    counts = np.zeros((len(routes), 2, len(shape.sites)), dtype=np.int8)
    for r, route in enumerate(routes):
        for site, am, pm in route.stops:
            counts[r, 0, site] += am
            counts[r, 1, site] += pm
    visits = np.array([len(route.stops) for route in routes], dtype=float)
    roads = np.array([route.road for route in routes], dtype=float)
    return routes, weights.team_day + weights.visit * visits + weights.drive * roads, counts


def _join(shape: Shape, parts: list[tuple[int, int, list[Route], Floats, NDArray[np.int8]]]) -> Columns:
    dislikes = dislikes_of(shape)
    routes = tuple(route for part in parts for route in part[2])
    costs = [part[3] + np.tensordot(part[4], dislikes[part[1]], axes=([1, 2], [0, 1])) for part in parts]
    sizes = [len(part[2]) for part in parts]
    return Columns(
        shape,
        routes,
        np.repeat(np.array([part[0] for part in parts], dtype=np.int64), np.array(sizes, dtype=np.int64)),
        np.repeat(np.array([part[1] for part in parts], dtype=np.int64), np.array(sizes, dtype=np.int64)),
        np.concatenate([np.zeros(0), *costs]),
        np.concatenate([np.zeros((0, 2, len(shape.sites)), np.int8), *(part[4] for part in parts)]),
    )


def dislikes_of(shape: Shape) -> Floats:
    """Return the points a session costs by day, half-day and site because the site would rather avoid it."""
    points = np.zeros((len(shape.problem.days), 2, len(shape.sites)))
    for s, site in enumerate(shape.sites):
        for d, day in enumerate(shape.problem.days):
            for half in (0, 1):
                points[d, half, s] = site.dislike(day, half)
    return points
