"""Webhooks on the wire and in the tables: their messages are rows of the one queue, sent by HTTP in place of SMTP."""

from __future__ import annotations

import datetime as dt
import http.client
from collections.abc import Callable

import sqlalchemy as sa

from services.contracts.rpc import Delivery
from services.kit.clock import Clock
from services.kit.database import Database
from services.kit.links import token
from services.notifications.adapters.outside import INTERNET, Inside, Outside, path_of
from services.notifications.adapters.queue import WEB, Claimed, Mails
from services.notifications.adapters.smtp import noted
from services.notifications.adapters.tables import mail, webhook
from services.notifications.domain.delivery import Handover, next_try
from services.notifications.domain.webhook import Subscription, secret_in_text, signed

INSIDE = "Cette adresse mène à un réseau privé : rien n’y est envoyé."
REDIRECTED = "L’adresse répond par une redirection, qui n’est pas suivie : donnez l’adresse finale."
GONE = "L’adresse répond qu’elle n’existe plus (410) : retirez-la."
WHOLE_TIME = 20.0
"""Seconds a try may take in all."""
SHOWN = 20
"""Deliveries of a webhook that are listed."""


class Webhooks:
    """Port Webhooks."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of_edition(self, edition_id: str) -> tuple[Subscription, ...]:
        """Oldest first."""
        mine = sa.select(webhook).where(webhook.c.edition_id == edition_id)
        rows = self._connection.execute(mine.order_by(webhook.c.made_at, webhook.c.id))
        return tuple(Subscription(row.id, row.edition_id, row.url) for row in rows)

    def made_at(self, hook: Subscription) -> dt.datetime:
        """When it was added."""
        return self._connection.execute(sa.select(webhook.c.made_at).where(*_of(hook.edition_id, hook.id))).scalar_one()

    def add(self, hook: Subscription, at: dt.datetime) -> None:
        """Keep a new one."""
        self._connection.execute(sa.insert(webhook).values(**vars(hook), made_at=at))

    def remove(self, edition_id: str, webhook_id: str) -> bool:
        """Forget it and drop what waits for it; say whether there was one."""
        waiting = (mail.c.edition_id == edition_id, mail.c.party == webhook_id, mail.c.kind == WEB)
        dropped = sa.update(mail).where(*waiting, mail.c.state == "waiting").values(state="superseded")
        self._connection.execute(dropped)
        return bool(self._connection.execute(sa.delete(webhook).where(*_of(edition_id, webhook_id))).rowcount)

    def deliveries(self, hook: Subscription) -> tuple[Delivery, ...]:
        """The last messages, latest first."""
        mine = (mail.c.edition_id == hook.edition_id, mail.c.party == hook.id, mail.c.kind == WEB)
        rows = self._connection.execute(sa.select(mail).where(*mine).order_by(mail.c.position.desc()).limit(SHOWN))
        return tuple(
            Delivery(
                row.id,
                row.subject,
                row.created_at,
                row.state,
                row.attempts,
                row.sent_at,
                row.next_at if row.state == "waiting" else None,
                row.error,
            )
            for row in rows
        )

    def send_again(self, edition_id: str, delivery_id: str, now: dt.datetime) -> bool:
        """Queue a message anew; say whether there is one whose webhook stands."""
        standing = sa.exists().where(webhook.c.edition_id == edition_id, webhook.c.id == mail.c.party)
        mine = (mail.c.edition_id == edition_id, mail.c.id == delivery_id, mail.c.kind == WEB, standing)
        anew = {"state": "waiting", "attempts": 0, "created_at": now, "next_at": now, "error": ""}
        return bool(self._connection.execute(sa.update(mail).where(*mine).values(anew)).rowcount)


def _of(edition_id: str, webhook_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return webhook.c.edition_id == edition_id, webhook.c.id == webhook_id


def secret_of(hook: Subscription, *, house: str) -> str:
    """Return what signs a webhook's messages, derived from the house's secret."""
    return secret_in_text(token(house, "webhook", hook.edition_id, hook.id).encode())


LINES = 4
"""Loops that send, each with one message on its way: as many receivers may be slow before one waits for another."""


class WebhookSender:
    """Sends what is due, to each receiver one message after the other; each is tried again as a mail is.

    Several loops may call ``tick``. A receiver that does not answer keeps what waits for it until its next try.
    ``house``: the house's secret.
    """

    def __init__(self, database: Database, house: str, clock: Clock, outside: Outside = INTERNET) -> None:
        self._database, self._house, self._clock, self._outside = database, house, clock, outside

    def tick(self) -> bool:
        """Send one message; say whether there was one."""
        with self._database.begin() as connection:
            message = Mails(connection).claim_for_web(self._clock())
        if message is None:
            return False
        outcome, now = post(message.recipient, self._headers(message), message.raw, self._outside), self._clock()
        again = next_try(message.created_at, message.attempts, now)
        with self._database.begin_hasty() as connection:
            noted(message, outcome, now)(Mails(connection))
            if outcome.kind == "broken" and again:
                Mails(connection).hold_back(message, again)
        return True

    def _headers(self, message: Claimed) -> dict[str, str]:
        secret = secret_of(Subscription(message.party, message.edition_id, message.recipient), house=self._house)
        seconds = int(self._clock().timestamp())
        return {
            "Content-Type": "application/json",
            "User-Agent": "Quinzaine",
            "Connection": "close",
            "webhook-id": message.id,
            "webhook-timestamp": str(seconds),
            "webhook-signature": signed(secret, message.id, seconds, message.raw),
        }


def _read(status: int) -> Handover:
    if 200 <= status < 300:
        return Handover("sent")
    if status == 410:
        return Handover("final", GONE)
    return Handover("passing", REDIRECTED if 300 <= status < 400 else f"HTTP {status}")


def post(
    url: str,
    headers: dict[str, str],
    body: bytes,
    outside: Outside = INTERNET,
    read: Callable[[int], Handover] = _read,
) -> Handover:
    """Hand a message over and say how it went; of the answer only its status counts, and nothing more is read."""
    try:
        with outside.connected(url, WHOLE_TIME) as connection:
            connection.request("POST", path_of(url), body, headers)
            return read(connection.getresponse().status)
    except Inside:
        return Handover("final", INSIDE)
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        return Handover("broken", f"{type(error).__name__}: {error}"[:500])
