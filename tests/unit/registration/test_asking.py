from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from services.contracts import rpc
from services.contracts.events import AnswerDeadlineSet, AnswerUndone, SlotDeclined
from services.registration.domain.asking import Asking, undo_problem, undo_until
from services.registration.handlers import answers, asking, schools
from tests.unit.registration.builders import NOW, a_session
from tests.unit.registration.fakes import FakeTransaction
from tests.unit.registration.test_answers import a_slot
from tests.unit.registration.test_handlers import EDITION, confirm, decline, do, page, refusal, release, tx

__all__ = ["tx"]

FRIDAY = dt.date(2020, 10, 16)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def undo(key: str = "u1", session: str = "s1", number: int = 1) -> rpc.UndoAnswer:
    return rpc.UndoAnswer(EDITION, "acy", number, session, key)


def shown(tx: FakeTransaction, day: dt.date | None) -> rpc.Deadline | None:
    return asking.set_deadline(rpc.SetDeadline(EDITION, day), tx).deadline


# Deadline -------------------------------------------------------------------------------------------------


def test_a_deadline_is_told_once_and_shown_to_both_sides(tx: FakeTransaction) -> None:
    assert asking.get_asking(rpc.GetAsking(EDITION), tx).deadline is None
    assert shown(tx, FRIDAY) == rpc.Deadline(FRIDAY, "open", 4) == shown(tx, FRIDAY) == page(tx).deadline
    assert tx.take() == [AnswerDeadlineSet(EDITION, FRIDAY)]
    assert tx.history.rows == [("", "deadline_set", {"day": "2020-10-16"})]


def test_the_last_day_itself_is_in_time_as_paris_counts(tx: FakeTransaction) -> None:
    shown(tx, FRIDAY)
    tx.now = dt.datetime(2020, 10, 16, 21, 59, tzinfo=dt.timezone.utc)
    assert page(tx).deadline == rpc.Deadline(FRIDAY, "open", 0)
    tx.now += dt.timedelta(minutes=1)
    assert page(tx).deadline == rpc.Deadline(FRIDAY, "passed", 0)


def test_a_deadline_is_prolonged_and_taken_away_but_not_set_in_the_past(tx: FakeTransaction) -> None:
    shown(tx, FRIDAY)
    tx.now += 7 * DAY
    assert refusal(tx, asking.set_deadline, rpc.SetDeadline(EDITION, FRIDAY - DAY)) == ["deadline_over"]
    assert shown(tx, FRIDAY) == rpc.Deadline(FRIDAY, "passed", 0)
    assert shown(tx, FRIDAY + 7 * DAY) == rpc.Deadline(FRIDAY + 7 * DAY, "open", 4)
    assert shown(tx, None) is None


@pytest.mark.parametrize("day", [dt.date(2020, 11, 17), dt.date.max])
def test_a_deadline_after_the_edition_is_refused(tx: FakeTransaction, day: dt.date) -> None:
    assert refusal(tx, asking.set_deadline, rpc.SetDeadline(EDITION, day)) == ["edition_day_outside"]
    assert shown(tx, dt.date(2020, 11, 16)) == page(tx).deadline


def test_a_late_answer_counts_and_is_marked_late(tx: FakeTransaction) -> None:
    release(tx, 1, a_session(1), a_session(2))
    shown(tx, FRIDAY)
    do(tx, answers.confirm_slots, confirm(s1=13))
    tx.now += 7 * DAY
    do(tx, answers.decline_slot, decline("k2", session="s2"))
    assert [(o.session.id, o.answer, o.late) for o in page(tx).offers] == [
        ("s1", "confirmed", False),
        ("s2", "declined", True),
    ]
    assert [r.late for r in schools.list_registrations(rpc.ListRegistrations(EDITION), tx)] == [1, 0]
    shown(tx, FRIDAY + 7 * DAY)
    assert [o.late for o in page(tx).offers] == [False, False]


