"""When teams are taken: what of a calendar counts, and which stretches of days it makes."""

from __future__ import annotations

import datetime as dt

import pytest

from services.contracts.values import Busy
from services.notifications.adapters.busy_process import taken
from services.notifications.domain.busy import address, stretches

MONDAY = dt.date(2020, 11, 2)
TUESDAY, FRIDAY = MONDAY + dt.timedelta(1), MONDAY + dt.timedelta(4)
UTC = dt.timezone.utc


def calendar(*events: str, head: str = "") -> bytes:
    """Return a calendar of events, each given by its lines."""
    bodies = ("BEGIN:VEVENT\nUID:u{}\nDTSTAMP:20201001T000000Z\n{}\nEND:VEVENT\n".format(*e) for e in enumerate(events))
    text = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//a//b//\n" + head + "".join(bodies) + "END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def read(raw: bytes) -> tuple[Busy, ...]:
    """What a calendar takes of the week from Monday to Friday."""
    return stretches(taken(raw, MONDAY, FRIDAY, "quinzaine.example"), MONDAY, FRIDAY)


ONCE = "DTSTART:20201102T090000Z\nDTEND:20201102T100000Z"


def test_a_time_in_another_zone_is_that_of_paris() -> None:
    assert read(calendar(ONCE)) == (Busy(MONDAY, 600, 660),)


def test_a_time_without_a_zone_is_that_of_paris() -> None:
    assert read(calendar("DTSTART:20201102T090000\nDURATION:PT30M")) == (Busy(MONDAY, 540, 570),)


def test_a_whole_day_is_one_in_paris() -> None:
    event = "DTSTART;VALUE=DATE:20201103\nDTEND;VALUE=DATE:20201105"
    assert read(calendar(event)) == (Busy(TUESDAY, 0, 1440), Busy(TUESDAY + dt.timedelta(1), 0, 1440))


def test_what_repeats_counts_each_time_but_for_what_was_left_out() -> None:
    event = "DTSTART;TZID=Europe/Paris:20200907T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU,FR"
    assert read(calendar(event + "\nEXDATE;TZID=Europe/Paris:20201103T090000")) == (
        Busy(MONDAY, 540, 600),
        Busy(FRIDAY, 540, 600),
    )


@pytest.mark.parametrize(
    "line",
    ["TRANSP:TRANSPARENT", "STATUS:CANCELLED", "X-MICROSOFT-CDO-BUSYSTATUS:FREE", "UID:abc-g1@quinzaine.example"],
)
def test_what_is_free_or_our_own_takes_nothing(line: str) -> None:
    name = line.partition(":")[0]
    raw = calendar(ONCE).replace(b"UID:u0\r\n", b"") if name == "UID" else calendar(ONCE)
    assert read(raw.replace(b"DTSTART", line.encode() + b"\r\nDTSTART")) == ()
    assert read(calendar(ONCE)) == (Busy(MONDAY, 600, 660),)


def test_periods_of_free_busy_time_count_where_they_are_busy() -> None:
    lines = (
        "FREEBUSY:20201102T090000Z/20201102T100000Z,20201103T080000Z/PT30M",
        "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20201106T130000Z/PT1H",
        "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20201105T090000Z/PT1H",
        "FREEBUSY;FBTYPE=FREE:20201105T130000Z/PT1H",
        "FREEBUSY:20201120T090000Z/PT1H",
    )
    raw = calendar("\n".join(lines)).replace(b"VEVENT", b"VFREEBUSY")
    assert read(raw) == (Busy(MONDAY, 600, 660), Busy(TUESDAY, 540, 570), Busy(FRIDAY, 840, 900))


def test_one_event_that_cannot_be_read_does_not_hide_the_others() -> None:
    assert read(calendar("DTSTART:20201102T090000Z\nRRULE:FREQ=NEVER", ONCE)) == (Busy(MONDAY, 600, 660),)


def test_stretches_are_cut_at_midnight_and_rounded_outward() -> None:
    def at(day: int, hour: int, minute: int, second: int = 0) -> dt.datetime:
        return dt.datetime(2020, 11, day, hour - 1, minute, second, tzinfo=UTC)

    intervals = [
        (at(2, 10, 0), at(2, 11, 0)),
        (at(2, 10, 0), at(2, 11, 0)),
        (at(2, 10, 30), at(2, 11, 30, 1)),
        (at(3, 22, 0), at(4, 2, 0)),
        (at(6, 20, 0), at(9, 8, 0)),
        (dt.datetime(1, 1, 2, tzinfo=UTC), at(2, 1, 0)),
    ]
    assert stretches(intervals, MONDAY, FRIDAY) == (
        Busy(MONDAY, 0, 60),
        Busy(MONDAY, 600, 660),
        Busy(MONDAY, 630, 691),
        Busy(TUESDAY, 1320, 1440),
        Busy(TUESDAY + dt.timedelta(1), 0, 120),
        Busy(FRIDAY, 1200, 1440),
    )


@pytest.mark.parametrize(
    ("typed", "fetched"),
    [
        ("https://agenda.example/a.ics", "https://agenda.example/a.ics"),
        ("webcal://agenda.example/a.ics", "https://agenda.example/a.ics"),
        ("WebCal://agenda.example/a.ics", "https://agenda.example/a.ics"),
        ("http://agenda.example/a.ics", None),
        ("ftp://agenda.example/a.ics", None),
        ("file:///etc/passwd", None),
        ("https://user:word@agenda.example/a.ics", None),
        ("https://localhost/a.ics", None),
        ("https://127.0.0.1/a.ics", None),
        ("https://169.254.169.254/latest/meta-data", None),
        ("https://[::1]/a.ics", None),
        ("https://[fe80::1%25eth0]/a.ics", None),
        ("https://[::ffff:10.0.0.1]/a.ics", None),
        ("https://agenda.example/" + "a" * 400, None),
        ("https://[", None),
        ("agenda", None),
    ],
)
def test_only_addresses_of_the_internet_are_fetched(typed: str, fetched: str | None) -> None:
    assert address(typed) == fetched
