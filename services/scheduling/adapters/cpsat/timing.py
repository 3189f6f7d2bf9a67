"""Start times of one day's routes: everything as early as the rooms of the sites allow.

Exact for the given order of stops: whenever more sessions meet at a site than it has rooms, two of them must follow
each other, so each such order is tried in turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, combinations, repeat

from services.scheduling.adapters.cpsat.routes import NEVER, Day, Route

TRIES = 400


@dataclass(frozen=True)
class Held:
    """One session of a team's day, in order: the site, its half-day, and the start of one that has begun."""

    team: int
    site: int
    half: int
    begun: int | None = None


@dataclass
class DayPlan:
    """The sessions of all teams of one day, and the orders imposed between sessions of different teams so far."""

    days: list[Day]
    sessions: list[Held]
    rooms: tuple[int, ...]
    tries: int = TRIES
    after: dict[int, list[int]] = field(default_factory=dict)

    def starts(self) -> list[int] | None:
        """Return the start of each session, or None when this order of stops cannot be timed."""
        self.tries -= 1
        starts = self._earliest()
        if starts is None or self.tries < 0:
            return None
        meeting = self._too_many(starts)
        if not meeting:
            return starts
        for first, second in (pair for a, b in combinations(meeting, 2) for pair in ((a, b), (b, a))):
            self.after.setdefault(second, []).append(first)
            found = self.starts()
            self.after[second].pop()
            if found:
                return found
        return None

    def _earliest(self) -> list[int] | None:
        """Earliest starts under the orders imposed; None when a session finds no time or an order runs in a circle."""
        starts = [0] * len(self.sessions)
        for _ in range(len(self.sessions) + 1):
            before = list(starts)
            last: tuple[int, tuple[int, int, int]] | None = None
            for i, held in enumerate(self.sessions):
                day = self.days[held.team]
                come_from = last[1] if last and last[0] == held.team else None
                ready = max(
                    (starts[j] + self.days[self.sessions[j].team].task.duration for j in self.after.get(i, ())),
                    default=0,
                )
                start = day.next_start(held.site, come_from, held.half) if held.begun is None else held.begun
                if start < ready:
                    start = day.start(held.site, ready, held.half) if held.begun is None else NEVER
                if start >= NEVER:
                    return None
                starts[i] = start
                last = (held.team, (held.site, held.half, start + day.task.duration))
            if starts == before:
                return starts if self._all_back(starts) else None
        return None

    def _all_back(self, starts: list[int]) -> bool:
        lasts = {held.team: (held, starts[i]) for i, held in enumerate(self.sessions)}
        ends = ((self.days[h.team], h, start) for h, start in lasts.values() if h.begun is None)
        return all(day.is_back(held.site, start + day.task.duration) for day, held, start in ends)

    def _too_many(self, starts: list[int]) -> list[int]:
        """Return sessions that meet at a site beyond its rooms, or nothing."""
        for i, held in enumerate(self.sessions):
            at_once = [
                j
                for j, other in enumerate(self.sessions)
                if other.site == held.site and starts[j] <= starts[i] < starts[j] + self.days[other.team].task.duration
            ]
            if len(at_once) > self.rooms[held.site]:
                return at_once
        return []


def starts_of(days: list[Day], routes: list[Route], rooms: tuple[int, ...]) -> list[list[tuple[int, int]]] | None:
    """Return for each team the (site, start) of its sessions in order; None when rooms forbid these routes together."""
    sessions = [
        Held(team, site, half, start)
        for team, (day, route) in enumerate(zip(days, routes, strict=True))
        for (site, half), start in zip(_sessions(route), chain(_begun(day), repeat(None)), strict=False)
    ]
    starts = DayPlan(days, sessions, rooms).starts()
    if starts is None:
        return None
    timed: list[list[tuple[int, int]]] = [[] for _ in routes]
    for held, start in zip(sessions, starts, strict=True):
        timed[held.team].append((held.site, start))
    return timed


def _begun(day: Day) -> Iterator[int]:
    return (start for _, _, start in day.begun)


def _sessions(route: Route) -> Iterator[tuple[int, int]]:
    """Yield the site and half-day of each session of a route."""
    for site, am, pm in route.stops:
        yield from [(site, 0)] * am + [(site, 1)] * pm
