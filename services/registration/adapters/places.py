"""Rows of places: one for each programme that is limited, one for each group that claims a place in it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from services.kit.database import put
from services.registration.adapters import tables
from services.registration.domain.places import Capacity, Claim

_Condition = sa.ColumnElement[bool]

_CAPACITIES = (
    sa.select(tables.capacity)
    .where(tables.capacity.c.edition_id == sa.bindparam("edition"))
    .order_by(tables.capacity.c.programme_id)
)
_CAPACITY = sa.update(tables.capacity).where(
    tables.capacity.c.edition_id == sa.bindparam("edition"), tables.capacity.c.programme_id == sa.bindparam("programme")
)
_IS_FREE = tables.capacity.c.taken < tables.capacity.c.places
_TAKE = _CAPACITY.where(_IS_FREE).values(taken=tables.capacity.c.taken + 1)
_QUEUE = _CAPACITY.where(sa.not_(_IS_FREE)).values(asked=tables.capacity.c.asked + 1).returning(tables.capacity.c.asked)
_CLAIMS = sa.select(tables.claim).order_by(
    tables.claim.c.state, tables.claim.c.rank, tables.claim.c.number, tables.claim.c.group_id
)
_CLAIMS_OF_SCHOOL = _CLAIMS.where(
    tables.claim.c.edition_id == sa.bindparam("edition"), tables.claim.c.school_id == sa.bindparam("school")
)


class CapacityRows:
    """Port Capacities."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def all(self, edition_id: str) -> tuple[Capacity, ...]:
        return tuple(_capacity(row) for row in self._connection.execute(_CAPACITIES, {"edition": edition_id}))

    def lock(self, edition_id: str, programme_id: str) -> Capacity | None:
        mine = sa.select(tables.capacity).where(*_of(tables.capacity, edition_id, programme_id))
        row = self._connection.execute(mine.with_for_update()).first()
        return _capacity(row) if row else None

    def save(self, capacity: Capacity) -> None:
        table = tables.capacity
        values = {"places": capacity.places, "answer_hours": capacity.answer_hours}
        if not self._change(capacity.edition_id, capacity.programme_id, **values):
            key = {"edition_id": capacity.edition_id, "programme_id": capacity.programme_id}
            self._connection.execute(sa.insert(table).values({**key, **values, "taken": capacity.taken, "asked": 0}))

    def lift(self, edition_id: str, programme_id: str) -> None:
        for table in (tables.claim, tables.capacity):
            self._connection.execute(sa.delete(table).where(*_of(table, edition_id, programme_id)))

    def take(self, edition_id: str, programme_id: str) -> bool:
        return self._connection.execute(_TAKE, {"edition": edition_id, "programme": programme_id}).rowcount == 1

    def free(self, edition_id: str, programme_id: str) -> None:
        self._change(edition_id, programme_id, taken=tables.capacity.c.taken - 1)

    def queue(self, edition_id: str, programme_id: str) -> int | None:
        return self._connection.execute(_QUEUE, {"edition": edition_id, "programme": programme_id}).scalar()

    def _change(self, edition_id: str, programme_id: str, *conditions: _Condition, **values: Any) -> bool:
        mine = (*_of(tables.capacity, edition_id, programme_id), *conditions)
        return self._connection.execute(sa.update(tables.capacity).where(*mine).values(values)).rowcount == 1


class ClaimRows:
    """Port Claims."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, edition_id: str, group_id: str) -> Claim | None:
        return next(iter(self._read(*_claim(edition_id, group_id))), None)

    def of_school(self, edition_id: str, school_id: str) -> tuple[Claim, ...]:
        rows = self._connection.execute(_CLAIMS_OF_SCHOOL, {"edition": edition_id, "school": school_id})
        return tuple(Claim(**row._mapping) for row in rows)

    def in_line(self, edition_id: str, programme_id: str) -> tuple[Claim, ...]:
        states = tables.claim.c.state.in_(["offered", "waiting"])
        return self._read(*_of(tables.claim, edition_id, programme_id), states)

    def first_waiting(self, edition_id: str, programme_id: str) -> Claim | None:
        return next(iter(self._read(*_waiting(edition_id, programme_id), limit=1)), None)

    def position(self, claim: Claim) -> int:
        table = tables.claim
        before = sa.tuple_(table.c.rank, table.c.number) <= sa.tuple_(sa.literal(claim.rank), sa.literal(claim.number))
        ahead = sa.select(sa.func.count()).where(*_waiting(claim.edition_id, claim.programme_id), before)
        return self._connection.execute(ahead).scalar_one()

    def overdue(self, now: dt.datetime) -> Claim | None:
        table = tables.claim
        return next(iter(self._read(table.c.state == "offered", table.c.until <= now, limit=1)), None)

    def save(self, claim: Claim) -> None:
        put(self._connection, tables.claim, **vars(claim))

    def remove(self, claim: Claim) -> None:
        self._connection.execute(sa.delete(tables.claim).where(*_claim(claim.edition_id, claim.group_id)))

    def _read(self, *conditions: _Condition, limit: int | None = None) -> tuple[Claim, ...]:
        rows = self._connection.execute(_CLAIMS.where(*conditions).limit(limit))
        return tuple(Claim(**row._mapping) for row in rows)


def _capacity(row: Any) -> Capacity:
    return Capacity(row.edition_id, row.programme_id, row.places, row.taken, row.answer_hours)


def _of(table: sa.Table, edition_id: str, programme_id: str) -> tuple[_Condition, ...]:
    return table.c.edition_id == edition_id, table.c.programme_id == programme_id


def _claim(edition_id: str, group_id: str) -> tuple[_Condition, ...]:
    return tables.claim.c.edition_id == edition_id, tables.claim.c.group_id == group_id


def _waiting(edition_id: str, programme_id: str) -> tuple[_Condition, ...]:
    return *_of(tables.claim, edition_id, programme_id), tables.claim.c.state == "waiting"
