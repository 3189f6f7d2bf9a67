"""What the organiser fixed must hold together before anything is planned around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.contracts.errors import Problem as Finding
from services.contracts.values import Violation
from services.scheduling.domain.checker import check
from services.scheduling.domain.constraints import chain, excludes, past, team_day
from services.scheduling.domain.constraints.rule import clock
from services.scheduling.domain.problem import Placement, Problem

TOGETHER = {chain.RULE.name: "pins_order", team_day.RULE.name: "pins_team", excludes.RULE.name: "pins_pupils"}
"""What is said of two fixed sessions, by the rule they break together."""


def clash(problem: Problem, pins: Sequence[Placement]) -> Finding | None:
    """Return why pins cannot all hold, whatever is planned around them, by the fewest of them; None when they may.

    A session that comes after one that is not fixed breaks nothing yet, and the past is not theirs to keep.
    """
    held, fixed = {pin.demand_id: pin for pin in pins}, replace(problem, pins=())
    found = (v for v in check(fixed, pins) if v.rule != past.RULE.name and held.keys() >= set(v.session_ids))
    broken = min(found, key=lambda v: len(v.session_ids), default=None)
    if broken is None:
        return None
    return _said(problem, broken, sorted((held[id_] for id_ in broken.session_ids), key=_when))


def fixed_too(problem: Problem, pin: Placement) -> Problem:
    """Return the problem with one session more fixed, in place of its pin if it has one."""
    others = (other for other in problem.pins if other.demand_id != pin.demand_id)
    return replace(problem, pins=(*others, pin))


def _said(problem: Problem, broken: Violation, pins: Sequence[Placement]) -> Finding:
    first, second = pins[0], pins[-1]
    facts = _facts(problem, first)
    if first == second:
        return Finding("pin_alone", {**facts, "rules": broken.rule})
    others = {f"other{'' if name == 'group' else '_' + name}": fact for name, fact in _facts(problem, second).items()}
    code = TOGETHER.get(broken.rule, "pins_many") if len(pins) == 2 else "pins_many"
    return Finding(code, {**facts, **others})


def _facts(problem: Problem, pin: Placement) -> dict[str, str]:
    demand = problem.demand_by_id[pin.demand_id]
    about = {"group": demand.group_id, "activity": demand.task_id, "team": pin.crew_id}
    return {**about, "day": pin.day.isoformat(), "start": clock(pin.start)}


def _when(pin: Placement) -> tuple[object, int]:
    return pin.day, pin.start
