"""An example moved in time: the same weekdays, some weeks from today, so that nothing of it is past."""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from services.contracts.errors import Refused
from services.scheduling.adapters.school_calendar import FrenchSchoolCalendar

AHEAD, LATEST = 5, 30
"""Weeks from today to the first day: at least, and at most where holidays are in the way."""
_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


@dataclass(frozen=True)
class Moved:
    """How far an example is moved. ``closed``: its days off, which stay closed where they come to lie."""

    weeks: int
    closed: tuple[dt.date, ...]

    def text(self, text: str, note: str) -> str:
        """Return the text of a file with every date moved; that of the edition says ``note`` and the days closed."""
        if not self.weeks:
            return text
        moved = _DAY.sub(lambda found: str(dt.date.fromisoformat(found[0]) + dt.timedelta(weeks=self.weeks)), text)
        days = "".join(f"{day}, " for day in self.closed)
        said = f"notes = {json.dumps(note, ensure_ascii=False)}\nclosed_days = [{days}"
        return re.sub(r"(?m)^closed_days = \[", lambda _: said, moved)


def moved(edition: str, today: dt.date, first_days: Mapping[str, dt.date]) -> Moved:
    """Return how to move the example whose ``edition.toml`` this is: to the first weeks without holidays.

    ``first_days``: of the editions that are open; one of them stays where it is.
    """
    table = tomllib.loads(edition)
    first, last, zone = table["first_day"], table["last_day"], table["school_zone"]
    if known := first_days.get(table["id"]):
        weeks = (known - first).days // 7
    else:
        soonest = -((first - today).days // 7) + AHEAD
        weeks = next((n for n in range(soonest, soonest + LATEST) if not _days_off(first, last, zone, n)), soonest)
    shift = dt.timedelta(weeks=weeks)
    return Moved(weeks, tuple(day + shift for day in sorted(_days_off(first, last, zone))))


def _days_off(first: dt.date, last: dt.date, zone: str, weeks: int = 0) -> set[dt.date]:
    shift = dt.timedelta(weeks=weeks)
    try:
        off = FrenchSchoolCalendar().days_off(first + shift, last + shift, zone)
    except Refused:  # beyond the years that are known
        return {first}
    return {day for day in off if day.isoweekday() <= 5}
