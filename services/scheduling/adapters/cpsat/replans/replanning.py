"""A released plan made anew after an event: the fewest moves first, proved over counts, then the cost."""

from __future__ import annotations

import numpy as np

from services.scheduling.adapters.cpsat.best import ALL_AIMS, Best
from services.scheduling.adapters.cpsat.columns import Near, columns_of
from services.scheduling.adapters.cpsat.dated import Relaxation, relax
from services.scheduling.adapters.cpsat.identity import name_slots
from services.scheduling.adapters.cpsat.linear import HIGHS, Ints, solve
from services.scheduling.adapters.cpsat.master import Master
from services.scheduling.adapters.cpsat.replans.aimed import aimed_master
from services.scheduling.adapters.cpsat.replans.fewest import CountModel
from services.scheduling.adapters.cpsat.replans.replan import freeze, hold
from services.scheduling.adapters.cpsat.settle import aims_reached, moves_of
from services.scheduling.adapters.cpsat.shape import Shape
from services.scheduling.adapters.cpsat.timetable import Timetable
from services.scheduling.adapters.cpsat.undated import price
from services.scheduling.domain.constraints.past import frozen
from services.scheduling.domain.problem import Placement

METHOD = "day routes"

COUNTING = 0.7
"""Share of the time for the fewest moves; the rest is for a cheaper plan."""

START = 3000
"""Columns with which the relaxation of the whole begins: those that would be cheap on any day."""

FEW = 1000
"""Columns offered to the first search for a cheaper plan; each next one doubles them."""


class Replanning:
    """One run over one problem with a baseline in its fast form.

    ``near``: only these team-days may change, and nothing is proved; None: all that are not past.
    """

    def __init__(self, shape: Shape, best: Best, seed: int, near: Near | None = None) -> None:
        self.shape, self.best, self.seed, self.near = shape, best, seed, near
        self.past = frozen(shape.problem)
        self.named = {pin.demand_id: pin for pin in shape.problem.pins} | self.past
        columns, past = freeze(columns_of(shape, near))
        self.columns, standing = hold(columns, self._standing())
        self.fixed = np.concatenate([past, standing])
        self.timetable = Timetable(self.columns, past)
        self.forbidden: list[Ints] = []
        self.chosen = self.fixed
        self.is_exact = False

    def run(self) -> None:
        """Prove the fewest moves, then look for cheaper plans that move no more."""
        fewest = CountModel(self.columns, self.fixed).solve(self.best.left * COUNTING, self.seed, self.best.budget)
        self.best.prove(() if self.near is not None else fewest.aims[: fewest.proved], METHOD)
        if fewest.counts is not None:
            self.chosen = self._columns_of(fewest.counts)
            self._offer(self.chosen)
        if self.best.left > 0.1 and (ranking := self._rank()):
            self._cheaper(ranking)

    def _standing(self) -> list[Placement]:
        """Return the sessions of the best plan that are neither past nor near."""
        if self.near is None:
            return []
        days, crews = self.shape.problem.days, self.shape.crews
        changing = {(crews[t].id, days[d]) for t, d in self.near}
        return [p for p in self.best.placements if p.demand_id not in self.past and (p.crew_id, p.day) not in changing]

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
        undated = price(self.columns).reduced(self.columns)
        start = np.concatenate([np.argsort(undated, kind="stable")[:START], self.chosen, others])
        ranking = relax(master.model.table(), np.unique(start), self.best.left / 2, self.best.budget)
        self.is_exact = ranking is not None and ranking.complete and len(self.best.proved) == ALL_AIMS
        return ranking

    def _cheaper(self, ranking: Relaxation) -> None:
        """Search ever more of the columns that promise most; those that could be in a cheaper plan settle it."""
        reduced, count = ranking.reduced[: len(self.columns)], FEW
        while self.best.left > 0.1:
            promising = np.flatnonzero(reduced <= self._room(ranking))
            numbers = promising[np.argsort(reduced[promising], kind="stable")[:count]]
            bound = self._search(np.union1d(numbers, self.chosen))
            if len(promising) <= count:
                self._settle(bound)
                return
            count *= 2

    def _room(self, ranking: Relaxation) -> float:
        """Return the reduced cost up to which a column can be part of a cheaper plan."""
        return self.best.solution.value - 1 - ranking.bound if self.is_exact else np.inf

    def _search(self, numbers: Ints) -> float:
        """Choose the cheapest of these columns that can be timed; return a bound of what they allow."""
        while True:
            master = self._master(numbers)
            answer = solve(master.model.table(), HIGHS, seconds=self.best.left, seed=self.seed, budget=self.best.budget)
            if answer.x is None:
                return -np.inf
            chosen = numbers[master.chosen(answer.x)]
            if self._offer(chosen):
                self.chosen = chosen
                return answer.bound

    def _master(self, numbers: Ints) -> Master:
        """Build the master over some columns; aims that the best plan has reached to the proof are kept."""
        master = aimed_master(self.columns.only(numbers), self._kept())
        master.fix(np.flatnonzero(np.isin(numbers, self.fixed)))
        for together in self.forbidden:
            where = np.flatnonzero(np.isin(numbers, together))
            if len(where) == len(together):
                master.forbid(where)
        return master

    def _kept(self) -> tuple[int, ...]:
        """Return the values of aims that a cheaper plan must keep: those proved, or among few team-days all."""
        if self.near is None:
            return self.best.proved
        return aims_reached(self.shape.problem, moves_of(self.shape.problem, self.best.placements))

    def _offer(self, chosen: Ints) -> bool:
        """Time and name the sessions of a choice of columns; False when its rooms forbid it."""
        clashes = self.timetable.clashes(chosen)
        self.forbidden.extend(clashes)
        if not clashes:
            self.best.take(name_slots(self.shape, self.timetable.slots(chosen), self.named), METHOD)
        return not clashes

    def _settle(self, bound: float) -> None:
        """Take over what the last search proved; rooms that forbade an order of stops may allow another."""
        if self.is_exact and not self.forbidden:
            self.best.raise_bound(bound, METHOD)
