from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from services.contracts.values import Place
from services.registration.domain.answers import ALLOWED, Slot, confirmation_problems, decline_problems
from tests.unit.registration.builders import NOW, a_session

LATER = NOW + dt.timedelta(days=1)
HALL = Place("Le Mail", 49.37, 3.32)


def a_slot(since: int = 1, **changes: Any) -> Slot:
    return replace(Slot(a_session(), since, "CM1 groupe 1", 14, "Robotique", "Ze Fab Truck"), **changes)


def moved(slot: Slot, since: int) -> Slot:
    later = slot.session.start + dt.timedelta(days=1)
    return replace(a_slot(since), session=replace(slot.session, start=later, end=later + dt.timedelta(minutes=75)))


def test_a_confirmed_slot_that_stays_keeps_its_answer_and_release() -> None:
    confirmed = a_slot().confirm(12, NOW)
    assert a_slot(since=2, provider_name="Le Pied à l’Étrier").succeed(confirmed) == replace(
        confirmed, provider_name="Le Pied à l’Étrier"
    )


def test_a_slot_that_moves_is_offered_again() -> None:
    confirmed = a_slot().confirm(12, NOW)
    after = moved(confirmed, since=2).succeed(confirmed)
    assert (after.answer, after.since, after.pupils, after.answered_at, after.changed) == ("offered", 2, 14, None, True)


def test_changed_lasts_until_the_school_answers() -> None:
    after = moved(a_slot(), since=2).succeed(a_slot())
    assert replace(after, since=3, changed=False).succeed(after).changed
    assert not after.confirm(14, NOW).changed
    assert not after.decline("sortie", NOW).changed


def test_another_team_or_a_corrected_address_moves_nothing() -> None:
    session = replace(a_session(), team_id="zft-2", place=Place("Acy", 49.31, 3.41, "1 rue de l’École"))
    assert not a_slot(session=session).moved_from(a_slot())


def test_another_common_venue_moves_the_session() -> None:
    at_hall = a_slot(session=replace(a_session(), venue_id="mail", place=HALL))
    elsewhere = a_slot(session=replace(a_session(), venue_id="mail", place=replace(HALL, lat=49.5)))
    assert at_hall.moved_from(a_slot())
    assert elsewhere.moved_from(at_hall)


@pytest.mark.parametrize("answer", ALLOWED)
def test_every_allowed_answer_is_reached_and_no_other(answer: str) -> None:
    slot = a_slot(answer=answer, pupils=14)
    reached = [after.answer for after in (slot.confirm(12, NOW), slot.decline("sortie", NOW)) if after != slot]
    assert tuple(reached) == ALLOWED[answer]  # type: ignore[index]


def test_confirming_again_changes_the_head_count_only_when_it_differs() -> None:
    confirmed = a_slot().confirm(12, NOW)
    assert confirmed.confirm(12, LATER) is confirmed
    assert confirmed.confirm(13, LATER) == replace(confirmed, pupils=13, answered_at=LATER)


def test_an_answer_on_an_older_page_counts_while_the_session_stayed() -> None:
    assert confirmation_problems({"s1": a_slot(since=1)}, {"s1": 14}, release=1) == ()
    assert decline_problems({"s1": a_slot(since=1)}, "s1", "sortie", release=1) == ()


def test_a_stale_answer_is_refused_with_the_new_time_in_paris() -> None:
    (problem,) = confirmation_problems({"s1": moved(a_slot(), since=2)}, {"s1": 14}, release=1)
    assert problem.code == "slot_moved"
    assert (problem.facts["day"], problem.facts["hour"], problem.facts["place"]) == ("2020-11-04", "09:00", "Acy")


def test_all_problems_of_an_answer_come_at_once() -> None:
    slots = {"s1": a_slot(), "s2": moved(a_slot(), since=2)}
    problems = confirmation_problems(slots, {"s1": 41, "s2": 0, "gone": 12}, release=1)
    assert [p.code for p in problems] == ["slot_moved", "slot_withdrawn", "pupils_out_of_range", "pupils_out_of_range"]


def test_nothing_chosen_is_refused() -> None:
    assert [p.code for p in confirmation_problems({"s1": a_slot()}, {}, release=1)] == ["nothing_to_confirm"]


@pytest.mark.parametrize(("reason", "code"), [("", "reason_missing"), ("x" * 501, "reason_too_long")])
def test_a_decline_needs_a_short_reason(reason: str, code: str) -> None:
    assert [p.code for p in decline_problems({"s1": a_slot()}, "s1", reason, release=1)] == [code]
