"""Acceptance scenarios 22 to 37: what comes back. The truck was invited to the robotics at Acy and told by mail."""

from __future__ import annotations

import base64
import datetime as dt
import re
import zlib
from collections import Counter
from pathlib import Path

import pytest

from services.contracts import rpc
from services.contracts.errors import Refused
from services.contracts.events import InvitationAnswered
from services.notifications.adapters.press import HousePress
from services.notifications.domain import reply as notes
from services.notifications.ports import Desk
from tests.unit.notifications.builders import (
    EDITION_ID,
    NOW,
    a_bounce,
    a_session,
    edition_opened,
    registered,
    released,
    sessions,
)
from tests.unit.notifications.fakes import NAMES, Bureau
from tests.unit.notifications.reading import brief, calendar, event

P = "contact@truck.example"
ROBOTICS, VIDEO, *_ = sessions()
MOVED = a_session(hour=10)
STAMP = NOW + dt.timedelta(days=1)
REPLIES = Path(__file__).parents[2] / "fixtures" / "replies"


@pytest.fixture
def told() -> Bureau:
    bureau = Bureau()
    bureau.hear(edition_opened(), registered(), registered("belleu", "École de Belleu"), released(1, ROBOTICS, VIDEO))
    bureau.send()
    return bureau


def uid(bureau: Bureau) -> str:
    return next(mail.thread for mail in bureau.sent("invitation") if mail.draft.recipient == P)


def ics(bureau: Bureau, partstat: str = "ACCEPTED", method: str = "REPLY", **changes: str) -> str:
    """Return the calendar a truck's program sends, its lines replaced or (when empty) left out."""
    lines = {
        "uid": f"UID:{uid(bureau)}",
        "sequence": "SEQUENCE:0",
        "dtstamp": f"DTSTAMP:{STAMP:%Y%m%dT%H%M%SZ}",
        "dtstart": "DTSTART;TZID=Europe/Paris:20201103T090000",
        "dtend": "DTEND;TZID=Europe/Paris:20201103T101500",
        "organizer": "ORGANIZER:mailto:agenda@quinzaine.example",
        "attendee": f"ATTENDEE;PARTSTAT={partstat}:mailto:{P}",
        "comment": "",
    } | changes
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", f"METHOD:{method}", *ZONE, "BEGIN:VEVENT")
    return "\r\n".join((*head, *filter(None, lines.values()), "END:VEVENT", "END:VCALENDAR", ""))


ZONE = (
    "BEGIN:VTIMEZONE",
    "TZID:Europe/Paris",
    "BEGIN:STANDARD",
    "DTSTART:19961027T030000",
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
    "TZOFFSETFROM:+0200",
    "TZOFFSETTO:+0100",
    "END:STANDARD",
    "END:VTIMEZONE",
)


def mail(body: str, sender: str = P, kind: str = "text/calendar; method=REPLY", head: str = "") -> bytes:
    content = base64.encodebytes(body.encode()).decode()
    return (
        f"{head}From: {sender}\r\nTo: agenda@quinzaine.example\r\nSubject: Re\r\n"
        f"Content-Type: {kind}; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{content}"
    ).encode()


def emitted(bureau: Bureau) -> list[str]:
    return [event.answer for event in bureau.tx.emitted if isinstance(event, InvitationAnswered)]


# Answers -----------------------------------------------------------------------------------------------------


def fixture(name: str, bureau: Bureau) -> bytes:
    """Return a real reply, or one written after what is known of a program, as if it had answered our invitation."""
    raw = (REPLIES / name).read_bytes()
    raw = re.sub(rb"(?m)^UID:\S+", b"UID:" + uid(bureau).encode(), raw)
    return raw.replace(b"contact@zefabtruck.example", P.encode())


CLIENTS = (
    *("reply-thunderbird-153-accepted", "reply-evolution-3.46-tentative-comment", "reply-xandikos-0.4.10-accepted"),
    *("style-of-google-accepted", "style-of-outlook-accepted"),
)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    ("partstat", "answer"), [("ACCEPTED", "accepted"), ("DECLINED", "declined"), ("TENTATIVE", "tentative")]
)
def test_scenario_22_the_answers_of_real_calendars_are_applied(
    told: Bureau, client: str, partstat: str, answer: str
) -> None:
    raw = re.sub(
        rb"PARTSTAT=(3D)?(ACCEPTED|TENTATIVE)",
        rb"PARTSTAT=\1" + partstat.encode(),
        fixture(f"{client}.eml", told),
    )
    assert told.receive(raw) == rpc.Received("applied", "", ROBOTICS.id)
    assert (emitted(told), told.answer(ROBOTICS.id)) == ([answer], answer)


