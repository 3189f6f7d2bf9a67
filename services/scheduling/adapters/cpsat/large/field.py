"""A large problem as arrays: sites, roads, opening hours on the most generous day, and teams alike pooled in bases."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from services.contracts.values import Place, Window
from services.scheduling.adapters.cpsat.linear import Floats, Ints
from services.scheduling.adapters.cpsat.routes import NEVER
from services.scheduling.adapters.cpsat.shape import Shape
from services.scheduling.domain.problem import Task
from services.scheduling.domain.roads import DETOUR, EARTH_RADIUS_KM, PARKING_MINUTES, SPEED_KM_H

ROUNDING = 1e-9
"""Part of a minute by which numpy's road may differ from the rules'; it is never the longer one."""


LEAD = 2
"""Days, rare ones aside, from one task to the next at a school."""

LAST = (1000.0, 60.0, 20.0, 8.0)
"""Points for a session to be followed on the last of these days, the last but one and so on; where holidays make days
scarce, all but the last of these points."""

SLOW = 20.0
"""Points of a session's wait for the next one from which a day is not for it."""

RESERVE = 0.01
"""Share of team-days left free, so that the others can find their day."""


@dataclass(frozen=True)
class Base:
    """Teams of one task, depot and number of sessions a day. ``hours``: the widest of any of them on any day."""

    task: int
    depot: Place
    most: int
    hours: Window
    crews: tuple[int, ...]
    roads: Ints


@dataclass(frozen=True)
class Field:
    """``opens`` and ``closes`` [site, i]: the windows a site has on any day, as if all were on every day."""

    shape: Shape
    sizes: Ints
    roads: Ints
    bases: tuple[Base, ...]
    opens: Ints
    closes: Ints

    @cached_property
    def windows(self) -> tuple[tuple[tuple[Window, ...], ...], ...]:
        """Return the windows by day and site."""
        sites = range(len(self.sizes))
        return tuple(tuple(self.shape.windows(s, day) for s in sites) for day in self.shape.problem.days)

    @cached_property
    def leaving(self) -> Floats:
        """Return by site the points of leaving a session there out."""
        return np.array(self.shape.prices_of_leaving, float)

    @cached_property
    def rare(self) -> NDArray[np.bool_]:
        """Return the days on which fewer than half of the sites are open, such as Wednesdays."""
        is_open = np.array([[bool(windows) for windows in row] for row in self.windows])
        return np.asarray(is_open.mean(axis=1) < 0.5)

    @cached_property
    def breaks(self) -> Floats:
        """Return by day the points of a session's wait for the next one after the usual lead: before holidays."""
        days, weights = self.shape.problem.days, self.shape.problem.weights
        usual, points = np.flatnonzero(~self.rare), np.zeros(len(days))
        for day in range(len(days)):
            later = usual[usual > day][LEAD - 1 : LEAD]
            points[day] = sum(weights.late_gap * max(0, (days[k] - days[day]).days - weights.gap_max) for k in later)
        return points

    def follow(self, task: int) -> Floats:
        """Return the same of a task's sessions, more on the last days; nothing for the last task."""
        usual, points = np.flatnonzero(~self.rare), self.breaks.copy()
        if task + 1 == len(self.shape.chain):
            return np.zeros(len(points))
        last = LAST[: LEAD + 1] if points.any() else LAST
        for points_then, day in zip(last, usual[::-1], strict=False):
            points[day:] = np.maximum(points[day:], points_then)
        return points

    @cached_property
    def room(self) -> Ints:
        """Return the limits to fill: without the days too late for another task of the chain, and a few more."""
        teams = np.array([len(base.crews) for base in self.bases])
        slow = int(np.count_nonzero(self.breaks[~self.rare] >= SLOW))
        lost = max(1, slow) if len(self.shape.chain) > 1 else 0
        spare = np.ceil(RESERVE * self.limits).astype(np.int64)
        return np.maximum(0, self.limits - lost * teams - spare)

    @cached_property
    def usual(self) -> NDArray[np.bool_]:
        """Return by half-day and site whether no session can be there on any rare day."""
        noon, shortest = self.shape.problem.noon, min(task.duration for task in self.shape.chain)
        is_usual = np.full((2, len(self.sizes)), bool(self.rare.any()))
        for day in np.flatnonzero(self.rare):
            for site, windows in enumerate(self.windows[day]):
                is_usual[0, site] &= not any(w.start < noon for w in windows)
                is_usual[1, site] &= not any(w.end - shortest >= noon for w in windows)
        return is_usual

    @cached_property
    def limits(self) -> Ints:
        """Return the team-days of each base: on all days, on all but the rare ones."""
        crews, days = self.shape.crews, self.shape.problem.days
        there = [[sum(day in crews[t].available for t in base.crews) for day in days] for base in self.bases]
        every = np.array(there, np.int64).reshape(len(self.bases), len(days))
        return np.array([every.sum(axis=1), every[:, ~self.rare].sum(axis=1)])

    def task(self, base: int) -> Task:
        """Return the task that a base's teams give."""
        return self.shape.chain[self.bases[base].task]

    def of_task(self, task: int) -> list[int]:
        """Return the bases of a task."""
        return [b for b, base in enumerate(self.bases) if base.task == task]

    def earliest(self, task: Task, site: Ints, ready: Ints, half: int) -> Ints:
        """Return the earliest starts at sites once the team is ready; NEVER where there is none."""
        noon = self.shape.problem.noon
        best = np.full(np.broadcast_shapes(np.shape(site), np.shape(ready)), NEVER, np.int64)
        for k in range(self.opens.shape[1]):
            start = np.maximum(np.maximum(ready, self.opens[site, k]), noon if half else 0)
            fits = (start + task.duration <= self.closes[site, k]) & (bool(half) | (start < noon))
            best = np.where(fits, np.minimum(best, start), best)
        return best

    def latest(self, task: Task, site: Ints, limit: Ints) -> Ints:
        """Return the latest afternoon starts at sites, ``limit`` at most; -NEVER where there is none."""
        noon = self.shape.problem.noon
        best = np.full(np.broadcast_shapes(np.shape(site), np.shape(limit)), -NEVER, np.int64)
        for k in range(self.opens.shape[1]):
            start = np.minimum(limit, self.closes[site, k] - task.duration)
            fits = start >= np.maximum(self.opens[site, k], noon)
            best = np.where(fits, np.maximum(best, start), best)
        return best


