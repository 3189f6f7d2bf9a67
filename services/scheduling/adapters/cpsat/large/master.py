"""The covering of one task's sessions by the routes looked at so far, as a linear programme that grows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.scheduling.adapters.cpsat.budget import Budget
from services.scheduling.adapters.cpsat.growing import Growing
from services.scheduling.adapters.cpsat.large.cuts import Cuts, no_cuts
from services.scheduling.adapters.cpsat.large.field import Field
from services.scheduling.adapters.cpsat.large.pool import Pool, empty
from services.scheduling.adapters.cpsat.linear import INFINITY, Floats, Ints

TIGHT = 1e-6
"""Price from which a cut is kept."""


@dataclass(frozen=True)
class Prices:
    """``session`` by site, ``slots`` of a team-day by base, and of one on no rare day; of each cut."""

    session: Floats
    slots: Floats
    cuts: Floats

    def towards(self, other: Prices, share: float) -> Prices:
        """Return prices between these and others, of the same cuts."""
        mixed = (share * getattr(self, n) + (1 - share) * getattr(other, n) for n in self.__dataclass_fields__)
        return Prices(*mixed)


def reduced(pool: Pool, prices: Prices, cuts: Cuts) -> Floats:
    """Return what routes cost above prices."""
    slot = prices.slots[0, pool.base] + prices.slots[1, pool.base] * pool.usual
    return np.asarray(pool.cost + slot - pool.paid(prices.session) + prices.cuts @ cuts.of(pool))


class Master:
    """``columns``: those of the routes in ``pool``, ``cut_rows``: those of ``cuts``."""

    def __init__(self, field: Field, limits: Ints, budget: Budget | None = None) -> None:
        self.field, self.program = field, Growing(budget)
        self.pool, self.columns = empty(1), np.empty(0, np.int64)
        self.cuts, self.cut_rows = no_cuts(len(field.sizes)), np.empty(0, np.int64)
        self.cut_prices = np.empty(0)
        model = self.program.model
        left = model.add_columns(field.leaving, high=np.inf, whole=False)
        self.sites = model.add_rows(len(field.sizes))
        model.below[:] = model.above[:] = field.sizes.astype(float).tolist()
        model.put(self.sites, left, 1)
        self.slots = model.add_rows(limits.size).reshape(limits.shape)
        self.limit(limits)

    def limit(self, limits: Ints) -> None:
        """Set the limits of team-days."""
        self._set(self.slots.ravel(), limits.ravel().astype(float))

    def _set(self, rows: Ints, above: Floats) -> None:
        for row, most in zip(rows.tolist(), above.tolist(), strict=True):
            self.program.model.above[row] = most

    def add(self, routes: Pool) -> None:
        """Take routes in."""
        model, known = self.program.model, len(self.pool)
        self.pool = self.pool.with_new(routes)
        new = self.pool.only(np.arange(known, len(self.pool)))
        x = model.add_columns(new.cost, high=np.inf, whole=False)
        route, site, count = new.cells
        model.put(self.sites[site], x[route], count)
        model.put(self.slots[0, new.base], x, 1)
        model.put(self.slots[1, new.base[new.usual]], x[new.usual], 1)
        self.columns = np.append(self.columns, x)
        self._count(new, x, self.cuts, self.cut_rows)

    def tighten(self, cuts: Cuts) -> None:
        """Give up the cuts that do nothing and take these in."""
        kept, rows = self.cut_prices > TIGHT, self.program.model.add_rows(len(cuts))
        self._set(self.cut_rows[~kept], np.full(np.count_nonzero(~kept), INFINITY))
        self._set(rows, cuts.limits(self.field.sizes).astype(float))
        self._count(self.pool, self.columns, cuts, rows)
        self.cuts, self.cut_rows = self.cuts.only(kept).and_also(cuts), np.append(self.cut_rows[kept], rows)

    def _count(self, pool: Pool, columns: Ints, cuts: Cuts, rows: Ints) -> None:
        counted = cuts.of(pool)
        cut, route = np.nonzero(counted)
        self.program.model.put(rows[cut], columns[route], counted[cut, route])

    def solve(self) -> tuple[Floats, Prices]:
        """Return how often each route of the pool is chosen, and the prices."""
        answer = self.program.solve(seconds=60)
        if answer.duals is None or answer.x is None:
            raise RuntimeError("the relaxation has no prices")
        self.cut_prices = np.maximum(0, -answer.duals[self.cut_rows])
        session = np.minimum(answer.duals[self.sites], self.field.leaving)
        return answer.x[self.columns], Prices(session, np.maximum(0, -answer.duals[self.slots]), self.cut_prices)
