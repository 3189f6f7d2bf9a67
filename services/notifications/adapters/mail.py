"""Mails out as MIME: seven bits throughout, the same input gives the same bytes."""

from __future__ import annotations

import datetime as dt
import email.utils
from dataclasses import dataclass
from email import policy
from email.headerregistry import Address, Group, HeaderRegistry, MessageIDHeader
from email.message import EmailMessage

from services.contracts.values import deliverable
from services.notifications.adapters.ical import clean_line
from services.notifications.domain.invitation import Attendee
from services.notifications.ports import Postmark

_HEADERS = HeaderRegistry()
for _name in ("in-reply-to", "references"):  # as plain text a long id would be cut and encoded
    _HEADERS.map_to_type(_name, MessageIDHeader)  # type: ignore[arg-type]
_POLICY = policy.SMTP.clone(header_factory=_HEADERS)


@dataclass(frozen=True)
class Content:
    """What a mail says. ``calendar``: its METHOD and bytes; a mail without one is marked as sent by a machine."""

    subject: str
    text: str
    html: str
    calendar: tuple[str, bytes] | None = None


def compose(sender: Attendee, recipient: Attendee, content: Content, mark: Postmark) -> bytes:
    """Return a mail ready to leave.

    With a calendar: multipart/mixed of the alternatives, text/calendar last and in base64, and the same bytes as
    ``invite.ics`` (RFC 6047 2.4).
    """
    message = EmailMessage(policy=_POLICY)
    _head(message, sender, recipient, content, mark)
    message.set_content(content.text, cte="quoted-printable")
    message.add_alternative(content.html, subtype="html", cte="quoted-printable")
    if content.calendar:
        _add_calendar(message, *content.calendar)
    _fix_boundaries(message, mark.message_id)
    return message.as_bytes()


def _head(message: EmailMessage, sender: Attendee, recipient: Attendee, content: Content, mark: Postmark) -> None:
    message["From"] = _address(sender)
    # One without an address is printed: an empty group stands for nobody (RFC 5322 3.4).
    message["To"] = _address(recipient) if deliverable(recipient.email) else Group("undisclosed-recipients")
    message["Subject"] = clean_line(content.subject)
    message["Date"] = email.utils.format_datetime(mark.date.astimezone(dt.timezone.utc).replace(microsecond=0))
    message["Message-ID"] = mark.message_id
    if mark.first:
        message["In-Reply-To"] = message["References"] = mark.first
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    if not content.calendar:  # on an invitation it makes some servers discard it
        message["Auto-Submitted"] = "auto-generated"


def _address(mailbox: Attendee) -> Address:
    return Address(clean_line(mailbox.name), addr_spec=mailbox.email)


def _add_calendar(message: EmailMessage, method: str, body: bytes) -> None:
    parameters = {"method": method, "charset": "UTF-8", "component": "VEVENT"}
    # Quoted-printable breaks the line ends for some readers; bytes keep them exact.
    message.add_alternative(body, maintype="text", subtype="calendar", cte="base64", params=parameters)
    message.add_attachment(
        body, maintype="application", subtype="ics", cte="base64", filename="invite.ics", params={"name": "invite.ics"}
    )


def _fix_boundaries(message: EmailMessage, message_id: str) -> None:
    name = message_id.strip("<>").partition("@")[0]
    multiparts = [part for part in message.walk() if part.is_multipart()]
    for number, part in enumerate(multiparts):
        part.set_boundary(f"=_{number}_{name}")
