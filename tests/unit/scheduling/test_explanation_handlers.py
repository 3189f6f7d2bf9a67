"""What an organiser is told of a plan: rules by the edition's levels and in names, reasons, ways out, other places."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from services.contracts import rpc
from services.contracts.errors import Problem as Finding
from services.contracts.errors import Refused
from services.contracts.values import HalfDay
from services.kit.i18n import sentence, violation_in_words
from services.scheduling.adapters.explain_process import ExplainProcess
from services.scheduling.domain.demand import build
from services.scheduling.domain.problem import Problem
from services.scheduling.handlers import explanations, plans
from tests.unit.scheduling.builders import MONDAY, THURSDAY, TUESDAY, a_group, a_school, registered
from tests.unit.scheduling.fakes import Memory
from tests.unit.scheduling.test_handlers import EDITION, a_house, solved, the_plan

HALF_DAYS = [HalfDay(day, half) for day in (MONDAY, TUESDAY, THURSDAY) for half in ("am", "pm")]


class Says:
    """An explainer that has one answer and remembers what it was asked."""

    def __init__(self, *answer: Finding) -> None:
        self.answer = answer
        self.asked: list[Problem] = []

    def ways_out(self, problem: Problem) -> tuple[Finding, ...]:
        self.asked.append(problem)
        return self.answer


def with_levels(memory: Memory, **levels: Any) -> None:
    memory.editions[EDITION] = replace(memory.editions[EDITION], rules=levels)


def spoiled(memory: Memory) -> str:
    """Store a plan with one session at five to midnight in the morning."""
    job = solved(memory)
    proposal = memory.proposals.get(EDITION, str(job.proposal_id))
    first, *rest = proposal.placements
    memory.proposals[proposal.id] = replace(proposal, placements=(replace(first, start=5), *rest))
    return proposal.id


def test_what_a_plan_breaks_is_said_in_names_in_both_languages() -> None:
    memory = a_house()
    plan = the_plan(memory, proposal_id=spoiled(memory))
    hours = next(violation for violation in plan.violations if violation.rule == "hours")
    said = "Acy n’accueille pas de séance le lundi 2 novembre 2020 de 0 h 05 à 1 h 05."
    assert violation_in_words(hours, "fr") == said
    assert violation_in_words(hours, "en") == "Acy hosts no session on Monday 2 November 2020 from 00:05 to 01:05."
    team = next(violation for violation in plan.violations if violation.rule == "team_day")
    assert "Équipe robotics" in violation_in_words(team, "fr")


@pytest.mark.parametrize(
    ("levels", "said", "is_held_back"),
    [
        ({}, ["block", "block"], True),
        ({"hours": "release", "team_day": "warn"}, ["release", "warn"], True),
        ({"hours": "warn", "team_day": "warn"}, ["warn", "warn"], False),
        ({"hours": "off", "team_day": "off"}, [], False),
    ],
)
def test_the_levels_of_the_edition_decide_on_a_release(
    levels: dict[str, Any], said: list[str], is_held_back: bool
) -> None:
    memory = a_house()
    with_levels(memory, **levels)
    proposal = spoiled(memory)
    assert sorted({(v.rule, v.level) for v in the_plan(memory, proposal_id=proposal).violations}) == list(
        zip(["hours", "team_day"], said, strict=False)
    )
    release = partial(plans.release_plan, rpc.ReleasePlan(EDITION, proposal, 0), memory)
    if is_held_back:
        with pytest.raises(Refused, match=r"^proposal_breaks_rules$"):
            release()
    else:
        assert release().number == 1


def test_a_wish_the_edition_insists_on_holds_a_release_back() -> None:
    memory = a_house(registered(a_school(closed=tuple(HALF_DAYS[2:]))))
    with_levels(memory, same_day="release")
    proposal = str(solved(memory).proposal_id)
    assert {v.rule for v in the_plan(memory, proposal_id=proposal).violations} == {"same_day"}
    with pytest.raises(Refused) as refused:
        plans.release_plan(rpc.ReleasePlan(EDITION, proposal, 0), memory)
    assert refused.value.problems[0].facts == {"rules": "same_day"}


def test_each_session_left_out_has_its_reason_and_the_ways_out_are_asked_once() -> None:
    memory = a_house(registered(a_school(closed=tuple(HALF_DAYS[1:]))))
    explainer = Says(Finding("explain_way_team", {"team": "video-1", "half_days": "2020-11-02 pm"}))
    question = rpc.ExplainPlan(EDITION, str(solved(memory).proposal_id))
    found = explanations.explain_plan(question, memory, explainer=explainer)
    assert [(reason.code, reason.facts["group"]) for reason in found.reasons] == [
        ("explain_left_full", "Acy, CM2 1"),
        ("explain_left_full", "Acy, CM2 2"),
    ]
    assert [sentence(way, "fr") for way in found.ways][:1] == [
        "– faire venir « Équipe video » : lundi 2 novembre après-midi"
    ]
    assert len(explainer.asked) == 1
    assert [sentence(one, "fr") for one in found.serving] == [
        "Rouvrir Acy, mardi 3 novembre matin, donnerait une place à 2 séance(s), le reste du plan ne bougeant pas : "
        "Acy, CM2 1, Acy, CM2 2."
    ]
    assert [sentence(one, "en") for one in found.smallest if one] == [
        "It would be enough that Acy reopens, Tuesday 3 November morning."
    ] * 2


def test_a_group_no_rule_could_form_is_named() -> None:
    group = a_group("acy/1", ("robotics", "video"))
    small = replace(group, id="acy/9", name="CM1", pupils=7, exception="too_small")
    memory, explainer = a_house(registered(a_school(), group, small)), Says()
    question = rpc.ExplainPlan(EDITION, str(solved(memory).proposal_id))
    (found,) = explanations.explain_plan(question, memory, explainer=explainer).ways
    assert sentence(found, "fr").startswith("Acy, CM1, 7 élèves : aucune règle ne peut en faire des groupes")


def test_a_whole_plan_needs_no_explanation() -> None:
    memory, explainer = a_house(), Says()
    question = rpc.ExplainPlan(EDITION, str(solved(memory).proposal_id))
    found = explanations.explain_plan(question, memory, explainer=explainer)
    assert (found.reasons, found.ways, found.serving, found.smallest) == ((), (), (), ())
    assert [one.code for one in found.standing] == ["explain_no_bound"]
    assert [sentence(one, "fr") for one in found.loads] == [
        "Équipe robotics – séances : 2 ; jours de sortie : 1 sur 4, dont complets : 0.",
        "Équipe video – séances : 2 ; jours de sortie : 1 sur 4, dont complets : 0.",
    ]
    assert explainer.asked == []


def test_a_session_is_told_why_it_is_here_and_what_else_there_is() -> None:
    memory = a_house()
    proposal = str(solved(memory).proposal_id)
    found = explanations.explain_session(rpc.ExplainSession(EDITION, proposal, "acy/1:video"), memory)
    assert next(reason.code for reason in found.why) == "explain_together"
    places = {other.half_day: other for other in found.others}
    assert "chain" in {violation.rule for violation in places[HALF_DAYS[0]].broken}
    assert places[HALF_DAYS[4]].points is not None
    assert places[HALF_DAYS[4]].sentence.facts["team"] == "Équipe video"
    with pytest.raises(Refused, match=r"^unknown_session$"):
        explanations.explain_session(rpc.ExplainSession(EDITION, proposal, "nobody"), memory)


def test_ways_out_are_found_in_a_child_process() -> None:
    memory = a_house(registered(a_school(closed=tuple(HALF_DAYS[1:]))))
    solved(memory)
    (proposal,) = memory.proposals.values()
    found = ExplainProcess(seconds=30).ways_out(build(proposal.basis))
    assert [finding.code for finding in found][-1].startswith("explain_fact")
    assert ("explain_missing", "video") in [(f.code, f.facts.get("activity")) for f in found]


@pytest.mark.parametrize("script", ["raise SystemExit(7)", "import time; time.sleep(60)"])
def test_a_child_that_dies_or_hangs_has_found_nothing(script: str) -> None:
    explainer = ExplainProcess(seconds=0.1, grace=0.3, command=(sys.executable, "-c", script))
    assert explainer.ways_out(build(a_basis_of_one())) == ()


def a_basis_of_one() -> Any:
    memory = a_house()
    solved(memory)
    (proposal,) = memory.proposals.values()
    return proposal.basis
