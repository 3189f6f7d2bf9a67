"""Take committed events out of a service's outbox and hand them on.

An event leaves the table only after it was delivered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from services.kit.database import Database
from services.kit.messages import MessageTables


@dataclass(frozen=True)
class Outgoing:
    """An event on its way: ``body`` is its envelope as JSON text."""

    position: int
    event_id: str
    event_type: str
    body: str


Deliver = Callable[[list[Outgoing]], None]
"""Delivers a batch in order, durably, or raises."""


def relay(database: Database, messages: MessageTables, deliver: Deliver, limit: int = 100) -> bool:
    """Deliver the oldest waiting events and remove them; say whether more may wait.

    A crash in between delivers them again: readers keep an inbox.
    """
    return (
        _relay_sqlite(database, messages, deliver, limit)
        if database.is_sqlite
        else _relay_locked(database, messages, deliver, limit)
    )


def _relay_sqlite(database: Database, messages: MessageTables, deliver: Deliver, limit: int) -> bool:
    # Never wait for anything else while holding SQLite's one write lock: delivering may need it.
    with database.read() as connection:
        batch = _oldest(connection, messages, limit)
    if batch:
        deliver(batch)
        with database.begin_hasty() as connection:  # a power cut that forgets it delivers them again, as a crash does
            _remove(connection, messages, batch)
    return len(batch) == limit


def _relay_locked(database: Database, messages: MessageTables, deliver: Deliver, limit: int) -> bool:
    with database.begin() as connection:  # row locks: replicas of a service do not send twice
        batch = _oldest(connection, messages, limit)
        if batch:
            deliver(batch)
            _remove(connection, messages, batch)
    return len(batch) == limit


def _oldest(connection: sa.Connection, messages: MessageTables, limit: int) -> list[Outgoing]:
    table = messages.outbox
    query = sa.select(table).order_by(table.c.position).limit(limit).with_for_update(skip_locked=True)
    return [Outgoing(row.position, row.event_id, row.event_type, row.body) for row in connection.execute(query)]


def _remove(connection: sa.Connection, messages: MessageTables, batch: list[Outgoing]) -> None:
    table = messages.outbox
    connection.execute(sa.delete(table).where(table.c.position.in_([event.position for event in batch])))
