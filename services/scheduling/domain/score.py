"""What a plan costs, in points, term by term; and how many released sessions it moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from services.contracts.values import Weights
from services.scheduling.domain.constraints.past import is_past
from services.scheduling.domain.constraints.team_day import team_days
from services.scheduling.domain.problem import Crew, Placement, Problem
from services.scheduling.domain.roads import road_minutes

TERMS = ("unplaced", "team_day", "visit", "drive", "pref", "gap", "fair", "end", "again")


def cost(problem: Problem, placements: Sequence[Placement]) -> dict[str, int]:
    """Return the cost of a plan by term; the sum of the values is the plan's cost.

    The terms are those of the rotation-1 format, but ``again``, which needs a baseline that knows of earlier moves.
    """
    weights, near = problem.weights, near_cost(problem, placements)
    placed = {placement.demand_id for placement in placements}
    found = {
        "unplaced": sum(problem.price_of_leaving(d) for d in problem.demands if d.id not in placed),
        "fair": weights.fair * sum(spread for _, spread in spreads(problem, loads(problem, placements))),
        "end": weights.end * max((problem.days.index(p.day) for p in placements), default=0),
        **near,
    }
    return {term: found[term] for term in TERMS}


def near_cost(problem: Problem, placements: Sequence[Placement]) -> dict[str, int]:
    """Return the terms that add up over teams' days, placements and chains.

    A session that changes changes nothing in those of other days, teams and chains.
    """
    weights, days = problem.weights, team_days(problem, placements).values()
    return {
        "team_day": weights.team_day * len(days),
        "visit": weights.visit * sum(len(sites_visited(stops)) for stops in days),
        "drive": weights.drive * sum(drive_minutes(problem, stops) for stops in days),
        "pref": sum(dislike(problem, placement) for placement in placements),
        "gap": _gaps(problem, placements),
        "again": weights.again * sum(times for _, times in moved_again(problem, placements)),
    }


def total(problem: Problem, placements: Sequence[Placement]) -> int:
    """Return the cost of a plan as one number."""
    return sum(cost(problem, placements).values())


def moved(problem: Problem, placements: Sequence[Placement]) -> dict[str, tuple[str, ...]]:
    """Return the ids of released sessions, ``confirmed`` or ``offered``, that change half-day or place, or vanish."""
    placed = {placement.demand_id: placement for placement in placements}
    found: dict[str, list[str]] = {"confirmed": [], "offered": []}
    for old in problem.baseline.placements if problem.baseline else ():
        if problem.baseline and old.demand_id in problem.demand_by_id and not is_past(problem, old):
            new = placed.get(old.demand_id)
            if new is None or _slot(problem, new) != _slot(problem, old):
                found["confirmed" if old.demand_id in problem.baseline.confirmed else "offered"].append(old.demand_id)
    return {state: tuple(ids) for state, ids in found.items()}


def moved_again(problem: Problem, placements: Sequence[Placement]) -> Iterator[tuple[str, int]]:
    """Yield each released session that moves though its school was moved before, and in how many releases it was."""
    before = problem.baseline.moved_before if problem.baseline else {}
    for id_ in (id_ for ids in moved(problem, placements).values() for id_ in ids) if before else ():
        if times := before.get(problem.demand_by_id[id_].home):
            yield id_, times


def _slot(problem: Problem, placement: Placement) -> tuple[object, ...]:
    return placement.day, problem.half_of(placement), placement.site_id


def sites_visited(stops: Sequence[Placement]) -> list[str]:
    """Return the sites a team stops at in a day, in order; coming back later is another visit."""
    return [stop.site_id for i, stop in enumerate(stops) if i == 0 or stops[i - 1].site_id != stop.site_id]


def drive_minutes(problem: Problem, stops: Sequence[Placement]) -> int:
    """Return the minutes a team drives in a day: depot, sites, depot."""
    depot = problem.crew_by_id[stops[0].crew_id].depot
    places = [depot, *(problem.site_by_id[site_id].place for site_id in sites_visited(stops)), depot]
    return sum(road_minutes(a, b) for a, b in pairwise(places))


def road(problem: Problem, placements: Sequence[Placement]) -> int:
    """Return the minutes all teams drive."""
    return sum(drive_minutes(problem, stops) for stops in team_days(problem, placements).values())


def dislike(problem: Problem, placement: Placement) -> int:
    """Whether the session lies on a half-day its site would rather avoid."""
    return problem.site_by_id[placement.site_id].dislike(placement.day, problem.half_of(placement))


def gaps(problem: Problem, placements: Sequence[Placement]) -> Iterator[tuple[Placement, Placement, int]]:
    """Yield each session that follows another in a chain: the one before, itself, the calendar days between."""
    placed = {placement.demand_id: placement for placement in placements}
    for second in placed.values():
        for before in problem.demand_by_id[second.demand_id].after:
            if before in placed:
                yield placed[before], second, (second.day - placed[before].day).days


def _gaps(problem: Problem, placements: Sequence[Placement]) -> int:
    return sum(gap_points(problem.weights, days) for _, _, days in gaps(problem, placements))


def gap_points(weights: Weights, days: int) -> int:
    """Return what the calendar days between two sessions of a chain cost."""
    return weights.same_day * (days == 0) + weights.late_gap * max(0, days - weights.gap_max)


def loads(problem: Problem, placements: Iterable[Placement]) -> Counter[tuple[str, str]]:
    """Return how many sessions each team has of each kind of provider."""
    return Counter((p.crew_id, problem.task_of(p).provider_kind) for p in placements)


def spreads(problem: Problem, load: Mapping[tuple[str, str], int]) -> Iterator[tuple[str, int]]:
    """Yield for each kind of provider the largest minus the smallest number of its sessions among its teams."""
    for kind in sorted({task.provider_kind for task in problem.tasks}):
        of_teams = [load.get((crew.id, kind), 0) for crew in crews_of(problem, kind)]
        yield kind, max(of_teams, default=0) - min(of_teams, default=0)


def crews_of(problem: Problem, kind: str) -> list[Crew]:
    """Return the teams that can act as this kind of provider."""
    return [crew for crew in problem.crews if kind in crew.kinds]
