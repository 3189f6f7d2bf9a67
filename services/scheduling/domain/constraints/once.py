"""A group lives each activity once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.contracts.values import Violation
from services.scheduling.domain.constraints.rule import Rule, facts
from services.scheduling.domain.problem import Placement, Problem


def violations(problem: Problem, placements: Sequence[Placement]) -> Iterator[Violation]:
    """Yield every placement of a demand beyond its first."""
    seen: set[str] = set()
    for placement in placements:
        if placement.demand_id in seen:
            yield Violation(RULE.name, (placement.demand_id,), facts(problem, placement))
        seen.add(placement.demand_id)


RULE = Rule(
    "once", "{group} a deux fois l’activité « {activity} » : encore le {day} à {start}.", violations, fixed=True
)
