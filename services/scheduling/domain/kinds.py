"""Kinds of values an ``edition.toml`` holds: how each is read, and what a person is told when it is something else."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any, TypeVar, cast, get_args

from services.contracts.values import Busy, GroupKind, Half, HalfDay, Mixing, RuleLevel, VenueKind, Window, deliverable
from services.scheduling.domain.toml_file import Kind

C = TypeVar("C")

LONGEST_ID = 40
LONGEST_TEXT = 200
LONGEST_NOTES = 20_000
_UNSEEN = r"\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069"
"""Control characters, ends of lines, and marks that turn the direction of what follows."""


def minutes(low: int, high: int) -> Kind[int]:
    """A duration in whole minutes."""
    return Kind("edition_minutes", low, _whole(low, high), {"low": low, "high": high})


def whole(low: int, high: int) -> Kind[int]:
    """A whole number."""
    return Kind("edition_whole", low, _whole(low, high), {"low": low, "high": high})


def number(low: float, high: float) -> Kind[float]:
    """A number, with or without a point."""

    def read(value: Any) -> float:
        _expect(isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high)
        return float(value)

    return Kind("edition_number", low, read, {"low": low, "high": high})


def choice(*options: C) -> Kind[C]:
    """One of a few words."""

    def read(value: Any) -> C:
        _expect(isinstance(value, str) and value in options)
        return cast(C, value)

    return Kind("edition_choice", options[0], read, {"options": ", ".join(f'"{option}"' for option in options)})


def nothing(code: str, stand_in: C) -> Kind[C]:
    """Nothing at all may stand here."""

    def read(_value: Any) -> C:
        raise ValueError

    return Kind(code, stand_in, read)


def clock(minute: int) -> str:
    """Return a minute after midnight as ``08:30``."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def span(window: Window) -> str:
    """Return a window as ``09:00-12:00``."""
    return f"{clock(window.start)}-{clock(window.end)}"


def _expect(holds: bool) -> None:
    if not holds:
        raise ValueError


def _whole(low: int, high: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        _expect(isinstance(value, int) and not isinstance(value, bool) and low <= value <= high)
        return int(value)

    return read


def _text(pattern: str, longest: int) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        _expect(isinstance(value, str) and len(value) <= longest and re.fullmatch(pattern, value) is not None)
        return str(value)

    return read


def _email(value: Any) -> str:
    _expect(isinstance(value, str) and deliverable(value))
    return str(value)


def _yes_or_no(value: Any) -> bool:
    _expect(isinstance(value, bool))
    return bool(value)


def _day(value: Any) -> dt.date:
    _expect(isinstance(value, dt.date) and not isinstance(value, dt.datetime))
    return cast(dt.date, value)


def _hour(value: Any) -> int:
    _expect(isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value, re.ASCII) is not None)
    hours, minute = value.split(":")
    return int(hours) * 60 + int(minute)


def _window(value: Any) -> Window:
    _expect(isinstance(value, str) and value.count("-") == 1)
    start, end = (_hour(part) for part in value.split("-"))
    _expect(start < end)
    return Window(start, end)


def _half_day(value: Any) -> HalfDay:
    _expect(isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d (am|pm)", value, re.ASCII) is not None)
    day, half = value.split(" ")
    return HalfDay(dt.date.fromisoformat(day), cast(Half, half))


def _busy(value: Any) -> Busy:
    _expect(isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d \S+", value, re.ASCII) is not None)
    day, hours = value.split(" ")
    window = _window(hours)
    return Busy(dt.date.fromisoformat(day), window.start, window.end)


NO_DAY = dt.date.min

IDENTIFIER = Kind("edition_id", "", _text(r"[a-z0-9]+(-[a-z0-9]+)*", LONGEST_ID), {"limit": LONGEST_ID})
TEXT = Kind(
    "edition_text",
    "",
    _text(rf"[^{_UNSEEN}]*[^\s{_UNSEEN}][^{_UNSEEN}]*", LONGEST_TEXT),
    {"limit": LONGEST_TEXT},
)
NOTES = Kind("edition_notes", "", _text(r"[^\x00-\x08\x0b-\x1f\x7f]*", LONGEST_NOTES), {"limit": LONGEST_NOTES})
EMAIL = Kind("edition_email", "", _email)
DAY = Kind("edition_day", NO_DAY, _day)
HOUR = Kind("edition_hour", 0, _hour)
WINDOW = Kind("edition_window", Window(0, 0), _window)
HALF_DAY = Kind("edition_half_day", HalfDay(NO_DAY, "am"), _half_day)
BUSY = Kind("edition_busy", Busy(NO_DAY, 0, 0), _busy)
YES_OR_NO = Kind("edition_yes_or_no", False, _yes_or_no)
GROUP: Kind[GroupKind] = choice(*get_args(GroupKind))
VENUE: Kind[VenueKind] = choice(*get_args(VenueKind))
MIXING: Kind[Mixing] = choice(*get_args(Mixing))
LEVEL: Kind[RuleLevel] = choice(*get_args(RuleLevel))
LEVEL_OF_WISH: Kind[RuleLevel] = choice("off", "warn", "release")

__all__ = [
    "BUSY",
    "DAY",
    "EMAIL",
    "GROUP",
    "HALF_DAY",
    "HOUR",
    "IDENTIFIER",
    "LEVEL",
    "LEVEL_OF_WISH",
    "MIXING",
    "NOTES",
    "TEXT",
    "VENUE",
    "WINDOW",
    "YES_OR_NO",
    "choice",
    "clock",
    "minutes",
    "nothing",
    "number",
    "span",
    "whole",
]
