"""What an invitation's revisions and messages must be; numbers in names are those of the acceptance scenarios."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.notifications.domain.entry import Entry, Party
from services.notifications.domain.invitation import (
    Answer,
    Attendee,
    Invitation,
    Message,
    Revision,
    Sent,
    Wanted,
    first,
    plan,
    revise,
    standing,
)
from tests.unit.notifications.builders import EDITION_ID, NOW, a_session

HOUR = dt.timedelta(hours=1)
LATER = NOW + HOUR
TRUCK = Attendee("contact@truck.example", "Ze Fab Truck")
OTHER = Attendee("nouveau@truck.example", "Ze Fab Truck")


def an_entry(**changes: object) -> Entry:
    start = dt.datetime(2020, 11, 3, 8, tzinfo=dt.timezone.utc)
    entry = Entry(start, start + HOUR, "acy@49.35,3.41", "truck-1", "Robotique", "12 élèves", "Acy", 49.345, 3.411)
    return replace(entry, **changes)


ENTRY = an_entry()
MOVED = an_entry(start=ENTRY.start + HOUR, end=ENTRY.end + HOUR)
FIRST = first(Wanted(ENTRY, TRUCK), NOW)
TOLD: Sent = {TRUCK.key: FIRST}


def after(entry: Entry | None, known: Revision = FIRST, sent: Sent = TOLD, attendee: Attendee = TRUCK) -> Revision:
    return revise(known, sent, Wanted(entry, attendee) if entry else None, LATER)


def test_1_a_new_session_is_asked_at_sequence_0() -> None:
    assert FIRST.sequence == 0
    assert plan({}, FIRST) == (Message("REQUEST", FIRST),)


def test_2_the_same_again_is_the_same_revision_and_no_mail() -> None:
    again = after(ENTRY)
    assert again is FIRST
    assert plan(TOLD, again) == ()


def test_3_another_start_raises_sequence_and_asks_again() -> None:
    moved = after(MOVED)
    assert (moved.sequence, moved.modified) == (1, LATER)
    assert plan(TOLD, moved, "ACCEPTED") == (Message("REQUEST", moved, ENTRY, "NEEDS-ACTION"),)


def test_4_another_end_alone_counts_as_moved() -> None:
    assert after(an_entry(end=ENTRY.end + HOUR)).sequence == 1


def test_5_another_commune_raises_sequence() -> None:
    assert after(an_entry(where="acy@49.40,3.41")).sequence == 1


def test_6_other_words_only_move_the_date_of_the_entry() -> None:
    reworded = after(an_entry(description="11 élèves"))
    assert (reworded.sequence, reworded.modified) == (0, LATER)
    assert plan(TOLD, reworded) == ()


def test_7_moved_and_moved_back_before_it_left_mails_nothing() -> None:
    moved = after(MOVED)
    back = after(ENTRY, known=moved)
    assert plan(TOLD, back) == ()
    assert back.sequence == 1, "the feed showed 1: it never falls"
    assert back.modified > moved.modified


def test_7_a_move_after_that_still_rises_above_what_was_sent() -> None:
    back = after(ENTRY, known=after(MOVED))
    assert after(MOVED, known=back).sequence == 1
    assert after(MOVED, known=back).sequence > TOLD[TRUCK.key].sequence


def test_8_several_moves_before_the_mail_left_raise_sequence_once() -> None:
    moved = after(an_entry(start=ENTRY.start + 3 * HOUR, end=ENTRY.end + 3 * HOUR), known=after(MOVED))
    assert moved.sequence == 1
    assert [message.revision for message in plan(TOLD, moved)] == [moved]


def test_10_another_address_cancels_the_old_and_asks_the_new() -> None:
    changed = after(ENTRY, attendee=OTHER)
    cancel, request = plan(TOLD, changed, "ACCEPTED")
    assert (cancel.method, cancel.revision.attendee, cancel.revision.sequence) == ("CANCEL", TRUCK, 1)
    assert (request.method, request.revision, request.partstat) == ("REQUEST", changed, "NEEDS-ACTION")


def test_10_another_case_of_the_address_or_another_name_is_nobody_else() -> None:
    renamed = after(ENTRY, attendee=Attendee("Contact@Truck.example", "Fab Truck"))
    assert renamed.sequence == 0
    assert plan(TOLD, renamed) == ()


def test_11_a_dropped_session_is_cancelled_above_what_was_sent() -> None:
    gone = after(None)
    (message,) = plan(TOLD, gone)
    assert (message.method, message.revision) == ("CANCEL", gone)
    assert (gone.sequence, gone.cancelled) == (1, True)


def test_11_everyone_who_was_ever_asked_hears_of_it() -> None:
    sent = TOLD | {OTHER.key: replace(FIRST, sequence=1, attendee=OTHER)}
    recipients = [message.revision.attendee for message in plan(sent, after(None, sent=sent))]
    assert recipients == [TRUCK, OTHER]


def test_12_what_never_left_is_not_cancelled() -> None:
    assert plan({}, after(None, sent={})) == ()


def test_what_is_cancelled_stays_cancelled_as_it_was() -> None:
    gone = after(None)
    assert after(None, known=gone) is gone
    assert plan({TRUCK.key: gone}, gone) == ()


def test_another_team_at_the_same_time_is_told_without_asking_again() -> None:
    changed = after(an_entry(by="truck-2"))
    assert changed.sequence == 0
    assert plan(TOLD, changed, "ACCEPTED") == (Message("REQUEST", changed, ENTRY, "ACCEPTED"),)


def test_revisions_within_a_second_still_have_rising_dates() -> None:
    second = revise(FIRST, {}, Wanted(MOVED, TRUCK), NOW)
    third = revise(second, {}, Wanted(ENTRY, TRUCK), NOW)
    assert (second.modified, third.modified) == (NOW + dt.timedelta(seconds=1), NOW + dt.timedelta(seconds=2))


def an_invitation(revision: Revision = FIRST, answer: Answer | None = None) -> Invitation:
    organiser = Attendee("agenda@quinzaine.example", "GrandSoissons")
    party = Party("provider", "truck")
    return Invitation(EDITION_ID, party, a_session(), 1, "u-g1@quinzaine.example", organiser, revision, answer)


def test_an_answer_counts_for_the_revision_it_was_given_to() -> None:
    accepted = Answer("ACCEPTED", 0, NOW)
    moved = after(MOVED)
    assert standing(an_invitation(FIRST, accepted), TOLD) == "ACCEPTED"
    assert standing(an_invitation(moved, accepted), TOLD) == "NEEDS-ACTION", "moved, though the mail has not left"
    assert standing(an_invitation(moved, accepted), {TRUCK.key: moved}) == "NEEDS-ACTION"
    assert standing(an_invitation(moved, Answer("DECLINED", 1, NOW)), {TRUCK.key: moved}) == "DECLINED"


def test_an_answer_stays_when_only_words_change() -> None:
    reworded = after(an_entry(description="11 élèves"))
    assert standing(an_invitation(reworded, Answer("ACCEPTED", 0, NOW)), TOLD) == "ACCEPTED"
