"""Day routes: what one team can do in one day, as (site, sessions in the morning, sessions in the afternoon) in order.

A route is possible when its sessions, each as early as can be, fit the windows, the road, lunch and the team's hours.
Rooms are left to the timing of whole days, so no possible day is missed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.contracts.values import Window
from services.scheduling.adapters.cpsat.linear import grouped
from services.scheduling.adapters.cpsat.shape import Shape
from services.scheduling.domain.constraints.past import open_minute
from services.scheduling.domain.problem import Crew, Task
from services.scheduling.domain.roads import free_of

Stop = tuple[int, int, int]
"""Site, sessions before noon, sessions after noon."""

NEVER = 10**6


@dataclass(frozen=True)
class Route:
    """Stops in order, with the minutes of road from depot to depot."""

    stops: tuple[Stop, ...]
    road: int


@dataclass
class Day:
    """One team's day: what the search for routes needs to know.

    ``fixed``: (site, half, start) of the sessions that every route holds then, in order: those begun before ``now``,
    which are facts and come first, then pins. Others are not before ``now``.
    """

    task: Task
    hours: Window
    noon: int
    lunch: int
    most: int
    sizes: tuple[int, ...]
    windows: tuple[tuple[Window, ...], ...]
    roads: list[list[int]]
    depot: list[int]
    now: int = 0
    fixed: tuple[tuple[int, int, int], ...] = ()
    starts: dict[tuple[int, int, int], int] = field(default_factory=dict)

    @property
    def begun(self) -> tuple[tuple[int, int, int], ...]:
        """The sessions that have begun."""
        return tuple(stop for stop in self.fixed if stop[2] < self.now)

    def start(self, site: int, ready: int, half: int) -> int:
        """Return the earliest start at a site in a half-day once the team is ready; NEVER when there is none."""
        key = (site, ready, half)
        if key not in self.starts:
            self.starts[key] = self._start(site, ready, half)
        return self.starts[key]

    def _start(self, site: int, ready: int, half: int) -> int:
        for window in self.windows[site]:
            start = max(ready, window.start, self.noon if half else 0, self.now)
            if start + self.task.duration <= window.end and (half or start < self.noon):
                return start
        return NEVER

    def next_start(self, site: int, last: tuple[int, int, int] | None, half: int) -> int:
        """Return the earliest start after the last session (site, half, end), or of the day when there is none."""
        if last is None:
            return self.start(site, self.hours.start + self.depot[site] + self.task.setup, half)
        before, last_half, end = last
        lunch = self.lunch if half > last_half else 0
        if before == site:
            return self.start(site, end + max(self.task.turnover, lunch), half)
        return self.start(site, end + self.task.packing + self.roads[before][site] + self.task.setup + lunch, half)

    def is_back(self, site: int, end: int) -> bool:
        """Whether the team is home in time after its last session."""
        return end + self.task.packing + self.depot[site] <= self.hours.end


def day_of(shape: Shape, crew_index: int, day: dt.date) -> Day | None:
    """Return a team's day to search for routes, or None when the team is away."""
    crew: Crew = shape.crews[crew_index]
    hours = crew.available.get(day)
    if hours is None:
        return None
    task, busy = shape.chain[shape.task_index[crew_index]], crew.busy.get(day, ())
    return Day(
        task=task,
        hours=hours,
        noon=shape.problem.noon,
        lunch=shape.problem.lunch,
        most=crew.max_sessions,
        sizes=shape.sizes,
        windows=tuple(free_of(shape.windows(s, day), busy, task) for s in range(len(shape.sites))),
        roads=shape.roads,
        depot=shape.roads_from(crew.depot),
        now=open_minute(shape.problem, day),
        fixed=shape.stops(shape.fixed.get((crew_index, shape.problem.days.index(day)), ())),
    )


