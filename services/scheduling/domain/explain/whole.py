"""What is to be said of a plan as a whole: how good it is, and which teams have no room left."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from services.contracts.errors import Problem as Finding
from services.scheduling.domain.problem import Placement, Problem

MOST_TEAMS = 8
"""Teams told: those with the least room left."""


def standing(points: int, bound: float | None, left_out: int, *, is_optimal: bool) -> tuple[Finding, ...]:
    """Return how good a plan is: proved, within so many per cent of a bound, or not known; and what it leaves out."""
    count = {"count": str(left_out)}
    if left_out:
        return (Finding("explain_left_proved" if is_optimal else "explain_left_open", count),)
    facts = {"points": str(points)}
    if is_optimal:
        return (Finding("explain_optimal", facts),)
    if bound is None or bound <= 0:
        return (Finding("explain_no_bound", facts),)
    percent = str(math.ceil(100 * (points - bound) / bound))
    return (Finding("explain_within", {**facts, "bound": str(round(bound)), "percent": percent}),)


def loads(problem: Problem, placements: Sequence[Placement]) -> tuple[Finding, ...]:
    """Return how full the teams are, those with the least room left first."""
    held = Counter((p.crew_id, p.day) for p in placements)
    found = []
    for crew in problem.crews:
        days = [held[crew.id, day] for day in problem.days if day in crew.available]
        facts = {
            "team": crew.id,
            "used": str(sum(map(bool, days))),
            "days": str(len(days)),
            "sessions": str(sum(days)),
            "full": str(sum(n >= crew.max_sessions for n in days)),
        }
        free = sum(crew.max_sessions - n for n in days) / max(1, crew.max_sessions * len(days))
        found.append((free, Finding("explain_load", facts)))
    return tuple(finding for _, finding in sorted(found, key=lambda one: one[0])[:MOST_TEAMS])
