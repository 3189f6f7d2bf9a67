"""A session is given by a team of the right kind, on a day on which it is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.contracts.values import Violation
from services.scheduling.domain.constraints.rule import Rule, facts
from services.scheduling.domain.problem import Placement, Problem


def violations(problem: Problem, placements: Sequence[Placement]) -> Iterator[Violation]:
    """Yield the sessions whose team cannot give the activity or is away that day."""
    for placement in placements:
        crew = problem.crew_by_id[placement.crew_id]
        right_kind = problem.task_of(placement).provider_kind in crew.kinds
        if not right_kind or placement.day not in crew.available:
            yield Violation(RULE.name, (placement.demand_id,), facts(problem, placement))


RULE = Rule("right_team", "« {team} » ne peut pas donner l’activité « {activity} » le {day}.", violations, fixed=True)
