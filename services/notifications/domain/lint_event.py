"""What the linter asks of an event: each property once and well formed (RFC 5545 3.6.1, 3.8)."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.notifications.domain.contentlines import Component, Fault, Property

_TEXTS = ("SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "CONTACT", "NAME", "X-WR-CALNAME")
_ONCE = (
    *("UID", "DTSTAMP", "DTSTART", "DTEND", "DURATION", "SEQUENCE", "STATUS", "TRANSP", "SUMMARY", "DESCRIPTION"),
    *("LOCATION", "GEO", "CREATED", "LAST-MODIFIED", "ORGANIZER", "URL", "CLASS", "PRIORITY", "RECURRENCE-ID"),
)
_BUSY = ("OPAQUE", "TRANSPARENT")
_STATUSES = ("TENTATIVE", "CONFIRMED", "CANCELLED")
_PERSON_PARAMS = {
    "PARTSTAT": ("RFC 5545 3.2.12", ("NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED")),
    "RSVP": ("RFC 5545 3.2.17", ("TRUE", "FALSE")),
    "ROLE": ("RFC 5545 3.2.16", ("CHAIR", "REQ-PARTICIPANT", "OPT-PARTICIPANT", "NON-PARTICIPANT")),
    "CUTYPE": ("RFC 5545 3.2.3", ("INDIVIDUAL", "GROUP", "RESOURCE", "ROOM", "UNKNOWN")),
}
_UTC, _LOCAL, _DAY = (re.compile(form) for form in (r"\d{8}T\d{6}Z", r"\d{8}T\d{6}", r"\d{8}"))
_ESCAPED = re.compile(r"\\[\\;,nN]")
_DURATION = re.compile(r"[+-]?P(\d+W|(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?)")
_MAILTO = re.compile(r"mailto:[^\s@:,;<>\"]+@[^\s@:,;<>\"]+\.[^\s@:,;<>\"]+", re.IGNORECASE)


def check_event(event: Component, has_method: bool) -> Iterator[Fault]:
    """Yield the faults of an event, whatever its METHOD. With one, DTSTART may be missing (RFC 5545 3.6.1)."""
    for name in ("UID", "DTSTAMP") if has_method else ("UID", "DTSTAMP", "DTSTART"):
        if not event.value(name):
            yield Fault(event.line, f"{name} is missing", "RFC 5545 3.6.1")
    for name, times in Counter(prop.name for prop in event.properties).items():
        if times > 1 and name in _ONCE:
            yield Fault(event.line, f"{name} stands {times} times", "RFC 5545 3.6.1")
    yield from _check_properties(event)
    yield from _check_span(event)


def _check_properties(event: Component) -> Iterator[Fault]:
    for prop in event.properties:
        if prop.name in _RULES:
            holds, text, source = _RULES[prop.name]
            if not holds(prop):
                yield Fault(prop.line, f"{prop.name} {prop.value[:40]!r} {text}", source)
        if prop.name in _CLOSER:
            yield from _CLOSER[prop.name](prop)


def check_text(prop: Property) -> Iterator[Fault]:
    """Yield the characters of a text that should be escaped."""
    bare = _ESCAPED.sub("", prop.value) if "\\" in prop.value else prop.value
    for character in ("\\", ";", ","):
        if character in bare:
            yield Fault(prop.line, f"{prop.name} has an unescaped {character}", "RFC 5545 3.3.11")


def is_duration(value: str) -> bool:
    """Whether it is a duration such as PT1H."""
    return _DURATION.fullmatch(value) is not None and value[-1] not in "PT"


def is_local_time(value: str) -> bool:
    """Whether it is a date and time without a zone."""
    return _moment(value, _LOCAL) is not None


def _is_time(prop: Property) -> bool:
    if prop.params.get("VALUE") == "DATE":
        return _moment(prop.value, _DAY) is not None
    return _moment(prop.value, _LOCAL if "TZID" in prop.params else _UTC) is not None


def _moment(value: str, form: re.Pattern[str]) -> dt.datetime | None:
    """Return what a value says, None when it is not of the form or not in any calendar (30 February)."""
    if form.fullmatch(value) is None:
        return None
    try:
        return dt.datetime.fromisoformat(value)
    except ValueError:
        return None


def _check_clock(prop: Property) -> Iterator[Fault]:
    """Find the hour that spring leaves out and the one that autumn plays twice: calendars disagree on both."""
    local = _moment(prop.value, _LOCAL)
    try:
        zone = ZoneInfo(prop.params.get("TZID", ""))
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a zone of another house, or no zone at all
        return
    if local is None:
        return
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        back = first.astimezone(dt.timezone.utc).astimezone(zone).replace(tzinfo=None)
        text = "stands twice on that day" if back == local else "does not exist on that day"
        yield Fault(prop.line, f"{prop.name} {prop.value}: this hour {text} in {zone.key}", "RFC 5545 3.3.5")


def _is_on_earth(value: str) -> bool:
    found = re.fullmatch(r"([+-]?\d+(?:\.\d+)?);([+-]?\d+(?:\.\d+)?)", value)
    return found is not None and abs(float(found[1])) <= 90 and abs(float(found[2])) <= 180


_IN_UTC = (lambda prop: _moment(prop.value, _UTC), "must be in UTC", "RFC 5545 3.8.7")
_TIME = (_is_time, "is neither UTC, nor local with TZID, nor a day", "RFC 5545 3.3.5")
_RULES: dict[str, tuple[Callable[[Property], object], str, str]] = {
    **dict.fromkeys(("DTSTAMP", "CREATED", "LAST-MODIFIED"), _IN_UTC),
    **dict.fromkeys(("DTSTART", "DTEND"), _TIME),
    "SEQUENCE": (lambda prop: re.fullmatch(r"\d+", prop.value), "must be a whole number from 0", "RFC 5545 3.8.7.4"),
    "STATUS": (lambda prop: prop.value in _STATUSES, f"is not one of {', '.join(_STATUSES)}", "RFC 5545 3.8.1.11"),
    "TRANSP": (lambda prop: prop.value in _BUSY, "is neither OPAQUE nor TRANSPARENT", "RFC 5545 3.8.2.7"),
    "DURATION": (lambda prop: is_duration(prop.value), "is not a duration", "RFC 5545 3.3.6"),
    "GEO": (lambda prop: _is_on_earth(prop.value), "is not a latitude and a longitude", "RFC 5545 3.8.1.6"),
    "METHOD": (lambda prop: False, "stands inside a component", "RFC 5545 3.7.2"),
    "UID": (lambda prop: not re.search(r"\s", prop.value), "has a space", "RFC 5545 3.8.4.7"),
}


def _check_person(prop: Property) -> Iterator[Fault]:
    if not _MAILTO.fullmatch(prop.value):
        yield Fault(prop.line, f"{prop.name} {prop.value[:40]!r} is not a mailto: address", "RFC 6047 2.3")
    for name, (source, known) in _PERSON_PARAMS.items():
        if prop.params.get(name, known[0]) not in known:
            yield Fault(prop.line, f"{name} {prop.params[name]!r} is not one of {', '.join(known)}", source)


_CLOSER: dict[str, Callable[[Property], Iterator[Fault]]] = {
    **dict.fromkeys(_TEXTS, check_text),
    **dict.fromkeys(("ATTENDEE", "ORGANIZER"), _check_person),
    **dict.fromkeys(("DTSTART", "DTEND"), _check_clock),
}


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
