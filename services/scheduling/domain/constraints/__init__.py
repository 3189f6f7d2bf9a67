"""The rules of planning: one rule, one file. Checker, explanations and documentation read this list."""

from services.scheduling.domain.constraints import (
    busy,
    chain,
    class_travel,
    excludes,
    hours,
    known,
    once,
    past,
    pins,
    refused,
    right_team,
    rooms,
    team_day,
)
from services.scheduling.domain.constraints.rule import Rule

RULES: tuple[Rule, ...] = (
    once.RULE,
    hours.RULE,
    class_travel.RULE,
    right_team.RULE,
    busy.RULE,
    chain.RULE,
    excludes.RULE,
    rooms.RULE,
    team_day.RULE,
    pins.RULE,
    refused.RULE,
    past.RULE,
)
"""Rules on placements that refer to known things; ``known`` itself comes before them."""

SENTENCES: dict[str, str] = {rule.name: rule.sentence for rule in (known.RULE, *RULES)}
"""Rule name -> French sentence; the facts of a violation fill its braces."""
