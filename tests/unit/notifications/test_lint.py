"""The linter finds each fault alone, on its line; a calendar of ours has none."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cli import main
from services.notifications.domain.lint import lint

ZONE = """BEGIN:VTIMEZONE
TZID:Europe/Paris
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
"""
EVENT = """BEGIN:VEVENT
UID:1@quinzaine.example
SEQUENCE:1
DTSTAMP:20201012T070000Z
DTSTART;TZID=Europe/Paris:20201103T090000
DTEND;TZID=Europe/Paris:20201103T101500
SUMMARY:Robotique\\, \\;suite
ORGANIZER;CN="GrandSoissons, agglo":mailto:agenda@quinzaine.example
ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:contact@truck.example
STATUS:CONFIRMED
TRANSP:OPAQUE
END:VEVENT
"""
HEAD = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//FR\n"
REQUEST = f"{HEAD}METHOD:REQUEST\n{ZONE}{EVENT}END:VCALENDAR\n"
CANCEL = (
    REQUEST.replace("METHOD:REQUEST", "METHOD:CANCEL")
    .replace("STATUS:CONFIRMED", "STATUS:CANCELLED")
    .replace(";PARTSTAT=NEEDS-ACTION;RSVP=TRUE", "")
)
FEED = f"{HEAD}NAME:x\nREFRESH-INTERVAL;VALUE=DURATION:PT1H\n{ZONE}{EVENT}END:VCALENDAR\n"


def faults(text: str) -> list[str]:
    return [fault.text for fault in lint(text.replace("\n", "\r\n").encode())]


@pytest.mark.parametrize("text", [REQUEST, CANCEL, FEED], ids=["request", "cancel", "feed"])
def test_a_right_calendar_has_no_fault(text: str) -> None:
    assert faults(text) == []


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        (ZONE, "", "TZID Europe/Paris has no VTIMEZONE"),
        ("SUMMARY:Robotique", "SUMMARY:" + "Robotique" * 9, "line of 99 octets is not folded"),
        ("Robotique\\, ", "Robotique, ", "SUMMARY has an unescaped ,"),
        ("\\;suite", ";suite", "SUMMARY has an unescaped ;"),
        ("\\;suite", "\\suite", "SUMMARY has an unescaped \\"),
        (
            "PARTSTAT=NEEDS-ACTION",
            "PARTSTAT=PERHAPS",
            "PARTSTAT 'PERHAPS' is not one of NEEDS-ACTION, ACCEPTED, DECLINED, TENTATIVE, DELEGATED",
        ),
        ("RSVP=TRUE", "RSVP=YES", "RSVP 'YES' is not one of TRUE, FALSE"),
        ("SEQUENCE:1", "SEQUENCE:-1", "SEQUENCE '-1' must be a whole number from 0"),
        ("SEQUENCE:1", "SEQUENCE:1\nSEQUENCE:2", "SEQUENCE stands 2 times"),
        ("DTSTAMP:20201012T070000Z", "DTSTAMP:20201012T070000", "DTSTAMP '20201012T070000' must be in UTC"),
        ("DTSTAMP:20201012T070000Z\n", "", "DTSTAMP is missing"),
        ("UID:1@quinzaine.example\n", "", "UID is missing"),
        (":mailto:contact@", ":contact@", "ATTENDEE 'contact@truck.example' is not a mailto: address"),
        (":mailto:contact@truck.example", ":mailto:pas une adresse", None),
        ("TRANSP:OPAQUE", "TRANSP:NO", "TRANSP 'NO' is neither OPAQUE nor TRANSPARENT"),
        ("STATUS:CONFIRMED", "STATUS:DONE", "STATUS 'DONE' is not one of TENTATIVE, CONFIRMED, CANCELLED"),
        ("STATUS:CONFIRMED", "STATUS:CANCELLED", "a REQUEST is not CANCELLED"),
        ("DTSTART;TZID=Europe/Paris:", "DTSTART:", None),
        ("T101500", "T081500", "DTEND is not after DTSTART"),
        ("DTEND;TZID=Europe/Paris:20201103T101500", "DTEND;VALUE=DATE:20201104", None),
        ("TRANSP:OPAQUE", "DURATION:PT75M", "DTEND and DURATION exclude each other"),
        ("METHOD:REQUEST\n", "METHOD:REQUEST\nMETHOD:REQUEST\n", "METHOD stands twice"),
        ("TRANSP:OPAQUE", "METHOD:REQUEST", "METHOD 'REQUEST' stands inside a component"),
        ("METHOD:REQUEST", "METHOD:ADD", "METHOD 'ADD' is not for us"),
        ("RSVP=TRUE", "CUTYPE=ROBOT", "CUTYPE 'ROBOT' is not one of INDIVIDUAL, GROUP, RESOURCE, ROOM, UNKNOWN"),
        (
            "RSVP=TRUE",
            "ROLE=BOSS",
            "ROLE 'BOSS' is not one of CHAIR, REQ-PARTICIPANT, OPT-PARTICIPANT, NON-PARTICIPANT",
        ),
        ("20201103T09", "20201131T09", None),
        ("TRANSP:OPAQUE", "GEO:91.0;3.4", "GEO '91.0;3.4' is not a latitude and a longitude"),
        ("DTSTART;TZID=Europe/Paris:20201103T090000\n", "", "DTSTART stands 0 times, expected 1"),
        (EVENT, EVENT + EVENT.replace("UID:1@", "UID:2@"), "a REQUEST speaks of one UID"),
        (EVENT, EVENT + EVENT, "UID 1@quinzaine.example stands twice"),
        ("VERSION:2.0\n", "", "VERSION must stand once: 2.0"),
        ("PRODID:-//x//FR", "PRODID:-//x//FR\nUID:calendar", "the calendar itself has a UID"),
        ("RRULE:FREQ", "RDATE:20201025T030000\nRRULE:FREQ", "onsets by RDATE are read wrongly: use RRULE"),
        ("DTSTART:19961027T030000\n", "", None),
        ("SUMMARY:Robotique", "SUMMARY:Robo\x07tique", "control character"),
        ("TRANSP:OPAQUE", "no colon here", "not a content line: 'no colon here'"),
        ("END:VEVENT\n", "", None),
        ("BEGIN:VCALENDAR", "\ufeffBEGIN:VCALENDAR", None),
        ("ATTENDEE;", "X-ATTENDEE;", "a REQUEST needs an ATTENDEE"),
        ("ORGANIZER;", "X-ORGANIZER;", "ORGANIZER stands 0 times, expected 1"),
    ],
)
def test_each_fault_of_a_request_is_found(before: str, after: str, fault: str | None) -> None:
    assert before in REQUEST
    found = faults(REQUEST.replace(before, after))
    assert sorted(set(found)) == [fault] if fault else found


@pytest.mark.parametrize(
    ("day", "text"), [("20201025", "stands twice on that day"), ("20210328", "does not exist on that day")]
)
def test_18_an_hour_that_clocks_skip_or_repeat_is_found(day: str, text: str) -> None:
    found = faults(REQUEST.replace("20201103T09", f"{day}T02").replace("20201103T10", f"{day}T05"))
    assert found == [f"DTSTART {day}T020000: this hour {text} in Europe/Paris"]


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("STATUS:CANCELLED", "STATUS:CONFIRMED", "a CANCEL is CANCELLED, not CONFIRMED"),
        ("SEQUENCE:1", "SEQUENCE:0", "a CANCEL raises SEQUENCE"),
        ("SEQUENCE:1\n", "", "SEQUENCE stands 0 times, expected 1"),
        ("ATTENDEE:", "ATTENDEE;RSVP=TRUE:", "a CANCEL asks for no answer (RSVP)"),
        ("END:VEVENT", "BEGIN:VALARM\nEND:VALARM\nEND:VEVENT", "a CANCEL has no alarm"),
    ],
)
def test_each_fault_of_a_cancellation_is_found(before: str, after: str, fault: str) -> None:
    assert before in CANCEL
    assert faults(CANCEL.replace(before, after)) == [fault]


def test_each_fault_of_a_feed_is_found() -> None:
    assert faults(FEED.replace(";VALUE=DURATION", "")) == ["REFRESH-INTERVAL needs VALUE=DURATION"]
    assert faults(FEED.replace("NAME:x", "METHOD:PUBLISH\nNAME:x")) == ["ATTENDEE stands 1 times, expected 0"]
    assert faults(f"{HEAD}END:VCALENDAR\n") == ["no component"]


def test_bytes_that_are_no_text_of_lines_are_found() -> None:
    right = REQUEST.replace("\n", "\r\n").encode()
    assert next(f.text for f in lint(REQUEST.encode())) == "line break that is not CRLF"
    assert [f.text for f in lint(right[:-2])] == ["the last line does not end with CRLF"]
    assert [f.text for f in lint(right.replace(b"Robotique", b"Rob\xe9tique"))] == ["not UTF-8"]
    assert [f.text for f in lint(b"")] != []


def test_a_fault_names_line_and_source() -> None:
    (fault,) = lint(REQUEST.replace("TRANSP:OPAQUE", "TRANSP:NO").replace("\n", "\r\n").encode())
    assert str(fault) == "line 24: TRANSP 'NO' is neither OPAQUE nor TRANSPARENT (RFC 5545 3.8.2.7)"


@given(st.lists(st.tuples(st.integers(0, len(REQUEST)), st.integers(0, 6), st.text(max_size=5)), max_size=6))
def test_whatever_it_is_given_it_answers(edits: list[tuple[int, int, str]]) -> None:
    text = REQUEST
    for place, length, inserted in edits:
        text = text[:place] + inserted + text[place + length :]
    assert all(fault.line >= 0 and fault.source for fault in lint(text.replace("\n", "\r\n").encode()))


# The command -------------------------------------------------------------------------------------------------


def test_the_command_prints_one_line_a_fault_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad, good = tmp_path / "bad.ics", tmp_path / "good.ics"
    good.write_bytes(REQUEST.replace("\n", "\r\n").encode())
    wrong = REQUEST.replace("TRANSP:OPAQUE", "TRANSP:NO").replace("SEQUENCE:1", "SEQUENCE:-1")
    bad.write_bytes(wrong.replace("\n", "\r\n").encode())
    assert main(["lint-ics", str(good), str(bad)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"{bad}:16: SEQUENCE '-1' must be a whole number from 0 (RFC 5545 3.8.7.4)",
        f"{bad}:24: TRANSP 'NO' is neither OPAQUE nor TRANSPARENT (RFC 5545 3.8.2.7)",
    ]


def test_the_command_is_silent_about_a_right_calendar(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = tmp_path / "good.ics"
    good.write_bytes(FEED.replace("\n", "\r\n").encode())
    assert (main(["lint-ics", str(good)]), capsys.readouterr().out) == (0, "")


def test_the_command_says_which_file_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint-ics", str(tmp_path / "none.ics")]) == 1
    assert str(tmp_path / "none.ics") in capsys.readouterr().err
