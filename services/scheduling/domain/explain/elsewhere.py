"""Where else a session could be held when others give way: tried half-day by half-day, judged by the rules.

In turn: alone or in exchange with one session (``Places.at``); in exchange with another group of its school; with one
or two sessions taken out that then find another place. The first that works is kept, so few sessions move; that no plan
moves fewer is not proved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, combinations

from services.scheduling.domain.constraints.past import is_past
from services.scheduling.domain.explain.capacity import HalfDay, Lot
from services.scheduling.domain.explain.places import Place, Places
from services.scheduling.domain.problem import Demand, Placement
from services.scheduling.domain.score import crews_of

MOST_TRIED = 90_000
"""Places looked at times sessions of the plan, which is what a place costs to judge: a person waits for the answer."""


class Elsewhere:
    """Other half-days of one placed session. ``tried``: how many places were looked at."""

    def __init__(self, places: Places, demand_id: str) -> None:
        self.places, self.problem = places, places.problem
        self.demand, self.now = self.problem.demand_by_id[demand_id], places.placed[demand_id]
        self.tried = 0

    def found(self) -> list[Place]:
        """Return one valid place for each half-day that has one, in the order of time."""
        open_ones = self._open(self.demand)
        alone = {half_day: self._at(self.places, self.demand, half_day) for half_day in open_ones}
        found = {half_day: place or next(self._by_others(half_day), None) for half_day, place in alone.items()}
        return [place for place in found.values() if place]

    def _open(self, demand: Demand) -> list[HalfDay]:
        """Return the half-days on which a session could be held, were it the only one."""
        capacity, lot = self.places.capacity, Lot(demand.task_id, demand.home, demand.sites, None, (demand,))
        return [h for h in capacity.half_days if any(capacity.fits(lot, site, *h) for site in demand.sites)]

    def _at(self, places: Places, demand: Demand, half_day: HalfDay, crew_id: str | None = None) -> Place | None:
        self.tried += 1
        place = places.at(demand.id, *half_day, crew_id)
        return place if place and not place.broken else None

    def _by_others(self, half_day: HalfDay) -> Iterator[Place]:
        """Yield valid places where others give way; nothing more once too many places were looked at."""
        if half_day == self._half_day(self.now):
            return
        yield from self._swapped(half_day)
        kin = [p for id_ in self._kin() if (p := self.places.placed.get(id_)) and not is_past(self.problem, p)]
        kind = self.problem.task_by_id[self.demand.task_id].provider_kind
        for crew in crews_of(self.problem, kind):
            there = [p for p in self.places.sessions_of(crew.id, half_day[0]) if not is_past(self.problem, p)]
            there = there if half_day[0] in crew.available else []
            one = [(p,) for p in dict.fromkeys([*kin, *there]) if p != self.now]
            for gone in chain(one, combinations(chain.from_iterable(one), 2)):
                if self.tried * len(self.problem.demands) < MOST_TRIED:
                    yield from self._without(gone, half_day, crew.id)

    def _half_day(self, placement: Placement) -> HalfDay:
        return placement.day, self.problem.half_of(placement)

    def _kin(self) -> Iterator[str]:
        """Yield the sessions of the same pupils before and after it."""
        yield from self.demand.after
        yield from self.places.followers.get(self.demand.id, ())

    def _swapped(self, half_day: HalfDay) -> Iterator[Place]:
        """Yield exchanges with another group of its school, of this activity or of all that both attend."""
        for other in self.places.placed.values():
            its = self.problem.demand_by_id[other.demand_id]
            is_alike = (its.home, its.task_id) == (self.demand.home, self.demand.task_id)
            if is_alike and self._half_day(other) == half_day and its != self.demand:
                yield from self._valid(self._exchanged([(self.demand, its)]))
                yield from self._valid(self._exchanged(self._pairs(its.group_id)))

    def _pairs(self, group_id: str) -> list[tuple[Demand, Demand]]:
        """Return the sessions of two groups by activity, where both have one."""
        theirs = {d.task_id: d for d in self.problem.demands if d.group_id == group_id}
        ours = [d for d in self.problem.demands if d.group_id == self.demand.group_id and d.task_id in theirs]
        pairs = [(d, theirs[d.task_id]) for d in ours]
        return [pair for pair in pairs if all(each.id in self.places.placed for each in pair)]

    def _exchanged(self, pairs: Sequence[tuple[Demand, Demand]]) -> list[Placement]:
        placed = self.places.placed
        both = [*pairs, *((second, first) for first, second in pairs)]
        return [replace(placed[theirs.id], demand_id=ours.id) for ours, theirs in both]

    def _without(self, gone: Sequence[Placement], half_day: HalfDay, crew_id: str) -> Iterator[Place]:
        """Take sessions out, put this one there, and the others where they add least."""
        left = Places(self.problem, [p for p in self.places.placed.values() if p not in gone])
        place = self._at(left, self.demand, half_day, crew_id)
        changed = {p.demand_id: p for p in place.changed} if place else {}
        for demand in sorted((self.problem.demand_by_id[p.demand_id] for p in gone), key=lambda d: len(d.after)):
            if changed:
                changed |= self._put(Places(self.problem, left.after(changed.values())), demand)
        if changed and all(p.demand_id in changed for p in gone):
            yield from self._valid(list(changed.values()))

    def _put(self, places: Places, demand: Demand) -> dict[str, Placement]:
        """Return what changes when a session is put where that costs least."""
        tried = [place for half_day in self._open(demand) if (place := self._at(places, demand, half_day))]
        best = min(tried, key=lambda place: place.points or 0, default=None)
        return {p.demand_id: p for p in best.changed} if best else {}

    def _valid(self, changed: Sequence[Placement]) -> Iterator[Place]:
        """Yield the place of the plan so changed, when that breaks no rule."""
        self.tried += 1
        crew = self.problem.crew_by_id[next(p.crew_id for p in changed if p.demand_id == self.demand.id)]
        place = self.places.judged(self.demand, crew, changed)
        if not place.broken:
            yield place
