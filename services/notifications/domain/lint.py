"""A strict check of calendars before they leave: finds what no public checker finds. Nothing with a fault is sent.

Each fault names its line (1 is the first) and the section of the RFC it breaks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.notifications.domain.contentlines import Component, Fault, parse
from services.notifications.domain.lint_event import check_event, check_text, is_duration, is_local_time
from services.notifications.domain.lint_method import check_method

_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


def lint(body: bytes) -> tuple[Fault, ...]:
    """Return every fault of a calendar, by line; empty when it may leave."""
    return tuple(sorted(set(_faults(body))))


def _faults(body: bytes) -> Iterator[Fault]:
    yield from _check_bytes(body)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        yield Fault(body[: error.start].count(b"\n") + 1, "not UTF-8", "RFC 5545 3.1.4")
        return
    root = Component("", 0)
    yield from parse(text, root)
    if len(root.components) != 1 or root.components[0].name != "VCALENDAR":
        yield Fault(1, "expected one VCALENDAR", "RFC 5545 3.4")
        return
    yield from _check_calendar(root.components[0])


def _check_bytes(body: bytes) -> Iterator[Fault]:
    if body.startswith(b"\xef\xbb\xbf"):
        yield Fault(1, "byte order mark", "RFC 5545 3.1.4")
    if not body.endswith(b"\r\n"):
        yield Fault(body.count(b"\n") + 1, "the last line does not end with CRLF", "RFC 5545 3.1")
    lines = body.split(b"\r\n")
    if max(map(len, lines)) <= 75 and not _CONTROL.search(b"".join(lines)):
        return
    for number, line in enumerate(lines, 1):
        if len(line) > 75:
            yield Fault(number, f"line of {len(line)} octets is not folded", "RFC 5545 3.1")
        if _CONTROL.search(line):
            text = "line break that is not CRLF" if b"\n" in line or b"\r" in line else "control character"
            yield Fault(number, text, "RFC 5545 3.1")


def _check_calendar(calendar: Component) -> Iterator[Fault]:
    for name, expected in (("VERSION", "2.0"), ("PRODID", "")):
        found = calendar.all(name)
        if len(found) != 1 or (expected and found[0].value != expected):
            yield Fault(calendar.line, f"{name} must stand once{expected and ': ' + expected}", "RFC 5545 3.6")
    if len(calendar.all("METHOD")) > 1:
        yield Fault(calendar.line, "METHOD stands twice", "RFC 5545 3.7.2")
    if calendar.all("UID"):
        # vdirsyncer takes the whole feed as one item (pimutils/vdirsyncer#1222)
        yield Fault(calendar.line, "the calendar itself has a UID", "our rule")
    if not calendar.components:
        yield Fault(calendar.line, "no component", "RFC 5545 3.6")
    yield from _check_names(calendar)
    yield from _check_zones(calendar)
    for event in calendar.named("VEVENT"):
        yield from check_event(event, has_method=bool(calendar.value("METHOD")))
    yield from _check_uids(calendar)
    yield from check_method(calendar)


def _check_names(calendar: Component) -> Iterator[Fault]:
    for prop in calendar.all("REFRESH-INTERVAL"):
        if prop.params.get("VALUE") != "DURATION" or not is_duration(prop.value):
            yield Fault(prop.line, "REFRESH-INTERVAL needs VALUE=DURATION", "RFC 7986 5.7")
    for prop in calendar.all("X-WR-CALNAME") + calendar.all("NAME"):
        yield from check_text(prop)


def _check_zones(calendar: Component) -> Iterator[Fault]:
    zones = {zone.value("TZID") for zone in calendar.named("VTIMEZONE")}
    for zone in calendar.named("VTIMEZONE"):
        if not zone.components:
            yield Fault(zone.line, "VTIMEZONE without STANDARD or DAYLIGHT", "RFC 5545 3.6.5")
        for part in zone.components:
            yield from _check_onset(part)
    for component in calendar.components:
        for prop in component.properties:
            if "TZID" in prop.params and prop.params["TZID"] not in zones:
                yield Fault(prop.line, f"TZID {prop.params['TZID']} has no VTIMEZONE", "RFC 5545 3.2.19")


def _check_onset(part: Component) -> Iterator[Fault]:
    for name in ("DTSTART", "TZOFFSETFROM", "TZOFFSETTO"):
        if len(part.all(name)) != 1:
            yield Fault(part.line, f"{part.name} needs one {name}", "RFC 5545 3.6.5")
    if not is_local_time(part.value("DTSTART")):
        yield Fault(part.line, "the onset of a time zone is a local time", "RFC 5545 3.6.5")
    if part.all("RDATE"):
        yield Fault(part.line, "onsets by RDATE are read wrongly: use RRULE", "MS-OXCICAL 2.1.3.1.1.19.2")


def _check_uids(calendar: Component) -> Iterator[Fault]:
    seen: set[tuple[str, str]] = set()
    for event in calendar.named("VEVENT"):
        key = event.value("UID"), event.value("RECURRENCE-ID")
        if key in seen:
            yield Fault(event.line, f"UID {key[0]} stands twice", "RFC 5545 3.8.4.7")
        seen.add(key)
