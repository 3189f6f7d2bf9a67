"""Places for what a plan leaves out: the chains of some schools near it leave as well, and all are inserted anew.

What was left out goes first (ruin and recreate: Schrimpf et al. 2000). A plan that leaves out as much is taken, too:
the next school may then find room where this one did not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from services.scheduling.adapters.cpsat.budget import Budget
from services.scheduling.adapters.cpsat.insertion import TRY, Insertion
from services.scheduling.domain.problem import Demand, Placement, Problem
from services.scheduling.domain.roads import road_minutes

FEWEST, MOST = 2, 8
"""Schools that are inserted anew at once."""

SPREAD = 15.0
"""Minutes of road by which schools count as nearer or farther than they are, by chance."""


def repaired(problem: Problem, plan: Sequence[Placement], seed: int, budget: Budget, seconds: float) -> list[Placement]:
    """Return a plan that leaves out less, when one is found in some seconds, see Budget; pins and what is past stay."""
    insertion, chance, until = Insertion(problem), np.random.default_rng(seed), budget.used + seconds
    best = insertion.beside(plan)
    while (left := _left(problem, best)) and budget.used < until:
        anew = _schools(problem, left[chance.integers(len(left))].home, chance)
        chance.shuffle(anew)
        anew.sort(key=lambda home: home not in {demand.home for demand in left})
        rank = {home: i for i, home in enumerate(anew)}
        kept = [placement for placement in best if problem.demand_by_id[placement.demand_id].home not in rank]
        before = insertion.tries
        found = insertion.beside(kept, partial(_urgency, rank))
        budget.spend(TRY * (insertion.tries - before))
        if _price(problem, _left(problem, found)) <= _price(problem, left):
            best = found
    return best


def _urgency(rank: Mapping[str, int], demand: Demand) -> tuple[int, int]:
    return -demand.priority, rank.get(demand.home, len(rank))


def _left(problem: Problem, plan: Sequence[Placement]) -> list[Demand]:
    placed = {placement.demand_id for placement in plan}
    return [demand for demand in problem.demands if demand.id not in placed]


def _schools(problem: Problem, home: str, chance: np.random.Generator) -> list[str]:
    """Return a school and a few near it."""
    places = {site.id: site.place for site in problem.sites}
    near = sorted(
        {demand.home for demand in problem.demands},
        key=lambda other: (other != home, road_minutes(places[home], places[other]) + SPREAD * chance.random()),
    )
    return near[: chance.integers(FEWEST, MOST + 1)]


def _price(problem: Problem, left: Sequence[Demand]) -> int:
    return sum(map(problem.price_of_leaving, left))
