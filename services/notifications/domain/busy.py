"""When teams are taken: intervals of a calendar become stretches of days. Nothing else of a calendar is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.contracts.errors import Problem
from services.contracts.values import PARIS, Busy
from services.notifications.domain.webhook import callable_from_here

READ_EVERY = dt.timedelta(minutes=30)
SOONEST = dt.timedelta(minutes=1)
"""How long after a reading the next one waits at least, even of another address."""

Interval = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True)
class BusyCalendar:
    """A calendar to read. ``team_id`` empty: for all teams. ``days``: the edition's first and last.

    ``seen``: what the answer said of its version when it was last read for these days, by header.
    """

    edition_id: str
    provider_id: str
    team_id: str
    url: str
    days: tuple[dt.date, dt.date]
    seen: dict[str, str]


@dataclass(frozen=True)
class Given:
    """A calendar that a provider gave, and what became of it: when it was last read well, and why it was not."""

    team_id: str
    url: str
    busy: tuple[Busy, ...]
    read_at: dt.datetime | None
    problem: Problem | None


@dataclass(frozen=True)
class Reading:
    """What became of reading a calendar: its stretches, None when it did not change, or why it could not be read."""

    busy: tuple[Busy, ...] | None = None
    seen: dict[str, str] | None = None
    problem: Problem | None = None


def address(typed: str) -> str | None:
    """Return the address to fetch: webcal is https by another name. None when it may not be fetched."""
    url = "https://" + typed[len("webcal://") :] if typed.lower().startswith("webcal://") else typed
    return url if callable_from_here(url) else None


def stretches(taken: Iterable[Interval], first: dt.date, last: dt.date) -> tuple[Busy, ...]:
    """Return what intervals take of each day in Paris from ``first`` to ``last``, in whole minutes.

    They are not joined: one that is just a session, copied by hand, must stay recognisable beside others.
    """
    opens, closes = dt.datetime.combine(first, dt.time()), dt.datetime.combine(last + dt.timedelta(1), dt.time())
    local = (_local(interval) for interval in taken)
    return tuple(sorted({p for start, end in local for p in _by_day(max(start, opens), min(end, closes))}))


def _local(interval: Interval) -> Interval:
    start, end = (instant.astimezone(PARIS).replace(tzinfo=None) for instant in interval)
    return start, end


def _by_day(start: dt.datetime, end: dt.datetime) -> Iterator[Busy]:
    while start < end:
        midnight = dt.datetime.combine(start.date() + dt.timedelta(1), dt.time())
        yield Busy(start.date(), _minutes(start), 24 * 60 if end >= midnight else -(-_seconds(end) // 60))
        start = midnight


def _minutes(instant: dt.datetime) -> int:
    return _seconds(instant) // 60


def _seconds(instant: dt.datetime) -> int:
    return instant.hour * 3600 + instant.minute * 60 + instant.second
