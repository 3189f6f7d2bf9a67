"""Calendars out, past the traps of the ``icalendar`` package. What comes in: ``replies``.

- ``Calendar.add_missing_timezones`` writes onsets that several calendars read an hour late: Europe/Paris is a constant.
- ``Calendar.new`` adds a random UID to the calendar, ``to_ical`` folds character by character and checks nothing: lines
  are put together here, and every calendar passes our linter before it is returned.
- ``vText`` takes a backslash before N for a line break: texts are escaped here. Addresses, whose parameters have quotes
  and carets (RFC 6868), are the package's.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterator, Sequence
from itertools import groupby

from icalendar import vCalAddress
from icalendar.parser import Contentline

from services.contracts.values import PARIS
from services.kit.i18n import hour_in_words, translations
from services.notifications.domain.contentlines import fold
from services.notifications.domain.feed import FeedContent
from services.notifications.domain.invitation import Attendee, Invitation, Message, Revision
from services.notifications.domain.lint import lint
from services.notifications.domain.reply import Reply

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
    days = groupby(content.items, key=lambda item: item[1].entry.start.astimezone(PARIS).date())
    return _calendar(*head, *_PARIS, *(line for day, items in days for line in _day(content, day, tuple(items))))


def _day(content: FeedContent, day: dt.date, items: Sequence[tuple[str, Revision]]) -> Iterator[str]:
    if content.cards and (held := [revision for _, revision in items if not revision.cancelled]):
        domain = items[0][0].rpartition("@")[2]
        yield from _day_card(day, held, content.language, domain)
    for uid, revision in items:
        yield from _event(uid, revision)


def _day_card(day: dt.date, held: Sequence[Revision], language: str, domain: str) -> tuple[str, ...]:
    """Return an entry of the whole day that lists its sessions.

    Its UID is made of what it says: another text is another card, so that none has revisions.
    """
    said = [f"{hour_in_words(r.entry.start, language)} - {clean_line(r.entry.summary)}" for r in held]
    hours = " - ".join(hour_in_words(at, language) for at in (held[0].entry.start, held[-1].entry.end))
    count = translations(language).ngettext("{n} séance", "{n} séances", len(held)).format(n=len(held))
    says = (f"SUMMARY:{_text(f'{count}, {hours}')}", "DESCRIPTION:" + _text("\n".join(said)))
    made = _utc(max(revision.modified for revision in held))
    return (
        "BEGIN:VEVENT",
        *says,
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + dt.timedelta(days=1):%Y%m%d}",  # the first day that is not of it
        "DTSTAMP:" + made,
        f"UID:{uuid.uuid5(uuid.NAMESPACE_URL, repr((day, says)))}@{domain}",
        "LAST-MODIFIED:" + made,
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    )


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
    """Return text as one clean line; spaces that must not break it stay."""
    return re.sub(r"[^\S\xa0]+", " ", clean(text)).strip()


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
    """Return a text as a value (RFC 5545 3.3.11)."""
    return text.replace("\\", r"\\").replace(";", r"\;").replace(",", r"\,").replace("\n", r"\n")


def _utc(instant: dt.datetime) -> str:
    return f"{instant.astimezone(dt.timezone.utc):%Y%m%dT%H%M%SZ}"


def _local(instant: dt.datetime) -> str:
    """Return the hour in Paris; UTC in the hour that autumn plays twice, which TZID cannot tell apart."""
    local = instant.astimezone(PARIS)
    ambiguous = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
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
