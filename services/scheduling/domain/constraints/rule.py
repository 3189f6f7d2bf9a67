"""What a rule is: a name, the sentence the organiser reads, and who breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from services.contracts.values import Violation
from services.scheduling.domain.problem import Placement, Problem

Violations = Callable[[Problem, Sequence[Placement]], Iterator[Violation]]


@dataclass(frozen=True)
class Rule:
    """A rule of planning. ``sentence`` is French (the msgid of the catalogues); a violation's facts fill its braces.

    A ``hard`` rule must hold in every plan; a ``soft`` one is a wish with a price.
    """

    name: str
    sentence: str
    violations: Violations
    level: Literal["hard", "soft"] = "hard"


def clock(minutes: int) -> str:
    """Return minutes after midnight as ``08:30``."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def facts(problem: Problem, placement: Placement) -> dict[str, str]:
    """Return what every sentence may say of a session: who, where and when."""
    demand = problem.demand_by_id[placement.demand_id]
    return {
        "group": demand.group_id,
        "activity": demand.task_id,
        "site": problem.site_by_id[placement.site_id].place.name,
        "team": placement.crew_id,
        "day": placement.day.isoformat(),
        "start": clock(placement.start),
        "end": clock(problem.end_of(placement)),
    }
