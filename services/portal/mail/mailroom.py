"""The mail door. In development it takes every mail by SMTP and keeps it in the mailbox; in service it is the LMTP door
behind the town's mail server, for answer addresses alone. What comes for one goes to its notifications.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import datetime as dt
import hashlib
import logging
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP
from icalendar import Calendar, Component, Event, vCalAddress

from services.contracts.rpc import ReceiveMail
from services.kit.clock import utc_now
from services.kit.organisations import plain_address
from services.kit.rpc import ACTOR, Ask
from services.kit.settings import Settings
from services.portal.mail.mailbox import Mailbox

log = logging.getLogger(__name__)

LARGEST_MAIL = 5 * 1024 * 1024
"""Octets; a larger mail is refused at the door."""


@dataclass(frozen=True)
class Letterbox:
    """Where mail of one organisation goes. ``mailbox``: the one of development, None in service."""

    ask: Ask
    answer_address: str
    mailbox: Mailbox | None

    def is_for(self, address: str) -> bool:
        """Whether a mail is for the answer address, with or without a ``+tag``."""
        return plain_address(address) == plain_address(self.answer_address)


class Mailroom:
    """The mail door on ``mail_host``:``mail_port``; none when the port is 0. Without mailboxes: LMTP, in service."""

    def __init__(self, settings: Settings, letterboxes: Sequence[Letterbox]) -> None:
        self._settings = settings
        self._clerk = _Clerk(letterboxes)
        self._protocol = LMTP if letterboxes[0].mailbox is None else SMTP
        self._server: asyncio.Server | None = None
        self._conversations: weakref.WeakSet[SMTP] = weakref.WeakSet()

    async def start(self) -> None:
        """Open the door in the running loop. Raises OSError when the port is busy."""
        if self._settings.mail_port > 0:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(self._converse, self._settings.mail_host, self._settings.mail_port)

    async def stop(self) -> None:
        """Close the door; a mail that was not yet acknowledged is sent again by its sender."""
        if self._server is None:
            return
        self._server.close()
        for conversation in list(self._conversations):
            if conversation.transport is not None:
                conversation.transport.close()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._server.wait_closed(), timeout=2)

    def _converse(self) -> SMTP:
        conversation = self._protocol(
            self._clerk,
            data_size_limit=LARGEST_MAIL,
            hostname=self._settings.answer_address.rpartition("@")[2],
            ident="Quinzaine",
            loop=asyncio.get_running_loop(),
        )
        self._conversations.add(conversation)
        return conversation


class _Clerk:
    """Answers the commands of a mail conversation (the names are aiosmtpd's)."""

    def __init__(self, letterboxes: Sequence[Letterbox]) -> None:
        self._letterboxes = letterboxes

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if not (self._for(address) or self._of_development(envelope.mail_from)):
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        try:
            status = await self._take(bytes(envelope.original_content), envelope)
        except Exception:
            log.exception("a mail could not be taken in; its sender tries again")
            status = "451 4.3.0 Try again later"
        # LMTP answers once for each recipient (RFC 2033 4.2).
        return "\r\n".join([status] * (len(envelope.rcpt_tos) if isinstance(server, LMTP) else 1))

    async def _take(self, raw: bytes, envelope: Any) -> str:
        to = self._for(*envelope.rcpt_tos)
        ACTOR.set("mail")
        for letterbox in to:
            await letterbox.ask(ReceiveMail(raw=base64.b64encode(raw).decode(), sender=envelope.mail_from or ""))
        for letterbox in self._of_development(envelope.mail_from) or to:
            if letterbox.mailbox is not None:
                await asyncio.to_thread(letterbox.mailbox.store, raw, utc_now())
        return "250 2.0.0 OK"

    def _for(self, *addresses: str) -> list[Letterbox]:
        return [letterbox for letterbox in self._letterboxes if any(map(letterbox.is_for, addresses))]

    def _of_development(self, sender: str | None) -> list[Letterbox]:
        """Return the mailbox that shows what this sender sends to anybody: its own, or the only one there is."""
        shown = [letterbox for letterbox in self._letterboxes if letterbox.mailbox is not None]
        return shown if len(shown) == 1 else [letterbox for letterbox in shown if letterbox.is_for(sender or "")]


# A provider's calendar, for the development mailbox and the demonstration -----------------------------------


class NotAnInvitation(ValueError):
    """A mail that asks for no answer."""


def reply_to_invitation(raw_mail: bytes, partstat: str, now: dt.datetime | None = None) -> EmailMessage:
    """Return the mail with which a calendar answers an invitation (RFC 5546 3.2.3): send it with ``send_message``.

    ``partstat``: ACCEPTED, DECLINED or TENTATIVE. The same answer to the same invitation has the same Message-ID.
    Raises NotAnInvitation.
    """
    invitation = BytesParser(policy=policy.default).parsebytes(raw_mail)
    calendar, event = _asked(invitation)
    attendee, organiser = _person(event, "ATTENDEE"), _person(event, "ORGANIZER")
    reply = EmailMessage(policy=policy.SMTP)
    reply["From"], reply["To"] = _address(attendee), _address(organiser)
    reply["Subject"] = f"{partstat.capitalize()}: {event.get('SUMMARY', '')}"
    seed = hashlib.sha256(f"{invitation['Message-ID']} {partstat}".encode()).hexdigest()[:32]
    reply["Message-ID"] = f"<{seed}@{_address(attendee).rpartition('@')[2]}>"
    reply["Date"] = now = now or utc_now()
    reply.set_content(f"{attendee.params.get('CN', '')}: {partstat}\n")
    reply.add_alternative(
        _answer(calendar, event, partstat, now),
        maintype="text",
        subtype="calendar",
        cte="base64",
        params={"method": "REPLY", "charset": "UTF-8"},
    )
    reply.set_boundary(f"=_{seed}")
    return reply


def _asked(mail: EmailMessage) -> tuple[Calendar, Component]:
    part = next((part for part in mail.walk() if part.get_content_type() == "text/calendar"), None)
    payload = part.get_payload(decode=True) if part is not None else None
    calendar = Calendar.from_ical(payload) if isinstance(payload, bytes) else Calendar()
    events = calendar.walk("VEVENT")
    if calendar.get("METHOD") != "REQUEST" or len(events) != 1:
        raise NotAnInvitation("this mail is not an invitation")
    return calendar, events[0]


def _answer(calendar: Calendar, event: Component, partstat: str, now: dt.datetime) -> bytes:
    answer = Calendar()
    answer.add("prodid", "-//Quinzaine//Development mailbox//EN")
    answer.add("version", "2.0")
    answer.add("method", "REPLY")
    for zone in calendar.walk("VTIMEZONE"):
        answer.add_component(zone)
    asked = _person(event, "ATTENDEE")
    attendee = vCalAddress(asked)
    attendee.params["PARTSTAT"] = partstat
    if "CN" in asked.params:
        attendee.params["CN"] = asked.params["CN"]
    said = Event()
    for name in ("UID", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "ORGANIZER"):
        said[name] = event[name]
    said["ATTENDEE"] = attendee
    said.add("dtstamp", now)
    answer.add_component(said)
    return bytes(answer.to_ical())


def _person(event: Component, name: str) -> vCalAddress:
    person = event.get(name)
    if not isinstance(person, vCalAddress):
        raise NotAnInvitation(f"this mail has not one {name}")
    return person


def _address(person: vCalAddress) -> str:
    return str(person).removeprefix("mailto:")
