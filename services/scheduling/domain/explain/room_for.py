"""What would give the sessions left out of a plan a place while the others stay: tried, and judged by the rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.contracts.errors import Problem as Finding
from services.scheduling.domain.explain.places import Places
from services.scheduling.domain.explain.ways import Way, told, ways, with_ways
from services.scheduling.domain.problem import Demand, Placement, Problem

MOST_TRIED = 12
"""Sessions left out that are looked at: with more of them, their number says enough."""

LARGEST = 400
"""Sessions of a problem up to which all is tried."""


@dataclass(frozen=True)
class Room:
    """Ways that give sessions a place: ``placed`` of those looked at, in plan order."""

    ways: tuple[Way, ...]
    placed: tuple[str, ...]


def room_told(problem: Problem, placements: Sequence[Placement]) -> tuple[Finding, ...]:
    """Return what would give sessions a place as sentences; nothing for problems too large to try it on."""
    if len(problem.demands) > LARGEST:
        return ()
    room = room_for(problem, placements)
    return (Finding("explain_room", {"count": str(len(room.placed))}), *told(problem, room.ways)) if room.ways else ()


def room_for(problem: Problem, placements: Sequence[Placement]) -> Room:
    """Return the cheapest ways found, each giving one session more a place; later ones build on those before."""
    plan = {placement.demand_id: placement for placement in placements}
    left_out = [demand for demand in problem.demands if demand.id not in plan][:MOST_TRIED]
    taken: list[Way] = []
    placed: list[str] = []
    for demand in left_out:
        found = _cheapest(problem, taken, demand, plan)
        if found:
            way, changed = found
            taken += [way] if way else []
            plan.update({placement.demand_id: placement for placement in changed})
            placed.append(demand.id)
    return Room(tuple(taken), tuple(placed))


def _cheapest(
    problem: Problem, taken: list[Way], demand: Demand, plan: dict[str, Placement]
) -> tuple[Way | None, tuple[Placement, ...]] | None:
    """Return the cheapest way, None when the ways taken already do, with the sessions it changes."""
    if any(before not in plan for before in demand.after):
        return None
    already = Places(with_ways(problem, taken), list(plan.values())).others(demand.id)
    if already:
        return None, already[0].changed
    for way in ways_for(problem, taken, demand):
        places = Places(with_ways(problem, [*taken, way]), list(plan.values()))
        for half in (0, 1) if way.kind == "session" else (way.half,):
            place = places.at(demand.id, way.day, half)
            if place and not place.broken:
                return way, place.changed
    return None


def ways_for(problem: Problem, taken: list[Way], demand: Demand) -> Iterator[Way]:
    """Yield the ways that concern a session's own sites and teams, cheapest first."""
    kind = problem.task_by_id[demand.task_id].provider_kind
    teams = {crew.id for crew in problem.crews if kind in crew.kinds}
    before = problem.baseline.frozen_before if problem.baseline else None
    days = [day for day in problem.days if before is None or day >= before]
    own = (w for w in ways(problem, days) if w.who in (demand.sites if w.kind == "reopen" else teams))
    yield from sorted((w for w in own if w not in taken), key=lambda w: (w.price, w.day, w.half, w.who))
