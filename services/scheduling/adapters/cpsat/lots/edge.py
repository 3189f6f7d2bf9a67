"""Two steps of a lot, one after the other: order, delays, and the price of pairs on one day and of long gaps.

All of it is said of counts reached by the end of half-days; first come, first served makes pairs of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass

from services.contracts.values import Weights
from services.scheduling.adapters.cpsat.linear import Ints, Linear
from services.scheduling.adapters.cpsat.lots.lot import Step


@dataclass(frozen=True)
class Calendar:
    """The action days as ordinals; their half-days are numbered on."""

    days: tuple[int, ...]

    def by(self, ordinal: int) -> int:
        """Return the number of half-days by the end of a calendar day."""
        return 2 * bisect_right(self.days, ordinal)

    def soonest(self, half: int, min_half_days: int, min_days: int) -> int:
        """Return the last half-day that lies so long before another; -1 when there is none."""
        calendar = 2 * self.days[half // 2] + half % 2 - min_half_days
        last = self.by(calendar // 2) - 1
        if last >= 0 and calendar % 2 == 0 and self.days[last // 2] == calendar // 2:
            last -= 1
        return min(last, self.by(self.days[half // 2] - min_days) - 1)


@dataclass
class Edge:
    """Two steps of a lot, one after the other: ``first`` and ``then`` count what is held by each half-day."""

    model: Linear
    calendar: Calendar
    weights: Weights
    first: Ints
    then: Ints
    before: Step
    after: Step
    left: int

    def _row(self, then: int | None, first: int | None, **limits: float) -> Ints:
        """A row of pairs that wait: those of ``first`` by a half-day minus those of ``then`` by another."""
        row = self.model.add_rows(1, **limits)
        if first is not None and first >= 0:
            self.model.put(row, self.first[first], self.after.each)
        if then is not None and then >= 0:
            self.model.put(row, self.then[then], -self.before.each)
        return row

    def order(self) -> None:
        """At most as many may have had the one as had the other long enough before."""
        task, days = self.after.task, self.calendar.days
        for half in range(2 * len(days)):
            soonest = self.calendar.soonest(half, task.min_half_days, task.min_days)
            self._row(half, soonest, below=0)

    def deadline(self) -> None:
        """Whoever had the one must have had the other after so many days."""
        most, days = self.after.task.max_days, self.calendar.days
        for i, day in enumerate(days):
            if most is not None and day + most < days[-1]:
                row = self._row(self.calendar.by(day + most) - 1, 2 * i + 1, above=0)
                self.model.put(row, self.left, -self.before.each)

    def same_day(self) -> None:
        """Price pairs on one day."""
        model, weights = self.model, self.weights
        if self.after.task.min_days or not weights.same_day:
            return
        for i in range(len(self.calendar.days)):
            pairs = model.add_columns([weights.same_day], float(self.before.each * self.after.size), whole=False)
            row = self._row(2 * i + 1, 2 * i - 1, below=0)
            model.put(row, pairs, 1)

    def late(self) -> None:
        """Price each day of a gap beyond the free ones, counted day by day."""
        model, weights, days = self.model, self.weights, self.calendar.days
        spans = Counter(
            (self.calendar.by(t) - 1, self.calendar.by(t + weights.gap_max) - 1)
            for t in range(days[0], days[-1] - weights.gap_max)
        )
        for (waits, until), times in spans.items():
            pairs = model.add_columns(
                [weights.late_gap * times], float(self.before.each * self.after.size), whole=False
            )
            row = self._row(until, waits, above=0)
            model.put(row, [int(pairs[0]), self.left], [-1, -self.before.each])
