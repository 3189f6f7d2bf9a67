"""Calendars in: what a reply says, read through the messes that real programs make."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from typing import Any

from icalendar import Calendar, Component, vCalAddress

from services.notifications.adapters.ical import clean
from services.notifications.domain.reply import Reply

LONGEST_CALENDAR = 256 * 1024
"""Octets of a calendar that comes in; a reply needs about one thousand."""


class Unreadable(Exception):
    """A calendar that came in and cannot be read."""


class TooLarge(Unreadable):
    """A calendar that came in and is larger than any reply."""


def read_reply(body: bytes) -> tuple[Reply, ...]:
    """Return what the calendar of an incoming mail says, one Reply for each event. Raises Unreadable, TooLarge."""
    if len(body) > LONGEST_CALENDAR:
        raise TooLarge(f"{len(body)} octets")
    calendar = _parse(body)
    method = str(calendar.get("METHOD", "")).strip().upper()
    try:
        return tuple(_reply(method, event) for event in calendar.walk("VEVENT"))
    except (ValueError, TypeError, AttributeError) as error:
        raise Unreadable(str(error)) from None


def _parse(body: bytes) -> Calendar:
    try:
        return _read(body)
    except Unreadable:
        # Some calendars send empty or broken time zones, which a reply does not need.
        return _read(re.sub(rb"(?is)BEGIN:VTIMEZONE.*?END:VTIMEZONE[ \t]*\r?\n", b"", body))


def _read(body: bytes) -> Calendar:
    try:
        calendar = Calendar.from_ical(body)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise Unreadable(str(error)) from None
    if not isinstance(calendar, Calendar):
        raise Unreadable("not one calendar")
    return calendar


def _reply(method: str, event: Component) -> Reply:
    stamp = _first(event.get("DTSTAMP"), lambda value: value.dt)
    return Reply(
        method=method,
        uid=str(event.get("UID", "")).strip(),
        attendees=tuple(_who(address) for address in _many(event.get("ATTENDEE"))),
        sequence=_first(event.get("SEQUENCE"), int) or 0,
        stamp=_instant(stamp) if isinstance(stamp, dt.datetime) else None,
        comment=clean("\n".join(str(comment) for comment in _many(event.get("COMMENT"))))[:2000],
        delegate=_first(event.get("ATTENDEE"), _delegate) or "",
        proposed=_span(event) if method == "COUNTER" else None,
    )


def _who(address: vCalAddress) -> tuple[str, str]:
    return _bare(address), str(address.params.get("PARTSTAT", "NEEDS-ACTION")).upper()


def _delegate(address: vCalAddress) -> str:
    return _bare(next(iter(_many(address.params.get("DELEGATED-TO"))), ""))


def _bare(address: object) -> str:
    return re.sub(r"(?i)^mailto:", "", str(address).strip().strip('"'))


def _span(event: Component) -> tuple[dt.datetime, dt.datetime] | None:
    """Return start and end, None when either is missing or names an hour that clocks skip or repeat."""
    start = _first(event.get("DTSTART"), lambda value: value.dt)
    end = _first(event.get("DTEND"), lambda value: value.dt)
    length = _first(event.get("DURATION"), lambda value: value.dt)
    if end is None and isinstance(start, dt.datetime) and isinstance(length, dt.timedelta):
        end = start + length
    if not (_is_certain(start) and _is_certain(end)) or start >= end:
        return None
    return _instant(start), _instant(end)


def _is_certain(moment: object) -> bool:
    if not isinstance(moment, dt.datetime) or moment.tzinfo is None:
        return False
    return moment.replace(fold=0).utcoffset() == moment.replace(fold=1).utcoffset()


def _many(value: Any) -> Iterable[Any]:
    if value is None:
        return ()
    return value if isinstance(value, list) else (value,)


def _first(value: Any, read: Callable[[Any], Any]) -> Any:
    for item in _many(value):
        return read(item)
    return None


def _instant(stamp: dt.datetime) -> dt.datetime:
    return (stamp if stamp.tzinfo else stamp.replace(tzinfo=dt.timezone.utc)).astimezone(dt.timezone.utc)
