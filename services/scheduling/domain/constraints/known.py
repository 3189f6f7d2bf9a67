"""A plan speaks only of sessions, teams, places and days that exist."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.contracts.values import Violation
from services.scheduling.domain.constraints.rule import Rule
from services.scheduling.domain.problem import Placement, Problem


def violations(problem: Problem, placements: Sequence[Placement]) -> Iterator[Violation]:
    """Yield each placement that names something the problem does not have, or a place its demand does not allow."""
    for placement in placements:
        if wrong := _unknown(problem, placement):
            yield Violation(RULE.name, (placement.demand_id,), {"session": placement.demand_id, "wrong": wrong})


def is_known(problem: Problem, placement: Placement) -> bool:
    """Whether the other rules can look at this placement."""
    return (
        placement.demand_id in problem.demand_by_id
        and placement.crew_id in problem.crew_by_id
        and placement.site_id in problem.site_by_id
    )


def _unknown(problem: Problem, placement: Placement) -> str:
    demand = problem.demand_by_id.get(placement.demand_id)
    if demand is None:
        return placement.demand_id
    if placement.crew_id not in problem.crew_by_id:
        return placement.crew_id
    if placement.site_id not in demand.sites:
        return placement.site_id
    return "" if placement.day in problem.days else placement.day.isoformat()


RULE = Rule(
    "known",
    "La séance {session} ne peut pas se tenir ainsi : « {wrong} » n’est pas possible pour elle.",
    violations,
    fixed=True,
)
