"""The undated relaxation of one task: cover all sessions by day routes, whatever the day, by column generation.

Its routes are possible on a day on which every site is as open as it ever is. No plan pays less for its routes, so the
value is a lower bound; and its prices say which routes are worth looking at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from services.scheduling.adapters.cpsat.large.field import Field
from services.scheduling.adapters.cpsat.large.pool import Pool, Pricer, joined
from services.scheduling.adapters.cpsat.linear import GLOP, Answer, Floats, Linear, solve

SLACK = 0.01
"""Points by which a route may still be worth more than it costs at the end; the bound is lowered for it."""

CALM = 0.6
"""Share of the best prices so far in those tried next, so that they do not swing."""

FRESH = 400
"""Routes of one base added at once."""

MANY = 200
"""New routes beyond which the prices may still swing."""

GUESSES = (70.0, 90.0, 120.0)
"""Points a session may be worth, to begin with."""


@dataclass
class Relaxation:
    """``prices`` of a session by site, ``slots`` of a team-day by base, and of one on no rare day."""

    pricers: list[Pricer]
    pool: Pool
    prices: Floats
    slots: Floats
    bound: float = 0.0

    def reduced(self, pool: Pool) -> Floats:
        """Return what routes cost above the prices."""
        return np.asarray(pool.cost + self.slot_of(pool) - pool.paid(self.prices))

    def slot_of(self, pool: Pool) -> Floats:
        """Return the price of each route's team-day."""
        return np.asarray(self.slots[0, pool.base] + self.slots[1, pool.base] * pool.usual)

    def within(self, points: float) -> Pool:
        """Return every route that costs less than ``points`` above the prices."""
        found = joined([p.routes(self.prices, self.slots[:, p.base], points, every=True) for p in self.pricers])
        return found.only(self.reduced(found) < points)


def relax(field: Field, task: int, is_over: Callable[[], bool] = lambda: False) -> Relaxation:
    """Solve the relaxation, to its end if time allows."""
    state = _begin(field, task)
    calm, share = (state.prices, state.slots), CALM
    while True:
        answer = solve(_cover(field, state.pool).table(), GLOP, seconds=60)
        prices, slots = _prices(answer, field)
        state.prices, state.slots = (share * a + (1 - share) * b for a, b in zip(calm, (prices, slots), strict=True))
        fresh = [_few(p.routes(state.prices, state.slots[:, p.base], -SLACK), state) for p in state.pricers]
        bound = _bound(field, state, min((p.least for p in state.pricers), default=0.0))
        if bound > state.bound:
            state.bound, calm = bound, (state.prices, state.slots)
        if share == 0.0 and (not sum(map(len, fresh)) or is_over()):
            return state
        state.prices, state.slots = prices, slots
        useful = joined(fresh)
        worth = np.count_nonzero(state.reduced(useful) < -SLACK)
        share = CALM if worth > MANY and not is_over() else 0.0
        state.pool = joined([state.pool, useful])


def _begin(field: Field, task: int) -> Relaxation:
    pricers = [Pricer(field, b) for b in field.of_task(task)]
    guesses = [p.routes(np.full(len(field.sizes), guess), np.zeros(2), 0.0) for p in pricers for guess in GUESSES]
    prices = np.full(len(field.sizes), GUESSES[0])
    start = joined([*guesses, *(p.single() for p in pricers)])
    return Relaxation(pricers, start, prices, np.zeros((2, len(field.bases))))


def _prices(answer: Answer, field: Field) -> tuple[Floats, Floats]:
    if answer.duals is None:
        raise RuntimeError("the relaxation has no prices")
    sites = len(field.sizes)
    return np.maximum(0, answer.duals[:sites]), np.maximum(0, -answer.duals[sites:]).reshape(2, -1)


def _few(found: Pool, state: Relaxation) -> Pool:
    """Return the routes most worth adding."""
    reduced = state.reduced(found)
    return found.only(np.sort(np.argsort(reduced)[:FRESH])) if len(found) > FRESH else found


def _bound(field: Field, state: Relaxation, least: float) -> float:
    """Return the bound at prices above which every route costs ``least`` or more: they are scaled down for it."""
    weights = field.shape.problem.weights
    value = float(state.prices @ field.sizes - (state.slots * field.limits).sum())
    cheapest = weights.team_day + weights.visit
    return max(0.0, value) / (1 + max(0.0, -least) / cheapest) if cheapest else 0.0


def _cover(field: Field, pool: Pool) -> Linear:
    model = Linear()
    x = model.add_columns(pool.cost, high=np.inf, whole=False)
    left = model.add_columns(
        np.full(len(field.sizes), float(field.shape.problem.weights.unplaced)), high=np.inf, whole=False
    )
    rows = model.add_rows(len(field.sizes))
    model.below[:] = field.sizes.tolist()
    limits = model.add_rows(field.limits.size).reshape(field.limits.shape)
    model.above[len(rows) :] = field.limits.ravel().astype(float).tolist()
    route, site, count = pool.cells
    model.put(rows[site], x[route], count)
    model.put(rows, left, 1)
    model.put(limits[0, pool.base], x, 1)
    model.put(limits[1, pool.base[pool.usual]], x[pool.usual], 1)
    return model
