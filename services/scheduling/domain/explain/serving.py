"""Which one thing more would serve whom: each way tried by itself on a plan, its other sessions in their places.

What is said to have a place has one: the plan with it breaks no rule. A plan made anew may serve more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.contracts.errors import Problem as Finding
from services.scheduling.domain.explain.before import said
from services.scheduling.domain.explain.places import Place, Places
from services.scheduling.domain.explain.room_for import LARGEST, MOST_TRIED, ways_for
from services.scheduling.domain.explain.ways import Way, with_ways
from services.scheduling.domain.problem import Demand, Placement, Problem

MOST_SAID = 5
"""Ways told: those that serve most."""


@dataclass(frozen=True)
class Serving:
    """A way by itself: ``alone`` could each have a place, ``together`` have one at once. Ids, in plan order."""

    way: Way
    alone: tuple[str, ...]
    together: tuple[str, ...]


def serving(problem: Problem, placements: Sequence[Placement]) -> list[Serving]:
    """Return the ways that give sessions left out a place, those that serve most first, then the cheapest."""
    plan = {p.demand_id: p for p in placements}
    left = [demand for demand in problem.demands if demand.id not in plan][:MOST_TRIED]
    if len(problem.demands) > LARGEST:
        return []
    every = dict.fromkeys(way for demand in left for way in ways_for(problem, [], demand))
    found = [_Trial(problem, plan, way).serve(left) for way in every]
    worth = [one for one in found if one.alone]
    return sorted(worth, key=lambda one: (-len(one.together), one.way.price, one.way.day, one.way.half, one.way.who))


def serving_told(problem: Problem, found: Sequence[Serving]) -> tuple[Finding, ...]:
    """Return what would serve most as sentences; of ways that serve the same sessions the first alone."""
    distinct = {one.together: one for one in reversed(found) if one.together}
    worth = [one for one in found if distinct.get(one.together) == one]
    return tuple(_told(problem, "explain_serves", one) for one in worth[:MOST_SAID])


def smallest_told(problem: Problem, left: Sequence[Demand], found: Sequence[Serving]) -> dict[str, Finding]:
    """Return for each of some sessions left out the cheapest single way that gives it a place as a sentence."""
    told = {}
    for demand in left[:MOST_TRIED] if len(problem.demands) <= LARGEST else ():
        own = [one for one in found if demand.id in one.alone]
        best = min(own, key=lambda one: (one.way.price, one.way.day, one.way.half), default=None)
        told[demand.id] = _told(problem, "explain_smallest", best) if best else Finding("explain_smallest_none")
    return told


def _told(problem: Problem, code: str, one: Serving) -> Finding:
    way = one.way
    groups = dict.fromkeys(problem.demand_by_id[id_].group_id for id_ in one.together)
    facts = {"count": str(len(one.together)), "groups": ", ".join(groups)}
    if way.kind == "session":
        return Finding(f"{code}_session", {**facts, "team": way.who, "days": way.day.isoformat()})
    facts["half_days"] = said([(way.day, way.half)])
    if way.kind == "team":
        return Finding(f"{code}_team", {**facts, "team": way.who})
    return Finding(f"{code}_reopen", {**facts, "site": problem.site_by_id[way.who].place.name})


class _Trial:
    """One way taken by itself."""

    def __init__(self, problem: Problem, plan: Mapping[str, Placement], way: Way) -> None:
        self.problem, self.plan, self.way = with_ways(problem, [way]), plan, way

    def serve(self, left: Sequence[Demand]) -> Serving:
        """Try the sessions each alone, then one after the other."""
        alone = tuple(demand.id for demand in left if next(self._places(self.plan, demand), None))
        plan, together = dict(self.plan), list[str]()
        for demand in left:
            place = next(self._places(plan, demand, bool(together)), None)
            if place:
                plan |= {p.demand_id: p for p in place.changed}
                together.append(demand.id)
        return Serving(self.way, alone, tuple(together))

    def _places(self, plan: Mapping[str, Placement], demand: Demand, follows: bool = False) -> Iterator[Place]:
        """Yield valid places in the half-day gained; one that waits for a session just placed may go anywhere."""
        if any(before not in plan for before in demand.after):
            return
        places = Places(self.problem, list(plan.values()))
        for half in (0, 1) if self.way.kind == "session" else (self.way.half,):
            place = places.at(demand.id, self.way.day, half)
            if place and not place.broken:
                yield place
        if follows and any(before not in self.plan for before in demand.after):
            yield from places.others(demand.id)
