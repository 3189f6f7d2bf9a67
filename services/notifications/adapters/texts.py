"""Short texts leave: for a gateway by HTTPS, in development for the mailbox that shows every mail."""

from __future__ import annotations

import json
import re
import smtplib
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from urllib.parse import quote, quote_plus

import sqlalchemy as sa

from services.contracts.codec import loads
from services.kit.clock import Clock
from services.kit.database import Database
from services.kit.settings import Settings
from services.notifications.adapters.outside import Outside
from services.notifications.adapters.queue import NO_SERVER, Claimed, Mails
from services.notifications.adapters.smtp import Route, deliver, hang_up, noted
from services.notifications.adapters.tables import party
from services.notifications.adapters.webhooks import post
from services.notifications.domain.delivery import Handover
from services.notifications.domain.texting import Texted
from services.notifications.ports import Texts

NO_NUMBER = "Ce destinataire ne souhaite plus de SMS."
LATER = (401, 403, 408, 425, 429)
"""Refusals that end without the text being changed: a wrong key, too many at once."""
ANYWHERE = Outside(allowed=lambda address: True)
"""The gateway is the administrator's choice; it may stand in the house."""


@dataclass(frozen=True)
class GatewayTexts:
    """Port Texts by a POST to an operator's gateway.

    In ``url`` and ``body``, ``{to}`` is the number in E.164, ``{digits}`` the same without its plus, ``{text}`` the
    words and ``{id}`` what stays the same when a text is handed over twice; each is written as its place demands.
    """

    url: str
    headers: dict[str, str]
    body: str
    outside: Outside = ANYWHERE

    def send(self, text_id: str, phone: str, words: str) -> Handover:
        """Hand a text over: what the gateway takes is sent, what it refuses is final, all else is tried again."""
        said = {"to": phone, "digits": phone.removeprefix("+"), "text": words, "id": text_id}
        as_json = self.body.lstrip()[:1] in ("{", "[")
        kind = "application/json" if as_json else "application/x-www-form-urlencoded"
        headers = {"Content-Type": kind, "User-Agent": "Quinzaine", "Connection": "close"} | self.headers
        url = _filled(self.url, {name: quote(value, safe="") for name, value in said.items()})
        body = _filled(self.body, {name: _in_json(v) if as_json else quote_plus(v) for name, v in said.items()})
        return post(url, headers, body.encode(), self.outside, _read)


@dataclass(frozen=True)
class MailboxTexts:
    """Port Texts in development: a text is a mail to the mailbox, so that it is seen beside the mails."""

    route: Route

    def send(self, text_id: str, phone: str, words: str) -> Handover:
        """Show a text."""
        mail = EmailMessage(policy=policy.SMTP)
        mail["From"], mail["To"] = self.route.sender, f"{phone.removeprefix('+')}@sms.invalid"
        mail["Subject"] = f"SMS : {words}"
        mail["Message-ID"] = f"<{text_id}@{self.route.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(words + "\n", cte="quoted-printable")
        try:
            server = self.route.connect()
        except (OSError, smtplib.SMTPException):
            return Handover("passing", NO_SERVER)
        try:
            return deliver(server, self.route.sender, str(mail["To"]), mail.as_bytes())
        finally:
            hang_up(server)


def texts_of(settings: Settings, route: Route) -> Texts | None:
    """Return the way that the settings name; None where there is none."""
    if settings.sms_url:
        headers = (line.partition(":") for line in settings.sms_header_lines)
        return GatewayTexts(settings.sms_url, {name: value.strip() for name, _, value in headers}, settings.sms_body)
    return MailboxTexts(route) if settings.development else None


class TextSender:
    """Sends what is due, one text after the other, to the number that its recipient gave and has not taken back."""

    def __init__(self, database: Database, texts: Texts, clock: Clock) -> None:
        self._database, self._texts, self._clock = database, texts, clock

    def tick(self) -> bool:
        """Send one text; say whether there was one."""
        with self._database.begin() as connection:
            text = Mails(connection).claim_text(self._clock())
            phone = _phone(connection, text) if text else ""
        if text is None:
            return False
        sent = self._texts.send(text.id, phone, text.raw.decode()) if phone else Handover("final", NO_NUMBER)
        with self._database.begin_hasty() as connection:
            noted(text, sent, self._clock())(Mails(connection))
        return True


def _phone(connection: sa.Connection, text: Claimed) -> str:
    mine = (party.c.edition_id == text.edition_id, party.c.id == text.party, party.c.texts.is_not(None))
    asked = (loads(Texted, row.texts) for row in connection.execute(sa.select(party.c.texts).where(*mine)))
    return next((one.phone for one in asked if one.recipient(text.party) == text.recipient), "")


def _filled(template: str, values: dict[str, str]) -> str:
    """Return a template with its values, all at once: a value may look like a place."""
    return re.sub("{(to|digits|text|id)}", lambda place: values[place[1]], template)


def _in_json(value: str) -> str:
    return json.dumps(value)[1:-1]


def _read(status: int) -> Handover:
    if 200 <= status < 300:
        return Handover("sent")
    refused = 400 <= status < 500 and status not in LATER
    return Handover("final" if refused else "passing", f"HTTP {status}")
