"""Mails that came in, each kept once with what became of it."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import sqlalchemy as sa

from services.contracts.codec import dumps, loads
from services.contracts.rpc import IncomingMail
from services.notifications.adapters.reading import words_of
from services.notifications.adapters.tables import incoming as table
from services.notifications.domain.reply import Outcome, ReadMail, Reply
from services.notifications.ports import Kept

READ_BY_A_PERSON = ("for_a_person", "to_confirm", "countered", "bounced")


class Incoming:
    """Mails that came in, by the SHA-256 of their bytes."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def seen(self, raw: bytes) -> bool:
        """Whether these very bytes came in before."""
        found = sa.select(table.c.id).where(table.c.id == _id(raw))
        return self._connection.execute(found).first() is not None

    def add(self, raw: bytes, read: ReadMail, outcome: Outcome, session_id: str, now: dt.datetime) -> None:
        """Keep a mail and what became of it."""
        row = {
            "id": _id(raw),
            "received_at": now,
            "sender": read.sender,
            "subject": read.subject,
            "raw": raw,
            "reply": dumps(read.reply),
            "session_id": session_id,
            "outcome": outcome.verdict,
            "note": outcome.note,
            "settled": "",
        }
        self._connection.execute(sa.insert(table).values(row))

    def find(self, mail_id: str) -> Kept | None:
        """A mail that came in."""
        row = self._connection.execute(sa.select(table).where(table.c.id == mail_id)).first()
        return Kept(_summary(row), _reply(row)) if row else None

    def settle(self, mail_id: str, decision: str) -> None:
        """Note what the organiser decided."""
        self._connection.execute(sa.update(table).where(table.c.id == mail_id).values(settled=decision))

    def latest(self, limit: int) -> tuple[IncomingMail, ...]:
        """Mails, latest first."""
        rows = self._connection.execute(sa.select(table).order_by(table.c.received_at.desc(), table.c.id).limit(limit))
        return tuple(_summary(row) for row in rows)


def _summary(row: Any) -> IncomingMail:
    reply = _reply(row)
    return IncomingMail(
        id=row.id,
        received_at=row.received_at,
        sender=row.sender,
        subject=row.subject,
        outcome=row.outcome,
        note=row.note,
        session_id=row.session_id,
        proposed=reply.proposed if reply else None,
        settled=row.settled,
        words=words_of(row.raw) if row.outcome in READ_BY_A_PERSON and not row.settled else "",
    )


def _reply(row: Any) -> Reply | None:
    reply: Reply | None = loads(Reply | None, row.reply)  # type: ignore[arg-type]
    return reply


def _id(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
