"""Day routes: what one team can do in one day, as (site, sessions in the morning, sessions in the afternoon) in order.

A route is possible when its sessions, each as early as can be, fit the windows, the road, lunch and the team's hours.
Rooms are left to the timing of whole days, so no possible day is missed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.contracts.values import Window
from services.scheduling.adapters.cpsat.shape import Shape
from services.scheduling.domain.problem import Crew, Task

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
    """One team's day: what the search for routes needs to know."""

    task: Task
    hours: Window
    noon: int
    lunch: int
    most: int
    sizes: tuple[int, ...]
    windows: tuple[tuple[Window, ...], ...]
    roads: list[list[int]]
    depot: list[int]
    starts: dict[tuple[int, int, int], int] = field(default_factory=dict)

    def start(self, site: int, ready: int, half: int) -> int:
        """Return the earliest start at a site in a half-day once the team is ready; NEVER when there is none."""
        key = (site, ready, half)
        if key not in self.starts:
            self.starts[key] = self._start(site, ready, half)
        return self.starts[key]

    def _start(self, site: int, ready: int, half: int) -> int:
        for window in self.windows[site]:
            start = max(ready, window.start, self.noon if half else 0)
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
    return Day(
        task=shape.chain[shape.task_index[crew_index]],
        hours=hours,
        noon=shape.problem.noon,
        lunch=shape.problem.lunch,
        most=crew.max_sessions,
        sizes=shape.sizes,
        windows=tuple(shape.windows(s, day) for s in range(len(shape.sites))),
        roads=shape.roads,
        depot=shape.roads_from(crew.depot),
    )


def routes_of(day: Day) -> list[Route]:
    """Return every possible route of a day; of those with the same sessions only the shortest."""
    best: dict[tuple[Stop, ...], Route] = {}
    for stops, road in every_route(day):
        key = tuple(sorted(stops))
        if key not in best or road < best[key].road:
            best[key] = Route(stops, road)
    return list(best.values())


def every_route(day: Day) -> Iterator[tuple[tuple[Stop, ...], int]]:
    """Yield the stops of every possible route in every order, with its minutes of road."""
    return _extend(day, (), None, 0, 0)


def _extend(
    day: Day, stops: tuple[Stop, ...], last: tuple[int, int, int] | None, road: int, held: int
) -> Iterator[tuple[tuple[Stop, ...], int]]:
    """Yield the routes that continue ``stops`` by at least one more site."""
    here = last[0] if last else -1
    for site, size in enumerate(day.sizes):
        if site == here or not day.windows[site]:
            continue
        leg = day.roads[here][site] if last else day.depot[site]
        left = min(day.most - held, size - sum(am + pm for s, am, pm in stops if s == site))
        for am, pm, then in _visits(day, site, last, left):
            if day.is_back(site, then[2]):
                yield (*stops, (site, am, pm)), road + leg + day.depot[site]
            if held + am + pm < day.most:
                yield from _extend(day, (*stops, (site, am, pm)), then, road + leg, held + am + pm)


def _visits(
    day: Day, site: int, last: tuple[int, int, int] | None, left: int
) -> Iterator[tuple[int, int, tuple[int, int, int]]]:
    """Yield each number of morning and afternoon sessions of one visit, with its last session."""
    morning: tuple[int, int, int] | None = last
    for am in range(left + 1):
        if am:
            start = day.next_start(site, morning, 0) if not (last and last[1]) else NEVER
            if start >= NEVER:
                return
            morning = (site, 0, start + day.task.duration)
            yield am, 0, morning
        then = morning
        for pm in range(1, left - am + 1):
            start = day.next_start(site, then, 1)
            if start >= NEVER:
                break
            then = (site, 1, start + day.task.duration)
            yield am, pm, then
