"""What a cell of an imported file may hold: one function per kind, from non-empty text to a value, or Wrong."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from itertools import pairwise

from services.contracts.values import Half, HalfDay, Window, deliverable
from services.registration.domain.csvfile import Wrong
from services.registration.domain.names import slug
from services.registration.domain.uai import is_uai, key_letter

_WINDOW = re.compile(r"(\d{1,2})[:h](\d{2})?-(\d{1,2})[:h](\d{2})?")
_HALVES: dict[str, tuple[Half, ...]] = {"matin": ("am",), "apres-midi": ("pm",), "": ("am", "pm")}


def words(longest: int) -> Callable[[str], str]:
    """A printable text of ``longest`` characters at most that holds a letter or a digit."""

    def parse(text: str) -> str:
        if len(text) > longest or not text.isprintable() or not slug(text):
            raise Wrong("text_malformed", longest=longest)
        return text

    return parse


def uai(text: str) -> str:
    """A UAI whose key letter is right."""
    code = text.replace(" ", "").upper()
    if not is_uai(code):
        raise Wrong("uai_malformed")
    if code[-1] != key_letter(code[:7]):
        raise Wrong("uai_key", letter=key_letter(code[:7]))
    return code


def email(text: str) -> str:
    """An address that mail can be sent to."""
    if not deliverable(text):
        raise Wrong("email_malformed")
    return text


def degrees(limit: int) -> Callable[[str], float]:
    """A coordinate between -limit and limit; a decimal comma is read as well."""

    def parse(text: str) -> float:
        try:
            value = float(text.replace(",", "."))
        except ValueError:
            raise Wrong("degrees_malformed", limit=limit) from None
        if not -limit <= value <= limit:
            raise Wrong("degrees_malformed", limit=limit)
        return value

    return parse


def whole(low: int, high: int) -> Callable[[str], int]:
    """A whole number from ``low`` to ``high``."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,6}", text) or not low <= int(text) <= high:
            raise Wrong("number_malformed", low=low, high=high)
        return int(text)

    return parse


def yes_no(text: str) -> bool:
    """``oui`` or ``non``."""
    if slug(text) not in ("oui", "non"):
        raise Wrong("yes_no_malformed")
    return slug(text) == "oui"


def hours(text: str) -> tuple[Window, ...]:
    """Hours of a day such as ``09:00-12:00 13:30-16:30`` or ``9h-12h``, one after the other."""
    tight = re.sub(r"\s*[-–]\s*", "-", text.lower())
    windows = tuple(_window(part) for part in re.split(r"[\s,;]+", tight) if part)
    if any(later.start < earlier.end for earlier, later in pairwise(windows)):
        raise Wrong("hours_order")
    return windows


def _window(text: str) -> Window:
    match = _WINDOW.fullmatch(text)
    if not match:
        raise Wrong("hours_malformed")
    hour, minute, end_hour, end_minute = (int(part or 0) for part in match.groups())
    if max(hour, end_hour) > 23 or max(minute, end_minute) > 59:
        raise Wrong("hours_malformed")
    window = Window(hour * 60 + minute, end_hour * 60 + end_minute)
    if window.end <= window.start:
        raise Wrong("hours_order")
    return window


def half_days(first: dt.date, last: dt.date) -> Callable[[str], tuple[HalfDay, ...]]:
    """Half-days from ``first`` to ``last``, such as ``2020-11-05 matin, 2020-11-06``: a day alone means both halves."""

    def parse(text: str) -> tuple[HalfDay, ...]:
        found = {half_day for part in re.split(r"[,;]", text) if part.strip() for half_day in _half_days(part)}
        for half_day in sorted(found):
            if not first <= half_day.day <= last:
                raise Wrong("edition_day_outside", first=first, last=last)
        return tuple(sorted(found))

    return parse


def _half_days(text: str) -> list[HalfDay]:
    day, _, rest = text.strip().partition(" ")
    halves = _HALVES.get(slug(rest))
    if halves is None:
        raise Wrong("half_days_malformed")
    return [HalfDay(_day(day), half) for half in halves]


def _day(text: str) -> dt.date:
    french = re.fullmatch(r"(\d{2})/(\d{2})/(\d{4})", text)
    try:
        return dt.date.fromisoformat("-".join(reversed(french.groups())) if french else text)
    except ValueError:
        raise Wrong("half_days_malformed") from None
