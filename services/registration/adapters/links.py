"""The links of schools, as hashes of tokens that are made again when they are needed."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from services.kit.links import new_seed, token, token_hash
from services.registration.adapters.tables import link as table


class LinkRows:
    """Port Links. Notifications, told of the seed, derives the same token to write it into a mail that leaves."""

    def __init__(self, connection: sa.Connection, secret: str) -> None:
        self._connection = connection
        self._secret = secret

    def issue(self, edition_id: str, school_id: str, at: dt.datetime) -> str:
        last = self._connection.execute(_LAST_SEED, {"edition": edition_id, "school": school_id}).scalar()
        return str(last) if last else self.renew(edition_id, school_id, at)

    def revoke(self, edition_id: str, school_id: str, at: dt.datetime) -> None:
        mine = (table.c.edition_id == edition_id, table.c.school_id == school_id, table.c.revoked_at.is_(None))
        self._connection.execute(sa.update(table).where(*mine).values(revoked_at=at))

    def renew(self, edition_id: str, school_id: str, at: dt.datetime) -> str:
        seed = new_seed()
        hashed = token_hash(self._token(edition_id, school_id, seed))
        row = {"token_sha256": hashed, "edition_id": edition_id, "school_id": school_id, "seed": seed, "issued_at": at}
        self._connection.execute(sa.insert(table), row)
        return seed

    def tokens(self, edition_id: str) -> dict[str, str]:
        valid = sa.select(table).where(table.c.edition_id == edition_id, table.c.revoked_at.is_(None))
        rows = self._connection.execute(valid)
        return {row.school_id: self._token(edition_id, row.school_id, row.seed) for row in rows}

    def find(self, token_sha256: str) -> tuple[str, str, dt.datetime] | None:
        row = self._connection.execute(_VALID, {"hashed": token_sha256}).first()
        return (row.edition_id, row.school_id, row.issued_at) if row else None

    def _token(self, edition_id: str, school_id: str, seed: str) -> str:
        return token(self._secret, "school", edition_id, school_id, seed)


_VALID = sa.select(table).where(table.c.token_sha256 == sa.bindparam("hashed"), table.c.revoked_at.is_(None))
_LAST_SEED = (
    sa.select(table.c.seed)
    .where(table.c.edition_id == sa.bindparam("edition"), table.c.school_id == sa.bindparam("school"))
    .order_by(table.c.revoked_at.is_not(None), table.c.issued_at.desc())
    .limit(1)
)
