"""A large problem parted into territories: each school in one, each team in one, with teams of every activity.

Plans of territories share no team, no school and no group, so that together they are a plan of the whole.
"""

from __future__ import annotations

import cmath
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from services.contracts.values import Place
from services.scheduling.domain.problem import Placement, Problem

FULL = 0.8
"""Share of its teams' sessions that a territory is filled with, as long as there is room elsewhere."""

FEWEST_SITES, MOST_SITES = 50, 150
"""Schools of a territory: with fewer it joins another, with more it is cut in two if its teams can be."""

DIRECTIONS = 8
"""Directions in which a territory may be cut."""

KM_OF_DEGREE = 111.2


@dataclass(frozen=True)
class Part:
    """A problem that a worker is to solve, within some seconds."""

    problem: Problem
    seconds: float
    seed: int


@dataclass(frozen=True)
class Territory:
    """Ids of schools, and of the teams that serve these and no others."""

    sites: tuple[str, ...]
    crews: tuple[str, ...]

    def __or__(self, other: Territory) -> Territory:
        """Return both as one."""
        return Territory(self.sites + other.sites, self.crews + other.crews)


def territories(problem: Problem) -> tuple[Territory, ...]:
    """Part a problem whose demands have one site each and whose teams give one of its activities or none.

    Schools go to the nearest depots as long as those have room. Teams that give no activity are in no territory.
    """
    land = _Land(problem)
    parts = _gathered(land, _settled(land, _hubs(land)))
    return tuple(piece for part in parts for piece in _cut(land, part))


def part_of(problem: Problem, territory: Territory, plan: Iterable[Placement] = ()) -> Problem:
    """Return the problem of one territory, to begin with what ``plan`` holds of it."""
    sites, crews = set(territory.sites), set(territory.crews)
    demands = tuple(d for d in problem.demands if d.sites[0] in sites)
    ids = {d.id for d in demands}
    return replace(
        problem,
        sites=tuple(s for s in problem.sites if s.id in sites),
        crews=tuple(c for c in problem.crews if c.id in crews),
        demands=demands,
        start=tuple(p for p in plan if p.demand_id in ids),
    )


def joined(problem: Problem, parts: Sequence[Territory], left: Sequence[int]) -> list[tuple[int, ...]]:
    """Pair territories with their nearest, those first where most sessions are left out; one may stay alone.

    Return the positions of each pair in ``parts``; ``left``: sessions left out of each.
    """
    land = _Land(problem)
    centres = [land.centre(part.sites) for part in parts]
    free = sorted(range(len(parts)), key=lambda i: (-left[i], -max(abs(centres[i] - c) for c in centres), i))
    pairs: list[tuple[int, ...]] = []
    while free:
        one = free.pop(0)
        near = min(free, key=lambda i: abs(centres[i] - centres[one]), default=None)
        if near is not None:
            free.remove(near)
        pairs.append((one,) if near is None else (one, near))
    return pairs


