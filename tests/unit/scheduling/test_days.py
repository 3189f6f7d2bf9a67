"""The days themselves: where teams go, and what became of each session."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from services.contracts import rpc
from services.contracts.errors import Refused
from services.contracts.events import OutcomeRecorded, RegistrationSubmitted
from services.contracts.outcomes import Outcome
from services.contracts.values import Contact, Place
from services.scheduling.domain.plan import Proposal, Release, instant, sessions
from services.scheduling.domain.problem import Placement
from services.scheduling.handlers import days, facts, plans
from tests.unit.scheduling.builders import DEPOT, MONDAY, TUESDAY, a_basis, a_school, registered
from tests.unit.scheduling.fakes import Memory

EDITION = "demo-2020"
NORTH = Place("Nord", 49.46, 3.33)
"""Ten kilometres north of the depot as the crow flies: 13 by road, 18 minutes."""
ROBOTICS, VIDEO = "acy/1:robotics", "acy/1:video"
NOON = instant(TUESDAY, 720)


def a_house() -> Memory:
    """Two groups of one school: robotics on Monday morning, video on Tuesday, the second group's video not placed."""
    basis = a_basis(registered(a_school(place=NORTH)))
    memory = Memory()
    memory.editions.save(basis.edition)
    for one in basis.registered:
        facts.registration_submitted(RegistrationSubmitted(EDITION, one.school, one.classes, one.groups), memory)
    placements = (
        Placement(ROBOTICS, "robotics-1", "acy", MONDAY, 540),
        Placement("acy/2:robotics", "robotics-1", "acy", MONDAY, 630),
        Placement(VIDEO, "video-1", "acy", TUESDAY, 600),
    )
    proposal = Proposal("p1", EDITION, memory.now, "inputs", basis, placements, "feasible", {}, None)
    memory.proposals.add(proposal)
    memory.releases.add(Release(EDITION, 1, "p1", memory.now, sessions(basis, placements), {}))
    memory.now = NOON
    return memory


def told(memory: Memory, **changes: object) -> Outcome:
    request = rpc.RecordOutcome(EDITION, ROBOTICS, instant(MONDAY, 540), "held", pupils=13)
    return days.record_outcome(replace(request, **changes), memory)  # type: ignore[arg-type]


def of(memory: Memory, session_id: str) -> Outcome | None:
    plan = plans.get_plan(rpc.GetPlan(EDITION), memory)
    return next(one.outcome for one in plan.sessions if one.session.id == session_id)


# Where teams go ---------------------------------------------------------------------------------------------------


def test_a_day_leaves_the_depot_sets_up_packs_and_comes_home() -> None:
    monday, tuesday = days.list_team_days(rpc.ListTeamDays(EDITION), a_house())
    assert [(one.day, one.provider_id, one.team.id) for one in (monday, tuesday)] == [
        (MONDAY, "robotics-org", "robotics-1"),
        (TUESDAY, "video-org", "video-1"),
    ]
    assert monday.stops[0].road == monday.home == rpc.Road(18, 13.0)
    assert (monday.leaves, monday.stops[0].arrives) == (instant(MONDAY, 540 - 10 - 18), instant(MONDAY, 540 - 10))
    assert (monday.stops[0].leaves, monday.back) == (instant(MONDAY, 690 + 10), instant(MONDAY, 690 + 10 + 18))
    assert (monday.kilometres, monday.road_minutes) == (26.0, 36)
    assert [visit.planned.session.id for visit in monday.visits] == [ROBOTICS, "acy/2:robotics"]


def test_a_place_left_and_come_back_to_is_two_stops() -> None:
    memory = a_house()
    release = memory.releases[0]
    first, second, third = release.sessions
    away = replace(second, place=DEPOT)
    memory.releases[0] = replace(release, sessions=(first, away, replace(third, start=second.end, end=third.end)))
    monday = days.list_team_days(rpc.ListTeamDays(EDITION, day=MONDAY), memory)
    assert [stop.place.name for stop in monday[0].stops] == ["Nord", "Dépôt"]
    assert [road.minutes for road in monday[0].roads] == [18, 18, 0]


def test_a_visit_knows_what_the_same_pupils_live_before_and_after() -> None:
    monday, tuesday = days.list_team_days(rpc.ListTeamDays(EDITION), a_house())
    first, second = monday.visits
    assert [one.session.id for one in first.later] == [VIDEO]
    assert (first.earlier, second.later) == ((), ())
    assert [one.session.id for one in tuesday.visits[0].earlier] == [ROBOTICS]


