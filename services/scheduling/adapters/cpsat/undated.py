"""The undated problem of each task: cover all sessions by the cheapest day routes, whatever the day.

Its linear programme prices each session (the duals); dated columns are then judged by reduced cost. Its value, task by
task, is a lower bound of what any plan that places everything pays for team-days, visits and road.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.scheduling.adapters.cpsat.columns import Columns
from services.scheduling.adapters.cpsat.linear import GLOP, Floats, Linear, grouped_rows, solve


@dataclass(frozen=True)
class Prices:
    """``dual[task, site]``: the price of a session; ``bound[task]``: what all of a task's sessions cost at least."""

    dual: Floats
    bound: Floats

    def reduced(self, columns: Columns) -> Floats:
        """Return what each column costs beyond the prices of its sessions."""
        return np.asarray(columns.cost - np.einsum("cs,cs->c", columns.totals, self.dual[columns.task]))


def price(columns: Columns) -> Prices:
    """Solve the linear programmes. A session may be left out at its weight, so there is always an answer."""
    shape = columns.shape
    duals, bounds = np.zeros((len(shape.chain), len(shape.sites))), np.zeros(len(shape.chain))
    for task in range(len(shape.chain)):
        answer = solve(_cover(columns, task, whole=False).table(), GLOP)
        if answer.duals is None:
            continue
        duals[task], bounds[task] = answer.duals[: len(shape.sites)], answer.value
    return Prices(duals, bounds)


def _cover(columns: Columns, task: int, *, whole: bool) -> Linear:
    """Columns of equal totals are one; disliked half-days are left out, as another day may avoid them."""
    shape = columns.shape
    own = columns.only(columns.task == task)
    first, where = grouped_rows(own.totals)
    totals = own.totals[first]
    cheapest = np.full(len(totals), np.inf)
    np.minimum.at(cheapest, where, own.plain)
    model = Linear()
    x = model.add_columns(cheapest, high=float(max(shape.sizes)), whole=whole)
    left = model.add_columns(shape.prices_of_leaving, float(max(shape.sizes)), whole=whole)
    rows = model.add_rows(len(shape.sites))
    model.put(rows, left, 1)
    for row, size in enumerate(shape.sizes):
        model.below[row] = model.above[row] = size
    which, site = np.nonzero(totals)
    model.put(rows[site], x[which], totals[which, site])
    return model
