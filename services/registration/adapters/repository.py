"""The registration service's rows, read and written in one transaction."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from services.contracts.codec import dumps, loads
from services.contracts.values import Edition, Session
from services.kit.application import Context, Transaction
from services.kit.clock import Clock
from services.kit.database import add, insert_new, put
from services.kit.messages import MessageTables
from services.registration.adapters import tables
from services.registration.adapters.access import AccessRows
from services.registration.adapters.accounts import (
    AccountRows,
    AttemptRows,
    RecoveryCodeRows,
    SignInLinkRows,
    SignInRows,
)
from services.registration.adapters.links import LinkRows
from services.registration.adapters.places import CapacityRows, ClaimRows
from services.registration.adapters.wishes import WishRows
from services.registration.domain.answers import Slot
from services.registration.domain.asking import Asking
from services.registration.domain.declaration import Draft
from services.registration.domain.enrolment import Enrolment


class RegistrationTransaction(Transaction):
    """A transaction with the registration service's rows. ``secret`` is the key from which links are derived."""

    def __init__(
        self, connection: sa.Connection, messages: MessageTables, clock: Clock, context: Context, *, secret: str
    ) -> None:
        super().__init__(connection, messages, clock, context)
        self.editions = EditionRows(connection)
        self.enrolments = EnrolmentRows(connection)
        self.drafts = DraftRows(connection)
        self.headers = HeaderRows(connection)
        self.slots = SlotRows(connection)
        self.asking = AskingRows(connection)
        self.capacities = CapacityRows(connection)
        self.claims = ClaimRows(connection)
        self.wishes = WishRows(connection)
        self.keys = KeyRows(connection)
        self.links = LinkRows(connection, secret)
        self.accesses = AccessRows(connection)
        self.accounts = AccountRows(connection, secret)
        self.sign_ins = SignInRows(connection)
        self.sign_in_links = SignInLinkRows(connection, secret)
        self.recovery_codes = RecoveryCodeRows(connection)
        self.attempts = AttemptRows(connection, secret)
        self.history = HistoryRows(connection, self.now, context.traceid)


class EditionRows:
    """Port Editions."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, edition_id: str) -> Edition | None:
        return self._read(_EDITION, edition_id)

    def lock(self, edition_id: str) -> Edition | None:
        return self._read(_EDITION.with_for_update(), edition_id)

    def hold(self, edition_id: str) -> Edition | None:
        return self._read(_EDITION_HELD, edition_id)

    def save(self, edition: Edition) -> None:
        release = self.release(edition.id)
        put(self._connection, tables.edition, id=edition.id, body=dumps(edition), release=release)

    def release(self, edition_id: str) -> int:
        found = sa.select(tables.edition.c.release).where(tables.edition.c.id == edition_id)
        return self._connection.execute(found).scalar() or 0

    def set_release(self, edition_id: str, release: int) -> None:
        change = sa.update(tables.edition).where(tables.edition.c.id == edition_id).values(release=release)
        self._connection.execute(change)

    def _read(self, query: sa.Select[Any], edition_id: str) -> Edition | None:
        body = self._connection.execute(query, {"edition": edition_id}).scalar()
        return _edition(body) if body else None


_EDITION = sa.select(tables.edition.c.body).where(tables.edition.c.id == sa.bindparam("edition"))
_EDITION_HELD = _EDITION.with_for_update(read=True)


@lru_cache(maxsize=16)
def _edition(body: str) -> Edition:
    """Read an edition; every request needs it, and it hardly ever changes."""
    return loads(Edition, body)


class EnrolmentRows:
    """Port Enrolments."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def all(self, edition_id: str) -> tuple[Enrolment, ...]:
        return self._read(_SCHOOLS, edition=edition_id)

    def lock_all(self, edition_id: str) -> tuple[Enrolment, ...]:
        return self._read(_SCHOOLS.with_for_update(), edition=edition_id)

    def get(self, edition_id: str, school_id: str) -> Enrolment | None:
        return next(iter(self._read(_SCHOOL, edition=edition_id, school=school_id)), None)

    def lock(self, edition_id: str, school_id: str) -> Enrolment | None:
        return next(iter(self._read(_SCHOOL_LOCKED, edition=edition_id, school=school_id)), None)

    def save(self, enrolment: Enrolment) -> None:
        key = {"edition_id": enrolment.edition_id, "school_id": enrolment.school.id}
        put(self._connection, tables.school, **key, body=dumps(enrolment))

    def _read(self, query: sa.Select[Any], **wanted: str) -> tuple[Enrolment, ...]:
        return tuple(loads(Enrolment, body) for body in self._connection.execute(query, wanted).scalars())


_SCHOOLS = (
    sa.select(tables.school.c.body)
    .where(tables.school.c.edition_id == sa.bindparam("edition"))
    .order_by(tables.school.c.school_id)
)
_SCHOOL = _SCHOOLS.where(tables.school.c.school_id == sa.bindparam("school"))
_SCHOOL_LOCKED = _SCHOOL.with_for_update()