def test_scenario_22_a_comment_is_passed_on(told: Bureau) -> None:
    told.receive(fixture("reply-evolution-3.46-tentative-comment.eml", told))
    (said,) = told.tx.emitted
    assert isinstance(said, InvitationAnswered)
    assert said.comment == "Plutot le jeudi si possible"


def test_scenario_23_the_same_reply_counts_once_however_it_comes(told: Bureau) -> None:
    twice = fixture("reply-thunderbird-153-accepted.eml", told)
    assert twice.count(b"METHOD:REPLY") == 2, "as text/calendar and as its twin"
    assert told.receive(twice).outcome == "applied"
    assert told.receive(twice).outcome == "duplicate"
    assert told.receive(b"Received: by another way\r\n" + twice) == rpc.Received(
        "duplicate", notes.SAME_REPLY, ROBOTICS.id
    )
    assert emitted(told) == ["accepted"]


def test_scenario_24_the_newer_answer_stays_when_the_older_comes_late(told: Bureau) -> None:
    older = f"DTSTAMP:{STAMP - dt.timedelta(minutes=5):%Y%m%dT%H%M%SZ}"
    assert told.receive(mail(ics(told, "DECLINED"))).outcome == "applied"
    assert told.receive(mail(ics(told, dtstamp=older))) == rpc.Received("ignored", notes.OLDER_REPLY, ROBOTICS.id)
    assert told.answer(ROBOTICS.id) == "declined"


def test_scenario_25_accepting_the_old_time_is_shown_and_asks_on(told: Bureau) -> None:
    told.hear(released(2, MOVED, VIDEO))
    told.send()
    assert told.receive(mail(ics(told))) == rpc.Received("stale", notes.OLD_DATE, ROBOTICS.id)
    assert (told.answer(ROBOTICS.id), emitted(told)) == ("pending", [])


def test_scenario_26_a_sequence_we_never_sent_is_for_a_person(told: Bureau) -> None:
    assert told.receive(mail(ics(told, sequence="SEQUENCE:9"))) == rpc.Received(
        "for_a_person", notes.FUTURE, ROBOTICS.id
    )
    assert told.answer(ROBOTICS.id) == "pending"


def test_scenario_27_another_sender_for_a_known_attendee_is_applied(told: Bureau) -> None:
    assert told.receive(mail(ics(told), sender="moi@ailleurs.example")).outcome == "applied"


def test_scenario_27_an_unknown_attendee_of_a_known_invitation_is_confirmed_by_a_person(told: Bureau) -> None:
    other = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:moi@ailleurs.example"
    assert told.receive(mail(ics(told, attendee=other))) == rpc.Received("to_confirm", notes.NOT_INVITED, ROBOTICS.id)
    assert (told.answer(ROBOTICS.id), emitted(told)) == ("pending", [])
    assert told.settle("apply").settled == "apply"
    assert (told.answer(ROBOTICS.id), emitted(told)) == ("accepted", ["accepted"])
    with pytest.raises(Refused) as refusal:
        told.settle("apply")
    assert [problem.code for problem in refusal.value.problems] == ["mail_settled"]


def test_scenario_27_a_confirmation_that_comes_too_late_is_refused(told: Bureau) -> None:
    told.receive(mail(ics(told, attendee="ATTENDEE;PARTSTAT=ACCEPTED:mailto:moi@ailleurs.example")))
    told.hear(released(2, MOVED, VIDEO))
    told.send()
    with pytest.raises(Refused) as refusal:
        told.settle("apply")
    assert [problem.code for problem in refusal.value.problems] == ["answer_outdated"]


def test_scenario_28_somebody_never_invited_is_not_added_and_nobody_else_is_touched(told: Bureau) -> None:
    told.accept(ROBOTICS.id)
    stranger = "ATTENDEE;PARTSTAT=DECLINED:mailto:inconnu@ailleurs.example"
    assert told.receive(mail(ics(told, attendee=stranger))).outcome == "to_confirm"
    assert told.settle("dismiss").settled == "dismiss"
    assert (told.answer(ROBOTICS.id), emitted(told)) == ("accepted", ["accepted"])
    told.hear(released(2, MOVED, VIDEO))
    assert {m.draft.recipient for m in told.send() if m.draft.kind == "invitation"} == {P}


def test_scenario_29_a_reply_for_two_people_is_refused(told: Bureau) -> None:
    two = f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{P}\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:b@truck.example"
    assert told.receive(mail(ics(told, attendee=two))) == rpc.Received(
        "for_a_person", notes.NOT_ONE_ATTENDEE, ROBOTICS.id
    )
    assert emitted(told) == []


