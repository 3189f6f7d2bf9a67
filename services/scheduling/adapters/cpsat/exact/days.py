"""What each team can hold on each day, and what teams that meet at a site can hold together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from services.scheduling.adapters.cpsat.columns import Columns, dislikes_of, likeness, plain_cost
from services.scheduling.adapters.cpsat.exact.left import IMPOSSIBLE
from services.scheduling.adapters.cpsat.exact.potentials import Kinds
from services.scheduling.adapters.cpsat.exact.words import Packing, Words
from services.scheduling.adapters.cpsat.linear import Floats, Ints
from services.scheduling.adapters.cpsat.routes import Day, Route, Routes, day_of, every_route
from services.scheduling.adapters.cpsat.shape import Shape
from services.scheduling.adapters.cpsat.timing import starts_of

Held = tuple[tuple[int, int], ...]
"""(crew, kind of route) of each team that drives on a day."""


@dataclass
class Days:
    """The days of all crews, over the kinds of routes of each task. ``tick`` is told how many cells are compared."""

    columns: Columns
    packing: Packing
    kinds: list[Kinds]
    tick: Callable[[int], None]
    known: dict[object, tuple[int, tuple[Route, ...]]] = field(default_factory=dict)
    listed: dict[object, list[tuple[int, Route]]] = field(default_factory=dict)
    orders: dict[object, tuple[Routes, Words]] = field(default_factory=dict)
    like: dict[tuple[int, int, int], object] = field(default_factory=dict)

    @property
    def shape(self) -> Shape:
        """The problem's fast form."""
        return self.columns.shape

    @cached_property
    def dislikes(self) -> Floats:
        """Points a session costs by day, half-day and site."""
        return dislikes_of(self.shape)

    @cached_property
    def days(self) -> dict[tuple[int, int], Day]:
        """The days of each crew, the days it is away left out."""
        dates = list(enumerate(self.shape.problem.days))
        found = {(t, d): day_of(self.shape, t, date) for t in range(len(self.shape.crews)) for d, date in dates}
        return {key: day for key, day in found.items() if day is not None}

    @cached_property
    def extra(self) -> dict[tuple[int, int], Ints]:
        """By (crew, day): what each kind costs that day beyond its least cost, the crew alone at its sites."""
        return {key: extra for crew in range(len(self.shape.crews)) for key, extra in self._extra(crew)}

    def _extra(self, crew: int) -> list[tuple[tuple[int, int], Ints]]:
        task, columns = self.shape.task_index[crew], self.columns
        kinds, of_task = self.kinds[task], np.flatnonzero(columns.task == task)
        is_own = columns.crew[of_task] == crew
        own, kind = of_task[is_own], kinds.kind[is_own]
        value = np.round(columns.cost[own]).astype(np.int64) - kinds.cost[kind]
        found = []
        for day in sorted({day for t, day in self.days if t == crew}):
            here = columns.day[own] == day
            extra = np.full(len(kinds.cost), IMPOSSIBLE, np.int64)
            np.minimum.at(extra, kind[here], value[here])
            found.append(((crew, day), extra))
        return found

    def together(self, day: int, held: Held, same: tuple[int, ...]) -> int:
        """Return what routes of one day cost beyond their least costs; IMPOSSIBLE when rooms or order forbid them.

        ``same[site]``: sessions of the second task that need as many of the first task that very morning.
        """
        return self.routes(day, held, same)[0]

    def routes(self, day: int, held: Held, same: tuple[int, ...]) -> tuple[int, tuple[Route, ...]]:
        """Return the same, with the routes. Every order of stops is tried, so no possible day is missed."""
        key = (*(self._like(day, crew, kind) for crew, kind in held), held, same)
        if key not in self.known:
            self.known[key] = self._search(day, held, same)
        return self.known[key]

    def _like(self, day: int, crew: int, kind: int) -> object:
        """What matters of a day for a kind of route: equal for days that are alike."""
        if (day, crew, kind) not in self.like:
            sites = np.flatnonzero(self.kinds[self.shape.task_index[crew]].sessions[kind])
            found = self.days[crew, day]
            disliked = self.dislikes[day][:, sites].tobytes()
            self.like[day, crew, kind] = found.hours, tuple(found.windows[s] for s in sites), found.fixed, disliked
        return self.like[day, crew, kind]

    def _search(self, day: int, held: Held, same: tuple[int, ...]) -> tuple[int, tuple[Route, ...]]:
        options = [self._options(day, crew, kind) for crew, kind in held]
        rooms = tuple(site.rooms for site in self.shape.sites)
        days = [self.days[crew, day] for crew, _ in held]
        for chosen in sorted(product(*options), key=lambda chosen: sum(cost for cost, _ in chosen)):
            routes = [route for _, route in chosen]
            if self._in_order(held, routes, same) and starts_of(days, routes, rooms) is not None:
                return sum(cost for cost, _ in chosen), tuple(routes)
        return IMPOSSIBLE, ()

    def _in_order(self, held: Held, routes: list[Route], same: tuple[int, ...]) -> bool:
        """Whether sessions that need the same day's morning of the first task lie in the afternoon, after enough."""
        if not any(same):
            return True
        need = np.array(same)
        morning, whole = self._counts(held, routes, 1)
        return bool(((need == 0) | ((self._counts(held, routes, 0)[0] >= need) & (morning <= whole - need))).all())

    def _counts(self, held: Held, routes: list[Route], task: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Sessions of a task by site: in the morning, and all day."""
        morning, whole = np.zeros((2, len(self.shape.sites)), np.int64)
        for (crew, _), route in zip(held, routes, strict=True):
            for site, am, pm in route.stops if self.shape.task_index[crew] == task else ():
                morning[site] += am
                whole[site] += am + pm
        return morning, whole

    def _options(self, day: int, crew: int, kind: int) -> list[tuple[int, Route]]:
        """Return every route of a kind with what it costs beyond the kind's least cost, cheapest first."""
        key = (crew, kind, self._like(day, crew, kind))
        if key not in self.listed:
            self.listed[key] = sorted(self._list(day, crew, kind), key=lambda option: option[0])
        return self.listed[key]

    def _list(self, day: int, crew: int, kind: int) -> list[tuple[int, Route]]:
        kinds, routes = self.kinds[self.shape.task_index[crew]], self._orders(day, crew, kind)
        counts = routes.counts(len(self.shape.sites))
        points = plain_cost(self.shape, routes) + np.tensordot(counts, self.dislikes[day], axes=([1, 2], [0, 1]))
        beyond = np.round(points).astype(np.int64) - kinds.cost[kind]
        return [(int(points), route) for points, route in zip(beyond, routes, strict=True)]

    def _orders(self, day: int, crew: int, kind: int) -> Routes:
        """Return the routes of a kind in every order of stops."""
        task, found = self.shape.task_index[crew], self.days[crew, day]
        key = task, likeness(found)
        if key not in self.orders:
            routes = every_route(found)
            held = self.packing.pack(routes.counts(len(self.shape.sites)).sum(axis=1))
            order = np.argsort(held, kind="stable")
            self.orders[key] = routes.take(order), held[order]
        routes, held = self.orders[key]
        word = self.packing.pack(self.kinds[task].sessions[[kind]])[0]
        return routes.take(np.arange(*np.searchsorted(held, [word, word + np.uint64(1)])))
