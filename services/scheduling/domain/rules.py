"""All rules in one list, hard and soft, and what an edition makes of breaking each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.contracts.values import RuleLevel, Violation
from services.scheduling.domain.checker import check
from services.scheduling.domain.constraints import RULES, known
from services.scheduling.domain.constraints.rule import Rule
from services.scheduling.domain.problem import Placement, Problem
from services.scheduling.domain.wishes import WISHES

EVERY: tuple[Rule, ...] = (known.RULE, *RULES, *WISHES)
"""Hard rules, then wishes, in the order in which people read them."""

BY_NAME: dict[str, Rule] = {rule.name: rule for rule in EVERY}

KEEPS_OUT: tuple[RuleLevel, ...] = ("block",)
"""Levels at which a plan is not kept."""
HOLDS_BACK: tuple[RuleLevel, ...] = ("block", "release")
"""Levels at which a plan is not released."""


def judge(problem: Problem, placements: Sequence[Placement], levels: Mapping[str, RuleLevel]) -> tuple[Violation, ...]:
    """Return what the plan breaks, each with its sentence and the edition's level; rules that are off are not said."""
    found = list(check(problem, placements))
    for wish in WISHES:
        if level_of(wish, levels) != "off":
            found.extend(wish.violations(problem, placements))
    judged = (
        replace(v, sentence=v.sentence or BY_NAME[v.rule].sentence, level=level_of(BY_NAME[v.rule], levels))
        for v in found
    )
    return tuple(violation for violation in judged if violation.level != "off")


def level_of(rule: Rule, levels: Mapping[str, RuleLevel]) -> RuleLevel:
    """Return the level of a rule: the edition's, unless the rule is fixed."""
    return rule.usual_level if rule.fixed else levels.get(rule.name, rule.usual_level)


def at(violations: Sequence[Violation], levels: Sequence[RuleLevel]) -> tuple[Violation, ...]:
    """Return the violations of these levels."""
    return tuple(violation for violation in violations if violation.level in levels)
