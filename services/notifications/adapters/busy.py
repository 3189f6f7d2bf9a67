"""The calendars that are read, as the handlers see them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from services.contracts.codec import dumps, loads
from services.contracts.errors import Problem
from services.contracts.values import PARIS, Busy, Edition
from services.notifications.adapters.tables import busy_calendar as table
from services.notifications.adapters.tables import edition
from services.notifications.domain.busy import READ_EVERY, SOONEST, BusyCalendar, Given, Reading

_NEVER_READ = {"busy": dumps(()), "seen": dumps({}), "problem": dumps(None)}
_DAYS = "days"
"""Under which name ``seen`` says for which days a calendar was read."""


class BusyCalendars:
    """Port BusyCalendars."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of_provider(self, edition_id: str, provider_id: str) -> tuple[Given, ...]:
        """Those it gave."""
        mine = sa.select(table).where(*_of(edition_id, provider_id)).order_by(table.c.team_id)
        return tuple(
            Given(row.team_id, row.url, _busy(row), row.read_at, loads(Problem | None, row.problem))  # type: ignore[arg-type]
            for row in self._connection.execute(mine)
        )

    def put(self, edition_id: str, provider_id: str, team_id: str, url: str, now: dt.datetime) -> None:
        """Read this address in place of the one before; empty: none."""
        mine = (*_of(edition_id, provider_id), table.c.team_id == team_id)
        last = self._connection.execute(sa.select(table.c.next_at).where(*mine)).scalar()
        self._connection.execute(sa.delete(table).where(*mine))
        if url:
            soon = max(now, last - READ_EVERY + SOONEST) if last else now
            key = {"edition_id": edition_id, "provider_id": provider_id, "team_id": team_id}
            self._connection.execute(sa.insert(table).values(**key, **_NEVER_READ, url=url, next_at=soon))

    def forget(self, now: dt.datetime) -> set[tuple[str, str]]:
        """Take out the calendars of editions that are over; return whose they were: editions and providers."""
        over = sa.select(edition.c.id).where(edition.c.last_day < now.astimezone(PARIS).date())
        old = sa.select(table.c.edition_id, table.c.provider_id).where(table.c.edition_id.in_(over))
        found = {(row.edition_id, row.provider_id) for row in self._connection.execute(old)}
        if found:
            self._connection.execute(sa.delete(table).where(table.c.edition_id.in_(over)))
        return found

    def claim(self, now: dt.datetime) -> BusyCalendar | None:
        """The one that is due first; it is due again a while later."""
        due = sa.select(table, edition.c.body).join(edition, edition.c.id == table.c.edition_id)
        first = (
            due.where(table.c.next_at <= now)
            .order_by(table.c.next_at)
            .limit(1)
            .with_for_update(skip_locked=True, of=table)
        )
        row = self._connection.execute(first).first()
        if row is None:
            return None
        self._connection.execute(sa.update(table).where(*_same(row)).values(next_at=now + READ_EVERY))
        found = loads(Edition, row.body)
        return _to_read(row, (found.first_day, found.last_day))

    def note(self, calendar: BusyCalendar, reading: Reading, now: dt.datetime) -> bool:
        """Keep what was read, unless another address took its place meanwhile; say whether its times changed."""
        row = self._connection.execute(sa.select(table).where(*_same(calendar))).first()
        if row is None:
            return False
        values: dict[str, Any] = {"problem": dumps(reading.problem)}
        if reading.problem is None:
            values |= {"read_at": now}
        if reading.busy is not None:
            values |= {
                "busy": dumps(reading.busy),
                "seen": dumps({**(reading.seen or {}), _DAYS: _span(calendar.days)}),
            }
        self._connection.execute(sa.update(table).where(*_same(row)).values(values))
        return reading.busy is not None and reading.busy != _busy(row)

    def stretches(self, edition_id: str, provider_id: str) -> dict[str, tuple[Busy, ...]]:
        """When a provider is taken, by team."""
        return {one.team_id: one.busy for one in self.of_provider(edition_id, provider_id) if one.busy}


def _of(edition_id: str, provider_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.edition_id == edition_id, table.c.provider_id == provider_id


def _same(one: Any) -> tuple[sa.ColumnElement[bool], ...]:
    return *_of(one.edition_id, one.provider_id), table.c.team_id == one.team_id, table.c.url == one.url


def _busy(row: Any) -> tuple[Busy, ...]:
    return loads(tuple[Busy, ...], row.busy)


def _to_read(row: Any, days: tuple[dt.date, dt.date]) -> BusyCalendar:
    seen = loads(dict[str, str], row.seen)
    known = seen if seen.pop(_DAYS, "") == _span(days) else {}
    return BusyCalendar(row.edition_id, row.provider_id, row.team_id, row.url, days, known)


def _span(days: tuple[dt.date, dt.date]) -> str:
    return "/".join(day.isoformat() for day in days)
