"""Where a replan of many sites looks: the team-days nearest to what an event upset. All others stay as they are.

What it finds is valid and moves few, but plans that change more elsewhere are not looked at, so nothing is proved.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from services.scheduling.adapters.cpsat.columns import Near
from services.scheduling.adapters.cpsat.shape import Shape
from services.scheduling.domain.problem import Placement
from services.scheduling.domain.score import moved

NEAREST = 24
"""Team-days that may change: with more, what they could hold would take too long to search."""


def near_of(shape: Shape, placements: Sequence[Placement]) -> Near:
    """Return the team-days at the sites whose sessions a plan leaves out or moves, then those a short road away.

    Each may hold sessions at the sites it serves in the plan, and at those upset.
    """
    problem, upset = shape.problem, _upset(shape, placements)
    crews = {crew.id: i for i, crew in enumerate(shape.crews)}
    sites = {site.id: i for i, site in enumerate(shape.sites)}
    served: dict[tuple[int, int], set[int]] = defaultdict(set)
    for p in placements:
        served[crews[p.crew_id], problem.days.index(p.day)].add(sites[p.site_id])
    first = problem.baseline.frozen_before if problem.baseline else None
    open_ones = [
        (t, d)
        for t, crew in enumerate(shape.crews)
        for d, day in enumerate(problem.days)
        if day in crew.available and (first is None or day >= first)
    ]
    road = {key: _road(shape, key[0], served[key], upset) for key in open_ones}
    nearest = sorted(open_ones, key=road.__getitem__)[:NEAREST]
    return {key: frozenset(served[key] | upset) for key in {*nearest, *shape.fixed} & {*open_ones}}


def _upset(shape: Shape, placements: Sequence[Placement]) -> set[int]:
    """Return the sites of sessions that are left out or moved."""
    placed = {p.demand_id for p in placements}
    changed = {demand_id for ids in moved(shape.problem, placements).values() for demand_id in ids}
    return {
        site
        for site, groups in enumerate(shape.groups)
        if any(demand.id in changed or demand.id not in placed for chain in groups for demand in chain)
    }


def _road(shape: Shape, crew: int, served: set[int], upset: set[int]) -> int:
    """Minutes from where a team is that day, or from its depot, to the nearest site upset."""
    if served & upset:
        return 0
    home = shape.roads_from(shape.crews[crew].depot)
    roads = [shape.roads[site] for site in served] or [home]
    return min((road[site] for road in roads for site in upset), default=0)
