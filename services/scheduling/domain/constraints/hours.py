"""A session lies whole inside one opening of its site."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.contracts.values import Violation
from services.scheduling.domain.constraints.rule import Rule, facts
from services.scheduling.domain.problem import Placement, Problem


def violations(problem: Problem, placements: Sequence[Placement]) -> Iterator[Violation]:
    """Yield the sessions that start before, or end after, every window of their site that day."""
    for placement in placements:
        windows = problem.site_by_id[placement.site_id].windows.get(placement.day, ())
        end = problem.end_of(placement)
        if not any(window.start <= placement.start and end <= window.end for window in windows):
            yield Violation(RULE.name, (placement.demand_id,), facts(problem, placement))


RULE = Rule("hours", "{site} n’accueille pas de séance le {day} de {start} à {end}.", violations)