OURS = "Authentication-Results: mx.quinzaine.example; spf=none; dkim=none; dmarc=fail header.from=truck.example\r\n"
FOREIGN = "Authentication-Results: mx.elsewhere.example; dmarc=fail\r\n"


def test_scenario_29_a_forged_sender_is_refused_on_the_word_of_our_own_server_alone(told: Bureau) -> None:
    told.desk = Desk(HousePress(NAMES, "https://quinzaine.example", "mx.quinzaine.example"), NAMES)
    assert told.receive(mail(ics(told), head=OURS + FOREIGN)) == rpc.Received("for_a_person", notes.FORGED)
    passed = OURS.replace("dmarc=fail", "dmarc=pass")
    assert (told.answer(ROBOTICS.id), emitted(told)) == ("pending", [])
    assert told.receive(mail(ics(told), head=FOREIGN)).outcome == "applied", "nobody we know says it is forged"
    assert told.receive(mail(ics(told), head=passed + OURS)).outcome == "duplicate", "ours stands on top"


MESSY = {
    "no organizer": lambda raw: re.sub(r"ORGANIZER.*\r\n", "", raw),
    "no sequence": lambda raw: re.sub(r"SEQUENCE.*\r\n", "", raw),
    "empty zone": lambda raw: re.sub(r"(?s)BEGIN:STANDARD.*END:STANDARD\r\n", "", raw),
    "byte order mark": lambda raw: "\ufeff" + raw,
    "line feeds": lambda raw: raw.replace("\r\n", "\n"),
    "upper-case mailto": lambda raw: raw.replace("mailto:contact", "MAILTO:Contact"),
}


@pytest.mark.parametrize("kind", ["text/calendar; method=REPLY", "text/calendar", "application/ics"])
@pytest.mark.parametrize("mess", MESSY.values(), ids=MESSY.keys())
def test_scenario_30_messy_replies_are_applied(told: Bureau, mess: object, kind: str) -> None:
    assert told.receive(mail(mess(ics(told)), kind=kind)) == rpc.Received("applied", "", ROBOTICS.id)  # type: ignore[operator]


def test_scenario_31_a_delegate_answers_and_is_not_invited_by_itself(told: Bureau) -> None:
    away = f'ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:x@truck.example":mailto:{P}'
    assert told.receive(mail(ics(told, attendee=away))) == rpc.Received("applied", notes.DELEGATED, ROBOTICS.id)
    assert (told.send(), emitted(told), told.answer(ROBOTICS.id)) == ([], [], "pending")
    delegate = f'ATTENDEE;PARTSTAT=ACCEPTED;DELEGATED-FROM="mailto:{P}":mailto:x@truck.example'
    assert told.receive(mail(ics(told, attendee=delegate), sender="x@truck.example")).outcome == "applied"
    assert (emitted(told), told.answer(ROBOTICS.id)) == (["accepted"], "accepted")
    invitation = told.tx.invitations.by_uid(uid(told))
    assert invitation is not None
    assert invitation.answer is not None
    assert invitation.answer.delegate == "x@truck.example"


PROPOSED = {"dtstart": "DTSTART;TZID=Europe/Paris:20201103T140000", "dtend": "DTEND;TZID=Europe/Paris:20201103T151500"}


def test_scenario_32_a_proposal_is_shown_with_its_time_and_accepted_by_moving(told: Bureau) -> None:
    told.accept(ROBOTICS.id)
    assert told.receive(mail(ics(told, method="COUNTER", **PROPOSED))) == rpc.Received(
        "countered", notes.COUNTER, ROBOTICS.id
    )
    (shown,) = told.tx.incoming.latest(1)
    hours = (
        dt.datetime(2020, 11, 3, 13, tzinfo=dt.timezone.utc),
        dt.datetime(2020, 11, 3, 14, 15, tzinfo=dt.timezone.utc),
    )
    assert (shown.session_id, shown.proposed, shown.settled) == (ROBOTICS.id, hours, "")
    assert (told.send(), told.answer(ROBOTICS.id)) == ([], "accepted")
    told.hear(released(2, a_session(hour=14), VIDEO))
    assert brief(told.send()) == [("REQUEST", P, 1)]


