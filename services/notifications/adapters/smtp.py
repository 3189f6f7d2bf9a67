"""Mails leave: a background step takes what is due from the queue and hands it to a mail server."""

from __future__ import annotations

import datetime as dt
import logging
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa

from services.kit.clock import Clock
from services.kit.database import Database
from services.notifications.adapters.queue import LINE_BROKE, NO_SERVER, Claimed, Mails
from services.notifications.domain.delivery import Handover, next_try

log = logging.getLogger(__name__)

TIMEOUT = 10.0
"""Seconds that one exchange with the server may take; a mail takes five, well below the lease of a claim."""

BATCH = 50
_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_MINUTE = _LONGEST_PAUSE = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Route:
    """The way to the mail server: ``smtp://``, ``smtps://`` or ``smtp+starttls://``, credentials in the URL."""

    url: str
    sender: str

    def connect(self) -> smtplib.SMTP:
        """Return an open session. Raises OSError, smtplib.SMTPException."""
        parts = urlsplit(self.url)
        host, port = parts.hostname or "127.0.0.1", parts.port or _PORTS[parts.scheme]
        name = self.sender.rpartition("@")[2]  # smtplib would ask the name server for our own name
        if parts.scheme == "smtps":
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, name, timeout=TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(host, port, name, timeout=TIMEOUT)
        if parts.scheme == "smtp+starttls":
            server.starttls(context=ssl.create_default_context())
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        return server


def deliver(server: smtplib.SMTP, sender: str, recipient: str, raw: bytes) -> Handover:
    """Hand one mail over and say how it went; never raises for what a server can do."""
    try:
        server.sendmail(sender, [recipient], raw)
    except smtplib.SMTPRecipientsRefused as refusal:
        return _refused(*next(iter(refusal.recipients.values())))
    except smtplib.SMTPResponseException as refusal:
        return _refused(refusal.smtp_code, refusal.smtp_error)
    except (smtplib.SMTPException, OSError) as error:
        log.warning("the mail server broke off: %s: %s", type(error).__name__, error)
        return Handover("broken", LINE_BROKE)
    return Handover("sent")


def _refused(code: int, text: bytes | str) -> Handover:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return Handover("final" if 500 <= code < 600 else "passing", f"{code} {said}"[:500])


def noted(mail: Claimed, outcome: Handover, now: dt.datetime) -> Callable[[Mails], None]:
    """Return what to write down in the queue: done, tried again later, or given up."""
    if outcome.kind == "sent":
        return lambda queue: queue.sent(mail, now)
    again = None if outcome.kind == "final" else next_try(mail.created_at, mail.attempts, now)
    if again is None:
        return lambda queue: queue.fail(mail, outcome.error, outcome.may_have_left)
    return lambda queue: queue.postpone(mail, outcome.error, again, outcome.may_have_left)


class Sender:
    """Sends what is due, one mail after the other on one connection.

    That a mail is taken is on the disk before it leaves. How it went is noted in haste: the shorter the time between
    the server's word and our note, the fewer crashes leave a mail in doubt. At most one is, and it is sent again with
    the same bytes and Message-ID. ``per_minute``: mails in any 60 seconds; ``per_person``: see ``Mails.claim``.
    ``finish``: writes into a mail what is only known when it leaves.
    """

    def __init__(
        self,
        database: Database,
        route: Route,
        clock: Clock,
        per_minute: int = 600,
        finish: Callable[[sa.Connection, Claimed], Claimed] = lambda connection, mail: mail,
        per_person: int = 1000,
    ) -> None:
        self._per_person = per_person
        self._per_minute = per_minute
        self._finish = finish
        self._database = database
        self._route = route
        self._clock = clock
        self._failures = 0
        self._resume_at = clock()

    def tick(self) -> bool:
        """Send a batch; say whether there may be more."""
        if self._clock() < self._resume_at:
            return False
        mail = self._turn()
        if mail is None:
            return False
        try:
            server = self._route.connect()
        except (OSError, smtplib.SMTPException) as error:
            self._pause(mail, error)
            return False
        self._failures = 0
        try:
            return self._send_batch(server, mail)
        finally:
            hang_up(server)

    def _send_batch(self, server: smtplib.SMTP, mail: Claimed | None) -> bool:
        for left in reversed(range(BATCH)):
            if mail is None:
                return False
            outcome = deliver(server, self._route.sender, mail.recipient, mail.raw)
            goes_on = left > 0 and outcome.kind != "broken"
            mail = self._turn(noted(mail, outcome, self._clock()), claim=goes_on)
            if not goes_on:
                break
        return True

    def _turn(self, note: Callable[[Mails], None] | None = None, claim: bool = True) -> Claimed | None:
        if note:
            with self._database.begin_hasty() as connection:
                note(Mails(connection))
        return self._claim() if claim else None

    def _claim(self) -> Claimed | None:
        now = self._clock()
        with self._database.begin() as connection:
            queue = Mails(connection)
            mail = queue.claim(now, self._per_person) if queue.sent_since(now - _MINUTE) < self._per_minute else None
            return mail and self._finish(connection, mail)

    def _pause(self, mail: Claimed, error: Exception) -> None:
        """Leave the server alone for a while: the other mails need not be tried one by one."""
        log.warning("no mail can leave: %s: %s", type(error).__name__, error)
        self._turn(noted(mail, Handover("passing", NO_SERVER), self._clock()), claim=False)
        self._failures += 1
        self._resume_at = self._clock() + min(dt.timedelta(seconds=2**self._failures), _LONGEST_PAUSE)


def hang_up(server: smtplib.SMTP) -> None:
    """End a conversation, whatever state it is in."""
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()
