"""How long data are kept: each kind has its clock, which a loop reads once an hour.

``contacts``: names, addresses and telephones of an edition, from its last day or last change; counts and answers stay.
``mails``: mails sent and received, from their date and the end of their edition. ``history``: what was done, and the
keys of answers. The page docs/reference/privacy.md gives the sources of the usual terms.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.contracts import rpc
from services.kit.application import Loop
from services.kit.clock import Clock
from services.kit.database import Database, Instant
from services.kit.messages import MessageTables
from services.kit.people import addresses_in, erase, parsed, rows_of
from services.kit.settings import Settings

log = logging.getLogger(__name__)

AN_HOUR = 3600.0
DATED = (
    ("mails", "mail", "created_at"),
    ("mails", "incoming", "received_at"),
    ("history", "history", "at"),
    ("history", "journal", "at"),
    ("history", "answer_key", "used_at"),
)
"""Rows that go whole: their kind, their table and the column that dates them."""


@dataclass(frozen=True)
class Keeper:
    """The clocks of one service."""

    service: str
    database: Database
    messages: MessageTables
    settings: Settings
    clock: Clock

    def loop(self) -> Loop:
        """Return the work that takes out what is over."""
        return Loop("retention", self.tick, AN_HOUR)

    def tick(self) -> bool:
        """Take out what is over."""
        with self.database.begin() as connection:
            gone = self._sweep(connection, really=True)
        if gone:
            log.info("%s: retention took out %s", self.service, gone)
        return False

    def due(self, _request: rpc.ListDue, tx: Any) -> dict[str, int]:
        """Return how many rows the next tick will change or take out, by kind: a dry run."""
        return self._sweep(tx.connection, really=False)

    def _sweep(self, connection: sa.Connection, really: bool) -> dict[str, int]:
        editions = dict(self._editions(connection))
        found = Counter(contacts=self._contacts(connection, editions, really))
        for kind, name, column in DATED:
            if name in self.messages.erasure.metadata.tables:
                found[kind] += self._dated(connection, kind, name, column, editions, really)
        return {kind: rows for kind, rows in found.items() if rows}

    def _limit(self, kind: str) -> dt.datetime:
        days: int = getattr(self.settings, f"keep_{kind}_days")
        return self.clock() - dt.timedelta(days=days)

    def _dated(
        self,
        connection: sa.Connection,
        kind: str,
        name: str,
        column: str,
        editions: dict[str, dt.date],
        really: bool,
    ) -> int:
        table, limit = self.messages.erasure.metadata.tables[name], self._limit(kind)
        old = [table.c[column] < limit]
        if "edition_id" in table.c:
            running = [id_ for id_, last_day in editions.items() if last_day >= limit.date()]
            old.append(table.c.edition_id.not_in(running))
        if really:
            return connection.execute(sa.delete(table).where(*old)).rowcount
        return connection.execute(sa.select(sa.func.count()).select_from(table).where(*old)).scalar_one()

    def _contacts(self, connection: sa.Connection, editions: dict[str, dt.date], really: bool) -> int:
        limit, rows = self._limit("contacts"), 0
        for id_, last_day in editions.items():
            if last_day < limit.date() and self._last_change(connection, id_) < limit:
                held = [
                    row
                    for row in rows_of(connection, self.messages)
                    if id_ in (row[1].get("edition_id"), _own_id(*row))
                ]
                naming = [(table, row) for table, row in held if addresses_in(row)]
                rows += len(naming)
                for address in {found for _, row in naming for found in addresses_in(row)} if really else ():
                    erase(connection, held, address)
        return rows

    def _editions(self, connection: sa.Connection) -> dict[str, dt.date]:
        """Return the last day of every edition that the service keeps a copy of."""
        found = {}
        for name in ("edition", "editions"):
            if name in self.messages.erasure.metadata.tables:
                for row in connection.execute(sa.select(self.messages.erasure.metadata.tables[name])).mappings():
                    body = parsed(row.get("body") or row.get("edition"))
                    found[row["id"]] = dt.date.fromisoformat(body["last_day"])
        return found

    def _last_change(self, connection: sa.Connection, edition_id: str) -> dt.datetime:
        """Return when anything of the edition last changed, so that one opened late is not emptied at once.

        Where none of its rows has a date, it is when the service last heard anything.
        """
        dated = [c for c in _dates(self.messages) if "edition_id" in c.table.c]
        newest = [sa.select(sa.func.max(c)).where(c.table.c.edition_id == edition_id) for c in dated]
        heard = sa.select(sa.func.max(self.messages.inbox.c.handled_at))
        found = [at for at in (connection.execute(query).scalar() for query in newest) if at]
        return max(found, default=connection.execute(heard).scalar() or self.clock())


def _dates(messages: MessageTables) -> list[sa.Column[Any]]:
    """Return the columns that say when a row was made or changed; those of sessions say when they are held."""
    columns = [column for table in messages.erasure.metadata.sorted_tables for column in table.c]
    return [c for c in columns if isinstance(c.type, Instant) and c.name not in ("start", "starts_at", "read_at")]


def _own_id(table: sa.Table, row: dict[str, Any]) -> Any:
    return row["id"] if table.name in ("edition", "editions") else None
