"""A released plan made anew after an event: what still stands at once, then the fewest moves proved, then the cost."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import cast

import numpy as np

from services.scheduling.adapters.cpsat.aimed import aimed_master
from services.scheduling.adapters.cpsat.columns import columns_of
from services.scheduling.adapters.cpsat.dated import Relaxation, relax
from services.scheduling.adapters.cpsat.fewest import CountModel
from services.scheduling.adapters.cpsat.first_fit import FirstFit
from services.scheduling.adapters.cpsat.identity import name_slots
from services.scheduling.adapters.cpsat.linear import HIGHS, Ints, solve
from services.scheduling.adapters.cpsat.master import Master
from services.scheduling.adapters.cpsat.replan import freeze
from services.scheduling.adapters.cpsat.settle import aims_reached, keep_starts, key, moves_of, solution_of
from services.scheduling.adapters.cpsat.shape import Shape
from services.scheduling.adapters.cpsat.timetable import Timetable
from services.scheduling.domain.constraints.past import frozen
from services.scheduling.domain.problem import Placement
from services.scheduling.domain.solution import Progress, Solution

METHOD = "day routes"

FEW = 500
"""Columns offered to the first search for a cheaper plan; each next one doubles them."""


class Replanning:
    """One run over one problem with a baseline in its fast form; ``best`` is the best plan so far."""

    def __init__(self, shape: Shape, seconds: float, seed: int, report: Callable[[Progress], None]) -> None:
        self.shape, self.problem, self.seed, self.report = shape, shape.problem, seed, report
        self.began, self.seconds = time.monotonic(), seconds
        self.past = frozen(self.problem)
        self.fewest: tuple[int, ...] = ()
        self.forbidden: list[Ints] = []
        self.bound: float | None = None
        self.chosen: Ints = np.empty(0, np.int64)
        self.best: Solution | None = None

    def run(self, found: Callable[[Solution], None]) -> Solution:
        """Return the best plan found in the time given; ``found`` hears of each better one, and of each proof."""
        self.found = found
        self._keep(FirstFit(self.problem).plan())
        self._say("construct")
        self.columns, self.fixed = freeze(columns_of(self.shape))
        self.timetable = Timetable(self.columns, self.fixed)
        fewest = CountModel(self.columns, self.fixed).solve(self._left() / 2, self.seed)
        self.fewest = fewest.aims[: fewest.proved]
        self.chosen = self.fixed if fewest.counts is None else self._columns_of(fewest.counts)
        self._offer(self.chosen)
        if self._left() > 0.1 and (ranking := self._rank()):
            self._cheaper(ranking)
        return cast(Solution, self.best)  # the first fit at least

    def _columns_of(self, counts: Ints) -> Ints:
        """Return the columns that hold these counts, the cheapest of each team-day."""
        columns, numbers = self.columns, dict[tuple[int, int, bytes], int]()
        for c in np.argsort(-columns.cost, kind="stable").tolist():
            numbers[int(columns.crew[c]), int(columns.day[c]), columns.counts[c].tobytes()] = c
        crews, halves, sites = counts.shape
        days = counts.reshape(crews, halves // 2, 2, sites).astype(np.int8)
        wanted = [(int(t), int(d), days[t, d].tobytes()) for t, d in np.argwhere(days.any(axis=(2, 3)))]
        return np.union1d(self.fixed, np.array([numbers[key] for key in wanted if key in numbers], np.int64))

    def _rank(self) -> Relaxation | None:
        """Judge all columns by the relaxation of the whole."""
        master = self._master(np.arange(len(self.columns)))
        others = np.arange(len(self.columns), master.model.columns)
        start = np.concatenate([self.chosen, others])
        return relax(master.model.table(), start, self._left() / 2, to_the_end=True)

    def _cheaper(self, ranking: Relaxation) -> None:
        """Search ever more of the columns that promise most; those that could be in a cheaper plan settle it."""
        reduced, count = ranking.reduced[: len(self.columns)], FEW
        while self._left() > 0.1:
            promising = np.flatnonzero(reduced <= self._room(ranking))
            numbers = promising[np.argsort(reduced[promising], kind="stable")[:count]]
            bound = self._search(np.union1d(numbers, self.chosen))
            if len(promising) <= count:
                self._settle(bound if ranking.complete else None)
                return
            count *= 2

    def _room(self, ranking: Relaxation) -> float:
        """Return the reduced cost up to which a column can be part of a cheaper plan."""
        if not ranking.complete or self.best is None or self._proved() < 4:
            return np.inf
        return self.best.value - 1 - ranking.bound

    def _search(self, numbers: Ints) -> float:
        """Choose the cheapest of these columns that can be timed; return a bound of what they allow."""
        while True:
            master = self._master(numbers)
            answer = solve(master.model.table(), HIGHS, seconds=self._left(), seed=self.seed)
            if answer.x is None:
                return -np.inf
            chosen = numbers[master.chosen(answer.x)]
            if self._offer(chosen):
                self.chosen = chosen
                return answer.bound

    def _master(self, numbers: Ints) -> Master:
        """Build the master over some columns; aims that the best plan has reached to the proof are kept."""
        master = aimed_master(self.columns.only(numbers), self.fewest[: self._proved()])
        master.fix(np.flatnonzero(np.isin(numbers, self.fixed)))
        for together in self.forbidden:
            where = np.flatnonzero(np.isin(numbers, together))
            if len(where) == len(together):
                master.forbid(where)
        return master

    def _offer(self, chosen: Ints) -> bool:
        """Time and name the sessions of a choice of columns; False when its rooms forbid it."""
        clashes = self.timetable.clashes(chosen)
        self.forbidden.extend(clashes)
        if not clashes:
            self._keep(keep_starts(self.problem, name_slots(self.shape, self.timetable.slots(chosen), self.past)))
            self._say("improve")
        return not clashes

    def _settle(self, bound: float | None) -> None:
        """Take over what the last search proved; rooms that forbade an order of stops may allow another."""
        if bound is not None and self.best is not None and not self.forbidden and self._proved() == 4:
            self.bound = float(np.ceil(bound - 1e-4))
            self._keep(list(self.best.placements))
            self._say("improve")

    def _proved(self) -> int:
        """Return how many leading aims the best plan has reached to the proof."""
        reached = aims_reached(self.problem, moves_of(self.problem, self.best.placements if self.best else ()))
        return next((i for i, (a, b) in enumerate(zip(reached, self.fewest, strict=False)) if a != b), len(self.fewest))

    def _keep(self, placements: list[Placement]) -> None:
        """Take a plan when it is no worse than the best."""
        solution = solution_of(self.problem, placements, self.bound, METHOD)
        if self.best is None or key(self.problem, solution) <= key(self.problem, self.best):
            self.best = solution
            self.best = solution_of(self.problem, placements, self.bound, METHOD, self._proved())
            self.found(self.best)

    def _left(self) -> float:
        return self.seconds - (time.monotonic() - self.began)

    def _say(self, phase: str) -> None:
        best = cast(Solution, self.best)
        elapsed = time.monotonic() - self.began
        self.report(Progress(phase, len(best.placements), best.value, self.bound, elapsed, best.moves))
