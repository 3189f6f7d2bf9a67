"""The undated relaxation of one task: cover all sessions by day routes, whatever the day, by column generation.

Its routes are possible on a day on which every site is as open as it ever is. No plan pays less for its routes, so the
value is a lower bound; and its prices say which routes are worth looking at. Rank-1 cuts make it tighter: a route's
part in a cut adds to its cost, so the routes to look at are among those that the prices of sessions alone find.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from services.scheduling.adapters.cpsat.budget import Budget
from services.scheduling.adapters.cpsat.large.cuts import Cuts, broken_cuts
from services.scheduling.adapters.cpsat.large.field import Field
from services.scheduling.adapters.cpsat.large.master import Master, Prices, reduced
from services.scheduling.adapters.cpsat.large.pool import Pool, Pricer, joined
from services.scheduling.adapters.cpsat.linear import Floats, Ints

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

PRICING = 1e-2
"""Steps of a half-day whose routes are priced."""

ROUNDS = 30
"""Times that cuts are looked for."""

WORTH = 1e-4
"""Part of the bound that one of five rounds of cuts must add for another to follow."""


@dataclass(frozen=True)
class Relaxation:
    """The prices with the best bound, and that bound; ``pool``: the routes looked at."""

    field: Field
    pricers: list[Pricer]
    pool: Pool
    prices: Prices
    cuts: Cuts
    bound: float

    def reduced(self, pool: Pool) -> Floats:
        """Return what routes cost above the prices."""
        return reduced(pool, self.prices, self.cuts)

    def worth(self, limits: Ints) -> float:
        """Return what all sessions are worth beside these limits of team-days."""
        return _worth(self.field, self.prices, self.cuts, limits)

    def within(self, points: float) -> Pool:
        """Return every route that costs less than ``points`` above the prices."""
        session, slots = self.prices.session, self.prices.slots
        found = joined([p.routes(session, slots[:, p.base], points, every=True) for p in self.pricers])
        return found.only(self.reduced(found) < points)


def never() -> bool:
    """Let a search go on to its end."""
    return False


def relax(
    field: Field,
    task: int,
    is_late: Callable[[], bool] = never,
    is_over: Callable[[], bool] = never,
    seed: int = 0,
    budget: Budget | None = None,
) -> Relaxation:
    """Solve the relaxation to its end, unless time is over before; then tighten it by cuts until it is late."""
    work, random, idle = _Work(field, task, is_over, budget), np.random.default_rng(seed), 0
    x = work.converge()
    for _ in range(ROUNDS):
        if is_late() or idle == 5:
            break
        cuts = broken_cuts(work.master.pool, x, field.sizes, random)
        if not len(cuts):
            break
        before = work.best.bound
        work.master.tighten(cuts)
        x = work.converge()
        idle = 0 if work.best.bound > before * (1 + WORTH) else idle + 1
    return work.reserved()


class _Work:
    """A relaxation on its way: ``best`` has the prices of the best bound so far."""

    def __init__(self, field: Field, task: int, is_over: Callable[[], bool], budget: Budget | None) -> None:
        self.field, self.is_over, self.budget, self.limits = field, is_over, budget, field.limits
        self.pricers = [Pricer(field, b) for b in field.of_task(task)]
        self.master = Master(field, self.limits, budget)
        self.master.add(self._start())
        first = Prices(np.full(len(field.sizes), GUESSES[0]), np.zeros((2, len(field.bases))), np.empty(0))
        self.best = Relaxation(field, self.pricers, self.master.pool, first, self.master.cuts, 0.0)

    def _start(self) -> Pool:
        guesses = [np.full(len(self.field.sizes), guess) for guess in GUESSES]
        routes = [p.routes(guess, np.zeros(2), 0.0) for p in self.pricers for guess in guesses]
        return joined([*routes, *(p.single() for p in self.pricers)])

    def reserved(self) -> Relaxation:
        """Return the bound with prices for the team-days that are to be filled."""
        bound = self.best.bound
        if len(self.field.shape.chain) > 1:
            self.limits, self.best = self.field.room, replace(self.best, bound=0.0)
            self.master.limit(self.limits)
            self.converge()
        return replace(self.best, pool=self.master.pool, bound=bound)

    def converge(self) -> Floats:
        """Add routes until none is worth more than it costs; return how often each of the pool is chosen."""
        cuts = self.master.cuts
        calm, share = self.best.prices, 0.0 if len(cuts) else CALM
        while True:
            x, prices = self.master.solve()
            tried = calm.towards(prices, share) if share else prices
            fresh, least = self._price(tried)
            bound = self._bound(tried, least)
            if bound > self.best.bound:
                self.best, calm = replace(self.best, prices=tried, cuts=cuts, bound=bound), tried
            if share == 0.0 and (not len(fresh) or self.is_over()):
                return x
            worth = np.count_nonzero(reduced(fresh, prices, cuts) < -SLACK)
            share = CALM if worth > MANY and not len(cuts) and not self.is_over() else 0.0
            self.master.add(fresh)

    def _price(self, prices: Prices) -> tuple[Pool, float]:
        """Return routes worth more than they cost, and by how much any may be; all are looked at beside cuts."""
        cuts, kept = self.master.cuts, []
        if self.budget:
            self.budget.spend(PRICING * sum(len(p.mornings) + len(p.afternoons) for p in self.pricers))
        for pricer in self.pricers:
            found = pricer.routes(prices.session, prices.slots[:, pricer.base], -SLACK, every=bool(len(cuts)))
            above = reduced(found, prices, cuts)
            least = float(above.min(initial=-SLACK)) if len(cuts) else pricer.least
            kept.append((found.only(_first(above)), least))
        return joined([found for found, _ in kept]), min((least for _, least in kept), default=0.0)

    def _bound(self, prices: Prices, least: float) -> float:
        """Return the bound at prices above which every route costs ``least`` or more: they are scaled down for it."""
        weights = self.field.shape.problem.weights
        value, cheapest = _worth(self.field, prices, self.master.cuts, self.limits), weights.team_day + weights.visit
        return max(0.0, value) / (1 + max(0.0, -least) / cheapest) if cheapest else 0.0


def _first(above: Floats) -> Ints:
    """Return the numbers of the routes most worth adding."""
    return np.sort(np.argsort(above, kind="stable")[: min(FRESH, np.count_nonzero(above < -SLACK))])


def _worth(field: Field, prices: Prices, cuts: Cuts, limits: Ints) -> float:
    """Return the value of the dual solution these prices are."""
    sessions, slots = prices.session @ field.sizes, (prices.slots * limits).sum()
    return float(sessions - slots - prices.cuts @ cuts.limits(field.sizes))
