"""Start times of one day's routes: everything as early as the rooms of the sites allow.

Exact for the given order of stops: whenever more sessions meet at a site than it has rooms, two of them must follow
each other, so each such order is tried in turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, combinations, product

from services.scheduling.adapters.cpsat.routes import NEVER, Day, Route

TRIES = 400


@dataclass(frozen=True)
class Held:
    """One session of a team's day, in order: the site, its half-day, and the start of one that is fixed."""

    team: int
    site: int
    half: int
    fixed: int | None = None


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
                start = day.next_start(held.site, come_from, held.half)
                if start < ready:
                    start = day.start(held.site, ready, held.half)
                if held.fixed is not None:
                    is_kept = held.fixed >= (ready if held.fixed < day.now else start)
                    start = held.fixed if is_kept else NEVER
                if start >= NEVER:
                    return None
                starts[i] = start
                last = (held.team, (held.site, held.half, start + day.task.duration))
            if starts == before:
                return starts if self._all_back(starts) else None
        return None

    def _all_back(self, starts: list[int]) -> bool:
        lasts = {held.team: (held, starts[i]) for i, held in enumerate(self.sessions)}
        ends = ((self.days[h.team], h, start) for h, start in lasts.values())
        return all(start < day.now or day.is_back(held.site, start + day.task.duration) for day, held, start in ends)

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
    ways = [list(_fixed(team, day, route)) for team, (day, route) in enumerate(zip(days, routes, strict=True))]
    for way in product(*ways):
        sessions = list(chain.from_iterable(way))
        starts = DayPlan(days, sessions, rooms).starts()
        if starts is not None:
            timed: list[list[tuple[int, int]]] = [[] for _ in routes]
            for held, start in zip(sessions, starts, strict=True):
                timed[held.team].append((held.site, start))
            return timed
    return None


def _fixed(team: int, day: Day, route: Route) -> Iterator[list[Held]]:
    """Yield a route's sessions in order, with each choice of those that are the fixed ones; facts come first."""
    sessions, facts = list(_sessions(route)), tuple(range(len(day.begun)))
    for places in combinations(range(len(sessions)), len(day.fixed)):
        at = dict(zip(places, day.fixed, strict=True))
        if places[: len(facts)] == facts and all(sessions[i] == (site, half) for i, (site, half, _) in at.items()):
            yield [Held(team, site, half, at[i][2] if i in at else None) for i, (site, half) in enumerate(sessions)]


def _sessions(route: Route) -> Iterator[tuple[int, int]]:
    """Yield the site and half-day of each session of a route."""
    for site, am, pm in route.stops:
        yield from [(site, 0)] * am + [(site, 1)] * pm
