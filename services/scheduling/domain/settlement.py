"""Which schools go to which depot, so that no depot's teams have more to do than they can."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from services.scheduling.domain.land import Land

FULL = 0.8
"""Share of its teams' days that a hub is filled with, as long as there is room elsewhere."""

MORE = 1.02
"""By how much more they are filled where there is no room elsewhere, and again."""

OUT_OF_REACH = 1e6
"""Kilometres added to a road so long that no session fits into a day."""


FULLEST = 3.0
"""How full hubs may be at most: beyond that nothing is mended by going elsewhere."""

TRIES = 3
"""Chains tried at most, as a multiple of the schools: sizes differ, so that a chain may upset a hub on its way."""


class Stay(NamedTuple):
    """A school at a hub. ``road``: km for a session of each kind; ``days``: of teams that all its sessions take."""

    road: float
    days: Mapping[str, float]


class Settlement:
    """Schools at hubs, which are teams. ``own``: schools of each; ``held``, ``rooms``: team-days by kind."""

    def __init__(self, land: Land, hubs: Sequence[Sequence[str]]) -> None:
        self.hubs = range(len(hubs))
        doors = [list(map(land.one_of_each_depot, land.by_kind(hub).values())) for hub in hubs]
        self.stays = {site: [_stay(land, site, door) for door in doors] for site in land.at}
        self.roads = {site: [stay.road for stay in stays] for site, stays in self.stays.items()}
        self.own: list[set[str]] = [set() for _ in hubs]
        self.held: list[dict[str, float]] = [dict.fromkeys(land.kind.values(), 0.0) for _ in hubs]
        for site, row in self.roads.items():
            self._take(site, row.index(min(row)))
        needed = {kind: sum(held[kind] for held in self.held) for kind in land.kind.values()}
        self.full = max([FULL, *(MORE * needed[kind] / max(1, n) for kind, n in land.rooms(land.kind).items())])
        self.rooms = [land.rooms(hub) for hub in hubs]
        self.steps = [self._steps(hub) for hub in self.hubs]

    def settled(self) -> list[set[str]]:
        """Return the schools of each hub: the nearest ones, but hubs that are too full pass some on to those with room.

        They go along the shortest chains of hubs, so that all together go as little further as can be (successive
        shortest paths, Busacker and Gowen 1960).
        """
        for _ in range(TRIES * len(self.stays)):
            over = [hub for hub in self.hubs if not self._has_room(hub)]
            if not over or self.full > FULLEST:
                break
            if not any(map(self._relieve, over)):
                self.full *= MORE
        return self.own

    def _take(self, site: str, hub: int, by: int = 1) -> None:
        """Take a school in, or give it away when ``by`` is -1."""
        self.own[hub] ^= {site}
        for kind, days in self.stays[site][hub].days.items():
            self.held[hub][kind] += by * days

    def _has_room(self, hub: int, site: str | None = None) -> bool:
        """Whether a hub holds no more than it should, a school that may come included."""
        more = self.stays[site][hub].days if site is not None else {}
        return all(n + more.get(kind, 0) <= self.full * self.rooms[hub][kind] for kind, n in self.held[hub].items())

    def _steps(self, hub: int) -> list[tuple[float, str]]:
        """Return for each hub the school that loses least by going there, behind the km that it loses."""
        own = sorted(site for site in self.own[hub] if self.stays[site][hub].days)
        lost = ([road - self.roads[site][hub] for road in self.roads[site]] for site in own)
        return [min(zip(column, own, strict=True)) for column in zip(*lost, strict=True)]

    def _relieve(self, hub: int) -> bool:
        """Pass schools on along the shortest chain of hubs to one with room; return whether there is any."""
        chain = self._chain(hub)
        moves = [(a, b, self.steps[a][b][1]) for a, b in pairwise(chain)]
        for a, b, site in moves:
            self._take(site, a, -1)
            self._take(site, b)
        for each in chain:
            self.steps[each] = self._steps(each)
        return bool(moves)

    def _chain(self, start: int) -> list[int]:
        """Return the shortest chain of hubs to one with room for the school that gets there (Dijkstra)."""
        chains, open_ = {start: (0.0, [start])}, {start}
        while open_:
            hub = min(open_, key=lambda each: (chains[each][0], each))
            open_.remove(hub)
            road, chain = chains[hub]
            if len(chain) > 1 and self._has_room(hub, self.steps[chain[-2]][hub][1]):
                return chain
            for to, (lost, _) in enumerate(self.steps[hub]):
                longer = road + max(0.0, lost)
                if to not in chain and longer < chains.get(to, (OUT_OF_REACH,))[0]:
                    chains[to] = longer, [*chain, to]
                    open_.add(to)
        return []


def _stay(land: Land, site: str, doors: Iterable[Sequence[str]]) -> Stay:
    """Return what a school has of a hub, whose teams stand for one depot each, by kind."""
    road, days = 0.0, dict[str, float]()
    for crews in doors:
        crew = min(crews, key=lambda each: land.km(site, each))
        most, n = land.most(site, crew), land.need[site][land.kind[crew]]
        road += land.km(site, crew) + (0 if most else OUT_OF_REACH)
        if n:
            days[land.kind[crew]] = n / max(1, most)
    return Stay(road, days)
