"""A search by counts, to the proof where it is small enough.

The relaxation of the master gives a bound and prices every sortie. A plan found leaves only the sorties that could be
part of a cheaper one; when a search among all of these ends, the best plan is proved.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.scheduling.adapters.cpsat.best import Best
from services.scheduling.adapters.cpsat.insertion import completed
from services.scheduling.adapters.cpsat.linear import GLOP, HIGHS, Answer, Floats, Table, solve
from services.scheduling.adapters.cpsat.lots.days import Draft, draft_of, standing, timed
from services.scheduling.adapters.cpsat.lots.master import Master
from services.scheduling.adapters.cpsat.lots.sorties import AllSorties, Duals, Sorties
from services.scheduling.adapters.cpsat.lots.spots import forms_of

METHOD = "lots"
WORTH = 80.0
FRESH = 100
"""Points a session is thought to be worth at first, and sorties of each team's day the relaxation takes at a time."""

LIMITS = (5.0, 20.0, 80.0, np.inf)
"""Reduced costs up to which sorties are searched, one after the other, until all that matter are."""

MOST_DEMANDS = 400
MOST = 60_000
"""Sessions of a problem, and sorties in one search, beyond which a search would not end."""

RELAXING = 0.5
"""Most of the time that the relaxation gets."""

SLACK = 1e-3


@dataclass(frozen=True)
class Relaxed:
    """A relaxation: its bound of every plan, what it pays for sorties, the reduced cost of all else."""

    bound: float
    duals: Duals
    reduced: Floats


class ByLots:
    """One run, which ends when the plan is proved, no search is small enough, or ``seconds`` are over.

    ``is_exact``: what the master learned of days is proved; without that it bounds nothing any more.
    """

    def __init__(self, best: Best, seed: int, seconds: float) -> None:
        self.best, self.seed, self.seconds = best, seed, seconds
        self.until = best.budget.used + seconds
        self.is_exact = True

    def run(self) -> None:
        """Search, and hand better plans and bounds to ``best``."""
        if not 0 < len(self.best.problem.demands) <= MOST_DEMANDS:
            return
        self.master = Master(forms_of(self.best.problem))
        self.sorties = AllSorties(self.master.forms)
        relaxed = self._relax()
        if relaxed is not None:
            self.best.raise_bound(relaxed.bound, METHOD)
            for limit in LIMITS:
                if self.best.is_proved or not self._search(relaxed, limit):
                    return

    def _left(self) -> float:
        return self.until - self.best.budget.used

    def _relax(self) -> Relaxed | None:
        """Solve the relaxation over ever more sorties, until the others change its bound by less than a point."""
        shape = len(self.best.problem.crews), len(self.best.problem.days)
        guess = Duals(np.full((*shape, self.sorties.nothing), WORTH), np.zeros(shape))
        used = self.sorties.past.beside(self.sorties.below(guess, np.inf, FRESH))
        found: Relaxed | None = None
        while self._left() > (1 - RELAXING) * self.seconds:
            table = self._table(used)
            answer = solve(table.relaxed(), GLOP, seconds=self._left(), budget=self.best.budget)
            if answer.duals is None or not answer.proved:
                return found
            duals = self.master.duals(answer.duals)
            bound = answer.value + self.sorties.least(duals)
            if found is None or bound > found.bound:
                found = Relaxed(bound, duals, table.reduced(answer.duals)[: self.master.model.columns])
            if np.ceil(bound - SLACK) >= answer.value - SLACK or bound > answer.value - 0.01:
                return found
            used = used.beside(self.sorties.below(duals, -1e-6, FRESH))
        return found

    def _table(self, sorties: Sorties) -> Table:
        """The model over these sorties, of which the first are those of the past."""
        table = self.master.with_sorties(sorties)
        first = len(table.low) - len(sorties)
        table.low[first : first + len(self.sorties.past)] = 1
        return table

    def _search(self, relaxed: Relaxed, limit: float) -> bool:
        """Search among sorties up to a reduced cost; return whether that came to an end."""
        while self._left() > 0.1 and not self.best.is_proved:
            gap = self.best.solution.value - 1 - relaxed.bound + SLACK
            sorties = self.sorties.past.beside(self.sorties.below(relaxed.duals, min(limit, gap)))
            if len(sorties) > MOST:
                return False
            answer = self._choose(relaxed, sorties, gap)
            among = np.inf if answer.infeasible else answer.bound if np.isfinite(answer.bound) else relaxed.bound
            beyond = np.inf if limit >= gap else relaxed.bound + limit
            if self.is_exact:
                self.best.raise_bound(min(self.best.solution.value, among, beyond), METHOD)
            if answer.x is None or self._is_right(draft_of(self.master, sorties, answer.x)):
                return answer.proved or answer.infeasible
        return False

    def _choose(self, relaxed: Relaxed, sorties: Sorties, gap: float) -> Answer:
        """Solve the master over some sorties; what alone costs more than the gap is not held."""
        table = self._table(sorties)
        table.high[np.flatnonzero((relaxed.reduced > gap) & table.whole[: len(relaxed.reduced)])] = 0
        return solve(table, HIGHS, seconds=self._left(), seed=self.seed, budget=self.best.budget)

    def _is_right(self, draft: Draft) -> bool:
        """Keep the plan a draft makes; return whether its days are as the master thought, which learns if not."""
        days = timed(self.master, draft)
        self.is_exact = self.is_exact and all(day.is_exact for day in days)
        for day in days:
            if day.placements is None or day.surplus > 0:
                held = {n: times for n, times in draft.held.items() if self.master.held[n].day == day.day}
                together = draft.sorties.only(draft.sorties.day == day.day)
                self.master.surcharge(together, held, None if day.placements is None else day.surplus)
        self.best.take(completed(self.best.problem, standing(self.best.problem, days)), METHOD)
        return all(day.placements is not None and day.surplus <= 0 for day in days)