def field_of(shape: Shape) -> Field:
    """Return the arrays of a problem."""
    places = [site.place for site in shape.sites]
    opens, closes = _widest(shape)
    return Field(shape, np.array(shape.sizes, np.int64), roads(places, places), _bases(shape, places), opens, closes)


def roads(starts: list[Place], ends: list[Place]) -> Ints:
    """Return road minutes between all pairs, by the formula of ``domain.roads``."""
    a, b = (np.array([(p.lat, p.lon) for p in places], float).reshape(-1, 2) for places in (starts, ends))
    km = _great_circle(a, b)
    minutes = np.maximum(2, np.ceil(km * DETOUR / SPEED_KM_H * 60 + PARKING_MINUTES - ROUNDING)).astype(np.int64)
    minutes[(a[:, None, :] == b[None, :, :]).all(axis=2)] = 0
    return minutes


def _great_circle(a: Floats, b: Floats) -> Floats:
    lat_a, lat_b = np.radians(a[:, 0])[:, None], np.radians(b[:, 0])[None, :]
    turn = np.radians(b[None, :, 1] - a[:, None, 1])
    h = np.sin((lat_b - lat_a) / 2) ** 2 + np.cos(lat_a) * np.cos(lat_b) * np.sin(turn / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(h)))


def _bases(shape: Shape, places: list[Place]) -> tuple[Base, ...]:
    alike: dict[tuple[int, float, float, int], list[int]] = defaultdict(list)
    for t, crew in enumerate(shape.crews):
        if any(day in crew.available for day in shape.problem.days):
            alike[shape.task_index[t], crew.depot.lat, crew.depot.lon, crew.max_sessions].append(t)
    bases = []
    for (task, _, _, most), crews in sorted(alike.items()):
        hours = [w for t in crews for day, w in shape.crews[t].available.items() if day in shape.problem.days]
        depot = shape.crews[crews[0]].depot
        widest = Window(min(w.start for w in hours), max(w.end for w in hours))
        bases.append(Base(task, depot, most, widest, tuple(crews), roads([depot], places)[0]))
    return tuple(bases)


def _widest(shape: Shape) -> tuple[Ints, Ints]:
    """Return the windows that any day offers, without those inside another."""
    kept = []
    for s in range(len(shape.sites)):
        every = {w for day in shape.problem.days for w in shape.windows(s, day)}
        kept.append([w for w in every if not any(o != w and o.start <= w.start and w.end <= o.end for o in every)])
    opens = np.full((len(kept), max(1, *map(len, kept))), NEVER, np.int64)
    closes = np.zeros_like(opens)
    for s, windows in enumerate(kept):
        for k, window in enumerate(sorted(windows)):
            opens[s, k], closes[s, k] = window.start, window.end
    return opens, closes
