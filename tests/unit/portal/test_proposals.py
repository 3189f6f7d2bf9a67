"""Proposals as the organiser sees them: their curve, their states, side by side, taken up and given up."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from services.contracts import rpc
from services.contracts.errors import Problem
from services.portal.display.comparison import lines_of
from services.portal.display.curve import curve_of
from tests.unit.portal import builders as b
from tests.unit.portal.fakes import FakeServices, Visitor

EDITION = f"/organisateur/editions/{b.EDITION_ID}"
STEPS = (rpc.Point(1.0, 2, 900.0, None), rpc.Point(2.0, 4, 500.0, 300.0), rpc.Point(5.0, 4, 400.0, 400.0))


def test_a_curve_goes_down_in_steps_to_where_it_meets_what_is_proved() -> None:
    curve = curve_of(replace(b.a_running_job(), elapsed=10.0, curve=STEPS))
    assert curve is not None
    assert curve.best == "M64 10H128V10H320V190H640", "what places fewer sessions stands on the upper edge"
    assert curve.bound == "M128 190H320V190H640"
    assert (curve.highest, curve.lowest, curve.seconds) == (500.0, 400.0, 10.0)


def test_there_is_no_curve_before_two_points() -> None:
    assert curve_of(replace(b.a_running_job(), curve=STEPS[:1])) is None


def test_there_is_no_curve_of_one_level() -> None:
    steps = tuple(replace(point, moved=8) for point in STEPS)
    assert curve_of(replace(b.a_running_job(), curve=steps)) is None


def test_a_replan_is_drawn_by_what_it_disturbs() -> None:
    steps = tuple(replace(point, moved=n) for point, n in zip(STEPS, (9, 6, 2), strict=True))
    curve = curve_of(replace(b.a_running_job(), elapsed=10.0, curve=steps))
    assert curve and (curve.highest, curve.lowest, curve.bound, curve.disturbed) == (6.0, 2.0, "", True)


def test_the_curve_is_in_the_part_of_the_page_that_is_kept_fresh(services: FakeServices, organiser: Visitor) -> None:
    services.answers[rpc.GetJob] = replace(b.a_running_job(), curve=STEPS)
    page = organiser.get(f"{EDITION}/calculs/{b.JOB_ID}").text
    fresh = page[page.index('id="avancement"') : page.index("</figure>")]
    assert fresh.count("<path") == 3


def test_proposals_are_listed_with_their_states(organiser: Visitor) -> None:
    page = organiser.get(f"{EDITION}/calculs").text
    assert re.findall(r'name="plan" value="(prop-\d)"', page) == ["prop-2", "prop-1", "prop-0"]
    shown = [page.count(words) for words in ("à publier ou à écarter", "remplacée par une plus récente")]
    assert shown == [1, 1]


def test_a_superseded_proposal_is_not_published_but_taken_up(services: FakeServices, organiser: Visitor) -> None:
    services.answers[rpc.GetPlan] = b.a_proposal(superseded=True)
    page = organiser.get(f"{EDITION}/propositions/prop-1").text
    assert ("/diffusion" in page, 'value="take_up"' in page) == (False, True)
    answer = organiser.submit(f"{EDITION}/propositions/prop-1", {"action": "take_up"})
    assert answer.headers["location"] == f"{EDITION}/propositions/prop-3"
    organiser.submit(f"{EDITION}/propositions/prop-1", {"action": "discard"})
    assert services.commands() == [
        rpc.TakeUpProposal(b.EDITION_ID, "prop-1"),
        rpc.DiscardProposal(b.EDITION_ID, "prop-1"),
    ]


def test_an_outdated_proposal_names_what_changed_and_the_incidents_since(
    services: FakeServices, organiser: Visitor
) -> None:
    changed = (Problem("changed_hours", {"name": "École d’Acy"}),)
    services.answers[rpc.GetPlan] = b.a_proposal(outdated=True, changed=changed)
    page = organiser.get(f"{EDITION}/propositions/prop-1").text
    assert "École d’Acy\u00a0: les horaires, les fermetures ou les salles ont changé." in page


def test_plans_are_compared_with_the_release_in_force(services: FakeServices, organiser: Visitor) -> None:
    moved = replace(b.a_planned(1), session=replace(b.a_planned(1).session, start=b.MADE_AT))
    other = b.a_proposal(sessions=(moved,), unplaced=())
    services.answers[rpc.GetPlan] = lambda question: other if question.proposal_id else b.a_plan(release=2)
    page = organiser.get(f"{EDITION}/comparer?plan=prop-2").text
    assert (page.count("Version 2, en vigueur") > 0, "3 courriels" in page or ">3<" in page) == (True, True)
    assert len(lines_of([b.a_plan(), other])) == len({p.session.id for p in (*b.a_plan().sessions, moved)})


@pytest.mark.parametrize(
    ("flaw", "links"), [({}, 1), ({"violations": (b.a_violation(),)}, 0), ({"superseded": True}, 0)]
)
def test_only_a_plan_that_can_be_released_leads_there(
    services: FakeServices, organiser: Visitor, flaw: dict[str, Any], links: int
) -> None:
    services.answers[rpc.GetPlan] = lambda question: (
        b.a_proposal(**flaw) if question.proposal_id else b.a_plan(release=2)
    )
    assert organiser.get(f"{EDITION}/comparer?plan=prop-2").text.count("/diffusion") == links


def test_one_plan_alone_is_no_comparison(services: FakeServices, organiser: Visitor) -> None:
    services.answers[rpc.ListReleases] = ()
    assert "Cochez deux propositions" in organiser.get(f"{EDITION}/comparer?plan=prop-2").text


def test_equal_plans_do_not_differ() -> None:
    assert lines_of([b.a_plan(), b.a_plan()]) == []
