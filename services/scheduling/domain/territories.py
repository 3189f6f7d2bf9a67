"""A large problem parted into territories: each school in one, each team in one, with teams of every activity.

Plans of territories share no team, no school and no group, so that together they are a plan of the whole.
"""

from __future__ import annotations

import cmath
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from services.scheduling.domain.land import Land
from services.scheduling.domain.problem import Placement, Problem
from services.scheduling.domain.settlement import Settlement

FEWEST_SITES, MOST_SITES = 50, 150
"""Schools of a territory: with fewer it joins another, with more it is cut in two if its teams can be."""

DIRECTIONS = 8
"""Directions in which a territory may be cut."""


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
    land = Land(problem)
    hubs = _hubs(land)
    settled = zip(hubs, Settlement(land, hubs).settled(), strict=True)
    parts = _gathered(land, [Territory(tuple(sorted(sites)), crews) for crews, sites in settled])
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
    land = Land(problem)
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


def _hubs(land: Land) -> list[tuple[str, ...]]:
    """Return the teams at each depot of the kind that has the fewest, with their share of the other teams.

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
    return [tuple(crews) for crews in hubs.values()]


def _gathered(land: Land, parts: list[Territory]) -> list[Territory]:
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


def _cut(land: Land, part: Territory) -> list[Territory]:
    """Cut a territory in two, and again, while it has many schools and teams for both sides."""
    fewest = min(map(len, land.by_kind(part.crews).values()), default=0)
    if len(part.sites) <= MOST_SITES or fewest < 2:
        return [part]
    halves = min((_halves(land, part, k) for k in range(DIRECTIONS)), key=lambda two: sum(_width(land, h) for h in two))
    return [piece for half in halves for piece in _cut(land, half)]


def _halves(land: Land, part: Territory, direction: int) -> tuple[Territory, Territory]:
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


def _width(land: Land, part: Territory) -> float:
    """Return how far the schools are from the depots and from each other."""
    centre = land.centre(part.sites)
    spread = sum(land.need[site].total() * abs(land.at[site] - centre) for site in part.sites)
    return spread + sum(land.road(site, part.crews) for site in part.sites)
