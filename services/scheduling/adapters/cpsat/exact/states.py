"""States of the search over days as parallel arrays, equal ones merged, and the way back from a state to its plan."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from services.scheduling.adapters.cpsat.exact.words import Packing, Words
from services.scheduling.adapters.cpsat.linear import Ints, begins

DAYS = 512
CREWS = 512


@dataclass
class States:
    """``done[k]``: what is held of task k, and ``left[k]``: the least cost of the rest; ``cost``: so far.

    ``waiting[i]``: groups (words) that had the first task by the i-th marked day and wait for the second; ``today``:
    number of the routes that the next teams of the day must heed (0: none); ``load``: sessions of each crew, packed,
    where fairness is to be exact; ``step``: number in the history.
    """

    done: list[Words]
    left: list[Ints]
    cost: Ints
    waiting: list[Words]
    today: Ints
    load: Ints
    step: Ints

    def __len__(self) -> int:
        return len(self.cost)

    def take(self, which: Ints) -> States:
        """Return some of the states."""
        return States(
            [done[which] for done in self.done],
            [left[which] for left in self.left],
            self.cost[which],
            [waiting[which] for waiting in self.waiting],
            self.today[which],
            self.load[which],
            self.step[which],
        )

    def join(self, other: States) -> States:
        """Return both."""
        return States(
            [np.concatenate(pair) for pair in zip(self.done, other.done, strict=True)],
            [np.concatenate(pair) for pair in zip(self.left, other.left, strict=True)],
            np.concatenate([self.cost, other.cost]),
            [np.concatenate(pair) for pair in zip(self.waiting, other.waiting, strict=True)],
            np.concatenate([self.today, other.today]),
            np.concatenate([self.load, other.load]),
            np.concatenate([self.step, other.step]),
        )

    def distinct(self, packing: Packing) -> States:
        """Return the cheapest of each set of equal states, without those that the cheapest plainly beats.

        Where all else is equal, fewer who wait since each marked day never cost more later.
        """
        keys = [*self.done, self.today, self.load]
        ranked = self.take(np.lexsort((self.cost, *keys)))
        keys = [*ranked.done, ranked.today, ranked.load]
        first = np.flatnonzero(begins(keys, len(ranked)))
        leader = np.repeat(first, np.diff([*first, len(ranked)]))
        beaten = np.arange(len(ranked)) != leader
        for waiting in ranked.waiting:
            beaten &= packing.fits(waiting[leader], waiting)
        left = ranked.take(np.flatnonzero(~beaten))
        return left._without_equals()

    def _without_equals(self) -> States:
        keys = [*self.done, *self.waiting, self.today, self.load]
        ranked = self.take(np.lexsort((self.cost, *keys)))
        keys = [*ranked.done, *ranked.waiting, ranked.today, ranked.load]
        return ranked.take(np.flatnonzero(begins(keys, len(ranked))))


@dataclass
class History:
    """Each step of each state kept: the step before, and which crew drove which kind of route on which day."""

    before: list[Ints] = field(default_factory=lambda: [np.zeros(1, np.int64)])
    code: list[Ints] = field(default_factory=lambda: [np.zeros(1, np.int64)])
    count: int = 1

    def add(self, before: Ints, day: int, crew: int, kind: Ints) -> Ints:
        """Remember steps and return their numbers."""
        self.before.append(before)
        self.code.append((kind * CREWS + crew) * DAYS + day)
        self.count += len(before)
        return np.arange(self.count - len(before), self.count)

    def steps(self, number: int) -> list[tuple[int, int, int]]:
        """Return the (day, crew, kind) that led to a state."""
        firsts = np.cumsum([0, *(len(part) for part in self.before)])
        found: list[tuple[int, int, int]] = []
        while number:
            part = int(np.searchsorted(firsts, number, side="right")) - 1
            place = number - firsts[part]
            code = int(self.code[part][place])
            found.append((code % DAYS, code // DAYS % CREWS, code // DAYS // CREWS))
            number = int(self.before[part][place])
        return found[::-1]
