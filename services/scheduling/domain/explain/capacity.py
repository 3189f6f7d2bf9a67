"""How many sessions a half-day can hold at most: by a site's hours and rooms, by a team's hours. Roads are left out.

All counts are upper bounds: what they refuse is impossible, what they allow may still fail for the road.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property

from services.contracts.values import Window
from services.scheduling.domain.constraints.past import frozen
from services.scheduling.domain.problem import Crew, Demand, Placement, Problem, Task
from services.scheduling.domain.roads import open_windows
from services.scheduling.domain.score import crews_of

HalfDay = tuple[dt.date, int]
Slot = tuple[str, dt.date, int]
"""A site's id and a half-day."""
WHOLE_DAY = Window(0, 24 * 60)


@dataclass(frozen=True)
class Lot:
    """Demands that are alike: one activity, one home, the same sites. ``at``: where they stand already, if they do."""

    task_id: str
    home: str
    sites: tuple[str, ...]
    at: Slot | None
    demands: tuple[Demand, ...]


def starts_in(problem: Problem, task: Task, window: Window, shift: Window, half: int) -> tuple[int, int]:
    """First and last minute at which a session can start in a half of a day; none when the last is before the first.

    ``shift``: hours of a team, which needs its set-up before and its packing after.
    """
    first = max(window.start, shift.start + task.setup, problem.noon if half else 0)
    last = min(window.end - task.duration, shift.end - task.packing - task.duration)
    return first, last if half else min(last, problem.noon - 1)


def of_one_team(task: Task, first: int, last: int) -> int:
    """Sessions one team can start one after the other from ``first`` to ``last``, at best at one site."""
    pause = min(task.turnover, task.packing + task.setup)
    return 0 if last < first else 1 + (last - first) // (task.duration + pause)


def of_one_room(task: Task, first: int, last: int) -> int:
    """Sessions that can start one after the other in a room: other teams may be ready at once."""
    return 0 if last < first else 1 + (last - first) // task.duration


class Capacity:
    """The counts of one problem, each computed once."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self._fits: dict[tuple[str, str, dt.date, int], int] = {}

    @cached_property
    def lots(self) -> tuple[Lot, ...]:
        """All demands, alike ones together."""
        standing = {p.demand_id: p for p in (*frozen(self.problem).values(), *self.problem.pins)}
        alike: dict[tuple[str, str, tuple[str, ...], Slot | None], list[Demand]] = defaultdict(list)
        for demand in self.problem.demands:
            slot = self._slot(standing.get(demand.id))
            alike[demand.task_id, demand.home, demand.sites, slot].append(demand)
        return tuple(Lot(task, home, sites, at, tuple(own)) for (task, home, sites, at), own in alike.items())

    def _slot(self, placement: Placement | None) -> Slot | None:
        return (placement.site_id, placement.day, self.problem.half_of(placement)) if placement else None

    @cached_property
    def half_days(self) -> tuple[HalfDay, ...]:
        """The half-days that may still change, in order."""
        before = self.problem.baseline.frozen_before if self.problem.baseline else None
        return tuple((day, half) for day in self.problem.days if before is None or day >= before for half in (0, 1))

    @cached_property
    def shifts(self) -> dict[tuple[str, dt.date], tuple[Crew, ...]]:
        """The teams that act as a kind of provider and are there on a day."""
        kinds = {task.provider_kind for task in self.problem.tasks}
        return {
            (kind, day): tuple(crew for crew in crews_of(self.problem, kind) if day in crew.available)
            for kind in kinds
            for day in self.problem.days
        }

    @cached_property
    def _hours(self) -> dict[tuple[str, dt.date], Counter[Window]]:
        """How many of these teams have which hours."""
        return {(kind, day): Counter(c.available[day] for c in crews) for (kind, day), crews in self.shifts.items()}

    def fits(self, lot: Lot, site_id: str, day: dt.date, half: int) -> int:
        """Sessions of a lot that its site and the teams' hours allow in a half-day, rooms and teams side by side."""
        key = (lot.task_id, site_id + "/" + lot.home, day, half)
        if key not in self._fits:
            self._fits[key] = self._fit(lot, site_id, day, half)
        return self._fits[key]

    def openings(self, lot: Lot, site_id: str, day: dt.date) -> tuple[Window, ...]:
        """Return when sessions of a lot may be held at a site on a day."""
        return open_windows(self.problem, lot.demands[0], site_id, day)

    def _fit(self, lot: Lot, site_id: str, day: dt.date, half: int) -> int:
        task = self.problem.task_by_id[lot.task_id]
        windows = self.openings(lot, site_id, day)
        rooms = self.problem.site_by_id[site_id].rooms
        shifts = self._hours[task.provider_kind, day]
        spans = {shift: [starts_in(self.problem, task, w, shift, half) for w in windows] for shift in shifts}
        each = sum(teams * sum(of_one_team(task, *span) for span in spans[s]) for s, teams in shifts.items())
        return min(each, rooms * self.in_a_room(lot, site_id, day, half))

    def in_a_room(self, lot: Lot, site_id: str, day: dt.date, half: int) -> int:
        """Sessions of a lot that one room of a site can hold in a half-day, whoever gives them."""
        task, windows = self.problem.task_by_id[lot.task_id], self.openings(lot, site_id, day)
        return sum(of_one_room(task, *starts_in(self.problem, task, w, WHOLE_DAY, half)) for w in windows)

    @cached_property
    def windows(self) -> dict[tuple[str, dt.date], frozenset[Window]]:
        """The openings that any session of an activity may use on a day."""
        found: dict[tuple[str, dt.date], set[Window]] = defaultdict(set)
        for lot in self.lots:
            for site_id in lot.sites:
                for day in self.problem.days:
                    found[lot.task_id, day].update(self.openings(lot, site_id, day))
        return {key: frozenset(windows) for key, windows in found.items()}

    def of_team(self, crew: Crew, task: Task, day: dt.date, half: int, shift: Window | None = None) -> int:
        """Sessions a team can give in a half-day, wherever they are. ``shift``: its hours, if not its own."""
        hours = shift or crew.available.get(day)
        if hours is None:
            return 0
        spans = [starts_in(self.problem, task, w, hours, half) for w in self.windows.get((task.id, day), ())]
        spans = [span for span in spans if span[0] <= span[1]]
        if not spans:
            return 0
        return min(crew.max_sessions, of_one_team(task, min(a for a, _ in spans), max(b for _, b in spans)))

    def of_kind(self, kind: str, day: dt.date, half: int) -> int:
        """Sessions all teams of a kind can give in a half-day."""
        return sum(self._best(crew, kind, day, half) for crew in self.shifts[kind, day])

    def of_kind_in_a_day(self, kind: str, day: dt.date) -> int:
        """Sessions all teams of a kind can give in a day."""
        return sum(
            min(crew.max_sessions, sum(self._best(crew, kind, day, half) for half in (0, 1)))
            for crew in self.shifts[kind, day]
        )

    def _best(self, crew: Crew, kind: str, day: dt.date, half: int) -> int:
        return max(self.of_team(crew, task, day, half) for task in tasks_of(self.problem, kind))


def tasks_of(problem: Problem, kind: str) -> list[Task]:
    """Return the activities that a kind of provider gives."""
    return [task for task in problem.tasks if task.provider_kind == kind]