def test_summer_time_ends_within_the_deadline_day() -> None:
    sunday = Asking(dt.date(2020, 10, 25))
    last = dt.datetime(2020, 10, 25, 22, 59, tzinfo=dt.timezone.utc)
    assert (sunday.late(last), sunday.late(last + dt.timedelta(minutes=1)), Asking().late(last)) == (False, True, False)


# Undo -----------------------------------------------------------------------------------------------------


def test_a_confirmation_taken_back_waits_again_with_the_known_head_count(tx: FakeTransaction) -> None:
    release(tx, 1, a_session())
    do(tx, answers.confirm_slots, confirm(s1=9))
    tx.take()
    (offer,) = do(tx, asking.undo_answer, undo()).offers
    assert (offer.answer, offer.pupils, offer.answered_at, offer.undo_until) == ("offered", 13, None, None)
    assert tx.take() == [AnswerUndone(EDITION, "acy", 1, "s1")]
    assert tx.history.rows[-1] == ("acy", "undone", {"session": "s1", "answer": "confirmed", "by": "school"})


def test_a_refusal_taken_back_loses_its_reason_and_may_be_given_again(tx: FakeTransaction) -> None:
    release(tx, 1, a_session())
    do(tx, answers.decline_slot, decline())
    (offer,) = do(tx, asking.undo_answer, undo()).offers
    assert (offer.answer, offer.reason) == ("offered", "")
    do(tx, answers.decline_slot, decline("k2", "piscine"))
    assert [type(event) for event in tx.take()] == [SlotDeclined, AnswerUndone, SlotDeclined]


def test_a_double_click_and_nothing_to_undo_change_nothing(tx: FakeTransaction) -> None:
    release(tx, 1, a_session())
    do(tx, answers.confirm_slots, confirm(s1=9))
    for request in (undo("u1"), undo("u1"), undo("u2")):
        assert [offer.answer for offer in do(tx, asking.undo_answer, request).offers] == ["offered"]
    assert [type(event) for event in tx.take()].count(AnswerUndone) == 1


def test_after_72_hours_an_answer_stands(tx: FakeTransaction) -> None:
    release(tx, 1, a_session())
    do(tx, answers.confirm_slots, confirm(s1=9))
    assert page(tx).offers[0].undo_until == NOW + 72 * HOUR
    tx.now = NOW + 72 * HOUR
    assert page(tx).offers[0].undo_until is None
    assert refusal(tx, asking.undo_answer, undo()) == ["undo_too_late"]
    assert page(tx).offers[0].answer == "confirmed"


def test_after_another_release_an_answer_stands_even_where_nothing_moved(tx: FakeTransaction) -> None:
    release(tx, 1, a_session())
    do(tx, answers.confirm_slots, confirm(s1=9))
    release(tx, 2, a_session(), a_session(2))
    assert page(tx).offers[0].undo_until is None
    assert refusal(tx, asking.undo_answer, undo(number=2)) == ["undo_after_release"]
    do(tx, answers.decline_slot, decline("k2", number=2))
    assert do(tx, asking.undo_answer, undo("u2", number=2)).offers[0].answer == "offered"


@pytest.mark.parametrize(
    ("sessions", "code"), [((), "slot_withdrawn"), ((replace(a_session(1), start=NOW, end=NOW + HOUR),), "slot_moved")]
)
def test_undo_on_an_outdated_page_is_refused(tx: FakeTransaction, sessions: tuple, code: str) -> None:  # type: ignore[type-arg]
    release(tx, 1, a_session())
    do(tx, answers.confirm_slots, confirm(s1=9))
    release(tx, 2, *sessions)
    assert refusal(tx, asking.undo_answer, undo()) == [code]


def test_an_answer_of_before_the_memory_of_releases_stands() -> None:
    old = replace(a_slot(), answer="confirmed", answered_at=NOW)
    problem = undo_problem(old, 1, NOW)
    assert (undo_until(old, 1, NOW), problem and problem.code) == (None, "undo_after_release")
