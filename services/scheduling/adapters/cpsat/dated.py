"""The linear relaxation of the dated master over all columns, solved over few of them at a time.

Its duals judge every column (reduced cost) far better than the undated ones; its value is a bound of every plan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.scheduling.adapters.cpsat.budget import Budget
from services.scheduling.adapters.cpsat.linear import GLOP, Floats, Ints, Table, solve

ROUND = 2000
"""Columns added at a time."""

TOLERANCE = 1e-6


@dataclass(frozen=True)
class Relaxation:
    """``bound``: of the whole model; ``reduced``: reduced cost of each column; ``complete``: solved to the end."""

    bound: float
    reduced: Floats
    complete: bool


def relax(model: Table, start: Ints, seconds: float, budget: Budget) -> Relaxation | None:
    """Solve the relaxation by adding columns of negative reduced cost to ``start`` until there are none left.

    Stopped early there is no bound; None when not one round was solved.
    """
    until = budget.used + seconds
    best: Relaxation | None = None
    chosen = np.zeros(len(model.cost), dtype=bool)
    chosen[start] = True
    whole = model.relaxed()
    while True:
        left = until - budget.used
        answer = solve(whole.only(np.flatnonzero(chosen)), GLOP, seconds=left, budget=budget) if left > 0 else None
        if answer is None or answer.duals is None or not answer.proved:
            return best
        reduced = model.reduced(answer.duals)
        fresh = np.flatnonzero((reduced < -TOLERANCE) & ~chosen)
        if not len(fresh):
            return Relaxation(answer.value, reduced, complete=True)
        best = Relaxation(-np.inf, reduced, complete=False)
        if len(fresh) > ROUND:
            fresh = fresh[np.argpartition(reduced[fresh], ROUND)[:ROUND]]
        chosen[fresh] = True
