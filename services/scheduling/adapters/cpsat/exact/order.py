"""Exact search over the days: which route of its covers each team drives on which day, in chain order.

A state is what each task has covered by the end of a day, and who waits since when; equal states are one, the cheapest.
A state goes on only when its cost, the least cost of covering the rest task by task, and the end day it cannot avoid
stay within the limit. So without a beam, every plan within the limit is considered.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.scheduling.adapters.cpsat.exact.days import Days, Held
from services.scheduling.adapters.cpsat.exact.left import CELLS, IMPOSSIBLE, LIMIT, Left, TooLarge
from services.scheduling.adapters.cpsat.exact.states import History, States
from services.scheduling.adapters.cpsat.exact.words import Packing, Words
from services.scheduling.adapters.cpsat.linear import Ints, grouped

Steps = list[tuple[int, int, int]]
"""(day, crew, kind of route)."""


@dataclass(frozen=True)
class Today:
    """Routes of one day that others must heed: ``same`` (a word): sessions that need the first task that morning."""

    held: Held = ()
    same: int = 0


LOAD = 10
"""Bits in which a crew's sessions are counted."""


class Order:
    """One search. ``limit``: the most a plan may cost; ``beam``: states kept for each day, 0 for all.

    ``fair``: points of fairness are counted, which takes far more states; else they are left out.
    """

    def __init__(
        self, days: Days, packing: Packing, rests: list[Left], limit: int, *, beam: int = 0, fair: bool = False
    ) -> None:
        self.days, self.packing, self.rests, self.limit, self.beam = days, packing, rests, limit, beam
        self.fair = fair
        self.weights, self.dates = days.shape.problem.weights, days.shape.problem.days
        self.history = History()
        self.found: int | None = None
        self.last_fixed = max((day for _, day in days.shape.fixed), default=0)
        self.ends = [self._ends(task) for task in range(len(rests))]
        self.marks: list[int] = []
        self._one_day()

    def run(self) -> tuple[int, Steps] | None:
        """Return the cheapest plan within the limit, or None. Raises TooLarge."""
        one = np.zeros(1, np.int64)
        whole = np.full(1, self.packing.all)
        done = [np.full(1, self.packing.but(self.days.kinds[task].sizes)) for task in range(len(self.rests))]
        left = [rest.of(whole - held, one + self.limit) for rest, held in zip(self.rests, done, strict=True)]
        states = States(done, left, one, [], one, one, one)
        for day in range(len(self.dates)):
            self._one_day()
            states = self._day(states, day)
        return (self.limit + 1, self.history.steps(self.found)) if self.found is not None else None

    def _one_day(self) -> None:
        self.today = [Today()]
        self.number = {self.today[0]: 0}
        self.touched = [np.uint64(0)]

    def _day(self, states: States, day: int) -> States:
        steps = [
            (task, crew)
            for task in reversed(range(len(self.rests)))
            for crew in self.days.shape.crews_of(task)
            if (crew, day) in self.days.days
        ]
        for i, (task, crew) in enumerate(steps):
            driven = self._drive(states, day, task, crew, {later for later, _ in steps[i + 1 :]})
            made = driven if (crew, day) in self.days.shape.fixed else states.join(driven)
            states = self._narrow(made.distinct(self.packing), day)
        return self._close(states, day)

    def _drive(self, states: States, day: int, task: int, crew: int, later: set[int]) -> States:
        """Return the states after a crew's drive, for every route that stays within the limit."""
        rest = self.rests[task]
        kind, word = rest.numbers, rest.word
        which, route = self._fitting(states, day, task, crew)
        made = states.take(which)
        missing = self._missing(made, task, word[route])
        made.done[task] = made.done[task] + word[route]
        made.left[task] = rest.least(self.packing.all - made.done[task])
        made.cost = made.cost + rest.cost[route] + self.days.extra[crew, day][kind[route]]
        made.cost += self.packing.total(missing) * self.weights.same_day
        if self.fair and len(self.days.shape.crews_of(task)) > 1:
            made.load = made.load + (self.packing.total(word[route] & self.packing.sessions) << (LOAD * crew))
        kept = np.flatnonzero((self._total(made, day) <= self.limit) & self._can_follow(made, missing, later))
        made, route, missing = made.take(kept), route[kept], missing[kept]
        spare = self.limit - self._total(made, day) + made.left[task]
        made.left[task] = rest.of(self.packing.all - made.done[task], spare)
        kept = self._nearest(made, np.flatnonzero(made.left[task] <= spare), day)
        made, route, missing = made.take(kept), route[kept], missing[kept]
        if task:
            made.waiting = [self.packing.minus(waiting, word[route]) for waiting in made.waiting]
        made.today = self._heed(made, crew, task, route, missing, later)
        made.step = self.history.add(made.step, day, crew, kind[route])
        return made

    def _fitting(self, states: States, day: int, task: int, crew: int) -> tuple[Ints, Ints]:
        """Return each (state, route) where the route fits what is left and, by its loss, may stay within the limit."""
        rest, left = self.rests[task], self.packing.all - states.done[task]
        price = rest.loss + self.days.extra[crew, day][rest.numbers]
        spare = self.limit - self._total(states, day) + states.left[task] - rest.least(left) + 1
        found = [(np.zeros(0, np.int64), np.zeros(0, np.int64))]
        for start in range(0, len(left), part := max(1, CELLS // len(rest.word))):
            own = slice(start, start + part)
            self.days.tick(len(left[own]) * len(rest.word))
            which, route = np.nonzero(self.packing.fits(rest.word, left[own, None]) & (price <= spare[own, None]))
            found.append((which + start, route))
            if sum(len(one) for one, _ in found) > 4 * LIMIT:
                raise TooLarge
        return np.concatenate([one for one, _ in found]), np.concatenate([one for _, one in found])

    def _missing(self, states: States, task: int, word: Words) -> Words:
        """Return the sessions whose groups have not had the task before: they need it this very morning."""
        if not task:
            return np.zeros(len(states), np.uint64)
        waiting = self.packing.minus(states.done[0], states.done[1])
        return self.packing.minus(word, waiting)

    def _can_follow(self, states: States, missing: Words, later: set[int]) -> np.ndarray:
        """Whether the first task's teams, still to drive today, have enough left to hold for what is missing."""
        left = self.packing.all - states.done[0]
        return (missing == 0) | (self.packing.fits(missing, left) & (0 in later))

    def _heed(self, states: States, crew: int, task: int, route: Ints, missing: Words, later: set[int]) -> Ints:
        """Number the routes of today that meet others at a site, or may: they are judged when the day is closed."""
        sites, meets = self.packing.some(self.rests[task].word[route]), missing.copy()
        for other in later:
            meets |= sites & self.packing.some(self.packing.all - states.done[other])
        meets |= sites & np.array(self.touched, np.uint64)[states.today]
        today, special = states.today.copy(), np.flatnonzero(meets)
        rows = [today[special], route[special], missing[special].astype(np.int64)]
        first, where = grouped(rows)
        distinct = zip(*(row[first].tolist() for row in rows), strict=True)
        numbers = [self._number(before, number, need, crew, task) for before, number, need in distinct]
        today[special] = np.array(numbers, np.int64)[where]
        return today

    def _number(self, before: int, route: int, missing: int, crew: int, task: int) -> int:
        old, rest = self.today[before], self.rests[task]
        new = Today((*old.held, (crew, int(rest.numbers[route]))), old.same + missing)
        if new not in self.number:
            self.number[new] = len(self.today)
            self.today.append(new)
            self.touched.append(self.touched[before] | self.packing.some(rest.word[route : route + 1])[0])
        return self.number[new]

    def _narrow(self, states: States, day: int) -> States:
        if len(states) > LIMIT:
            raise TooLarge
        return states.take(self._nearest(states, np.arange(len(states)), day))

    def _nearest(self, states: States, which: Ints, day: int) -> Ints:
        """Return the most promising of some states, as many as the beam allows."""
        if not self.beam or len(which) <= self.beam:
            return which
        total = self._total(states, day)[which]
        return which[np.sort(np.argpartition(total, self.beam)[: self.beam])]

    def _close(self, states: States, day: int) -> States:
        """Judge today's routes together, count the late, take the plans that are complete, drop the hopeless."""
        price = np.zeros(len(self.today), np.int64)
        for number in np.flatnonzero(np.bincount(states.today)):
            price[number] = self._together(day, self.today[number])
        states.cost = states.cost + price[states.today]
        states.today = np.zeros_like(states.today)
        states = states.take(np.flatnonzero(states.cost < IMPOSSIBLE))
        if len(self.rests) > 1:
            self._mark(states, day)
        self._finish(states, day)
        left = np.flatnonzero(self._total(states, day + 1) <= self.limit)
        return states.take(left).distinct(self.packing)

    def _together(self, day: int, today: Today) -> int:
        """What routes cost together beyond what each costs alone; IMPOSSIBLE when they cannot be."""
        if len(today.held) < 2:
            return IMPOSSIBLE if today.same else 0
        same = tuple(self.packing.unpack(np.array([today.same], np.uint64))[0, : self.packing.sites].tolist())
        alone = sum(int(self.days.extra[crew, day][kind]) for crew, kind in today.held)
        together = self.days.together(day, today.held, same)
        return together - alone if together < IMPOSSIBLE else IMPOSSIBLE

    def _mark(self, states: States, day: int) -> None:
        """Mark who waits after today, and price each calendar day that somebody waits too long."""
        states.waiting.append(self.packing.minus(*states.done) & self.packing.sessions)
        self.marks.append(self.dates[day].toordinal())
        until = self.dates[min(day + 1, len(self.dates) - 1)].toordinal()
        for date in range(self.marks[-1], until):
            late = sum(mark <= date - self.weights.gap_max for mark in self.marks)
            del states.waiting[: late - 1 if late else 0], self.marks[: late - 1 if late else 0]
            if late:
                states.cost = states.cost + self.packing.total(states.waiting[0]) * self.weights.late_gap

    def _finish(self, states: States, day: int) -> None:
        """Take the cheapest complete plan; from now on only cheaper ones are wanted."""
        complete = np.ones(len(states), bool)
        for task in range(len(self.rests)):
            complete &= states.done[task] == self.packing.all
        which = np.flatnonzero(complete)
        value = states.cost[which] + self.weights.end * day + self._unfair(states.load[which])
        if len(which) and value.min() <= self.limit:
            best = int(np.argmin(value))
            self.found, self.limit = int(states.step[which[best]]), int(value[best]) - 1
        states.cost = np.where(complete, IMPOSSIBLE, states.cost)

    def _unfair(self, load: Ints) -> Ints:
        """Return the points that uneven loads cost, none where they are not counted."""
        price = np.zeros(len(load), np.int64)
        for crews in (self.days.shape.crews_of(task) for task in range(len(self.rests))):
            held = np.stack([(load >> (LOAD * crew)) % (1 << LOAD) for crew in crews])
            price += self.weights.fair * (held.max(axis=0) - held.min(axis=0)) if self.fair else 0
        return price

    def _total(self, states: States, day: int) -> Ints:
        """Return the least that any plan from these states can cost while ``day`` is not over."""
        total = states.cost.copy()
        end = np.full(len(states), self.last_fixed, np.int64)
        for task, ends in enumerate(self.ends):
            total += states.left[task]
            sessions = self.packing.total(self.packing.all - states.done[task])
            end = np.maximum(end, ends[min(day, len(self.dates)), sessions])
        return np.where(end >= IMPOSSIBLE, IMPOSSIBLE, total + self.weights.end * end)

    def _ends(self, task: int) -> Ints:
        """[day, sessions] -> the first day by which they can be held from that day on; IMPOSSIBLE: none."""
        left = np.arange(sum(self.packing.sizes) + 1)
        most, days = np.zeros(len(self.dates), np.int64), len(self.dates)
        for crew in self.days.shape.crews_of(task):
            for day in (day for day in range(days) if (crew, day) in self.days.days):
                can = self.days.extra[crew, day] < IMPOSSIBLE
                most[day] += self.days.kinds[task].totals[can].sum(axis=1).max(initial=0)
        table = np.full((days + 1, len(left)), IMPOSSIBLE, np.int64)
        for first in range(days + 1):
            reach = np.concatenate([[0], np.cumsum(most[first:])])
            place = np.searchsorted(reach, left)
            table[first] = np.where(left == 0, 0, np.where(place < len(reach), first + place - 1, IMPOSSIBLE))
        return table
