"""Rendering and reading iCalendar: the traps of calendars and of the package; numbers are acceptance scenarios."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from icalendar.parser import Contentline

from services.notifications.adapters.ical import (
    InvalidCalendar,
    clean,
    clean_line,
    render_feed,
    render_message,
)
from services.notifications.adapters.replies import TooLarge, Unreadable, read_reply
from services.notifications.domain.contentlines import fold
from services.notifications.domain.feed import FeedContent
from services.notifications.domain.invitation import Attendee, Message, Revision
from services.notifications.domain.lint import lint
from services.notifications.domain.reply import Reply
from tests.unit.notifications.test_invitation import FIRST, TRUCK, after, an_entry, an_invitation

UTC = dt.timezone.utc
REPLIES = Path(__file__).parents[2] / "fixtures" / "replies"


def request(revision: Revision = FIRST, partstat: str = "NEEDS-ACTION") -> str:
    message = Message("REQUEST", revision, partstat=partstat)  # type: ignore[arg-type]
    return unfolded(render_message(an_invitation(revision), message))


def unfolded(body: bytes) -> str:
    return body.replace(b"\r\n ", b"").decode().replace("\r\n", "\n")


def test_a_request_asks_one_person_for_an_answer() -> None:
    lines = request().splitlines()
    assert lines.count("METHOD:REQUEST") == 1
    assert [line for line in lines if line.startswith("ATTENDEE")] == [
        'ATTENDEE;CN="Ze Fab Truck";CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;RSVP=TRUE:'
        "mailto:contact@truck.example"
    ]
    assert "ORGANIZER;CN=GrandSoissons:mailto:agenda@quinzaine.example" in lines
    assert "STATUS:CONFIRMED" in lines


def test_an_answer_that_stays_is_echoed_and_not_asked_for() -> None:
    assert "PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT;RSVP=FALSE" in request(partstat="ACCEPTED")


def test_a_cancellation_asks_for_nothing_and_frees_the_time() -> None:
    gone = after(None)
    lines = unfolded(render_message(an_invitation(gone), Message("CANCEL", gone))).splitlines()
    for line in (
        "METHOD:CANCEL",
        "SEQUENCE:1",
        "STATUS:CANCELLED",
        "TRANSP:TRANSPARENT",
        "SUMMARY:ANNULÉ - Robotique",
        'ATTENDEE;CN="Ze Fab Truck";CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT:mailto:contact@truck.example',
    ):
        assert lines.count(line) == 1


@pytest.mark.parametrize(
    ("day", "utc_hour", "expected"),
    [
        (dt.date(2020, 10, 23), 7, "DTSTART;TZID=Europe/Paris:20201023T090000"),
        (dt.date(2020, 10, 26), 8, "DTSTART;TZID=Europe/Paris:20201026T090000"),
        (dt.date(2021, 3, 26), 8, "DTSTART;TZID=Europe/Paris:20210326T090000"),
        (dt.date(2021, 3, 29), 7, "DTSTART;TZID=Europe/Paris:20210329T090000"),
    ],
)
def test_18_nine_o_clock_stays_nine_o_clock(day: dt.date, utc_hour: int, expected: str) -> None:
    start = dt.datetime(day.year, day.month, day.day, utc_hour, tzinfo=UTC)
    body = render_message(an_invitation(), Message("REQUEST", revision_at(start)))
    assert expected in unfolded(body)
    (event,) = Calendar.from_ical(body).walk("VEVENT")
    assert event["DTSTART"].dt == start


def revision_at(start: dt.datetime) -> Revision:
    return replace(FIRST, entry=an_entry(start=start, end=start + dt.timedelta(hours=1)))


@pytest.mark.parametrize("utc_hour", [0, 1])
def test_18_the_hour_that_autumn_plays_twice_is_written_in_utc(utc_hour: int) -> None:
    start = dt.datetime(2020, 10, 25, utc_hour, 30, tzinfo=UTC)
    text = unfolded(render_message(an_invitation(), Message("REQUEST", revision_at(start))))
    assert f"DTSTART:20201025T0{utc_hour}3000Z" in text


def test_19_a_session_past_midnight_ends_the_next_day() -> None:
    start = dt.datetime(2020, 11, 3, 22, tzinfo=UTC)
    entry = an_entry(start=start, end=start + dt.timedelta(minutes=90))
    assert "DTEND;TZID=Europe/Paris:20201104T003000" in request(replace(FIRST, entry=entry))


def test_20_names_of_all_kinds_come_back_as_they_were() -> None:
    name = 'Villeneuve; "St-Germain", l’École\\ 🎈 ' + "très " * 40
    entry = an_entry(summary=name, location=name, description=f"{name}\nseconde ligne")
    attendee = Attendee(TRUCK.email, name)
    body = render_message(an_invitation(), Message("REQUEST", replace(FIRST, entry=entry, attendee=attendee)))
    (event,) = Calendar.from_ical(body).walk("VEVENT")
    assert event["SUMMARY"] == name.strip()
    assert event["LOCATION"] == name.strip()
    assert event["DESCRIPTION"] == f"{name}\nseconde ligne"
    assert event["ATTENDEE"].params["CN"] == name.strip()
    assert b"^'St-Germain^'" in body.replace(b"\r\n ", b""), "RFC 6868"


@pytest.mark.parametrize("separator", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\0", "\x1b"])
def test_no_text_can_add_a_line(separator: str) -> None:
    evil = f"Robotique{separator}ATTENDEE:mailto:evil@evil.example{separator}END:VEVENT"
    entry = an_entry(summary=evil, location=evil, description=evil)
    attendee = Attendee(TRUCK.email, evil)
    body = render_message(an_invitation(), Message("REQUEST", replace(FIRST, entry=entry, attendee=attendee)))
    assert lint(body) == ()
    lines = unfolded(body).split("\n")
    assert [line for line in lines if line.startswith(("ATTENDEE:", "END:VEVENT"))] == ["END:VEVENT"]
    assert lines == [part for line in lines for part in line.splitlines()] + [""]


def test_what_the_linter_finds_does_not_leave() -> None:
    with pytest.raises(InvalidCalendar, match="is not a mailto: address"):
        render_message(an_invitation(), Message("REQUEST", replace(FIRST, attendee=Attendee("pas une adresse", "x"))))


def test_a_feed_has_no_method_no_uid_of_its_own_and_no_attendee() -> None:
    feed = unfolded(render_feed(FeedContent("Agenda", "fr", (("1@x.example", FIRST), ("2@x.example", after(None))))))
    assert feed.count("METHOD") == feed.count("ATTENDEE") == 0
    assert [line for line in feed.splitlines() if line.startswith("UID")] == ["UID:1@x.example", "UID:2@x.example"]
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H" in feed


def test_an_empty_feed_is_a_right_calendar() -> None:
    assert lint(render_feed(FeedContent("Agenda", "fr", ()))) == ()


@given(st.text("aNn\\;,\n é"))
def test_every_text_comes_back_as_it_was(text: str) -> None:
    body = render_message(an_invitation(), Message("REQUEST", replace(FIRST, entry=an_entry(description="x" + text))))
    (event,) = Calendar.from_ical(body).walk("VEVENT")
    assert event["DESCRIPTION"] == "x" + text


@given(st.text("aé€🤖\\^, ", min_size=60, max_size=300))
def test_lines_are_folded_where_the_package_folds_them(text: str) -> None:
    assert fold(text) == Contentline(text).to_ical() + b"\r\n"


def test_cleaning_keeps_words_and_lines() -> None:
    assert clean("a\r\nb\rc\td\x00\ud800") == "a\nb\nc\td"
    assert clean_line(" a\n\u2028 b\u00a0: c ") == "a b\u00a0: c"


# In --------------------------------------------------------------------------------------------------------


def calendar_of(name: str) -> bytes:
    message = message_from_bytes((REPLIES / name).read_bytes())
    part = next(part for part in message.walk() if part.get_content_type() == "text/calendar")
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload


THUNDERBIRD = calendar_of("reply-thunderbird-153-accepted.eml")
ACCEPTED = Reply(
    method="REPLY",
    uid="v09a@quinzaine.pixl.example",
    attendees=(("contact@zefabtruck.example", "ACCEPTED"),),
    sequence=0,
    stamp=dt.datetime(2026, 11, 22, 4, 23, 16, tzinfo=UTC),
)


def test_22_replies_of_real_calendars_are_read() -> None:
    assert read_reply(THUNDERBIRD) == (ACCEPTED,)
    assert read_reply(calendar_of("reply-evolution-3.46-tentative-comment.eml")) == (
        Reply(
            method="REPLY",
            uid="evo2@quinzaine.pixl.example",
            attendees=(("contact@zefabtruck.example", "TENTATIVE"),),
            sequence=0,
            stamp=dt.datetime(2026, 11, 22, 4, 25, 47, tzinfo=UTC),
            comment="Plutot le jeudi si possible",
        ),
    )


ZONE = THUNDERBIRD[THUNDERBIRD.index(b"BEGIN:VTIMEZONE") : THUNDERBIRD.index(b"BEGIN:VEVENT")]
EMPTY_ZONE = b"BEGIN:VTIMEZONE\r\nTZID:Ours\r\nEND:VTIMEZONE\r\n"


@pytest.mark.parametrize(
    ("before", "after_"),
    [
        (b"ORGANIZER;CN=PIXL GrandSoissons:mailto:smartcity@pixl.example\r\n", b""),
        (b"SEQUENCE:0\r\n", b""),
        (ZONE, EMPTY_ZONE),
        (b"mailto:contact", b"MAILTO:contact"),
        (b"BEGIN:VCALENDAR", b"\xef\xbb\xbfBEGIN:VCALENDAR"),
        (b"\r\n", b"\n"),
        (b"METHOD:REPLY", b"METHOD:reply"),
        (b"TZID=Europe/Paris", b"TZID=Nowhere/Unknown"),
    ],
    ids=["no-organizer", "no-sequence", "empty-zone", "upper-mailto", "bom", "lf", "lower-method", "unknown-zone"],
)
def test_30_messy_replies_are_read_all_the_same(before: bytes, after_: bytes) -> None:
    body = THUNDERBIRD.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    before = before.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    assert before in body
    assert read_reply(body.replace(before, after_)) == (ACCEPTED,)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"BEGIN:VCALENDAR",
        b"hello",
        b"\xff\xfe\x00",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSEQUENCE:x\r\nEND:VEVENT",
    ],
)
def test_37_what_cannot_be_read_says_so(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_reply(body)


def test_37_a_huge_calendar_is_refused_unread() -> None:
    with pytest.raises(TooLarge):
        read_reply(THUNDERBIRD + b" " * 300_000)