def test_scenario_32_a_proposal_is_refused_in_the_calendar_and_in_plain_words(told: Bureau) -> None:
    told.receive(mail(ics(told, method="COUNTER", **PROPOSED)))
    assert told.settle("refuse", "La salle est prise, désolé; merci.").settled == "refuse"
    (refusal,) = told.send()
    assert (refusal.draft.kind, refusal.draft.recipient) == ("refusal", P)
    said = event(refusal)
    assert (said["UID"], said["SEQUENCE"], str(said["COMMENT"])) == (uid(told), 0, "La salle est prise, désolé; merci.")
    assert b"METHOD:DECLINECOUNTER\r\n" in calendar(refusal)
    assert "La salle est prise" in plain_text(refusal.letter.raw)
    told.hear(released(2, ROBOTICS, VIDEO))
    assert told.send() == [], "nothing else changed"


def plain_text(raw: bytes) -> str:
    from email import message_from_bytes, policy

    part = message_from_bytes(raw, policy=policy.default).get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_scenario_32_a_stale_proposal_is_not_shown_as_one(told: Bureau) -> None:
    told.hear(released(2, MOVED, VIDEO))
    told.send()
    assert told.receive(mail(ics(told, method="COUNTER", **PROPOSED))).outcome == "stale"
    with pytest.raises(Refused) as refusal:
        told.settle("refuse")
    assert [problem.code for problem in refusal.value.problems] == ["nothing_to_refuse"]


@pytest.mark.parametrize("day", ["20201025", "20210328"])
def test_scenario_18_a_proposed_hour_that_clocks_repeat_or_skip_is_refused(told: Bureau, day: str) -> None:
    hours = {"dtstart": f"DTSTART;TZID=Europe/Paris:{day}T023000", "dtend": f"DTEND;TZID=Europe/Paris:{day}T053000"}
    zone = fixture("reply-evolution-3.46-tentative-comment.eml", told).decode().replace("=3D", "=")
    zone = zone[zone.index("BEGIN:VTIMEZONE") : zone.index("BEGIN:VEVENT")].replace("\r\n", "\n").replace("\n", "\r\n")
    body = ics(told, method="COUNTER", **hours).replace("\r\n".join((*ZONE, "")), zone)
    assert body.count("BEGIN:DAYLIGHT") == 1
    assert told.receive(mail(body)) == rpc.Received("for_a_person", notes.UNCLEAR_HOUR, ROBOTICS.id)


