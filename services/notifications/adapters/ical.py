"""iCalendar out and in. The one module that knows the traps of the ``icalendar`` package.

- ``Calendar.add_missing_timezones`` writes onsets that several calendars read an hour late: Europe/Paris is a constant.
- ``Calendar.new`` adds a random UID to the calendar: calendars are built by hand.
- ``to_ical`` folds character by character and checks nothing: it encodes values, the lines are put together here, and
  every calendar passes our linter before it is returned.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from typing import Any

from icalendar import Calendar, Component, vCalAddress, vText
from icalendar.parser import Contentline

from services.kit.i18n import PARIS, translations
from services.notifications.domain.contentlines import fold
from services.notifications.domain.feed import FeedContent
from services.notifications.domain.invitation import Attendee, Invitation, Message, Revision
from services.notifications.domain.lint import lint
from services.notifications.domain.reply import Reply

LONGEST_CALENDAR = 256 * 1024
"""Octets of a calendar that comes in; a reply needs about one thousand."""

_HEAD = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Quinzaine//Quinzaine 1//FR", "CALSCALE:GREGORIAN")
_REFRESH = ("REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H")

# RFC 5545 3.6.5: onsets in local time before the change, by yearly rule. In force since 1996.
_PARIS = """\
BEGIN:VTIMEZONE
TZID:Europe/Paris
BEGIN:DAYLIGHT
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
""".splitlines()


class InvalidCalendar(Exception):
    """A calendar that breaks a rule, so that it must not leave; the text lists the faults."""


class Unreadable(Exception):
    """A calendar that came in and cannot be read."""


class TooLarge(Unreadable):
    """A calendar that came in and is larger than any reply."""


# Out -------------------------------------------------------------------------------------------------------


def render_message(invitation: Invitation, message: Message) -> bytes:
    """Return the REQUEST or CANCEL of a message (RFC 5546 3.2.2, 3.2.5). Raises InvalidCalendar."""
    attendee, organiser = _attendee(message), _line("ORGANIZER", _person(invitation.organiser))
    event = _event(invitation.uid, message.revision, attendee, organiser)
    return _calendar(f"METHOD:{message.method}", *_PARIS, *event)


def render_refusal(invitation: Invitation, reply: Reply, words: str, now: dt.datetime) -> bytes:
    """Return the DECLINECOUNTER to a proposal, at its SEQUENCE (RFC 5546 3.2.8). Raises InvalidCalendar."""
    return _calendar(
        "METHOD:DECLINECOUNTER",
        "BEGIN:VEVENT",
        "DTSTAMP:" + _utc(now),
        "UID:" + _text(invitation.uid),
        f"SEQUENCE:{reply.sequence}",
        "COMMENT:" + _text(clean(words)) if words else "",
        _line("ORGANIZER", _person(invitation.organiser)),
        "END:VEVENT",
    )


def render_feed(content: FeedContent) -> bytes:
    """Return a calendar to subscribe to: no METHOD, so that the same content gives the same bytes.

    Raises InvalidCalendar.
    """
    name = _text(clean_line(content.name))
    head = (f"NAME:{name}", f"X-WR-CALNAME:{name}", *_REFRESH, "X-WR-TIMEZONE:Europe/Paris")
    return _calendar(*head, *_PARIS, *(line for uid, revision in content.items for line in _event(uid, revision)))


def cancelled_summary(summary: str, language: str) -> str:
    """Return the title of a session that is cancelled."""
    return translations(language).gettext("ANNULÉ - {what}").format(what=summary)


def clean(text: str) -> str:
    """Return text without control characters, its lines ended by newlines alone."""
    if text.isprintable():  # nothing of what follows is
        return text
    lines = re.sub(r"\r\n?|[\x85\u2028\u2029]", "\n", text)
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff]", "", lines)


def clean_line(text: str) -> str:
    """Return text as one clean line."""
    return " ".join(clean(text).split())


def _calendar(*lines: str) -> bytes:
    """Return a calendar of these lines, empty ones left out. Raises InvalidCalendar."""
    body = b"".join(fold(line) for line in (*_HEAD, *lines, "END:VCALENDAR") if line)
    faults = lint(body)
    if faults:
        raise InvalidCalendar("; ".join(map(str, faults)))
    return body


def _event(uid: str, revision: Revision, attendee: str = "", organiser: str = "") -> tuple[str, ...]:
    entry, cancelled = revision.entry, revision.cancelled
    summary = clean_line(entry.summary)
    return (
        "BEGIN:VEVENT",
        "SUMMARY:" + _text(cancelled_summary(summary, revision.attendee.language) if cancelled else summary),
        "DTSTART" + _local(entry.start),
        "DTEND" + _local(entry.end),
        "DTSTAMP:" + _utc(revision.modified),
        "UID:" + _text(uid),
        f"SEQUENCE:{revision.sequence}",
        attendee,
        "DESCRIPTION:" + _text(clean(entry.description)) if entry.description else "",
        f"GEO:{round(entry.lat, 6)};{round(entry.lon, 6)}",
        "LAST-MODIFIED:" + _utc(revision.modified),
        "LOCATION:" + _text(clean_line(entry.location)),
        organiser,
        # The organiser's word; what the school said of the slot stands in the description.
        "STATUS:CANCELLED" if cancelled else "STATUS:CONFIRMED",
        "TRANSP:TRANSPARENT" if cancelled else "TRANSP:OPAQUE",
        "END:VEVENT",
    )


def _text(text: str) -> str:
    return vText(text).to_ical().decode()


def _utc(instant: dt.datetime) -> str:
    return f"{instant.astimezone(dt.timezone.utc):%Y%m%dT%H%M%SZ}"


def _local(instant: dt.datetime) -> str:
    """Return the hour in Paris; UTC in the hour that autumn plays twice, which TZID cannot tell apart."""
    local = instant.astimezone(PARIS)
    ambiguous = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f":{_utc(instant)}" if ambiguous else f";TZID=Europe/Paris:{local:%Y%m%dT%H%M%S}"


def _line(name: str, address: vCalAddress) -> str:
    return str(Contentline.from_parts(name, address.params, address))


def _person(mailbox: Attendee) -> vCalAddress:
    address = vCalAddress(f"mailto:{mailbox.email}")
    address.params["CN"] = clean_line(mailbox.name)  # quotes and carets as RFC 6868 says
    return address


def _attendee(message: Message) -> str:
    address = _person(message.revision.attendee)
    address.params["CUTYPE"] = "INDIVIDUAL"
    address.params["ROLE"] = "REQ-PARTICIPANT"
    if message.method == "REQUEST":
        address.params["PARTSTAT"] = message.partstat
        address.params["RSVP"] = "TRUE" if message.partstat == "NEEDS-ACTION" else "FALSE"
    return _line("ATTENDEE", address)


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
