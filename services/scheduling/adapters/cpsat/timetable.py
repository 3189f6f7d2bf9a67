"""The hours of a choice of columns: the slots it offers, or what the rooms forbid of it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from services.scheduling.adapters.cpsat.columns import Columns
from services.scheduling.adapters.cpsat.linear import Ints
from services.scheduling.adapters.cpsat.routes import Day, day_of
from services.scheduling.adapters.cpsat.timing import starts_of


@dataclass(frozen=True, order=True)
class Slot:
    """A session of a task at a site, not yet of any group."""

    day: dt.date
    start: int
    crew_id: str


class Timetable:
    """Times days of columns; those ``fixed`` keep their times and are left out."""

    def __init__(self, columns: Columns, fixed: Iterable[int] = ()) -> None:
        self.columns, self.shape, self.fixed = (
            columns,
            columns.shape,
            frozenset(fixed),
        )
        self.days: dict[tuple[int, int], Day | None] = {}

    def clashes(self, chosen: Ints) -> list[Ints]:
        """Return sets of columns that rooms forbid together, one for each day that cannot be timed."""
        return [clash for day in self._by_day(chosen).values() if (clash := self._clash(day)) is not None]

    def slots(self, chosen: Ints) -> dict[tuple[int, int], list[Slot]]:
        """Return the slots of each (task, site); days that cannot be timed offer none."""
        slots: dict[tuple[int, int], list[Slot]] = defaultdict(list)
        for day, used in self._by_day(chosen).items():
            date = self.shape.problem.days[day]
            for column, stops in zip(used, self._starts(used) or [], strict=True):
                crew = int(self.columns.crew[column])
                for site, start in stops:
                    slots[self.shape.task_index[crew], site].append(Slot(date, start, self.shape.crews[crew].id))
        return slots

    def _by_day(self, chosen: Ints) -> dict[int, list[int]]:
        by_day: dict[int, list[int]] = defaultdict(list)
        for column in chosen:
            if column not in self.fixed:
                by_day[int(self.columns.day[column])].append(int(column))
        return by_day

    def _clash(self, used: list[int]) -> Ints | None:
        """Return the columns of a day that rooms forbid together, two where two suffice; None when all is well."""
        if self._starts(used) is not None:
            return None
        pairs = (list(pair) for pair in combinations(used, 2))
        return np.array(next((pair for pair in pairs if self._starts(pair) is None), used), dtype=np.int64)

    def _starts(self, used: list[int]) -> list[list[tuple[int, int]]] | None:
        days = [self._day(int(self.columns.crew[c]), int(self.columns.day[c])) for c in used]
        return starts_of(days, [self.columns.routes[c] for c in used], tuple(site.rooms for site in self.shape.sites))

    def _day(self, crew: int, day: int) -> Day:
        if (crew, day) not in self.days:
            self.days[crew, day] = day_of(self.shape, crew, self.shape.problem.days[day])
        found = self.days[crew, day]
        if found is None:
            raise RuntimeError(f"team {self.shape.crews[crew].id} is away")
        return found
