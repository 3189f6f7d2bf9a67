"""What tests read in mails: the calendar of each, its lines unfolded, who it goes to."""

from __future__ import annotations

from email import message_from_bytes

from icalendar import Calendar, Component

from tests.unit.notifications.fakes import QueuedMail


def calendar(mail: QueuedMail) -> bytes:
    """Return the bytes of a mail's calendar."""
    message = message_from_bytes(mail.letter.raw)
    part = next(part for part in message.walk() if part.get_content_type() == "text/calendar")
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload


def event(mail: QueuedMail) -> Component:
    """Return the one event of a mail's calendar."""
    (found,) = Calendar.from_ical(calendar(mail)).walk("VEVENT")
    return found


def lines(body: bytes) -> list[str]:
    """Return the content lines of a calendar."""
    return unfolded(body).splitlines()


def unfolded(body: bytes) -> str:
    return body.replace(b"\r\n ", b"").decode()


def brief(mails: list[QueuedMail]) -> list[tuple[str, str, int]]:
    """Return METHOD, address and SEQUENCE of those mails that have a calendar, in order of the queue."""
    invitations = [mail for mail in mails if mail.draft.kind in ("invitation", "cancellation")]
    return [(_method(mail), mail.draft.recipient, int(event(mail)["SEQUENCE"])) for mail in invitations]


def _method(mail: QueuedMail) -> str:
    return str(Calendar.from_ical(calendar(mail))["METHOD"])
