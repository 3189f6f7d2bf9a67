"""Mails that came in, each kept once with what became of it."""

from __future__ import annotations

import datetime as dt
import hashlib

import sqlalchemy as sa

from services.contracts.codec import dumps
from services.contracts.rpc import IncomingMail
from services.notifications.adapters import tables
from services.notifications.domain.reply import Outcome, ReadMail


class Incoming:
    """Mails that came in, by the SHA-256 of their bytes."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def seen(self, raw: bytes) -> bool:
        """Whether these very bytes came in before."""
        found = sa.select(tables.incoming.c.id).where(tables.incoming.c.id == _id(raw))
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
        }
        self._connection.execute(sa.insert(tables.incoming).values(row))

    def latest(self, limit: int) -> tuple[IncomingMail, ...]:
        """Mails, latest first."""
        table = tables.incoming
        rows = self._connection.execute(sa.select(table).order_by(table.c.received_at.desc(), table.c.id).limit(limit))
        return tuple(IncomingMail(r.id, r.received_at, r.sender, r.subject, r.outcome, r.note) for r in rows)


def _id(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
