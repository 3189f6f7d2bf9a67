"""Find a good plan fast: task by task first, then part by part while the rest stands or only changes its dates.

Everything is a set of columns (numbers into one ``Columns``); the master over a well-chosen few of them does the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from services.scheduling.adapters.cpsat.budget import Budget
from services.scheduling.adapters.cpsat.columns import Columns
from services.scheduling.adapters.cpsat.dated import relax
from services.scheduling.adapters.cpsat.linear import HIGHS, Answer, Floats, Ints, grouped_rows, solve
from services.scheduling.adapters.cpsat.master import Master, master_of

CANDIDATES = 800
FOLLOWERS = 100
NEIGHBOURS = 350
"""Columns offered to one search: for a first task alone, for one that follows, for an improvement. More is slower."""

PINNED = 50
"""Columns of a team-day that has pins, always among those offered: one of them must be chosen."""

START = 1500
"""Columns with which the relaxation of the whole begins."""

CALM = 2
"""Searches without a better plan after which a better ranking of the columns is worth its seconds."""

LADDER = ((1000, 4), (1400, 4), (1000, 6), (1900, 4))
"""Searches around a draft: among how many of the best ranked columns, and how many of its own may go."""

NODES = 20
"""Nodes of one search at most: what HiGHS does not find at the root of a small model it seldom finds later."""

PATIENCE = 25
"""Searches without a better plan after which the search gives up."""

ALL = 4000
"""Columns up to which all of them are searched at once, for a proof."""

NONE = np.zeros(0, np.int64)


@dataclass(frozen=True)
class Draft:
    """The columns chosen and their price, everything counted."""

    chosen: Ints
    value: float


class Search:
    """Makes and improves drafts over one set of columns."""

    def __init__(self, columns: Columns, reduced: Floats, seed: int, budget: Budget) -> None:
        self.columns, self.reduced, self.budget = columns, reduced, budget
        self.totals = columns.totals
        self.task = columns.task
        self.random = np.random.default_rng(seed)
        self.sizes = np.asarray(columns.shape.sizes)
        self.seed = seed
        self.kinds = self._kinds()
        self.forbidden: list[Ints] = []
        self.rerouted = 1
        self.failures = 0
        self.rung = 0
        self.judged = False
        self.tried_all = False
        self.bound = -np.inf
        self.seen: set[bytes] = set()

    @property
    def is_stuck(self) -> bool:
        """Whether long nothing better was found."""
        return self.failures >= PATIENCE

    def start(self, seconds: float) -> Draft:
        """Return a first draft, made among few columns, and among more when those leave sessions out."""
        draft = self._task_by_task(CANDIDATES, seconds)
        if self._is_whole(draft):
            return draft
        second = self._task_by_task(2 * CANDIDATES, seconds)
        return second if second.value < draft.value else draft

    def _is_whole(self, draft: Draft) -> bool:
        """Whether every session is placed."""
        return bool((self._held(draft.chosen) == self.sizes).all())

    def next(self, draft: Draft, seconds: float) -> Draft:
        """Try one improvement; return the better draft."""
        if not self.judged and self.failures >= CALM:
            self._judge(seconds / 2)
            self.failures = 0
            return draft
        found = self._improve(draft, seconds)
        better = found is not None and found.value < draft.value - 0.5
        self.failures = 0 if better else self.failures + 1
        self.rerouted = 1 + min(3, self.failures // 8)
        return found if found is not None and better else draft

    def _improve(self, draft: Draft, seconds: float) -> Draft | None:
        """Search all columns where they are few; else ever wider around the draft, and then here and there."""
        if len(self.columns) <= ALL and not self.tried_all:
            return self._all(seconds)
        if not self.judged or self.rung == len(LADDER):
            return self._step(draft, seconds)
        found = self._around(draft, *LADDER[self.rung], seconds)
        self.rung = 0 if found else self.rung + 1
        return found

    def _around(self, draft: Draft, count: int, changes: int, seconds: float) -> Draft | None:
        """Look for a better draft that keeps all but a few of the columns chosen, among the best ranked ones."""
        numbers = np.union1d(self._cheapest(np.arange(len(self.columns)), count), draft.chosen)
        whole_plan = draft.value < self.columns.shape.problem.weights.unplaced
        master = self._master(NONE, numbers, may_leave=not whole_plan)
        same = master.routes[np.flatnonzero(np.isin(numbers, draft.chosen))]
        master.model.put(master.model.add_rows(1, below=len(draft.chosen) - changes), same, 1)
        master.cheaper_than(draft.value)
        answer = self._solve(master, seconds, nodes=NODES)
        return Draft(numbers[master.chosen(answer.x)], answer.value) if answer.x is not None else None

    def _step(self, draft: Draft, seconds: float) -> Draft | None:
        tasks = len(self.columns.shape.chain)
        choice = int(self.random.integers(tasks + 4))
        if choice < tasks:
            return self._replan_task(draft, choice, seconds)
        return self._reroute(draft, seconds)

    def _judge(self, seconds: float) -> None:
        """Rank all columns by the relaxation of the whole, and keep the bound it gives."""
        self.judged = True
        count = len(self.columns)
        master = self._master(NONE, np.arange(count))
        start = np.concatenate([self._cheapest(np.arange(count), START), np.arange(count, master.model.columns)])
        relaxation = relax(master.model.table(), np.unique(start), seconds, self.budget)
        if relaxation is None:
            return
        self.reduced = relaxation.reduced[:count]
        if relaxation.complete:
            self.bound = relaxation.bound

    def _all(self, seconds: float) -> Draft | None:
        """Choose among all columns; what HiGHS proves of that is a bound of every plan, unless rooms forbade some."""
        self.tried_all = True
        master = self._master(NONE, np.arange(len(self.columns)))
        answer = self._solve(master, seconds)
        if not self.forbidden and not answer.infeasible:
            self.bound = answer.bound
        if answer.x is None:
            return None
        return Draft(master.chosen(answer.x), answer.value)

    def _task_by_task(self, count: int, seconds: float) -> Draft:
        """Plan the tasks of the chain one after the other; sessions may be left out."""
        draft = Draft(NONE, np.inf)
        for task in range(len(self.columns.shape.chain)):
            free = np.flatnonzero((self.task == task) & self._after(draft.chosen, task))
            copies = free[np.isin(self._totals_only(free), self._totals_only(draft.chosen))]
            others = self._cheapest(np.setdiff1d(free, copies), FOLLOWERS if task else count)
            leave_time = partial(self._leave_time, task=task)
            found = self._best(draft.chosen, np.union1d(copies, others), seconds, leave_time, 3.0)
            draft = found or draft
        return draft

    def _replan_task(self, draft: Draft, task: int, seconds: float) -> Draft | None:
        """Search one task anew while the others stand."""
        others = draft.chosen[self.task[draft.chosen] != task]
        free = np.flatnonzero((self.task == task) & self._after(others, task))
        numbers = np.union1d(self._cheapest(free, NEIGHBOURS), np.setdiff1d(draft.chosen, others))
        return self._best(others, numbers, seconds)

    def _reroute(self, draft: Draft, seconds: float) -> Draft | None:
        """Make a few routes anew; the others may change their day, not what they hold."""
        kept = np.setdiff1d(draft.chosen, self._neighbours(draft.chosen))
        redated = np.flatnonzero(np.isin(self.kinds, self.kinds[kept]))
        left = self.sizes - self._held(kept)
        free = np.flatnonzero((self.totals <= left[self.task]).all(axis=1))
        numbers = np.union1d(redated, np.union1d(self._cheapest(free, NEIGHBOURS), draft.chosen))
        return self._best(NONE, numbers, seconds)

    def _neighbours(self, chosen: Ints) -> Ints:
        """Pick some routes of each task: now those that meet at one site, now any."""
        site = int(self.random.integers(len(self.sizes))) if self.random.random() < 0.5 else None
        picked = []
        for task in range(len(self.columns.shape.chain)):
            own = self.random.permutation(chosen[self.task[chosen] == task])
            if site is not None:
                own = own[np.argsort(self.totals[own, site] == 0, kind="stable")]
            picked.append(own[: self.rerouted])
        return np.concatenate(picked)

    def _kinds(self) -> Ints:
        """Number the columns so that equal numbers hold the same sessions, whatever the day and half-day."""
        rows = np.concatenate([self.task[:, None].astype(np.int8), self.totals], axis=1)
        return grouped_rows(rows)[1]

    def _totals_only(self, numbers: Ints) -> NDArray[np.void]:
        return _as_bytes(self.totals[numbers])

    def _held(self, chosen: Ints) -> Ints:
        """Sessions held by task and site."""
        held = np.zeros((len(self.columns.shape.chain), len(self.sizes)), np.int64)
        np.add.at(held, self.task[chosen], self.totals[chosen])
        return held

    def _after(self, chosen: Ints, task: int) -> NDArray[np.bool_]:
        """Whether enough groups of each site have had the task before, by the time of each column."""
        columns = self.columns
        if task == 0:
            return np.ones(len(columns), dtype=bool)
        before = chosen[self.task[chosen] == task - 1]
        halves = np.zeros((2 * len(columns.shape.problem.days) + 1, len(self.sizes)), np.int64)
        for half in (0, 1):
            np.add.at(halves, 2 * columns.day[before] + half + 1, columns.counts[before, half])
        reached = halves.cumsum(axis=0)
        morning = columns.counts[:, 0] <= reached[2 * columns.day]
        return np.asarray((morning & (self.totals <= reached[2 * columns.day + 1])).all(axis=1))

    def _cheapest(self, numbers: Ints, count: int) -> Ints:
        """Return the columns of least reduced cost among ``numbers``, and some of each team-day that has pins."""
        found = numbers
        if len(numbers) > count:
            found = numbers[np.argpartition(self.reduced[numbers], count)[:count]]
        for crew, day in self.columns.shape.fixed if len(found) < len(numbers) else ():
            own = numbers[(self.columns.crew[numbers] == crew) & (self.columns.day[numbers] == day)]
            found = np.union1d(found, own[np.argsort(self.reduced[own], kind="stable")[:PINNED]])
        return found

    def _best(
        self,
        kept: Ints,
        free: Ints,
        seconds: float,
        extra: Callable[[Master], None] | None = None,
        gap: float = 0.99,
    ) -> Draft | None:
        """Choose among some columns beside those kept; None for a choice already tried."""
        numbers = np.concatenate([kept, free])
        asked = repr((len(kept), len(self.forbidden))).encode() + numbers.tobytes()
        if asked in self.seen:
            return None
        self.seen.add(asked)
        master = self._master(kept, free)
        if extra:
            extra(master)
        answer = self._solve(master, seconds, gap, NODES)
        return Draft(numbers[master.chosen(answer.x)], answer.value) if answer.x is not None else None

    def _solve(self, master: Master, seconds: float, gap: float = 0.99, nodes: int | None = None) -> Answer:
        model = master.model.table()
        return solve(model, HIGHS, seconds=seconds, seed=self.seed, gap=gap, nodes=nodes, budget=self.budget)

    def _master(self, kept: Ints, free: Ints, *, may_leave: bool = True) -> Master:
        """Build the model over columns that stay and columns to choose from."""
        numbers = np.concatenate([kept, free])
        master = master_of(self.columns.only(numbers), may_leave=may_leave)
        master.fix(np.arange(len(kept)))
        for together in self.forbidden:
            where = np.flatnonzero(np.isin(numbers, together))
            if len(where) == len(together):
                master.forbid(where)
        return master

    def _leave_time(self, master: Master, task: int) -> None:
        """Ask for enough sessions each day that the next task's teams still can hold theirs afterwards."""
        if task + 1 == len(self.columns.shape.chain):
            return
        own = np.flatnonzero(master.columns.task == task)
        held = master.columns.totals[own].sum(axis=1)
        most, wanted = self._most(task + 1), int(self.sizes.sum())
        possible = self._most(task).cumsum()
        for day in range(len(most)):
            row = master.model.add_rows(1, below=min(wanted - most[day + 1 :].sum(), int(possible[day]), wanted))
            on_time = master.columns.day[own] <= day
            master.model.put(row, master.routes[own[on_time]], held[on_time])

    def _most(self, task: int) -> Ints:
        """The most sessions of a task by day."""
        most = np.zeros((len(self.columns.shape.crews), len(self.columns.shape.problem.days)), np.int64)
        own = self.task == task
        np.maximum.at(most, (self.columns.crew[own], self.columns.day[own]), self.totals[own].sum(axis=1))
        return np.asarray(most.sum(axis=0))


def _as_bytes(rows: NDArray[np.int8]) -> NDArray[np.void]:
    """Return each row as one value that can be compared."""
    whole = np.ascontiguousarray(rows)
    return whole.view(np.dtype((np.void, whole.shape[1]))).ravel()
