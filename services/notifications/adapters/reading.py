"""Mails in as MIME, however broken: what they say about our invitations and our mails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from email import policy
from email.message import EmailMessage, Message
from email.parser import BytesParser
from html import unescape

from services.notifications.adapters.ical import clean, clean_line
from services.notifications.adapters.replies import TooLarge, Unreadable, read_reply
from services.notifications.domain import reply as notes
from services.notifications.domain.reply import Authenticity, Bounce, ReadMail

MOST_PARTS = 100
"""Parts of a mail that are read; a reply has two or three. Thousands would keep the parser busy for minutes."""


MOST_WORDS = 4_000
"""Letters of a mail that a person is shown."""


def _is_overloaded(raw: bytes) -> bool:
    return raw.count(b"\n--") > MOST_PARTS or raw.lower().count(b"boundary=") > MOST_PARTS


def words_of(raw: bytes) -> str:
    """Return what the sender of a mail wrote, as plain text; empty when it cannot be read. Never raises."""
    try:
        body = None if _is_overloaded(raw) else _body(raw)
        text = str(body.get_content())[: 10 * MOST_WORDS] if body else ""
    except Exception:  # whatever a hostile mail makes the library raise, there are no words in it
        return ""
    if body and body.get_content_subtype() == "html":
        text = unescape(re.sub(r"<[^<>]*>", " ", re.sub(r"(?is)<(style|script)\b.*?</\1>", " ", text)))
    return clean("\n".join(line for line in map(str.strip, text.splitlines()) if line))[:MOST_WORDS]


def _body(raw: bytes) -> EmailMessage | None:
    message = BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(raw)
    found = message.get_body(("plain", "html"))
    return found if isinstance(found, EmailMessage) else None


def read_mail(raw: bytes, authserv_id: str = "") -> ReadMail:
    """Read a mail that came in: the reply it carries, or why a person must look at it. Never raises.

    ``authserv_id``: the name under which our own mail server writes Authentication-Results (RFC 8601); only its word
    counts, and it must remove those that came from outside under its name.
    """
    overloaded = _is_overloaded(raw)
    message = BytesParser(policy=policy.default).parsebytes(raw, headersonly=overloaded)
    sender, subject = _header(message, "From"), _header(message, "Subject")
    read = ReadMail(sender, subject, None, authenticity=_authenticity(message, authserv_id))
    if overloaded:
        return replace(read, note=notes.UNREADABLE)
    body = _calendar_of(message)
    if body is None:
        bounced = message.get_content_type() == "multipart/report"
        return replace(read, note=notes.BOUNCED if bounced else notes.NO_CALENDAR, bounce=_bounce(message, raw))
    try:
        replies = read_reply(body)
    except TooLarge:
        return replace(read, note=notes.TOO_LARGE)
    except Unreadable:
        return replace(read, note=notes.UNREADABLE)
    if len(replies) != 1:
        return replace(read, note=notes.SEVERAL_EVENTS if replies else notes.UNREADABLE)
    return replace(read, reply=replies[0])


def _calendar_of(message: Message) -> bytes | None:
    """Return the calendar of a mail: text/calendar first, wherever it stands, else application/ics (its twin)."""
    parts = list(_leaves(message))
    for kinds in (("text/calendar",), ("application/ics", "text/x-vcalendar")):
        for part in parts:
            payload = part.get_payload(decode=True) if part.get_content_type() in kinds else None
            if isinstance(payload, bytes) and payload.strip():
                return payload
    return None


def _leaves(message: Message) -> Iterator[Message]:
    return (part for part in message.walk() if not part.is_multipart())


def _bounce(message: Message, raw: bytes) -> Bounce | None:
    """Return what a report of non-delivery says (RFC 3464), None when it is no such report or only tells of a delay."""
    if message.get_content_type() != "multipart/report":
        return None
    text = raw.decode("utf-8", "replace")
    facts = {name.lower(): clean_line(value) for name, value in re.findall(_REPORTED, text)}
    returned = re.findall(r"(?im)^Message-ID:[ \t\r\n]*(<[^<>\s]+>)", text)
    if facts.get("action", "").lower() != "failed" or not returned:
        return None
    said = " ".join(facts.get(name, "") for name in ("status", "diagnostic-code")).strip()
    return Bounce(returned[-1], said[:500])


_REPORTED = r"(?im)^(Action|Status|Diagnostic-Code):[ \t]*(.*(?:\r?\n[ \t].*)*)"


def _authenticity(message: Message, authserv_id: str) -> Authenticity:
    """Return what our own server found of the sender: the topmost of its results, as each server adds above."""
    for result in message.get_all("Authentication-Results", []) if authserv_id else []:
        server, _, found = str(result).partition(";")
        if server.split()[:1] == [authserv_id]:
            verdict = re.search(r"\bdmarc\s*=\s*(\w+)", found)
            return {"pass": "pass", "fail": "fail"}.get(verdict[1].lower(), "none") if verdict else "none"  # type: ignore[return-value]
    return "none"


def _header(message: Message, name: str) -> str:
    try:
        return clean_line(clean(str(message.get(name, ""))))[:500]
    except (ValueError, LookupError, AttributeError, IndexError, TypeError):
        return ""  # the standard parser stumbles over some broken headers
