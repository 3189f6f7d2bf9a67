"""The past does not change: what started before the frozen instant stays exactly as it was released."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from services.contracts.values import Violation
from services.scheduling.domain.constraints.rule import Rule, facts
from services.scheduling.domain.problem import Placement, Problem


def violations(problem: Problem, placements: Sequence[Placement]) -> Iterator[Violation]:
    """Yield the frozen sessions that changed and the new ones put into the past."""
    past = frozen(problem)
    placed = {placement.demand_id: placement for placement in placements}
    for was in past.values():
        if placed.get(was.demand_id) != was:
            yield Violation(RULE.name, (was.demand_id,), facts(problem, was))
    for placement in placements:
        if is_past(problem, placement) and placement.demand_id not in past:
            yield Violation(RULE.name, (placement.demand_id,), facts(problem, placement))


def is_past(problem: Problem, placement: Placement) -> bool:
    """Whether the placement starts before the frozen instant."""
    baseline = problem.baseline
    if baseline is None or baseline.frozen_before is None:
        return False
    return (placement.day, placement.start) < (baseline.frozen_before, baseline.frozen_minute)


def open_minute(problem: Problem, day: dt.date) -> int:
    """Return the minute before which nothing starts anew on an open day."""
    baseline = problem.baseline
    return baseline.frozen_minute if baseline and baseline.frozen_before == day else 0


def frozen(problem: Problem) -> dict[str, Placement]:
    """Return the released sessions of the past that are still demanded, by demand id."""
    if problem.baseline is None or problem.baseline.frozen_before is None:
        return {}
    old = problem.baseline.placements
    return {p.demand_id: p for p in old if is_past(problem, p) and p.demand_id in problem.demand_by_id}


RULE = Rule(
    "past",
    "{group} : « {activity} » le {day} à {start} appartient au passé, qui ne change plus.",
    violations,
    fixed=True,
)
