"""What a rule is: a name, the sentence the organiser reads, and who breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from services.contracts.values import RuleLevel, Violation
from services.scheduling.domain.problem import Placement, Problem

Violations = Callable[[Problem, Sequence[Placement]], Iterator[Violation]]


@dataclass(frozen=True)
class Rule:
    """A rule of planning. ``sentence`` is French (the msgid of the catalogues); a violation's facts fill its braces.
    It stands for violations that bring none of their own.

    A ``hard`` rule must hold in every plan, unless the edition sets another level for it; a ``fixed`` one lies in the
    nature of things and has no other level. A ``soft`` rule is a wish: each violation says its ``points``, ``weight``
    names their price among the edition's weights, and ``term`` the line of the cost where they are counted.
    """

    name: str
    sentence: str
    violations: Violations
    kind: Literal["hard", "soft"] = "hard"
    fixed: bool = False
    weight: str = ""
    term: str = ""

    @property
    def usual_level(self) -> RuleLevel:
        """What breaking it does where the edition says nothing: a wish only costs."""
        return "block" if self.kind == "hard" else "off"


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
