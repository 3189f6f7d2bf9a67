"""Give all trips their days.

Those of the first task go round their depot, those of a later one where the task before has been. Then the trips of
one task after the other take their best days beside the others', over and over, as a flow of least cost: a session
keeps the one that it follows, so that each trip pays for itself. At first a session may come too early, for points that
grow, and the points of days are shaken by chance, less and less (the noising method: Charon and Hudry 1993).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from services.scheduling.adapters.cpsat.assignment import assigned
from services.scheduling.adapters.cpsat.budget import Budget
from services.scheduling.adapters.cpsat.large.cover import Undated
from services.scheduling.adapters.cpsat.large.pool import Pool
from services.scheduling.adapters.cpsat.large.timetable import Timetable, Trip
from services.scheduling.adapters.cpsat.large.turns import turns
from services.scheduling.adapters.cpsat.linear import Floats, Ints, Mask

PULL = 2.0
"""Points for the square of the days between a trip's turn and its first day."""

FIRST_ROUNDS = 10
"""Times that the trips of one task take their first days, until all have one."""

EARLY = (5.0, 200.0)
"""What a session that comes too early costs at first and in the end, in points of a day late; half more each day."""

ROUNDS, NOISE = 300, 20.0
"""Times that all tasks take new days, and by how much these are shaken at first, in the same points."""

ROUNDS_AGAIN, NOISE_AGAIN = 10, 4.0
"""The same once all are in order and stay so."""

WORK = 8e-4
"""Steps of a trip and a day."""


class Dating:
    """Trips by task, and days for them that may break the order of a school's sessions for a while."""

    def __init__(self, table: Timetable, random: np.random.Generator, budget: Budget) -> None:
        self.table, self.random, self.budget = table, random, budget
        self.unit = float(max(1, table.weights.late_gap))
        self.days = np.arange(len(table.ordinal))
        late = table.ordinal[None, :] - table.ordinal[:, None] - table.weights.gap_max
        self.late = table.weights.late_gap * np.maximum(0.0, late)
        self.lack = self.days[:, None] - self.days + 1
        own = [[trip for trip in table.trips if table.task(trip) == task] for task in range(table.chain)]
        self.tasks = [_Trips(table, [trip[:2] for trip in trips], [trip.day for trip in trips]) for trips in own]

    def begin(self, task: int, trips: Sequence[Undated], after: Sequence[Undated] = ()) -> None:
        """Give the trips of one more task their first days; ``after``: those of the next, as far as they are known."""
        turn = Before(self, task).days(trips) if task else turns(self.table, trips, after)
        self.tasks[task] = own = _Trips(self.table, trips, turn)
        pull = PULL * (self.days - turn[:, None]).astype(float) ** 2
        for _ in range(FIRST_ROUNDS):
            self._place(task, self._waits(EARLY[0]), pull)
            if own.placed.all():
                break

    def settle(self, seconds: float) -> None:
        """Bring all into order, as far as that can be, in some seconds, see Budget."""
        began = self.budget.used
        for round in range(ROUNDS):
            share = max(round / ROUNDS, (self.budget.used - began) / seconds)
            if share >= 1:
                break
            first, last = EARLY
            self._round(self._waits(first * (last / first) ** share), NOISE * (1 - share))

    def take(self, days: Sequence[tuple[Ints, Mask]]) -> None:
        """Take over the days of all tasks that another process has found."""
        for own, found in zip(self.tasks, days, strict=True):
            own.day, own.placed = found

    def again(self) -> None:
        """Look for better days that keep all in order."""
        for round in range(ROUNDS_AGAIN):
            self._round(self._waits(np.inf), NOISE_AGAIN * (1 - (round + 1) / ROUNDS_AGAIN))

    def in_order(self) -> Timetable:
        """Return the timetable of the trips that break no order, first tasks and first days before others."""
        table = Timetable(self.table.field, self.table.days)
        for own in self.tasks:
            for i in np.argsort(own.day, kind="stable").tolist():
                base, visits = own.trips[i]
                trip = Trip(base, visits, int(own.day[i]))
                if own.placed[i] and table.fits(trip):
                    table.add(trip)
        return table

    def _waits(self, early: float) -> Floats:
        """Return the points of a wait by the days of a session and of the one that follows it."""
        return np.where(self.lack > 0, self.unit * early * np.maximum(1, 1 + self.lack / 2), self.late)

    def _round(self, waits: Floats, noise: float) -> None:
        for task in reversed(range(len(self.tasks))):
            shape = self.tasks[task].cost.shape
            self._place(task, waits, noise * self.unit * self.random.random(shape))

    def _place(self, task: int, waits: Floats, beside: Floats) -> None:
        """Give the trips of a task their best days; one for which there is no room has any day for the time being."""
        own = self.tasks[task]
        points = self._points(task, waits)
        own.apart(points, self.random)
        self.budget.spend(WORK * points.size)
        day = assigned(own.cost + points + beside, own.base, self.table.limits)
        own.placed = day >= 0
        own.day = np.where(own.placed, day, self.random.integers(len(self.days), size=len(day)))

    def _points(self, task: int, waits: Floats) -> Floats:
        """Return the points of each trip's waits by day; infinite where a school has no room.

        A school's sessions are followed in the order of their days.
        """
        own, none = self.tasks[task], np.zeros((1, len(self.days)))
        turn, points = own.turns(), np.zeros(own.cost.shape)
        if task:
            before = self.tasks[task - 1].dates()[own.session_site, turn]
            np.add.at(points, own.session, np.concatenate([waits, none])[before])
        if task + 1 < len(self.tasks):
            after = self.tasks[task + 1].dates()[own.session_site, turn]
            follow = self.table.field.follow(task)[None, :]
            np.add.at(points, own.session, np.concatenate([waits.T, follow])[after])
        others = sum(other.meets() for other in self.tasks if other is not own)
        trip, day = np.nonzero((others >= self.table.rooms[:, None])[own.visit_site])
        points[own.visit[trip], day] = np.inf
        return points


