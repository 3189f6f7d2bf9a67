"""Accesses of programs, by the hash of their token."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from services.contracts.rpc import Access, AccessScope
from services.registration.adapters.tables import access as table


class AccessRows:
    """Port Accesses."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def all(self, edition_id: str) -> tuple[Access, ...]:
        rows = sa.select(table).where(table.c.edition_id == edition_id).order_by(table.c.made_at.desc(), table.c.id)
        return tuple(_access(row) for row in self._connection.execute(rows))

    def add(self, edition_id: str, access: Access, token_sha256: str) -> None:
        row = {**vars(access), "edition_id": edition_id, "token_sha256": token_sha256}
        self._connection.execute(sa.insert(table).values(row))

    def revoke(self, edition_id: str, access_id: str, at: dt.datetime) -> None:
        mine = (table.c.edition_id == edition_id, table.c.id == access_id, table.c.revoked_at.is_(None))
        self._connection.execute(sa.update(table).where(*mine).values(revoked_at=at))

    def find(self, token_sha256: str) -> AccessScope | None:
        valid = sa.select(table).where(table.c.token_sha256 == token_sha256, table.c.revoked_at.is_(None))
        row = self._connection.execute(valid).first()
        return AccessScope(row.id, row.edition_id, row.writes) if row else None


def _access(row: Any) -> Access:
    return Access(row.id, row.name, row.writes, row.made_at, row.revoked_at)