@dataclass(frozen=True)
class Routes:
    """Routes as rows. ``sessions[r, k]``: 2 x site + half of session k, -1 behind the last; ``road``: minutes."""

    sessions: NDArray[np.int16]
    road: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.road)

    def __iter__(self) -> Iterator[Route]:
        return (self[row] for row in range(len(self)))

    def __getitem__(self, row: int) -> Route:
        """Return one route; sessions in a row at one site are one stop."""
        held = ((int(code) // 2, int(code) % 2) for code in self.sessions[row] if code >= 0)
        stops = []
        for site, halves in groupby(held, key=lambda session: session[0]):
            parts = [half for _, half in halves]
            stops.append((site, parts.count(0), parts.count(1)))
        return Route(tuple(stops), int(self.road[row]))

    @property
    def visits(self) -> NDArray[np.int64]:
        """How many stops each route makes."""
        sites = self.sessions >> 1
        return (sites >= 0).any(axis=1) + ((sites[:, 1:] >= 0) & (sites[:, 1:] != sites[:, :-1])).sum(axis=1)

    def counts(self, sites: int) -> NDArray[np.int8]:
        """Return the sessions of each route by half-day and site."""
        row, place = np.nonzero(self.sessions >= 0)
        code = self.sessions[row, place]
        cells = (row * 2 + code % 2) * sites + code // 2
        counted = np.bincount(cells, minlength=len(self) * 2 * sites)
        return counted.reshape(len(self), 2, sites).astype(np.int8)

    def take(self, rows: NDArray[Any]) -> Routes:
        """Return some of the routes."""
        return Routes(self.sessions[rows], self.road[rows])


def joined(parts: Sequence[Routes]) -> Routes:
    """Return the routes of all parts, one behind the other."""
    longest = max((part.sessions.shape[1] for part in parts), default=0)
    padded = [np.pad(p.sessions, ((0, 0), (0, longest - p.sessions.shape[1])), constant_values=-1) for p in parts]
    none = np.zeros((0, longest), np.int16), np.zeros(0, np.int64)
    return Routes(np.concatenate([none[0], *padded]), np.concatenate([none[1], *(part.road for part in parts)]))


def as_rows(routes: Sequence[Route]) -> Routes:
    """Return routes as rows."""
    codes = [[2 * site + half for site, am, pm in r.stops for half in [0] * am + [1] * pm] for r in routes]
    rows = [Routes(np.array([code], np.int16), np.array([r.road])) for code, r in zip(codes, routes, strict=True)]
    return joined(rows)


def routes_of(day: Day) -> Routes:
    """Return every possible route of a day; of those with the same sessions and as many stops only the shortest."""
    routes = every_route(day)
    routes = routes.take(np.argsort(routes.road, kind="stable"))
    return routes.take(grouped([*np.sort(routes.sessions, axis=1).T, routes.visits])[0])


def every_route(day: Day) -> Routes:
    """Return every possible route in every order."""
    growth = _Growth(day)
    begun = growth.begun()
    found = [growth.home(begun)] if day.begun else []
    for _ in range(day.most - len(day.begun)):
        begun = growth.longer(begun)
        if not len(begun.end):
            break
        found.append(growth.home(begun))
    return joined(found)


@dataclass(frozen=True)
class _Begun:
    """Routes not yet home, all of as many sessions: the last one's site, half-day and end, and the road so far.

    ``fixed``: how many of the day's fixed sessions they hold.
    """

    sessions: NDArray[np.int16]
    site: NDArray[np.int64]
    half: NDArray[np.int64]
    end: NDArray[np.int64]
    road: NDArray[np.int64]
    fixed: NDArray[np.int64]


class _Growth:
    """The routes of a day, all at once, one session longer at a time; each session is as early as it can be."""

    def __init__(self, day: Day) -> None:
        self.day = day
        there = {site for site, _, _ in day.fixed}
        open_ones = (s for s, size in enumerate(day.sizes) if s in there or (size and day.windows[s]))
        self.sites = np.array(list(open_ones), np.int64)
        self.sizes = np.asarray(day.sizes, np.int64)[self.sites]
        self.depot = np.asarray(day.depot, np.int64)[self.sites]
        self.roads = np.asarray(day.roads, np.int64)[np.ix_(self.sites, self.sites)]
        windows = np.full((2, len(self.sites), max((len(w) for w in day.windows), default=0)), -1, np.int64)
        for i, site in enumerate(self.sites):
            for w, window in enumerate(day.windows[site]):
                windows[:, i, w] = window.start, window.end
        before_noon = np.minimum(windows[1], day.noon - 1 + day.task.duration)
        opens = np.maximum(windows[0], day.now)
        self.opens, self.closes = (opens, np.maximum(opens, day.noon)), (before_noon, windows[1])

    def begun(self) -> _Begun:
        """Return the one route of what was begun: without a session, on most days."""
        none, day = np.zeros(1, np.int64), self.day
        made = _Begun(np.zeros((1, 0), np.int16), none, none, none, none, none)
        for site, half, start in day.begun:
            row, end = np.searchsorted(self.sites, [site]), np.array([start + day.task.duration])
            legs = self.roads[made.site, row] if made.sessions.shape[1] else self.depot[row]
            sessions = np.append(made.sessions, [[2 * site + half]], axis=1).astype(np.int16)
            made = _Begun(sessions, row, np.array([half]), end, made.road + legs, made.fixed + 1)
        return made

    def longer(self, begun: _Begun) -> _Begun:
        """Return every route of one session more."""
        used = (begun.sessions[:, :, None] >> 1 == self.sites).sum(axis=1)
        found = [self._held(begun, used, half) for half in (0, 1)]
        found += [self._pinned(begun, used, number) for number in range(len(self.day.begun), len(self.day.fixed))]
        return _Begun(*(np.concatenate(parts) for parts in zip(*found, strict=True)))

    def _held(self, begun: _Begun, used: NDArray[np.int64], half: int) -> tuple[NDArray[Any], ...]:
        """Hold the next session in a half-day, wherever that is possible."""
        ends = self._earliest(self._ready(begun, half), half) + self.day.task.duration
        before = np.array([start for _, _, start in self.day.fixed] + [NEVER - 1])[begun.fixed]
        possible = (ends <= before[:, None]) & (used < self.sizes) & (begun.half <= half)[:, None]
        row, site = np.nonzero(possible)
        return self._made(begun, row, site, half, ends[row, site], 0)

    def _pinned(self, begun: _Begun, used: NDArray[np.int64], number: int) -> tuple[NDArray[Any], ...]:
        """Hold the next fixed session, where its team is there in time."""
        place, half, start = self.day.fixed[number]
        site = int(np.searchsorted(self.sites, place))
        possible = (begun.fixed == number) & (begun.half <= half) & (used[:, site] < self.sizes[site])
        row = np.flatnonzero(possible & (self._ready(begun, half)[:, site] <= start))
        end = np.full(len(row), start + self.day.task.duration)
        return self._made(begun, row, np.full(len(row), site), half, end, 1)

    def _made(
        self, begun: _Begun, row: Any, site: NDArray[np.int64], half: int, end: NDArray[np.int64], fixed: int
    ) -> tuple[NDArray[Any], ...]:
        """Return routes with one session more at these sites."""
        sessions = np.concatenate([begun.sessions[row], (2 * self.sites[site] + half)[:, None]], axis=1)
        legs = self.roads[begun.site[row], site] if begun.sessions.shape[1] else self.depot[site]
        road, held = begun.road[row] + legs, begun.fixed[row] + fixed
        return sessions.astype(np.int16), site, np.full(len(row), half), end, road, held

    def _ready(self, begun: _Begun, half: int) -> NDArray[np.int64]:
        """Return when each team is ready for its next session at each site."""
        task, hours = self.day.task, self.day.hours
        if not begun.sessions.shape[1]:
            return (hours.start + self.depot + task.setup)[None]
        lunch = (self.day.lunch * (begun.half < half))[:, None]
        moved = task.packing + self.roads[begun.site] + task.setup + lunch
        stayed = begun.site[:, None] == np.arange(len(self.sites))
        return begun.end[:, None] + np.where(stayed, np.maximum(task.turnover, lunch), moved)

    def _earliest(self, ready: NDArray[np.int64], half: int) -> NDArray[np.int64]:
        """Return the earliest start at each site; NEVER where there is none."""
        starts = np.maximum(ready[:, :, None], self.opens[half])
        fits = starts + self.day.task.duration <= self.closes[half]
        return np.where(fits, starts, NEVER).min(axis=2, initial=NEVER)

    def home(self, begun: _Begun) -> Routes:
        """Return those that hold all that is fixed and whose team is at its depot in time."""
        back = begun.end + self.day.task.packing + self.depot[begun.site] <= self.day.hours.end
        back |= begun.sessions.shape[1] == len(self.day.begun)  # what was begun is a fact
        rows = np.flatnonzero(back & (begun.fixed == len(self.day.fixed)))
        return Routes(begun.sessions[rows], begun.road[rows] + self.depot[begun.site[rows]])