class DraftRows:
    """Port Drafts."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, edition_id: str, school_id: str) -> Draft | None:
        row = self._connection.execute(_DRAFT, {"edition": edition_id, "school": school_id}).first()
        return Draft(loads(dict[str, str], row.fields), row.saved_at) if row else None

    def save(self, edition_id: str, school_id: str, fields: dict[str, str], at: dt.datetime) -> None:
        key = {"edition_id": edition_id, "school_id": school_id}
        put(self._connection, tables.draft, **key, fields=dumps(fields), saved_at=at)

    def remove(self, edition_id: str, school_id: str) -> None:
        self._connection.execute(_NO_DRAFT, {"edition": edition_id, "school": school_id})


_DRAFT_OF = (
    tables.draft.c.edition_id == sa.bindparam("edition"),
    tables.draft.c.school_id == sa.bindparam("school"),
)
_DRAFT, _NO_DRAFT = sa.select(tables.draft).where(*_DRAFT_OF), sa.delete(tables.draft).where(*_DRAFT_OF)


class HeaderRows:
    """Port Headers."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, kind: str) -> dict[str, str]:
        found = sa.select(tables.headers.c.columns).where(tables.headers.c.kind == kind)
        kept = self._connection.execute(found).scalar()
        return loads(dict[str, str], kept) if kept else {}

    def save(self, kind: str, columns: dict[str, str]) -> None:
        put(self._connection, tables.headers, kind=kind, columns=dumps(columns))


class SlotRows:
    """Port Slots."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of_school(self, edition_id: str, school_id: str) -> dict[str, Slot]:
        table = tables.slot
        mine = sa.select(table).where(table.c.edition_id == edition_id, table.c.school_id == school_id)
        rows = self._connection.execute(mine.order_by(table.c.starts_at, table.c.session_id))
        return {row.session_id: _slot(row) for row in rows}

    def count(self, edition_id: str) -> dict[str, Counter[str]]:
        table = tables.slot
        by_answer = sa.select(table.c.school_id, table.c.answer, sa.func.count()).where(
            table.c.edition_id == edition_id
        )
        counts: dict[str, Counter[str]] = {}
        for school_id, answer, number in self._connection.execute(
            by_answer.group_by(table.c.school_id, table.c.answer)
        ):
            counts.setdefault(school_id, Counter())[answer] = number
        return counts

    def answered_since(self, edition_id: str, instant: dt.datetime) -> dict[str, int]:
        table = tables.slot
        since = (table.c.edition_id == edition_id, table.c.answered_at >= instant)
        counts = sa.select(table.c.school_id, sa.func.count()).where(*since).group_by(table.c.school_id)
        return {school_id: number for school_id, number in self._connection.execute(counts)}

    def save(self, edition_id: str, slot: Slot) -> None:
        key = {"edition_id": edition_id, "session_id": slot.session.id}
        session = {"session": dumps(slot.session), "starts_at": slot.session.start, "school_id": slot.session.school_id}
        put(self._connection, tables.slot, **key, **{**vars(slot), **session})

    def remove(self, edition_id: str, session_id: str) -> None:
        table = tables.slot
        gone = sa.delete(table).where(table.c.edition_id == edition_id, table.c.session_id == session_id)
        self._connection.execute(gone)


def _slot(row: Any) -> Slot:
    return Slot(
        session=loads(Session, row.session),
        since=row.since,
        group_name=row.group_name,
        pupils=row.pupils,
        activity_name=row.activity_name,
        provider_name=row.provider_name,
        answer=row.answer,
        answered_at=row.answered_at,
        reason=row.reason,
        changed=row.changed,
        answered_by=row.answered_by,
        answered_on=row.answered_on,
    )


class AskingRows:
    """Port AskingBook."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, edition_id: str) -> Asking:
        table = tables.asking
        body = self._connection.execute(sa.select(table.c.body).where(table.c.edition_id == edition_id)).scalar()
        return loads(Asking, body) if body else Asking()

    def save(self, edition_id: str, asking: Asking) -> None:
        put(self._connection, tables.asking, edition_id=edition_id, body=dumps(asking))


class KeyRows:
    """Port Keys."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def claim(self, key: str, fingerprint: str, at: dt.datetime) -> bool:
        return insert_new(self._connection, tables.answer_key, key=key, fingerprint=fingerprint, used_at=at)

    def keep(self, key: str, answer: str) -> None:
        self._connection.execute(_ANSWERED, {"of_key": key, "said": answer})

    def get(self, key: str) -> tuple[str, str]:
        table = tables.answer_key
        row = self._connection.execute(sa.select(table).where(table.c.key == key)).one()
        return row.fingerprint, row.answer


_ANSWERED = (
    sa.update(tables.answer_key)
    .where(tables.answer_key.c.key == sa.bindparam("of_key"))
    .values(answer=sa.bindparam("said"))
)


class HistoryRows:
    """Port History."""

    def __init__(self, connection: sa.Connection, now: dt.datetime, traceid: str) -> None:
        self._connection = connection
        self._common = {"at": now, "traceid": traceid}

    def add(self, edition_id: str, school_id: str, code: str, **facts: str) -> None:
        row = {"edition_id": edition_id, "school_id": school_id, "code": code, "facts": dumps(facts), **self._common}
        add(self._connection, tables.history, **row)
