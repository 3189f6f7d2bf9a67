"""Sessions arranged for the eye: by day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from itertools import groupby
from typing import Protocol, TypeVar

from services.contracts.values import PARIS, Session


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