def test_days_can_be_asked_of_one_provider_or_one_day() -> None:
    memory = a_house()
    both = days.list_team_days(rpc.ListTeamDays(EDITION), memory)
    assert days.list_team_days(rpc.ListTeamDays(EDITION, "video-org"), memory) == both[1:]
    assert days.list_team_days(rpc.ListTeamDays(EDITION, day=MONDAY), memory) == both[:1]
    assert days.list_team_days(rpc.ListTeamDays(EDITION, "video-org", MONDAY), memory) == ()


def test_the_contact_is_the_one_of_today() -> None:
    memory = a_house()
    known = memory.registrations.of(EDITION)[0]
    new = replace(known, school=replace(known.school, contact=Contact("Nouvelle direction", "n@acy.example")))
    memory.registrations.save(EDITION, new)
    host = days.list_team_days(rpc.ListTeamDays(EDITION), memory)[0].visits[0].host
    assert host.contact.name == "Nouvelle direction"


def test_there_are_no_days_before_a_release() -> None:
    memory = a_house()
    memory.releases.clear()
    with pytest.raises(Refused, match="no_release"):
        days.list_team_days(rpc.ListTeamDays(EDITION), memory)


# What became of each session -----------------------------------------------------------------------------------------


def test_an_outcome_is_kept_shown_in_the_plan_and_told_once() -> None:
    memory = a_house()
    outcome = told(memory, provider_id="robotics-org", published=True)
    assert (outcome.state, outcome.pupils, outcome.recorded_by, outcome.recorded_at) == ("held", 13, "provider", NOON)
    assert of(memory, ROBOTICS) == outcome
    assert of(memory, VIDEO) is None
    memory.pass_time(60)
    assert told(memory, provider_id="robotics-org", published=True) == outcome
    assert memory.emitted == [OutcomeRecorded(EDITION, outcome)]


def test_what_has_no_meaning_for_its_state_is_dropped() -> None:
    memory = a_house()
    cancelled = told(memory, state="cancelled", cancelled_by="school", minutes=30, published=True)
    assert (cancelled.pupils, cancelled.minutes, cancelled.published) == (0, None, False)
    held = told(memory, cancelled_by="school", minutes=30)
    assert (held.cancelled_by, held.minutes) == (None, None)
    assert of(memory, ROBOTICS) == held


def test_the_organiser_has_the_last_word() -> None:
    memory = a_house()
    told(memory, provider_id="robotics-org")
    settled = told(memory, pupils=12)
    with pytest.raises(Refused, match="outcome_settled"):
        told(memory, provider_id="robotics-org", pupils=14)
    assert of(memory, ROBOTICS) == settled


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"session_id": "acy/9:robotics"}, "unknown_session"),
        ({"provider_id": "video-org"}, "unknown_session"),
        ({"start": instant(MONDAY, 541)}, "outcome_moved"),
        ({"pupils": 0}, "outcome_pupils"),
        ({"pupils": 41}, "outcome_pupils"),
        ({"state": "shortened"}, "outcome_minutes"),
        ({"state": "shortened", "minutes": 60}, "outcome_minutes"),
        ({"state": "cancelled"}, "outcome_cancelled_by"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, object], code: str) -> None:
    memory = a_house()
    with pytest.raises(Refused, match=code):
        told(memory, **changes)
    assert (memory.outcomes, memory.emitted) == ({}, [])


def test_nothing_is_told_before_the_day_of_the_session_in_paris() -> None:
    memory = a_house()
    memory.now = instant(MONDAY, 0) - dt.timedelta(seconds=1)
    with pytest.raises(Refused, match="outcome_early"):
        told(memory)
    memory.now = instant(MONDAY, 0)
    assert told(memory).pupils == 13


def test_an_outcome_says_nothing_of_the_session_once_it_is_moved() -> None:
    memory = a_house()
    told(memory, state="cancelled", cancelled_by="provider")
    release = memory.releases[0]
    moved = tuple(
        replace(s, start=s.start + dt.timedelta(days=1), end=s.end + dt.timedelta(days=1)) if s.id == ROBOTICS else s
        for s in release.sessions
    )
    memory.releases.add(Release(EDITION, 2, "p1", memory.now, moved, {}))
    assert of(memory, ROBOTICS) is None
