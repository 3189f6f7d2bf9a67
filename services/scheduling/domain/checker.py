"""The independent checker: every plan passes here before it is stored. It knows no solver."""

from __future__ import annotations

from collections.abc import Sequence

from services.contracts.values import Violation
from services.scheduling.domain.constraints import RULES, known
from services.scheduling.domain.problem import Placement, Problem


def check(problem: Problem, placements: Sequence[Placement]) -> tuple[Violation, ...]:
    """Return everything in the plan that breaks a rule; empty when the plan is valid.

    A demand that is not placed breaks no rule: it costs (see score).
    """
    seen = [placement for placement in placements if known.is_known(problem, placement)]
    found = list(known.violations(problem, placements))
    for rule in RULES:
        found.extend(rule.violations(problem, seen))
    return tuple(found)
