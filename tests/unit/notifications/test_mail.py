"""Mails as MIME, out and in; numbers are acceptance scenarios."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from services.notifications.adapters.mail import Content, compose
from services.notifications.adapters.reading import read_mail
from services.notifications.domain import reply as notes
from services.notifications.domain.invitation import Attendee
from services.notifications.domain.reply import ReadMail
from services.notifications.ports import Postmark
from services.portal.mail.mailroom import NotAnInvitation, reply_to_invitation
from tests.unit.notifications.builders import NOW
from tests.unit.notifications.test_ical import ACCEPTED, REPLIES

SENDER = Attendee("agenda@quinzaine.example", "GrandSoissons, agglomération")
READER = Attendee("contact@truck.example", "Équipe Ze Fab Truck")
ICS = "BEGIN:VCALENDAR\r\nSUMMARY:É\r\nEND:VCALENDAR\r\n".encode()
GOLDEN = Path(__file__).parent / "golden"
INVITATION = (GOLDEN / "first-invitation-truck-robotique.eml").read_bytes()


def mail(calendar: bool = True, first: str = "", subject: str = "Séance à l’école") -> bytes:
    content = Content(subject, "Où ?\n.\nÀ Acy\n", "<p>Où ?</p>", ("REQUEST", ICS) if calendar else None)
    return compose(SENDER, READER, content, Postmark("<invitation.1@quinzaine.example>", NOW, first))


def parsed(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_an_invitation_has_the_structure_calendars_expect() -> None:
    parts = [(part.get_content_type(), part.get("Content-Transfer-Encoding")) for part in parsed(mail()).walk()]
    assert parts == [
        ("multipart/mixed", None),
        ("multipart/alternative", None),
        ("text/plain", "quoted-printable"),
        ("text/html", "quoted-printable"),
        ("text/calendar", "base64"),
        ("application/ics", "base64"),
    ]


def test_both_calendars_are_the_very_bytes_and_name_the_method() -> None:
    calendars = [
        part for part in parsed(mail()).walk() if part.get_content_type() in ("text/calendar", "application/ics")
    ]
    assert [part.get_payload(decode=True) for part in calendars] == [ICS, ICS]
    assert dict(calendars[0]["Content-Type"].params) == {"method": "REQUEST", "charset": "UTF-8", "component": "VEVENT"}
    assert calendars[1].get_filename() == "invite.ics"


def test_headers_say_who_and_what() -> None:
    message = parsed(mail(first="<invitation.0@quinzaine.example>"))
    assert message["From"].addresses[0].addr_spec == "agenda@quinzaine.example"
    assert message["From"].addresses[0].display_name == "GrandSoissons, agglomération"
    assert str(message["To"]) == "Équipe Ze Fab Truck <contact@truck.example>"
    assert message["Subject"] == "Séance à l’école"
    assert message["Message-ID"] == "<invitation.1@quinzaine.example>"
    assert message["In-Reply-To"] == message["References"] == "<invitation.0@quinzaine.example>"
    assert message["Auto-Submitted"] is None


def test_a_long_message_id_stays_whole() -> None:
    long = f"<{'i' * 60}@{'x' * 60}.example>"
    raw = compose(SENDER, READER, Content("Objet", "texte\n", "<p></p>"), Postmark(long, NOW, long))
    for header in ("Message-ID", "In-Reply-To", "References"):
        assert f"{header}: {long}\r\n".encode() in raw


def test_a_mail_without_a_calendar_says_it_comes_from_a_machine() -> None:
    message = parsed(mail(calendar=False))
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["In-Reply-To"] is None


@pytest.mark.parametrize("raw", [mail(), mail(False), *(path.read_bytes() for path in sorted(GOLDEN.glob("*.eml")))])
def test_everything_is_seven_bits_in_short_lines_ended_by_crlf(raw: bytes) -> None:
    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert max(map(len, raw.split(b"\r\n"))) <= 200


def test_the_same_mail_composed_twice_is_the_same_bytes() -> None:
    assert mail() == mail()


@pytest.mark.parametrize("separator", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\0"])
def test_no_name_or_subject_can_add_a_header(separator: str) -> None:
    evil = f"x{separator}Bcc: evil@evil.example{separator}{separator}body"
    content = Content(evil, "texte\n", "<p></p>")
    raw = compose(
        Attendee(SENDER.email, evil), Attendee(READER.email, evil), content, Postmark("<m@quinzaine.example>", NOW)
    )
    message = parsed(raw)
    assert message["Bcc"] is None
    assert [address.addr_spec for address in message["To"].addresses] == [READER.email]
    assert set(message.keys()) == set(parsed(mail(calendar=False)).keys())


# In --------------------------------------------------------------------------------------------------------


def test_22_mails_of_real_calendars_are_read() -> None:
    read = read_mail((REPLIES / "reply-thunderbird-153-accepted.eml").read_bytes())
    assert read == ReadMail("Ze Fab Truck <contact@zefabtruck.example>", "Accepted: V v09a", ACCEPTED)
    evolution = read_mail((REPLIES / "reply-evolution-3.46-tentative-comment.eml").read_bytes())
    assert evolution.reply is not None
    assert evolution.reply.attendees == (("contact@zefabtruck.example", "TENTATIVE"),)


def test_30_application_ics_alone_is_enough() -> None:
    raw = (REPLIES / "reply-thunderbird-153-accepted.eml").read_bytes()
    assert read_mail(raw.replace(b"text/calendar; method=REPLY;", b"text/x-other;")).reply == ACCEPTED


def test_30_a_missing_method_parameter_does_not_matter() -> None:
    raw = (REPLIES / "reply-thunderbird-153-accepted.eml").read_bytes()
    assert read_mail(raw.replace(b" method=REPLY;", b"")).reply == ACCEPTED


def test_35_an_automatic_reply_with_a_calendar_is_read() -> None:
    raw = (REPLIES / "reply-thunderbird-153-accepted.eml").read_bytes()
    assert read_mail(b"Auto-Submitted: auto-replied\r\n" + raw).reply == ACCEPTED


@pytest.mark.parametrize(
    ("raw", "note"),
    [
        (b"", notes.NO_CALENDAR),
        (b"\xff\xfe\x00 nonsense", notes.NO_CALENDAR),
        (b"Subject: ok\r\n\r\nok pour moi", notes.NO_CALENDAR),
        (b"Content-Type: text/html\r\n\r\n<p>oui</p>", notes.NO_CALENDAR),
        (b'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\r\n\r\n--x--', notes.BOUNCED),
        (b"Content-Type: text/calendar\r\n\r\nBEGIN:NONSENSE", notes.UNREADABLE),
        (b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", notes.UNREADABLE),
        (b"Content-Type: text/calendar\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!", notes.NO_CALENDAR),
        (b"Content-Type: text/calendar\r\n\r\n" + b"X" * 400_000, notes.TOO_LARGE),
        (b"From: =?utf-8?q?=\r\nSubject: =?bad?x?y?=\r\n\r\n", notes.NO_CALENDAR),
    ],
)
def test_37_whatever_comes_is_read_or_kept_for_a_person(raw: bytes, note: str) -> None:
    read = read_mail(raw)
    assert (read.reply, read.note) == (None, note)


def test_a_calendar_with_two_events_is_for_a_person() -> None:
    raw = (REPLIES / "reply-evolution-3.46-tentative-comment.eml").read_bytes()
    event = raw[raw.index(b"BEGIN:VEVENT") : raw.index(b"END:VCALENDAR")]
    assert read_mail(raw.replace(event, event + event)).note == notes.SEVERAL_EVENTS


# The development mailbox answers as a calendar would ----------------------------------------------------------


@pytest.mark.parametrize("partstat", ["ACCEPTED", "DECLINED", "TENTATIVE"])
def test_an_answer_from_the_mailbox_reads_as_one_from_a_calendar(partstat: str) -> None:
    answer = reply_to_invitation(INVITATION, partstat, NOW)
    reply = read_mail(answer.as_bytes()).reply
    assert reply is not None
    assert (reply.method, reply.attendees) == ("REPLY", (("contact@truck.example", partstat),))
    assert (reply.sequence, reply.stamp) == (0, NOW)
    assert (answer["From"], answer["To"]) == ("contact@truck.example", "agenda@quinzaine.example")


def test_the_same_answer_has_the_same_name() -> None:
    again, other = reply_to_invitation(INVITATION, "ACCEPTED"), reply_to_invitation(INVITATION, "DECLINED")
    assert reply_to_invitation(INVITATION, "ACCEPTED")["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert reply_to_invitation(INVITATION, "ACCEPTED", NOW).as_bytes() == (
        reply_to_invitation(INVITATION, "ACCEPTED", NOW).as_bytes()
    )


@pytest.mark.parametrize("name", ["second-cancellation-studio-video.eml", "first-digest-acy.eml"])
def test_only_an_invitation_can_be_answered(name: str) -> None:
    with pytest.raises(NotAnInvitation):
        reply_to_invitation((GOLDEN / name).read_bytes(), "ACCEPTED")
