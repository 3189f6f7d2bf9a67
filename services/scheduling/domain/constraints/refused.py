"""A half-day that was refused for a session is not proposed for it again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.contracts.values import Violation
from services.scheduling.domain.constraints.rule import Rule, facts
from services.scheduling.domain.problem import Placement, Problem


def violations(problem: Problem, placements: Sequence[Placement]) -> Iterator[Violation]:
    """Yield the sessions on a half-day that their school, or the provider there, refused; the organiser's pins may."""
    for placement in placements:
        if is_barred(problem, placement) and placement not in problem.pins:
            yield Violation(RULE.name, (placement.demand_id,), facts(problem, placement))


def is_barred(problem: Problem, placement: Placement) -> bool:
    """Whether the half-day was refused for this session."""
    demand, crew = problem.demand_by_id[placement.demand_id], problem.crew_by_id[placement.crew_id]
    return problem.half_of(placement) in demand.barred_halves(crew, placement.day)


RULE = Rule(
    "refused",
    "{group} : « {activity} » le {day} à {start} tombe sur une demi-journée que l’école ou « {team} » a refusée "
    "pour cette séance.",
    violations,
)
