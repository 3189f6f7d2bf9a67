"""iCalendar out and in. The one module that knows the traps of the ``icalendar`` package.

- ``Calendar.add_missing_timezones`` writes onsets that several calendars read an hour late: Europe/Paris is a constant.
- ``Calendar.new`` adds a random UID to the calendar: calendars are built by hand.
- ``to_ical`` checks nothing: every calendar passes our linter before it is returned.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from typing import Any

from icalendar import Calendar, Component, Event, Timezone, vCalAddress, vText

from services.kit.i18n import PARIS, translations
from services.notifications.domain.feed import FeedContent
from services.notifications.domain.invitation import Attendee, Invitation, Message, Revision
from services.notifications.domain.lint import lint
from services.notifications.domain.reply import Reply

PRODID = "-//Quinzaine//Quinzaine 1//FR"
REFRESH = dt.timedelta(hours=1)
LONGEST_CALENDAR = 256 * 1024
"""Octets of a calendar that comes in; a reply needs about one thousand."""

# RFC 5545 3.6.5: onsets in local time before the change, by yearly rule. In force since 1996.
_PARIS = b"""BEGIN:VTIMEZONE\r
TZID:Europe/Paris\r
BEGIN:DAYLIGHT\r
DTSTART:19810329T020000\r
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r
TZNAME:CEST\r
TZOFFSETFROM:+0100\r
TZOFFSETTO:+0200\r
END:DAYLIGHT\r
BEGIN:STANDARD\r
DTSTART:19961027T030000\r
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r
TZNAME:CET\r
TZOFFSETFROM:+0200\r
TZOFFSETTO:+0100\r
END:STANDARD\r
END:VTIMEZONE\r
"""


class InvalidCalendar(Exception):
    """A calendar that breaks a rule, so that it must not leave; the text lists the faults."""


class Unreadable(Exception):
    """A calendar that came in and cannot be read."""


class TooLarge(Unreadable):
    """A calendar that came in and is larger than any reply."""


# Out -------------------------------------------------------------------------------------------------------


def render_message(invitation: Invitation, message: Message) -> bytes:
    """Return the REQUEST or CANCEL of a message (RFC 5546 3.2.2, 3.2.5). Raises InvalidCalendar."""
    calendar = _calendar()
    calendar.add("method", message.method)
    calendar.add_component(Timezone.from_ical(_PARIS))
    event = _event(invitation.uid, message.revision)
    event.add("organizer", _person(invitation.organiser))
    event.add("attendee", _attendee(message))
    calendar.add_component(event)
    return _checked(calendar)


def render_refusal(invitation: Invitation, reply: Reply, words: str, now: dt.datetime) -> bytes:
    """Return the DECLINECOUNTER to a proposal, at its SEQUENCE (RFC 5546 3.2.8). Raises InvalidCalendar."""
    calendar, event = _calendar(), Event()
    calendar.add("method", "DECLINECOUNTER")
    event.add("uid", invitation.uid)
    event.add("sequence", reply.sequence)
    event.add("dtstamp", now.replace(microsecond=0))
    event.add("organizer", _person(invitation.organiser))
    if words:
        event.add("comment", clean(words))
    calendar.add_component(event)
    return _checked(calendar)


def render_feed(content: FeedContent) -> bytes:
    """Return a calendar to subscribe to: no METHOD, so that the same content gives the same bytes.

    Raises InvalidCalendar.
    """
    calendar = _calendar()
    for name in ("name", "x-wr-calname"):
        calendar.add(name, vText(clean_line(content.name)))  # as plain text they would not be escaped
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    calendar.add("x-wr-timezone", "Europe/Paris")
    calendar.add_component(Timezone.from_ical(_PARIS))
    for uid, revision in content.items:
        calendar.add_component(_event(uid, revision))
    return _checked(calendar)


def cancelled_summary(summary: str, language: str) -> str:
    """Return the title of a session that is cancelled."""
    return translations(language).gettext("ANNULÉ - {what}").format(what=summary)


def clean(text: str) -> str:
    """Return text without control characters, its lines ended by newlines alone."""
    lines = re.sub(r"\r\n?|[\x85\u2028\u2029]", "\n", text)
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff]", "", lines)


def clean_line(text: str) -> str:
    """Return text as one clean line."""
    return " ".join(clean(text).split())


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    return calendar


def _event(uid: str, revision: Revision) -> Event:
    entry, event = revision.entry, Event()
    summary = clean_line(entry.summary)
    event.add("uid", uid)
    event.add("sequence", revision.sequence)
    event.add("dtstamp", revision.modified)
    event.add("last-modified", revision.modified)
    event.add("dtstart", _local(entry.start))
    event.add("dtend", _local(entry.end))
    event.add("summary", cancelled_summary(summary, revision.attendee.language) if revision.cancelled else summary)
    if entry.description:
        event.add("description", clean(entry.description))
    event.add("location", clean_line(entry.location))
    event.add("geo", (round(entry.lat, 6), round(entry.lon, 6)))
    # The organiser's word; what the school said of the slot stands in the description.
    event.add("status", "CANCELLED" if revision.cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if revision.cancelled else "OPAQUE")
    return event


def _local(instant: dt.datetime) -> dt.datetime:
    """Return the hour in Paris; UTC in the hour that autumn plays twice, which TZID cannot tell apart."""
    local = instant.astimezone(PARIS)
    ambiguous = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return instant.astimezone(dt.timezone.utc) if ambiguous else local


def _person(mailbox: Attendee) -> vCalAddress:
    address = vCalAddress(f"mailto:{mailbox.email}")
    address.params["CN"] = clean_line(mailbox.name)  # quotes and carets as RFC 6868 says
    return address


def _attendee(message: Message) -> vCalAddress:
    address = _person(message.revision.attendee)
    address.params["CUTYPE"] = "INDIVIDUAL"
    address.params["ROLE"] = "REQ-PARTICIPANT"
    if message.method == "REQUEST":
        address.params["PARTSTAT"] = message.partstat
        address.params["RSVP"] = "TRUE" if message.partstat == "NEEDS-ACTION" else "FALSE"
    return address


def _checked(calendar: Calendar) -> bytes:
    body = bytes(calendar.to_ical())
    faults = lint(body)
    if faults:
        raise InvalidCalendar("; ".join(map(str, faults)))
    return body


# In --------------------------------------------------------------------------------------------------------


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
