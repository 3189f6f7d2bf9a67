"""An activity comes after the ones before it in the chain, with the delays its programme asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.contracts.values import Violation
from services.scheduling.domain.constraints.rule import Rule, facts
from services.scheduling.domain.problem import Placement, Problem, Task


def violations(problem: Problem, placements: Sequence[Placement]) -> Iterator[Violation]:
    """Yield the sessions whose forerunner is missing, too late, too near or too far back."""
    placed = {placement.demand_id: placement for placement in placements}
    for placement in placed.values():
        for before_id in problem.demand_by_id[placement.demand_id].after:
            before = placed.get(before_id)
            if before is None or not delay_holds(problem, before, placement):
                about = {**facts(problem, placement), "before": problem.demand_by_id[before_id].task_id}
                yield Violation(RULE.name, (placement.demand_id, before_id), about)


def half_days_between(problem: Problem, first: Placement, second: Placement) -> int:
    """Calendar half-days from one session to the other: 1 from a morning to the afternoon of the same day."""
    return 2 * (second.day - first.day).days + problem.half_of(second) - problem.half_of(first)


def delay_holds(problem: Problem, first: Placement, second: Placement) -> bool:
    """Whether ``second`` follows ``first`` in order and with the delays of its task."""
    task, days = problem.task_of(second), (second.day - first.day).days
    in_order = (second.day, second.start) >= (first.day, problem.end_of(first))
    return in_order and half_days_between(problem, first, second) >= task.min_half_days and _days_hold(task, days)


def _days_hold(task: Task, days: int) -> bool:
    return days >= task.min_days and (task.max_days is None or days <= task.max_days)


RULE = Rule(
    "chain",
    "{group} : « {activity} » le {day} à {start} ne respecte pas l’ordre ou le délai demandé après « {before} ».",
    violations,
)
