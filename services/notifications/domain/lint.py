"""A strict check of calendars before they leave: finds what no public checker finds. Nothing with a fault is sent.

Each fault names its line (1 is the first) and the section of the RFC it breaks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from services.notifications.domain.contentlines import Component, Fault, Property, parse


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


# Bytes -------------------------------------------------------------------------------------------


def _check_bytes(body: bytes) -> Iterator[Fault]:
    if body.startswith(b"\xef\xbb\xbf"):
        yield Fault(1, "byte order mark", "RFC 5545 3.1.4")
    if not body.endswith(b"\r\n"):
        yield Fault(body.count(b"\n") + 1, "the last line does not end with CRLF", "RFC 5545 3.1")
    for number, line in enumerate(body.split(b"\r\n"), 1):
        if len(line) > 75:
            yield Fault(number, f"line of {len(line)} octets is not folded", "RFC 5545 3.1")
        if b"\n" in line or b"\r" in line:
            yield Fault(number, "line break that is not CRLF", "RFC 5545 3.1")
        if re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", line):
            yield Fault(number, "control character", "RFC 5545 3.1")


# The calendar ----------------------------------------------------------------------------------------------

_PARTSTATS = ("NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED")
_STATUSES = ("TENTATIVE", "CONFIRMED", "CANCELLED")
_TEXTS = ("SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "CONTACT", "NAME", "X-WR-CALNAME")
_ONCE: tuple[str, ...] = (
    "UID",
    "DTSTAMP",
    "DTSTART",
    "DTEND",
    "DURATION",
    "SEQUENCE",
    "STATUS",
    "TRANSP",
    "SUMMARY",
    "DESCRIPTION",
)
_ONCE += ("LOCATION", "GEO", "CREATED", "LAST-MODIFIED", "ORGANIZER", "URL", "CLASS", "PRIORITY", "RECURRENCE-ID")
_UTC = re.compile(r"\d{8}T\d{6}Z")
_LOCAL = re.compile(r"\d{8}T\d{6}")
_DAY = re.compile(r"\d{8}")
_DURATION = re.compile(r"[+-]?P(\d+W|(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?)")
_MAILTO = re.compile(r"mailto:[^\s@:,;<>\"]+@[^\s@:,;<>\"]+\.[^\s@:,;<>\"]+", re.IGNORECASE)


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
    yield from _check_refresh(calendar)
    yield from _check_zones(calendar)
    for event in calendar.named("VEVENT"):
        yield from _check_event(event)
    yield from _check_uids(calendar)
    yield from _check_method(calendar)


def _check_refresh(calendar: Component) -> Iterator[Fault]:
    for prop in calendar.all("REFRESH-INTERVAL"):
        if prop.params.get("VALUE") != "DURATION" or not _is_duration(prop.value):
            yield Fault(prop.line, "REFRESH-INTERVAL needs VALUE=DURATION", "RFC 7986 5.7")
    for prop in calendar.all("X-WR-CALNAME") + calendar.all("NAME"):
        yield from _check_text(prop)


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
    if not _LOCAL.fullmatch(part.value("DTSTART")):
        yield Fault(part.line, "the onset of a time zone is a local time", "RFC 5545 3.6.5")
    if part.all("RDATE"):
        yield Fault(part.line, "onsets by RDATE are read wrongly: use RRULE", "MS-OXCICAL 2.1.3.1.1.19.2")


def _check_event(event: Component) -> Iterator[Fault]:
    count = Counter(prop.name for prop in event.properties)
    for name in _ONCE:
        if count[name] > 1:
            yield Fault(event.line, f"{name} stands {count[name]} times", "RFC 5545 3.6.1")
    for name in ("UID", "DTSTAMP", "DTSTART"):
        if not event.value(name):
            yield Fault(event.line, f"{name} is missing", "RFC 5545 3.6.1")
    for prop in event.properties:
        yield from _check_property(prop)
    yield from _check_span(event)


def _check_property(prop: Property) -> Iterator[Fault]:
    if prop.name in _TEXTS:
        yield from _check_text(prop)
    if prop.name in ("ATTENDEE", "ORGANIZER"):
        yield from _check_person(prop)
    for names, holds, text, source in (
        (("DTSTAMP", "CREATED", "LAST-MODIFIED"), _UTC.fullmatch(prop.value), "must be in UTC", "RFC 5545 3.8.7"),
        (("SEQUENCE",), re.fullmatch(r"\d+", prop.value), "must be a whole number from 0", "RFC 5545 3.8.7.4"),
        (("STATUS",), prop.value in _STATUSES, f"is not one of {', '.join(_STATUSES)}", "RFC 5545 3.8.1.11"),
        (("TRANSP",), prop.value in ("OPAQUE", "TRANSPARENT"), "is neither OPAQUE nor TRANSPARENT", "RFC 5545 3.8.2.7"),
        (("DTSTART", "DTEND"), _is_time(prop), "is neither UTC, nor local with TZID, nor a day", "RFC 5545 3.3.5"),
        (("DURATION",), _is_duration(prop.value), "is not a duration", "RFC 5545 3.3.6"),
        (("METHOD",), False, "stands inside a component", "RFC 5545 3.7.2"),
        (("UID",), not re.search(r"\s", prop.value), "has a space", "RFC 5545 3.8.4.7"),
    ):
        if prop.name in names and not holds:
            yield Fault(prop.line, f"{prop.name} {prop.value[:40]!r} {text}", source)


def _is_time(prop: Property) -> bool:
    if prop.params.get("VALUE") == "DATE":
        return _DAY.fullmatch(prop.value) is not None
    expected = _LOCAL if "TZID" in prop.params else _UTC
    return expected.fullmatch(prop.value) is not None


def _is_duration(value: str) -> bool:
    return _DURATION.fullmatch(value) is not None and value[-1] not in "PT"


def _check_text(prop: Property) -> Iterator[Fault]:
    bare = re.sub(r"\\[\\;,nN]", "", prop.value)
    for character in ("\\", ";", ","):
        if character in bare:
            yield Fault(prop.line, f"{prop.name} has an unescaped {character}", "RFC 5545 3.3.11")


def _check_person(prop: Property) -> Iterator[Fault]:
    if not _MAILTO.fullmatch(prop.value):
        yield Fault(prop.line, f"{prop.name} {prop.value[:40]!r} is not a mailto: address", "RFC 6047 2.3")
    if prop.params.get("PARTSTAT", "ACCEPTED") not in _PARTSTATS:
        yield Fault(prop.line, f"unknown PARTSTAT {prop.params['PARTSTAT']!r}", "RFC 5545 3.2.12")
    if prop.params.get("RSVP", "TRUE") not in ("TRUE", "FALSE"):
        yield Fault(prop.line, f"RSVP {prop.params['RSVP']!r} is neither TRUE nor FALSE", "RFC 5545 3.2.17")


def _check_span(event: Component) -> Iterator[Fault]:
    start, end = event.all("DTSTART"), event.all("DTEND")
    if end and event.all("DURATION"):
        yield Fault(event.line, "DTEND and DURATION exclude each other", "RFC 5545 3.6.1")
    if not start or not end:
        return
    if start[0].params.get("VALUE") != end[0].params.get("VALUE"):
        yield Fault(end[0].line, "DTSTART and DTEND are of two kinds", "RFC 5545 3.8.2.2")
    same_clock = start[0].params.get("TZID") == end[0].params.get("TZID")
    if same_clock and end[0].value <= start[0].value:
        yield Fault(end[0].line, "DTEND is not after DTSTART", "RFC 5545 3.8.2.2")


def _check_uids(calendar: Component) -> Iterator[Fault]:
    seen: set[tuple[str, str]] = set()
    for event in calendar.named("VEVENT"):
        key = event.value("UID"), event.value("RECURRENCE-ID")
        if key in seen:
            yield Fault(event.line, f"UID {key[0]} stands twice", "RFC 5545 3.8.4.7")
        seen.add(key)


def _check_method(calendar: Component) -> Iterator[Fault]:
    method, events = calendar.value("METHOD"), calendar.named("VEVENT")
    if method not in ("", "REQUEST", "CANCEL", "REPLY", "PUBLISH"):
        yield Fault(calendar.line, f"METHOD {method!r} is not for us", "RFC 5546 1.4")
    if method in ("REQUEST", "CANCEL", "REPLY") and len({event.value("UID") for event in events}) != 1:
        yield Fault(calendar.line, f"a {method} speaks of one UID", "RFC 5546 3.2")
    checks = {"REQUEST": _check_request, "CANCEL": _check_cancel, "PUBLISH": _check_publish, "REPLY": _check_reply}
    for event in events:
        if method in checks:
            yield from checks[method](event)


def _check_request(event: Component) -> Iterator[Fault]:
    yield from _require(event, {"ORGANIZER": 1, "SUMMARY": 1}, "RFC 5546 3.2.2")
    if not event.all("ATTENDEE"):
        yield Fault(event.line, "a REQUEST needs an ATTENDEE", "RFC 5546 3.2.2")
    if event.value("STATUS") == "CANCELLED":
        yield Fault(event.line, "a REQUEST is not CANCELLED", "RFC 5546 3.2.2")


def _check_cancel(event: Component) -> Iterator[Fault]:
    yield from _require(event, {"ORGANIZER": 1, "SEQUENCE": 1}, "RFC 5546 3.2.5")
    if event.value("SEQUENCE") == "0":
        yield Fault(event.line, "a CANCEL raises SEQUENCE", "RFC 5546 2.1.4")
    if event.value("STATUS") not in ("", "CANCELLED"):
        yield Fault(event.line, f"a CANCEL is CANCELLED, not {event.value('STATUS')}", "RFC 5546 3.2.5")
    if any("RSVP" in prop.params for prop in event.all("ATTENDEE")):
        yield Fault(event.line, "a CANCEL asks for no answer (RSVP)", "RFC 5546 3.2.5")
    if event.components:
        yield Fault(event.line, "a CANCEL has no alarm", "RFC 5546 3.2.5")


def _check_publish(event: Component) -> Iterator[Fault]:
    yield from _require(event, {"ORGANIZER": 1, "ATTENDEE": 0}, "RFC 5546 3.2.1")


def _check_reply(event: Component) -> Iterator[Fault]:
    yield from _require(event, {"ORGANIZER": 1, "ATTENDEE": 1}, "RFC 5546 3.2.3")


def _require(event: Component, counts: dict[str, int], source: str) -> Iterator[Fault]:
    for name, expected in counts.items():
        found = len(event.all(name))
        if found != expected:
            yield Fault(event.line, f"{name} stands {found} times, expected {expected}", source)
