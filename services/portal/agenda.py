"""Sessions arranged for the eye: by day, by team within a day, by school."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol, TypeVar

from services.contracts.rpc import PlannedSession
from services.contracts.values import Edition, Session
from services.kit.i18n import PARIS


class _Held(Protocol):
    @property
    def session(self) -> Session: ...


H = TypeVar("H", bound=_Held)


def day_of(held: _Held) -> dt.date:
    """Return the day of a session in Paris."""
    return held.session.start.astimezone(PARIS).date()


def in_time(sessions: Iterable[H]) -> list[H]:
    """Return sessions from first to last."""
    return sorted(sessions, key=lambda held: (held.session.start, held.session.id))


def by_day(sessions: Iterable[H]) -> list[tuple[dt.date, list[H]]]:
    """Return the sessions of each day, in order."""
    return [(day, list(found)) for day, found in groupby(in_time(sessions), key=day_of)]


def by_school(sessions: Iterable[PlannedSession]) -> list[tuple[str, list[PlannedSession]]]:
    """Return the sessions of each school, by its name."""
    ordered = sorted(in_time(sessions), key=lambda planned: (planned.school_name, planned.session.school_id))
    return [(name, list(found)) for name, found in groupby(ordered, key=lambda planned: planned.school_name)]


# The board ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bar:
    """A session on the board. ``place``: the classes of the style sheet that put it where its hours are."""

    planned: PlannedSession
    place: str


@dataclass(frozen=True)
class Row:
    """A team's day on the board. ``nth``: position of its provider, which gives the bar its mark."""

    provider: str
    team: str
    nth: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Board:
    """A plan as days of teams. ``hours``: the whole hours its axis shows."""

    days: tuple[tuple[dt.date, tuple[Row, ...]], ...]
    hours: tuple[int, ...]


def board_of(edition: Edition, sessions: Iterable[PlannedSession]) -> Board:
    """Arrange sessions by action day and team; teams at rest keep their empty row."""
    held = list(sessions)
    first, last = _hours(held)
    days = {day: [p for p in held if day_of(p) == day] for day in edition.action_days}
    days |= dict(by_day(p for p in held if day_of(p) not in days))
    return Board(
        days=tuple((day, tuple(_rows(edition, days[day], first))) for day in sorted(days)),
        hours=tuple(range(first, last + 1)),
    )


def _rows(edition: Edition, sessions: list[PlannedSession], first_hour: int) -> Iterable[Row]:
    for nth, provider in enumerate(edition.providers):
        for team in provider.teams:
            own = in_time(p for p in sessions if (p.session.provider_id, p.session.team_id) == (provider.id, team.id))
            bars = tuple(Bar(planned, _place(planned.session, first_hour)) for planned in own)
            yield Row(provider.name, team.name, nth % 6, bars)


def _hours(sessions: list[PlannedSession]) -> tuple[int, int]:
    starts = [p.session.start.astimezone(PARIS).hour for p in sessions]
    ends = [-(-_minutes(p.session.end) // 60) for p in sessions]
    return min([8, *starts]), max([17, *ends])


def _place(session: Session, first_hour: int) -> str:
    """Return the classes for a start and a length, both to the nearest five minutes."""
    after = round((_minutes(session.start) - first_hour * 60) / 5) * 5
    length = max(5, round((session.end - session.start).total_seconds() / 300) * 5)
    return f"at-h{after // 60} at-m{after % 60} for-h{length // 60} for-m{length % 60}"


def _minutes(instant: dt.datetime) -> int:
    local = instant.astimezone(PARIS)
    return local.hour * 60 + local.minute
