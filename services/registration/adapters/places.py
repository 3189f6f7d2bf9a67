"""Rows of places: one for each programme that is limited, one for each group that claims a place in it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from services.registration.adapters import tables
from services.registration.domain.places import Capacity, Claim

_Condition = sa.ColumnElement[bool]


class CapacityRows:
    """Port Capacities."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def all(self, edition_id: str) -> tuple[Capacity, ...]:
        table = tables.capacity
        query = sa.select(table).where(table.c.edition_id == edition_id).order_by(table.c.programme_id)
        return tuple(_capacity(row) for row in self._connection.execute(query))

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
        table = tables.capacity
        return self._change(edition_id, programme_id, table.c.taken < table.c.places, taken=table.c.taken + 1)

    def free(self, edition_id: str, programme_id: str) -> None:
        self._change(edition_id, programme_id, taken=tables.capacity.c.taken - 1)

    def queue(self, edition_id: str, programme_id: str) -> int | None:
        table = tables.capacity
        full = (*_of(table, edition_id, programme_id), table.c.taken >= table.c.places)
        next_number = sa.update(table).where(*full).values(asked=table.c.asked + 1).returning(table.c.asked)
        return self._connection.execute(next_number).scalar()

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
        table = tables.claim
        return self._read(table.c.edition_id == edition_id, table.c.school_id == school_id)

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
        mine = _claim(claim.edition_id, claim.group_id)
        if not self._connection.execute(sa.update(tables.claim).where(*mine).values(vars(claim))).rowcount:
            self._connection.execute(sa.insert(tables.claim).values(vars(claim)))

    def remove(self, claim: Claim) -> None:
        self._connection.execute(sa.delete(tables.claim).where(*_claim(claim.edition_id, claim.group_id)))

    def _read(self, *conditions: _Condition, limit: int | None = None) -> tuple[Claim, ...]:
        table = tables.claim
        query = sa.select(table).where(*conditions).order_by(table.c.state, table.c.rank, table.c.number)
        rows = self._connection.execute(query.order_by(table.c.group_id).limit(limit))
        return tuple(Claim(**row._mapping) for row in rows)


def _capacity(row: Any) -> Capacity:
    return Capacity(row.edition_id, row.programme_id, row.places, row.taken, row.answer_hours)


def _of(table: sa.Table, edition_id: str, programme_id: str) -> tuple[_Condition, ...]:
    return table.c.edition_id == edition_id, table.c.programme_id == programme_id


def _claim(edition_id: str, group_id: str) -> tuple[_Condition, ...]:
    return tables.claim.c.edition_id == edition_id, tables.claim.c.group_id == group_id


def _waiting(edition_id: str, programme_id: str) -> tuple[_Condition, ...]:
    return *_of(tables.claim, edition_id, programme_id), tables.claim.c.state == "waiting"
