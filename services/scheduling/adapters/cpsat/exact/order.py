"""Exact search over the days: which route of its covers each team drives on which day, in chain order.

A state is what each task has covered by the end of a day, and who waits since when; equal states are one, the cheapest.
A state goes on only when its cost, the least cost of covering the rest task by task, and the end day it cannot avoid
stay within the limit. So without a beam, every plan within the limit is considered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from services.scheduling.adapters.cpsat.exact.canon import LIMIT, TooLarge
from services.scheduling.adapters.cpsat.exact.covers import Covers
from services.scheduling.adapters.cpsat.exact.days import IMPOSSIBLE, Days, Held
from services.scheduling.adapters.cpsat.exact.states import History, States
from services.scheduling.adapters.cpsat.exact.words import Packing, Words
from services.scheduling.adapters.cpsat.linear import Ints

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
        self, days: Days, packing: Packing, graphs: list[Covers], limit: int, *, beam: int = 0, fair: bool = False
    ) -> None:
        self.days, self.packing, self.graphs, self.limit, self.beam = days, packing, graphs, limit, beam
        self.fair = fair
        self.weights, self.dates = days.shape.problem.weights, days.shape.problem.days
        self.words = [packing.pack(kinds.totals) for kinds in days.kinds]
        self.history = History()
        self.found: int | None = None
        self.ends = [self._ends(task) for task in range(len(graphs))]
        self.marks: list[int] = []
        self._one_day()

    def run(self, tick: Callable[[], None]) -> tuple[int, Steps] | None:
        """Return the cheapest plan within the limit, or None. ``tick`` is called now and then. Raises TooLarge."""
        one = np.zeros(1, np.int64)
        states = States([one] * len(self.graphs), one, [], one, one, one)
        for day in range(len(self.dates)):
            self._one_day()
            states = self._day(states, day, tick)
        return (self.limit + 1, self.history.steps(self.found)) if self.found is not None else None

    def _one_day(self) -> None:
        self.today = [Today()]
        self.number = {self.today[0]: 0}
        self.touched = [np.uint64(0)]

    def _day(self, states: States, day: int, tick: Callable[[], None]) -> States:
        steps = [
            (task, crew)
            for task in reversed(range(len(self.graphs)))
            for crew in self.days.shape.crews_of(task)
            if (crew, day) in self.days.days
        ]
        for i, (task, crew) in enumerate(steps):
            tick()
            driven = self._drive(states, day, task, crew, {later for later, _ in steps[i + 1 :]})
            states = self._narrow(states.join(driven).distinct(), day)
        return self._close(states, day)

    def _drive(self, states: States, day: int, task: int, crew: int, later: set[int]) -> States:
        """Return the states after a crew's drive, for every route that stays within the limit."""
        graph, extra = self.graphs[task], self.days.extra[crew, day]
        at, spare = states.node[task], self.limit - self._total(states, day)
        which, edge = _spans(graph.first[at], graph.first[at + 1])
        kind = graph.kind[edge]
        near = graph.rise[edge] + extra[kind] <= spare[which]
        which, edge, kind = which[near], edge[near], kind[near]
        made = states.take(which)
        missing = self._missing(made, task, kind)
        made.node[task] = graph.to[edge]
        made.cost = made.cost + self.days.kinds[task].cost[kind] + extra[kind]
        made.cost += self.packing.total(missing) * self.weights.same_day
        if self.fair and len(self.days.shape.crews_of(task)) > 1:
            made.load = made.load + (self.days.kinds[task].totals[kind].sum(axis=1) << (LOAD * crew))
        if task:
            made.waiting = [self.packing.minus(waiting, self.words[task][kind]) for waiting in made.waiting]
        kept = np.flatnonzero((self._total(made, day) <= self.limit) & self._can_follow(made, missing, later))
        kept = self._nearest(made, kept, day)
        made, kind, missing = made.take(kept), kind[kept], missing[kept]
        made.today = self._heed(made, crew, task, kind, missing, later)
        made.step = self.history.add(made.step, day, crew, kind)
        return made

    def _missing(self, states: States, task: int, kind: Ints) -> Words:
        """Return the sessions whose groups have not had the task before: they need it this very morning."""
        if not task:
            return np.zeros(len(states), np.uint64)
        waiting = self.packing.minus(self._done(states, 0), self._done(states, 1))
        return self.packing.minus(self.words[task][kind], waiting)

    def _can_follow(self, states: States, missing: Words, later: set[int]) -> np.ndarray:
        """Whether the first task's teams, still to drive today, have enough left to hold for what is missing."""
        left = self.packing.all - self._done(states, 0)
        return (missing == 0) | (self.packing.fits(missing, left) & (0 in later))

    def _heed(self, states: States, crew: int, task: int, kind: Ints, missing: Words, later: set[int]) -> Ints:
        """Number the routes of today that meet others at a site, or may: they are judged when the day is closed."""
        sites, meets = self.packing.some(self.words[task][kind]), missing.copy()
        for other in later:
            meets |= sites & self.packing.some(self.packing.all - self._done(states, other))
        meets |= sites & np.array(self.touched, np.uint64)[states.today]
        today, special = states.today.copy(), np.flatnonzero(meets)
        rows = np.stack([today[special], kind[special], missing[special].astype(np.int64)], axis=1)
        distinct, where = np.unique(rows, axis=0, return_inverse=True)
        numbers = [self._number(before, route, need, crew) for before, route, need in distinct.tolist()]
        today[special] = np.array(numbers, np.int64)[where.ravel()] if numbers else 0
        return today

    def _number(self, before: int, kind: int, missing: int, crew: int) -> int:
        old = self.today[before]
        new = Today((*old.held, (crew, kind)), old.same + missing)
        if new not in self.number:
            self.number[new] = len(self.today)
            self.today.append(new)
            word = self.words[self.days.shape.task_index[crew]][kind : kind + 1]
            self.touched.append(self.touched[before] | self.packing.some(word)[0])
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
        price = np.array([self._together(day, today) for today in self.today], np.int64)
        states.cost = states.cost + price[states.today]
        states.today = np.zeros_like(states.today)
        states = states.take(np.flatnonzero(states.cost < IMPOSSIBLE))
        if len(self.graphs) > 1:
            self._mark(states, day)
        self._finish(states, day)
        left = np.flatnonzero(self._total(states, day + 1) <= self.limit)
        return states.take(left).distinct()

    def _together(self, day: int, today: Today) -> int:
        """What routes cost together beyond what each costs alone; IMPOSSIBLE when they cannot be."""
        if len(today.held) < 2:
            return IMPOSSIBLE if today.same else 0
        same = tuple(self.packing.unpack(np.array([today.same], np.uint64))[0].tolist())
        alone = sum(int(self.days.extra[crew, day][kind]) for crew, kind in today.held)
        together = self.days.together(day, today.held, same)
        return together - alone if together < IMPOSSIBLE else IMPOSSIBLE

    def _mark(self, states: States, day: int) -> None:
        """Mark who waits after today, and price each calendar day that somebody waits too long."""
        states.waiting.append(self._done(states, 0) - self._done(states, 1))
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
        for task in range(len(self.graphs)):
            complete &= self._done(states, task) == self.packing.all
        which = np.flatnonzero(complete)
        value = states.cost[which] + self.weights.end * day + self._unfair(states.load[which])
        if len(which) and value.min() <= self.limit:
            best = int(np.argmin(value))
            self.found, self.limit = int(states.step[which[best]]), int(value[best]) - 1
        states.cost = np.where(complete, IMPOSSIBLE, states.cost)

    def _unfair(self, load: Ints) -> Ints:
        """Return the points that uneven loads cost, none where they are not counted."""
        price = np.zeros(len(load), np.int64)
        for crews in (self.days.shape.crews_of(task) for task in range(len(self.graphs))):
            held = np.stack([(load >> (LOAD * crew)) % (1 << LOAD) for crew in crews])
            price += self.weights.fair * (held.max(axis=0) - held.min(axis=0)) if self.fair else 0
        return price

    def _done(self, states: States, task: int) -> Words:
        return self.graphs[task].done[states.node[task]]

    def _total(self, states: States, day: int) -> Ints:
        """Return the least that any plan from these states can cost while ``day`` is not over."""
        total = states.cost.copy()
        end = np.zeros(len(states), np.int64)
        for graph, ends, node in zip(self.graphs, self.ends, states.node, strict=True):
            total += graph.left[node]
            end = np.maximum(end, ends[min(day, len(self.dates)), node])
        return np.where(end >= IMPOSSIBLE, IMPOSSIBLE, total + self.weights.end * end)

    def _ends(self, task: int) -> Ints:
        """[day, node] -> the first day by which what is left can be held from that day on; IMPOSSIBLE: none."""
        left = self.packing.total(self.packing.all - self.graphs[task].done)
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


def _spans(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Return (i, j) for each j in first[i]:last[i]."""
    counts = last - first
    which = np.repeat(np.arange(len(counts)), counts)
    return which, np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts - first, counts)
