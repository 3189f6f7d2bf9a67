"""What becomes of a reply; numbers in names are those of the acceptance scenarios."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from services.notifications.domain import reply as notes
from services.notifications.domain.invitation import Answer, Invitation
from services.notifications.domain.reply import Outcome, Reply, apply
from tests.unit.notifications.builders import NOW
from tests.unit.notifications.test_invitation import FIRST, MOVED, OTHER, TOLD, TRUCK, after, an_invitation

STAMP = NOW + dt.timedelta(hours=2)
INVITED = an_invitation()
MOVED_REVISION = after(MOVED)
MOVED_INVITED = an_invitation(MOVED_REVISION)
MOVED_TOLD = {TRUCK.key: MOVED_REVISION}


def a_reply(partstat: str = "ACCEPTED", **changes: object) -> Reply:
    reply = Reply("REPLY", INVITED.uid, ((TRUCK.email, partstat),), 0, STAMP, "Avec plaisir")
    return replace(reply, **changes)


def answered(invitation: Invitation, partstat: str = "DECLINED", stamp: dt.datetime = STAMP) -> Invitation:
    return replace(invitation, answer=Answer(partstat, 0, stamp))  # type: ignore[arg-type]


@pytest.mark.parametrize("partstat", ["ACCEPTED", "DECLINED", "TENTATIVE"])
def test_22_a_plain_answer_is_applied(partstat: str) -> None:
    expected = Outcome("applied", "", Answer(partstat, 0, STAMP, "Avec plaisir"))  # type: ignore[arg-type]
    assert apply(a_reply(partstat), INVITED, TOLD, NOW) == expected


def test_23_the_same_reply_counts_once() -> None:
    once = replace(INVITED, answer=apply(a_reply(), INVITED, TOLD, NOW).answer)
    assert apply(a_reply(), once, TOLD, NOW) == Outcome("duplicate", notes.SAME_REPLY)


def test_24_an_older_answer_that_comes_late_changes_nothing() -> None:
    late = a_reply("ACCEPTED", stamp=STAMP - dt.timedelta(minutes=1))
    assert apply(late, answered(INVITED), TOLD, NOW) == Outcome("ignored", notes.OLDER_REPLY)


def test_24_a_newer_answer_replaces_an_older_one() -> None:
    newer = a_reply("ACCEPTED", stamp=STAMP + dt.timedelta(minutes=1))
    assert apply(newer, answered(INVITED), TOLD, NOW).verdict == "applied"


def test_25_an_answer_to_the_old_time_is_stale() -> None:
    assert apply(a_reply(), MOVED_INVITED, MOVED_TOLD, NOW) == Outcome("stale", notes.OLD_DATE)


def test_25_an_answer_to_the_old_time_counts_while_the_new_one_has_not_left() -> None:
    assert apply(a_reply(), MOVED_INVITED, TOLD, NOW).verdict == "applied"


def test_26_a_sequence_never_sent_is_for_a_person() -> None:
    assert apply(a_reply(sequence=7), INVITED, TOLD, NOW) == Outcome("for_a_person", notes.FUTURE)


def test_28_somebody_who_was_never_asked_is_to_be_confirmed() -> None:
    stranger = a_reply(attendees=(("autre@truck.example", "DECLINED"),))
    assert apply(stranger, INVITED, TOLD, NOW) == Outcome("to_confirm", notes.NOT_INVITED)


def test_28_somebody_who_is_no_longer_invited_changes_nothing() -> None:
    changed = after(FIRST.entry, attendee=OTHER)
    sent = TOLD | {OTHER.key: changed}
    assert apply(a_reply(), an_invitation(changed), sent, NOW).verdict == "ignored"


@pytest.mark.parametrize("attendees", [(), ((TRUCK.email, "ACCEPTED"), ("b@truck.example", "ACCEPTED"))])
def test_29_a_reply_names_one_person(attendees: tuple[tuple[str, str], ...]) -> None:
    assert apply(a_reply(attendees=attendees), INVITED, TOLD, NOW) == Outcome("for_a_person", notes.NOT_ONE_ATTENDEE)


def test_29_an_unknown_uid_is_for_a_person() -> None:
    assert apply(a_reply(), None, {}, NOW) == Outcome("for_a_person", notes.UNKNOWN_UID)


def test_30_case_of_the_address_does_not_matter_and_a_missing_date_is_now() -> None:
    reply = a_reply(attendees=((" Contact@TRUCK.example", "ACCEPTED"),), stamp=None)
    assert apply(reply, INVITED, TOLD, NOW).answer == Answer("ACCEPTED", 0, NOW, "Avec plaisir")


@pytest.mark.parametrize("partstat", ["DELEGATED", "NEEDS-ACTION", "X-PERHAPS"])
def test_31_what_is_no_answer_is_for_a_person(partstat: str) -> None:
    assert apply(a_reply(partstat), INVITED, TOLD, NOW) == Outcome("for_a_person", notes.NOT_AN_ANSWER)


@pytest.mark.parametrize(
    ("method", "note"),
    [("CANCEL", notes.MEDDLING), ("REQUEST", notes.MEDDLING), ("ADD", notes.MEDDLING), ("", notes.UNREADABLE)],
)
def test_34_who_is_invited_cannot_change_the_session(method: str, note: str) -> None:
    assert apply(a_reply(method=method), INVITED, TOLD, NOW) == Outcome("for_a_person", note)


STRANGER = (("autre@truck.example", "ACCEPTED"),)
HOUR = (STAMP, STAMP + dt.timedelta(hours=1))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Outcome("countered", notes.COUNTER)),
        ({"attendees": (*STRANGER, (TRUCK.email, "TENTATIVE"))}, Outcome("countered", notes.COUNTER)),
        ({"attendees": STRANGER}, Outcome("for_a_person", notes.NOT_INVITED)),
        ({"sequence": 1}, Outcome("for_a_person", notes.FUTURE)),
        ({"proposed": None}, Outcome("for_a_person", notes.UNCLEAR_HOUR)),
    ],
)
def test_32_another_time_proposed_is_shown_and_changes_nothing(changes: dict[str, object], expected: Outcome) -> None:
    counter = a_reply(method="COUNTER", proposed=HOUR)
    assert apply(replace(counter, **changes), INVITED, TOLD, NOW) == expected  # type: ignore[arg-type]


def test_32_a_proposal_against_the_old_time_is_stale() -> None:
    counter = a_reply(method="COUNTER", proposed=HOUR)
    assert apply(counter, MOVED_INVITED, MOVED_TOLD, NOW) == Outcome("stale", notes.OLD_DATE)


def test_33_an_invitation_is_sent_again_to_those_invited() -> None:
    refresh = a_reply(method="REFRESH")
    assert apply(refresh, INVITED, TOLD, NOW) == Outcome("resent", notes.ASKS_AGAIN)
    assert apply(replace(refresh, attendees=STRANGER), INVITED, TOLD, NOW).verdict == "for_a_person"
    gone = after(None)
    assert apply(refresh, an_invitation(gone), {TRUCK.key: gone}, NOW).verdict == "ignored"


def test_31_who_comes_instead_answers_in_the_place_of_the_invited() -> None:
    away = apply(a_reply("DELEGATED", delegate="x@truck.example"), INVITED, TOLD, NOW)
    assert away == Outcome("applied", notes.DELEGATED, Answer("DELEGATED", 0, STAMP, "Avec plaisir", "x@truck.example"))
    replaced = replace(INVITED, answer=away.answer)
    other = a_reply(attendees=(("X@truck.example", "ACCEPTED"),), stamp=STAMP + dt.timedelta(hours=1))
    expected = Answer("ACCEPTED", 0, other.stamp, "Avec plaisir", "x@truck.example")  # type: ignore[arg-type]
    assert apply(other, replaced, TOLD, NOW) == Outcome("applied", "", expected)
    assert apply(other, INVITED, TOLD, NOW).verdict == "to_confirm", "nobody sent that person"


def test_36_an_answer_to_a_cancelled_session_changes_nothing() -> None:
    gone = after(None)
    outcome = apply(a_reply(), an_invitation(gone), {TRUCK.key: gone}, NOW)
    assert outcome == Outcome("ignored", notes.CANCELLED)


def test_every_note_has_its_english() -> None:
    from services.kit.i18n import translations

    sentences = [text for name, text in vars(notes).items() if name.isupper() and isinstance(text, str)]
    assert len(sentences) == 22
    assert [text for text in sentences if translations("en").gettext(text) == text] == []
