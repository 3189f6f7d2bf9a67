"""What the organiser fixed stays fixed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.contracts.values import Violation
from services.scheduling.domain.constraints.rule import Rule, facts
from services.scheduling.domain.problem import Placement, Problem


def violations(problem: Problem, placements: Sequence[Placement]) -> Iterator[Violation]:
    """Yield the pins that the plan does not keep exactly."""
    placed = {placement.demand_id: placement for placement in placements}
    for pin in problem.pins:
        if placed.get(pin.demand_id) != pin:
            yield Violation(RULE.name, (pin.demand_id,), facts(problem, pin))


RULE = Rule(
    "pins", "{group} : « {activity} » est fixée par l’organisateur le {day} à {start} et doit y rester.", violations
)
