"""The rows of wishes."""

from __future__ import annotations

import sqlalchemy as sa

from services.contracts.codec import dumps, loads
from services.registration.adapters.tables import wish as table
from services.registration.domain.wishes import Wish


class WishRows:
    """Port Wishes."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of_edition(self, edition_id: str) -> tuple[tuple[str, Wish], ...]:
        query = sa.select(table).where(table.c.edition_id == edition_id)
        rows = self._connection.execute(query.order_by(table.c.school_id, table.c.session_id))
        return tuple((row.school_id, loads(Wish, row.body)) for row in rows)

    def of_school(self, edition_id: str, school_id: str) -> dict[str, Wish]:
        mine = (table.c.edition_id == edition_id, table.c.school_id == school_id)
        rows = self._connection.execute(sa.select(table).where(*mine).order_by(table.c.session_id))
        return {row.session_id: loads(Wish, row.body) for row in rows}

    def save(self, edition_id: str, school_id: str, wish: Wish) -> None:
        self.remove(edition_id, school_id, wish.session_id)
        key = {"edition_id": edition_id, "school_id": school_id, "session_id": wish.session_id}
        self._connection.execute(sa.insert(table).values(body=dumps(wish), **key))

    def remove(self, edition_id: str, school_id: str, session_id: str) -> None:
        mine = (table.c.edition_id == edition_id, table.c.school_id == school_id, table.c.session_id == session_id)
        self._connection.execute(sa.delete(table).where(*mine))
