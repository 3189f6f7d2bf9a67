"""The list of rules as a whole: wishes are what the price counts, and the edition says what breaking a rule does."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from services.contracts.errors import Refused
from services.scheduling.domain.edition import read_edition
from services.scheduling.domain.problem import Baseline, Placement, Problem
from services.scheduling.domain.rules import EVERY, HOLDS_BACK, KEEPS_OUT, at, judge
from services.scheduling.domain.score import TERMS, cost
from services.scheduling.domain.wishes import WISHES
from tests.unit.scheduling.builders import EXAMPLES
from tests.unit.scheduling.rotations import MONDAY, a_chain, a_pass, a_random_plan, problem_2020

SUNDAY_SCHOOL = Placement("g0-robotics", "truck", "school0", MONDAY, 400)


def a_replan() -> Problem:
    problem = a_chain(groups=4, length=8)
    released = tuple(a_random_plan(problem, random.Random(2)))
    return replace(problem, baseline=Baseline(released, moved_before={"school0": 2}))


@pytest.mark.parametrize(
    "problem",
    [a_chain(groups=4, length=8), a_replan(), a_pass(), problem_2020()],
    ids=["chain", "replan", "pass", "2020"],
)
def test_the_points_of_all_wishes_are_the_cost(problem: Problem):
    chance = random.Random(3)
    for _ in range(60):
        plan = a_random_plan(problem, chance)
        points: Counter[str] = Counter()
        for wish in WISHES:
            for violation in wish.violations(problem, plan):
                points[wish.term] += int(violation.facts["points"])
                assert "{" not in wish.sentence.format(**violation.facts)
        assert {term: points[term] for term in TERMS} == cost(problem, plan)


def test_each_rule_has_its_own_name():
    assert len({rule.name for rule in EVERY}) == len(EVERY)


@pytest.mark.parametrize(
    ("level", "said", "kept_out", "held_back"),
    [("block", 1, 1, 1), ("release", 1, 0, 1), ("warn", 1, 0, 0), ("off", 0, 0, 0)],
)
def test_a_level_decides_what_breaking_a_rule_does(level, said, kept_out, held_back):
    found = judge(a_chain(), [SUNDAY_SCHOOL], {"hours": level, "team_day": "off"})
    assert [violation.rule for violation in found] == ["hours"] * said
    assert len(at(found, KEEPS_OUT)) == kept_out
    assert len(at(found, HOLDS_BACK)) == held_back


def test_a_fixed_rule_keeps_its_level():
    twice = [replace(SUNDAY_SCHOOL, start=510)] * 2
    assert [(v.rule, v.level) for v in judge(a_chain(), twice, {"once": "off", "rooms": "off", "team_day": "off"})] == [
        ("once", "block")
    ]


def test_a_wish_is_told_when_the_edition_asks():
    plan = [replace(SUNDAY_SCHOOL, start=510), Placement("g0-video", "film", "school0", MONDAY, 810)]
    assert judge(a_chain(), plan, {}) == ()
    (told,) = judge(a_chain(), plan, {"same_day": "warn"})
    assert (told.rule, told.level, told.facts["points"]) == ("same_day", "warn", "30")


def with_rules(*lines: str) -> str:
    text = (EXAMPLES / "soissons-2020" / "edition.toml").read_text(encoding="utf-8")
    return "\n".join([text, "[rules]", *lines])


def test_levels_are_read_from_the_file_of_the_edition():
    text = with_rules('hours = "release"', 'chain = "block"', 'same_day = "warn"')
    edition = read_edition("edition.toml", text, lambda *_: frozenset())
    assert edition.rules == {"hours": "release", "same_day": "warn"}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('once = "off"', "edition_rule_fixed"),
        ('once = "block"', "edition_rule_fixed"),
        ('hours = "maybe"', "edition_choice"),
        ('same_day = "block"', "edition_choice"),
        ('hour = "off"', "edition_key_near"),
    ],
)
def test_levels_that_cannot_be(line, code):
    with pytest.raises(Refused) as refusal:
        read_edition("edition.toml", with_rules(line), lambda *_: frozenset())
    assert [(problem.code, problem.column) for problem in refusal.value.problems] == [
        (code, f"rules.{line.split()[0]}")
    ]