class _Trips:
    """Trips of one task as arrays. ``day``, ``placed``: of each trip, and whether there is room for it then.

    ``visit``, ``session``: the trip of each visit and of each session, and beside them the site.
    """

    def __init__(self, table: Timetable, trips: Sequence[Undated], days: Sequence[int] | Ints) -> None:
        self.table, self.trips = table, list(trips)
        self.day, self.placed = np.array(days, np.int64), np.ones(len(self.trips), bool)
        self.base = np.array([base for base, _ in self.trips], np.int64)
        costs = [table.days.of(*trip).cost for trip in self.trips]
        self.cost = np.array(costs, float).reshape(len(self.trips), len(table.ordinal))
        visits = [(i, site, count) for i, (_, visits) in enumerate(self.trips) for site, count in visits]
        self.visit, self.visit_site, count = np.array(visits, np.int64).reshape(-1, 3).T
        self.session, self.session_site = np.repeat(self.visit, count), np.repeat(self.visit_site, count)

    def turns(self) -> Ints:
        """Return the place of each session among those of its site, in the order of their days."""
        order = np.lexsort((self.session, self.day[self.session], self.session_site))
        site = self.session_site[order]
        turns = np.empty(len(order), np.int64)
        turns[order] = np.arange(len(order)) - np.searchsorted(site, site)
        return turns

    def dates(self) -> Ints:
        """Return the days of each site's sessions in their order (site, turn), -1 where there is none."""
        sizes = self.table.field.sizes
        dates = np.full((len(sizes), int(sizes.max(initial=0))), -1)
        dates[self.session_site, self.turns()] = self.day[self.session]
        return dates

    def meets(self) -> Ints:
        """Return how many trips are at each site on each day."""
        meets = np.zeros((len(self.table.rooms), len(self.table.ordinal)), np.int64)
        np.add.at(meets, (self.visit_site, self.day[self.visit]), 1)
        return meets

    def apart(self, points: Floats, random: np.random.Generator) -> None:
        """Keep trips for which a site has no room on one day on both sides of a border, set by chance between them."""
        order = np.lexsort((self.visit, self.day[self.visit], self.visit_site))
        site, trip = self.visit_site[order], self.visit[order]
        first = np.searchsorted(site, site)
        other = np.arange(len(site)) - self.table.rooms[site]
        late = np.flatnonzero(other >= first)
        before, after = trip[other[late]], trip[late]
        border = random.integers(self.day[before], np.maximum(self.day[before] + 1, self.day[after]))
        last, next_one = np.full(len(points), points.shape[1]), np.full(len(points), -1)
        np.minimum.at(last, before, border)
        np.maximum.at(next_one, after, border)
        days = np.arange(points.shape[1])
        points[(days > last[:, None]) | (days <= next_one[:, None])] = np.inf


class Settled(NamedTuple):
    """Days found in a process, the cost of what is in order with them, and what is spent of the budget."""

    days: list[tuple[Ints, Mask]]
    value: float
    spent: float


def settled(dating: Dating, seed: int, seconds: float) -> Settled:
    """Settle days in a process of its own, by a chance of its own."""
    dating.random = np.random.default_rng(seed)
    dating.settle(seconds)
    days = [(own.day, own.placed) for own in dating.tasks]
    return Settled(days, dating.in_order().value, dating.budget.spent)


def redated(table: Timetable, random: np.random.Generator, budget: Budget) -> Timetable:
    """Return the timetable with better days, or as it is when none are found."""
    dating = Dating(table, random, budget)
    dating.again()
    better = dating.in_order()
    return better if better.value < table.value else table


class Before:
    """What the task before leaves to one that follows it.

    ``ready`` [site, count]: date of the session that must be over for so many to follow, that of the last day of all
    where there are not so many; ``since``: date of the last session.
    """

    def __init__(self, dating: Dating, task: int) -> None:
        self.table, days = dating.table, dating.tasks[task - 1].dates()
        self.never = int(self.table.ordinal[-1])
        self.ready = np.full((len(days) + 1, days.shape[1] + 1), self.never)
        self.ready[:-1, 1:] = np.where(days < 0, self.never, self.table.ordinal[days])
        self.ready[:, 0] = 0
        last = np.where(days < 0, 0, self.table.ordinal[days]).max(axis=1, initial=0)[:, None]
        self.since = self.ready.copy()
        self.since[:-1, 1:] = np.where(days < 0, self.never, last)

    def least(self, pool: Pool) -> Floats:
        """Return the points of each route's waits when its day is as early as can be; infinite where there is none."""
        dates = np.append(self.table.ordinal[~self.table.field.rare], self.never + 1)
        ready = self.ready[pool.sites, pool.counts].max(axis=1)
        day = dates[np.searchsorted(dates, ready, side="right").clip(max=len(dates) - 1)]
        late = day[:, None] - self.since[pool.sites, pool.counts] - self.table.weights.gap_max
        points = self.table.weights.late_gap * (np.maximum(0, late) * pool.counts).sum(axis=1)
        return np.where(ready < self.never, points, np.inf)

    def days(self, trips: Sequence[Undated]) -> Ints:
        """Return the first day after all that each trip follows, the last one where there is none."""
        ready = [max(self.ready[site, count] for site, count in visits) for _, visits in trips]
        return np.searchsorted(self.table.ordinal, ready, side="right").clip(max=len(self.table.ordinal) - 1)