def test_scenario_33_the_invitation_is_sent_again_once_an_hour_at_most(told: Bureau) -> None:
    told.accept(ROBOTICS.id)
    assert told.receive(mail(ics(told, method="REFRESH"))) == rpc.Received("resent", notes.ASKS_AGAIN, ROBOTICS.id)
    told.tx.now -= dt.timedelta(minutes=30)
    again = mail(ics(told, method="REFRESH"), sender="autre@truck.example")
    assert told.receive(again) == rpc.Received("ignored", notes.ASKED_LATELY, ROBOTICS.id)
    mails = told.send()
    assert brief(mails) == [("REQUEST", P, 0)]
    assert event(mails[0])["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    assert calendar(mails[0]).replace(b"PARTSTAT=ACCEPTED", b"") != calendar(mails[0])


@pytest.mark.parametrize("method", ["CANCEL", "REQUEST", "ADD", "PUBLISH", "DECLINECOUNTER"])
def test_scenario_34_nothing_an_attendee_mails_changes_our_session(told: Bureau, method: str) -> None:
    before = dict(told.tx.parties.feeds)
    assert told.receive(mail(ics(told, method=method, **PROPOSED))) == rpc.Received(
        "for_a_person", notes.MEDDLING, ROBOTICS.id
    )
    assert (told.send(), told.tx.parties.feeds, told.answer(ROBOTICS.id)) == ([], before, "pending")


# What is no answer of a calendar -------------------------------------------------------------------------------


def test_scenario_35_an_automatic_reply_of_a_calendar_is_applied(told: Bureau) -> None:
    assert told.receive(mail(ics(told), head="Auto-Submitted: auto-replied\r\n")).outcome == "applied"


@pytest.mark.parametrize(
    "raw",
    [
        b"Auto-Submitted: auto-replied\r\nSubject: Absence\r\n\r\nJe suis en vacances.\r\n",
        b"Subject: Re: Invitation\r\n\r\nok pour moi\r\n",
        b"Content-Type: text/html\r\n\r\n<p>oui</p>",
    ],
)
def test_scenario_35_words_wait_for_a_person(told: Bureau, raw: bytes) -> None:
    assert told.receive(raw) == rpc.Received("for_a_person", notes.NO_CALENDAR)
    assert len(told.tx.incoming.latest(10)) == 1
    assert told.send() == [], "nobody is answered by a machine"


def test_scenario_35_a_mail_that_came_back_is_marked_and_told_anew_later(told: Bureau) -> None:
    lost = next(m for m in told.sent("invitation") if m.draft.recipient == P)
    assert told.receive(a_bounce(NAMES.message_id(lost.id))) == rpc.Received("bounced", notes.BOUNCED, ROBOTICS.id)
    assert (lost.state, lost.error) == ("failed", "5.1.1 smtp; 550 5.1.1 no such user here")
    told.hear(released(2, VIDEO))
    assert brief(told.send()) == [], "what never arrived is not cancelled"


def test_scenario_35_a_delay_or_a_stranger_s_mail_marks_nothing(told: Bureau) -> None:
    mine = NAMES.message_id(told.sent("invitation")[0].id)
    for raw in (a_bounce(mine, "delayed"), a_bounce("<nobody@elsewhere.example>")):
        assert told.receive(raw) == rpc.Received("for_a_person", notes.BOUNCED)
    assert {m.state for m in told.tx.mails.queue} == {"sent"}


def test_scenario_36_an_answer_to_a_cancelled_session_is_kept_and_changes_nothing(told: Bureau) -> None:
    before = ics(told)
    told.hear(released(2, VIDEO))
    told.send()
    assert told.receive(mail(before)) == rpc.Received("ignored", notes.CANCELLED, ROBOTICS.id)
    assert (emitted(told), len(told.tx.incoming.latest(10))) == ([], 1)


def nested(depth: int) -> bytes:
    parts = [f'Content-Type: multipart/mixed; boundary="{n}"\r\n\r\n--{n}\r\n' for n in range(depth)]
    return ("From: a@b.example\r\n" + "".join(parts) + "Content-Type: text/plain\r\n\r\nx\r\n").encode()


ATTACK_NOTES = {notes.NO_CALENDAR, notes.UNREADABLE, notes.TOO_LARGE, notes.NOT_ONE_ATTENDEE, notes.SEVERAL_EVENTS}


def attacks(bureau: Bureau) -> dict[str, bytes]:
    crowd = "\r\n".join(f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:p{n}@x.example" for n in range(10_000))
    bomb = base64.encodebytes(zlib.compress(b"0" * 50_000_000)).decode()
    return {
        "5 MB of calendar": mail(ics(bureau, comment="COMMENT:" + "x" * 5_000_000)),
        "10,000 attendees": mail(ics(bureau, attendee=crowd)),
        "1,000 events": mail(
            ics(bureau).replace("BEGIN:VEVENT", "BEGIN:VEVENT\r\nUID:x\r\nEND:VEVENT\r\n" * 1000 + "BEGIN:VEVENT")
        ),
        "zip bomb": f"Content-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n{bomb}".encode(),
        "a zip called a calendar": b"Content-Type: text/calendar\r\n\r\n" + base64.b64decode(bomb),
        "html only": b"Content-Type: text/html\r\n\r\n<b>oui</b>",
        "broken MIME": b'Content-Type: multipart/mixed; boundary="never"\r\n\r\n\xff\x00--nev\r\nContent-Type:',
        "parts in parts": nested(3000),
        "components in components": mail("BEGIN:VCALENDAR\r\n" + "BEGIN:VEVENT\r\n" * 5000),
        "many parts": b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\nx\r\n" * 20_000,
        "endless header": b"Subject: " + b"x" * 1_000_000 + b"\r\n\r\n",
    }


def test_scenario_37_attacks_are_kept_unread_and_the_next_answer_is_applied(told: Bureau) -> None:
    outcomes = {name: told.receive(raw) for name, raw in attacks(told).items()}
    assert Counter(outcome.outcome for outcome in outcomes.values()) == {"for_a_person": len(outcomes)}
    assert {outcome.note for outcome in outcomes.values()} <= ATTACK_NOTES
    assert told.receive(mail(ics(told))).outcome == "applied"


def test_every_edition_keeps_its_own(told: Bureau) -> None:
    assert {m.draft.edition_id for m in told.tx.mails.queue} == {EDITION_ID}


def test_scenario_32_an_accepted_proposal_is_settled_and_its_release_invites_anew(told: Bureau) -> None:
    told.receive(mail(ics(told, method="COUNTER", **PROPOSED)))
    assert told.settle("accept").settled == "accept"
    assert told.send() == [], "nothing leaves before the plan is released"
    told.hear(released(2, a_session(hour=14), VIDEO))
    assert brief(told.send()) == [("REQUEST", P, 1)]


def test_scenario_32_only_a_proposal_can_be_accepted(told: Bureau) -> None:
    told.accept(ROBOTICS.id)
    with pytest.raises(Refused) as refusal:
        told.settle("accept")
    assert [problem.code for problem in refusal.value.problems] == ["nothing_to_refuse"]
