"""The independent checker: every plan passes here before it is stored. It knows no solver."""

from __future__ import annotations

from collections.abc import Sequence

from services.contracts.values import Violation
from services.scheduling.domain.constraints import RULES, known, past
from services.scheduling.domain.problem import Placement, Problem


def check(problem: Problem, placements: Sequence[Placement]) -> tuple[Violation, ...]:
    """Return everything in the plan that breaks a rule; empty when the plan is valid.

    A demand that is not placed breaks no rule: it costs (see score). Sessions of the past that stay as they were held
    are facts: what concerns only them is no fault, even if a rule that came later would forbid it.
    """
    seen = [placement for placement in placements if known.is_known(problem, placement)]
    found = list(known.violations(problem, placements))
    for rule in RULES:
        found.extend(rule.violations(problem, seen))
    frozen = past.frozen(problem)
    held = {placement.demand_id for placement in placements if frozen.get(placement.demand_id) == placement}
    return tuple(v for v in found if not v.session_ids or not held.issuperset(v.session_ids))
