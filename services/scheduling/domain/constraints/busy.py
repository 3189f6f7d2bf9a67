"""No session, with its set-up and packing, meets a stretch of the day on which its team is taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.contracts.values import Violation
from services.scheduling.domain.constraints.rule import Rule, clock, facts
from services.scheduling.domain.problem import Placement, Problem


def violations(problem: Problem, placements: Sequence[Placement]) -> Iterator[Violation]:
    """Yield the sessions that meet a busy stretch of their team."""
    for placement in placements:
        task = problem.task_of(placement)
        starts, ends = placement.start - task.setup, problem.end_of(placement) + task.packing
        for busy in problem.crew_by_id[placement.crew_id].busy.get(placement.day, ()):
            if starts < busy.end and busy.start < ends:
                taken = {"from": clock(busy.start), "to": clock(busy.end)}
                yield Violation(RULE.name, (placement.demand_id,), {**facts(problem, placement), **taken})


RULE = Rule(
    "busy",
    "« {team} » n’est pas libre le {day} de {from} à {to} : la séance de {start} à {end} à {site}, installation et "
    "rangement compris, ne tient pas.",
    violations,
)