class _Land:
    """The problem on a plane, in km: where schools and depots are, what is needed there and what teams can hold."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        kinds = {task.provider_kind for task in problem.tasks}
        self.kind = {c.id: kind for c in problem.crews for kind in c.kinds if kind in kinds}
        self.at = {site.id: _km(site.place) for site in problem.sites}
        self.depot = {crew.id: _km(crew.depot) for crew in problem.crews}

    @cached_property
    def need(self) -> dict[str, Counter[str]]:
        """Sessions of each school by kind of provider."""
        need: dict[str, Counter[str]] = {site.id: Counter() for site in self.problem.sites}
        for demand in self.problem.demands:
            need[demand.sites[0]][self.problem.task_by_id[demand.task_id].provider_kind] += 1
        return need

    @cached_property
    def room(self) -> dict[str, int]:
        """Sessions that each team can hold, on days on which most schools are open."""
        sites = self.problem.sites
        days = [day for day in self.problem.days if 2 * sum(bool(s.windows.get(day)) for s in sites) >= len(sites)]
        return {c.id: c.max_sessions * sum(day in c.available for day in days) for c in self.problem.crews}

    @cached_property
    def full(self) -> dict[str, float]:
        """Share of their sessions up to which teams of a kind are filled: more where all are fuller than that."""
        need = sum(self.need.values(), Counter[str]())
        room = self.rooms(self.kind)
        return {kind: max(FULL, need[kind] / max(1, room[kind])) for kind in need}

    def rooms(self, crews: Iterable[str]) -> Counter[str]:
        """Return the sessions that teams can hold together, by kind."""
        room: Counter[str] = Counter()
        for crew in crews:
            room[self.kind[crew]] += self.room[crew]
        return room

    def by_kind(self, crews: Iterable[str]) -> dict[str, list[str]]:
        """Return teams by kind."""
        found: dict[str, list[str]] = defaultdict(list)
        for crew in crews:
            found[self.kind[crew]].append(crew)
        return found

    def road(self, site: str, crews: Iterable[str]) -> float:
        """Return the km from a school to the nearest of these depots of each kind, for each of its sessions."""
        depots = ({self.depot[crew] for crew in own} for own in self.by_kind(crews).values())
        return sum(self.need[site].values()) * sum(min(abs(self.at[site] - d) for d in own) for own in depots)

    def centre(self, sites: Sequence[str]) -> complex:
        """Return the middle of some schools."""
        return sum(self.at[site] for site in sites) / max(1, len(sites))


def _km(place: Place) -> complex:
    """Return a place on a plane that is true in the middle of France."""
    return KM_OF_DEGREE * complex(place.lon * math.cos(math.radians(47)), place.lat)


def _hubs(land: _Land) -> list[Territory]:
    """Return a territory without schools for each depot of the kind that has the fewest, with its share of the others.

    Teams of other kinds go to the nearest of these as long as it lacks some.
    """
    kinds = land.by_kind(sorted(land.kind))
    first = min(kinds, key=lambda kind: (len({land.depot[c] for c in kinds[kind]}), kind), default="")
    hubs: dict[complex, list[str]] = defaultdict(list)
    for crew in kinds.pop(first, ()):
        hubs[land.depot[crew]].append(crew)
    total = sum(land.room[crew] for crews in hubs.values() for crew in crews)
    parts = {hub: sum(land.room[crew] for crew in crews) / max(1, total) for hub, crews in hubs.items()}
    for crews in kinds.values():
        lacks = {hub: part * sum(land.rooms(crews).values()) for hub, part in parts.items()}
        for crew in sorted(crews, key=lambda c: (min(abs(land.depot[c] - hub) for hub in hubs), c)):
            hub = min(hubs, key=lambda h: (lacks[h] < land.room[crew] / 2, abs(land.depot[crew] - h)))
            lacks[hub] -= land.room[crew]
            hubs[hub].append(crew)
    return [Territory((), tuple(crews)) for crews in hubs.values()]


def _settled(land: _Land, hubs: Sequence[Territory]) -> list[Territory]:
    """Give each school to the hub whose depots are nearest; of those that are too full, the cheapest go elsewhere."""
    roads = {site: [land.road(site, hub.crews) for hub in hubs] for site in land.at}
    at = {site: min(range(len(hubs)), key=row.__getitem__) for site, row in roads.items()}
    loads = [_Load(land, hub) for hub in hubs]
    for site, hub in at.items():
        loads[hub].take(site)
    for full, load in enumerate(loads):
        while load.is_over:
            away = (
                ((roads[site][hub] - roads[site][full]) / land.need[site].total(), site, hub)
                for site in at
                if at[site] == full and land.need[site]
                for hub, other in enumerate(loads)
                if other is not load and other.fits(site)
            )
            _, site, hub = min(away, default=(0.0, "", full))
            if hub == full:
                break
            at[site] = hub
            load.give(site)
            loads[hub].take(site)
    return [Territory(tuple(s for s in at if at[s] == i), hub.crews) for i, hub in enumerate(hubs)]


class _Load:
    """Sessions that a hub holds and can hold, by kind."""

    def __init__(self, land: _Land, hub: Territory) -> None:
        self.land = land
        room = land.rooms(hub.crews)
        self.most = {kind: full * room[kind] for kind, full in land.full.items()}
        self.held: Counter[str] = Counter()

    @property
    def is_over(self) -> bool:
        """Whether it holds more than it should."""
        return any(n > self.most[kind] for kind, n in self.held.items())

    def fits(self, site: str) -> bool:
        """Whether it can take in a school."""
        return all(self.held[kind] + n <= self.most[kind] for kind, n in self.land.need[site].items())

    def take(self, site: str) -> None:
        """Take a school in."""
        self.held.update(self.land.need[site])

    def give(self, site: str) -> None:
        """Give a school away."""
        self.held.subtract(self.land.need[site])


def _gathered(land: _Land, parts: list[Territory]) -> list[Territory]:
    """Join small territories, and those without a team of every kind, with the nearest."""
    kinds = set(land.kind.values())

    def lacks(part: Territory) -> bool:
        return len(part.sites) < FEWEST_SITES or {land.kind[crew] for crew in part.crews} < kinds

    while len(parts) > 1 and any(map(lacks, parts)):
        small = min((part for part in parts if lacks(part)), key=lambda part: len(part.sites))
        others = [part for part in parts if part is not small]
        centre = land.centre(small.sites) if small.sites else land.depot[small.crews[0]]
        near = min(others, key=lambda part: abs(centre - land.centre(part.sites)))
        parts = [part for part in others if part is not near] + [near | small]
    return parts


def _cut(land: _Land, part: Territory) -> list[Territory]:
    """Cut a territory in two, and again, while it has many schools and teams for both sides."""
    fewest = min(map(len, land.by_kind(part.crews).values()), default=0)
    if len(part.sites) <= MOST_SITES or fewest < 2:
        return [part]
    halves = min((_halves(land, part, k) for k in range(DIRECTIONS)), key=lambda two: sum(_width(land, h) for h in two))
    return [piece for half in halves for piece in _cut(land, half)]


def _halves(land: _Land, part: Territory, direction: int) -> tuple[Territory, Territory]:
    """Cut a territory across a direction: half of the teams of each kind on each side, and schools in proportion."""
    turn = cmath.rect(1, math.pi * direction / DIRECTIONS)
    crews = [sorted(own, key=lambda c: ((land.depot[c] * turn).real, c)) for own in land.by_kind(part.crews).values()]
    low = tuple(crew for own in crews for crew in own[: len(own) // 2])
    high = tuple(crew for own in crews for crew in own[len(own) // 2 :])
    share = land.rooms(low).total() / max(1, land.rooms(part.crews).total())
    sites = sorted(part.sites, key=lambda s: ((land.at[s] * turn).real, s))
    goal, held, cut = share * sum(land.need[s].total() for s in sites), 0, 0
    while cut < len(sites) - 1 and (cut == 0 or held < goal):
        held += land.need[sites[cut]].total()
        cut += 1
    return Territory(tuple(sites[:cut]), low), Territory(tuple(sites[cut:]), high)


def _width(land: _Land, part: Territory) -> float:
    """Return how far the schools are from the depots and from each other."""
    centre = land.centre(part.sites)
    spread = sum(land.need[site].total() * abs(land.at[site] - centre) for site in part.sites)
    return spread + sum(land.road(site, part.crews) for site in part.sites)
