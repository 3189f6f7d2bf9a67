"""A mail taken apart for the screen: its text, its HTML, and what its calendar part says."""

from __future__ import annotations

import datetime as dt
import email.policy
import re
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime

from icalendar import Calendar
from icalendar.cal import Component
from starlette.responses import HTMLResponse, Response

WRITTEN_IN = re.compile(r'<html lang="([a-zA-Z-]+)"')


@dataclass(frozen=True)
class CalendarPart:
    """What a calendar reads in an invitation. Hours aware; empty texts where the part is silent."""

    method: str
    uid: str
    sequence: int
    status: str
    summary: str
    location: str
    start: dt.datetime | None
    end: dt.datetime | None
    attendees: tuple[str, ...]


@dataclass(frozen=True)
class Letter:
    """A mail to show. ``language``: what its HTML says it is written in, empty where it says nothing."""

    subject: str
    sender: str
    recipient: str
    date: dt.datetime | None
    text: str
    html: str
    language: str
    calendar: CalendarPart | None


def read_letter(raw: bytes) -> Letter:
    """Take a mail apart."""
    message = BytesParser(_class=EmailMessage, policy=email.policy.default).parsebytes(raw)
    html = _body(message, "html")
    written_in = WRITTEN_IN.search(html)
    return Letter(
        subject=str(message["Subject"] or ""),
        sender=str(message["From"] or ""),
        recipient=str(message["To"] or ""),
        date=_sent_at(message),
        text=_body(message, "plain"),
        html=html,
        language=written_in[1] if written_in else "",
        calendar=_calendar(message),
    )


def html_page(html: str) -> Response:
    """Answer with the HTML of a mail in a sandbox: no script, no form, no outside picture, shown in our frames only."""
    policy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
    return HTMLResponse(html, headers={"Content-Security-Policy": policy})


def raw_file(raw: bytes, name: str) -> Response:
    """Answer with a mail as a file."""
    kept = "".join(c for c in name if c.isascii() and (c.isalnum() or c in "-_"))[:80] or "courriel"
    return Response(
        raw, media_type="message/rfc822", headers={"Content-Disposition": f'attachment; filename="{kept}.eml"'}
    )


def _sent_at(message: EmailMessage) -> dt.datetime | None:
    try:
        sent = parsedate_to_datetime(str(message["Date"]))
    except ValueError:
        return None
    return sent if sent.tzinfo else None


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


def _calendar(message: EmailMessage) -> CalendarPart | None:
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            return _read_calendar(part.get_payload(decode=True))  # type: ignore[arg-type]
    return None


def _read_calendar(body: bytes) -> CalendarPart | None:
    try:
        calendar = Calendar.from_ical(body)
    except ValueError:
        return None
    event = next(iter(calendar.walk("VEVENT")), None)
    return _facts(calendar, event) if event is not None else None


def _facts(calendar: Component, event: Component) -> CalendarPart:
    attendees = event.get("ATTENDEE", [])
    return CalendarPart(
        method=str(calendar.get("METHOD", "")),
        uid=str(event.get("UID", "")),
        sequence=int(event.get("SEQUENCE", 0)),
        status=str(event.get("STATUS", "")),
        summary=str(event.get("SUMMARY", "")),
        location=str(event.get("LOCATION", "")),
        start=_instant(event, "DTSTART"),
        end=_instant(event, "DTEND"),
        attendees=tuple(
            str(a).removeprefix("mailto:") for a in (attendees if isinstance(attendees, list) else [attendees])
        ),
    )


def _instant(event: Component, name: str) -> dt.datetime | None:
    value = event.get(name)
    return value.dt if value is not None and isinstance(value.dt, dt.datetime) and value.dt.tzinfo else None
