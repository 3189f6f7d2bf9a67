"""Whole day routes for one task, whatever the day: a first cover by rounding, then one region after another.

Sessions no route holds are left to the dated search. All is numbers into one pool of routes near the prices.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from services.scheduling.adapters.cpsat.budget import Budget
from services.scheduling.adapters.cpsat.large.days import Visits
from services.scheduling.adapters.cpsat.large.field import Field
from services.scheduling.adapters.cpsat.large.pool import Pool, joined
from services.scheduling.adapters.cpsat.large.relaxation import Relaxation
from services.scheduling.adapters.cpsat.linear import GLOP, HIGHS, SCIP, Floats, Ints, Linear, Mask, solve

WITHIN = (10.0, 20.0, 40.0, 70.0, 120.0)
"""Points above the relaxation's prices up to which routes are offered: as many as MOST_ROUTES allows."""

MOST_ROUTES, ROUTES_FOR_SITE = 20_000, 50
"""Routes on offer: at most so many, or so many for each site where that is more."""

ROUTES_AT_ONCE = 20_000
"""Routes among which a first cover looks for the next ones, the nearest to the prices first."""

FEW = 10
SURE = 0.9
"""Share from which a route of the relaxation is taken whole."""

SMALL = 12
LARGE = 40
"""Neighbouring routes made anew at once: at first, and at most when that finds nothing better."""

LIKELY = 0.4
"""Share of the points to be won in a neighbourhood up to which a route is offered there; most gains need no dearer."""

MOST_LIKELY = 3000
"""Routes offered there at most: where sessions are left out, nearly all would be likely."""

EASY = 3.0
"""Seconds for one neighbourhood."""

NODES = 50
"""Nodes of its search tree."""

MORE_NODES = 400
"""The same for a whole cover, and for the proof that there is none better."""

MOST_PROVED = 4000
"""Routes with which a bound is proved at most."""

FOR_EACH, MOST_ANEW = 15, 100
"""Routes offered for each of a whole cover when all are made anew at once; routes of a cover up to which they are."""

DEAR = 100.0
"""Points of a route's waits from which it is made anew."""


Undated = tuple[int, Visits]
"""A base and what one of its teams holds in a day."""


class Cover:
    """Makes and improves the routes of one task.

    ``used``: their numbers in ``pool``, ascending, perhaps repeated; ``paid``: what ``reduced`` costs come on top of;
    ``prices``: of a session, by site.
    """

    def __init__(self, field: Field, relaxation: Relaxation, seed: int, budget: Budget | None = None) -> None:
        self.field, self.random, self.budget = field, np.random.default_rng(seed), budget
        self.bound, self.prices = relaxation.bound, relaxation.prices.session
        self.paid = relaxation.worth(field.limits)
        self.pool, self.depth = _near(relaxation)
        self.reduced, self.counted = relaxation.reduced(self.pool), relaxation.cuts.of(self.pool)
        self.spare = relaxation.cuts.limits(field.sizes)
        self.tried: set[bytes] = set()
        self.limits = field.room
        self.worth = relaxation.worth(self.limits)
        self.used = np.empty(0, np.int64)
        self.width = SMALL
        self.failures = 0

    def beside(self, waits: Floats, budget: Budget | None = None) -> Cover:
        """Return this cover when each of its routes costs some points more, infinite where it is not possible.

        The dearest of its routes are given up.
        """
        other, kept = copy.copy(self), np.flatnonzero(np.isfinite(waits))
        number = np.full(len(waits), -1)
        number[kept] = np.arange(len(kept))
        other.pool = replace(self.pool.only(kept), cost=self.pool.cost[kept] + waits[kept])
        other.reduced, other.counted = self.reduced[kept] + waits[kept], self.counted[:, kept]
        other.used, other.budget = number[self.used[waits[self.used] < DEAR]], budget
        other.tried, other.width, other.failures = set(), SMALL, 0
        return other

    @property
    def trips(self) -> list[Undated]:
        """Return base and visits of each route."""
        return [(int(self.pool.base[route]), self.pool.visits(route)) for route in self.used.tolist()]

    @property
    def value(self) -> float:
        """Cost of the routes, sessions left out included."""
        return float(self.pool.cost[self.used].sum() + self.field.leaving @ self.left())

    def left(self) -> Ints:
        """Return the sessions of each site that no route holds."""
        return np.asarray(self.field.sizes - self._held(self.used))

    def run(self, is_over: Callable[[], bool], seconds: float) -> None:
        """Make a first cover and improve it until it is proved the best, nothing better is found or time is over.

        ``seconds``: for each search of a whole cover.
        """
        self._start()
        if len(self.used) <= MOST_ANEW:
            self._whole(seconds)
            self._prove(seconds)
        self._improve(is_over)
        if not is_over():
            self._prove(seconds)

    def _start(self) -> None:
        """Make a first cover: solve the relaxation, keep what is sure of it, and again with the rest."""
        while True:
            need, room = self.left(), self._room(self.used)
            free = self._within(need)
            free = np.sort(free[np.argsort(self.reduced[free], kind="stable")[:ROUTES_AT_ONCE]])
            x = self._relaxed(free, need, room)
            sure = np.floor(x + 1 - SURE).astype(np.int64)
            if not sure.any() and x.max(initial=0) > 0.01:
                sure[np.argsort(-x)[: 1 + np.count_nonzero(x > 0.01) // FEW]] = 1
            if not sure.any():
                return
            self._add(np.repeat(free, sure)[np.argsort(-np.repeat(x, sure), kind="stable")])

    def _relaxed(self, free: Ints, need: Ints, room: Ints) -> Floats:
        model, x = self._model(free, need, room, self.used, whole=False)
        answer = solve(model.table(), GLOP, seconds=30, budget=self.budget)
        return answer.x[x] if answer.x is not None else np.zeros(len(free))

    def _add(self, chosen: Ints) -> None:
        """Add routes one after the other while their sessions are still needed."""
        need, room = self.left(), self._room(self.used)
        taken = []
        for route in chosen.tolist():
            sites, counts, base = self.pool.sites[route], self.pool.counts[route], self.pool.base[route]
            takes = [1, int(self.pool.usual[route])]
            if (room[:, base] >= takes).all() and (counts <= np.append(need, 0)[sites]).all():
                np.subtract.at(need, sites[counts > 0], counts[counts > 0])
                room[:, base] -= takes
                taken.append(route)
        self.used = np.sort(np.concatenate([self.used, np.array(taken, np.int64)]))

    def _whole(self, seconds: float) -> None:
        """Make all routes anew from those nearest to the prices."""
        near = np.argsort(self.reduced, kind="stable")[: FOR_EACH * len(self.used)]
        free, nothing = np.sort(near), self.used[:0]
        model, x = self._model(free, self.field.sizes, self.limits, nothing, whole=True)
        answer = solve(model.table(), HIGHS, seconds=seconds, gap=0.9, nodes=MORE_NODES, budget=self.budget)
        if answer.x is not None and answer.value < self.value - 0.5:
            self._take(answer.x[x], nothing, free)

    def _prove(self, seconds: float) -> None:
        """Raise the bound where the search for a better cover can be ended: only routes near the prices matter."""
        points = self.value - self.paid
        free = np.flatnonzero(self.reduced < points)
        if self.is_proved or points > self.depth or len(free) > MOST_PROVED:
            return
        model, _ = self._model(free, self.field.sizes, self.field.limits, self.used[:0], whole=True)
        answer = solve(model.table(), HIGHS, seconds=seconds, gap=0.5, nodes=MORE_NODES, budget=self.budget)
        self.bound = max(self.bound, min(answer.bound - 0.01, self.value))

    @property
    def is_proved(self) -> bool:
        """Whether no cover costs a point less."""
        return self.value < self.bound + 1

    def _improve(self, is_over: Callable[[], bool]) -> None:
        """Make regions anew, wider ones when nothing better is found."""
        while len(self.used) and not is_over() and not self.is_proved and self.width <= LARGE:
            if self._step():
                self.failures = 0
            else:
                self.failures += 1
            if self.failures > 2 * len(self.used) / self.width + 4:
                self.width, self.failures = int(self.width * 1.5), 0

    def _step(self) -> bool:
        """Make one neighbourhood anew; return whether that is better."""
        chosen, around = self._neighbours()
        old, rest = self.used[chosen], np.delete(self.used, chosen)
        left, room = self.left(), self._room(rest)
        missed = np.where(around, left, 0)
        need = self._held(old) + missed
        asked = old.tobytes() + need.tobytes() + room.clip(0, 1).tobytes()
        if asked in self.tried:
            return False
        self.tried.add(asked)
        elsewhere = (left - missed) @ (self.field.leaving - self.prices)
        free = self._likely(need, self.value - self.worth - self.reduced[rest].sum() - elsewhere)
        return self._redo(free, need, rest, self.pool.cost[old].sum() + self.field.leaving @ missed)

    def _likely(self, need: Ints, points: float) -> Ints:
        """Return routes that may be in a better cover of a neighbourhood where so many points can be won."""
        free = self._within(need)
        free = free[self.reduced[free] < LIKELY * points]
        return np.sort(free[np.argsort(self.reduced[free], kind="stable")[:MOST_LIKELY]])

    def _redo(self, free: Ints, need: Ints, rest: Ints, before: float) -> bool:
        """Cover what is needed beside the routes that stay; return whether that costs less than before."""
        model, x = self._model(free, need, self._room(rest), rest, whole=True)
        model.put(model.add_rows(1, above=before - 1), np.arange(model.columns), np.concatenate(model.cost))
        answer = solve(model.table(), SCIP, seconds=EASY, gap=0.5, nodes=NODES, budget=self.budget)
        if answer.x is None or answer.value > before - 0.5:
            return False
        self._take(answer.x[x], rest, free)
        return True

    def _take(self, often: Floats, rest: Ints, free: Ints) -> None:
        """Take routes, each so often, beside the rest."""
        self.used = np.sort(np.concatenate([rest, np.repeat(free, np.rint(often).astype(np.int64))]))

    def _neighbours(self) -> tuple[Ints, Mask]:
        """Return positions of routes near a random one, sites that miss sessions first, and the sites among them."""
        missing = np.flatnonzero(self.left() > 0)
        if len(missing) and self.random.random() < 0.5:
            near = self.field.roads[self.random.choice(missing)]
        else:
            dear = np.maximum(0, self.reduced[self.used]) + 1
            seed = self.pool.sites[self.random.choice(self.used, p=dear / dear.sum())]
            near = self.field.roads[seed[seed >= 0]].min(axis=0)
        legs = np.append(near, 10**6)[self.pool.sites[self.used]].min(axis=1)
        chosen = np.argsort(legs + self.random.random(len(legs)) * 3)[: self.width]
        return chosen, near <= legs[chosen].max()

    def _within(self, need: Ints) -> Ints:
        """Return the routes that hold no more than is needed."""
        return np.flatnonzero((self.pool.counts <= np.append(need, 0)[self.pool.sites]).all(axis=1))

    def _held(self, routes: Ints) -> Ints:
        held = np.zeros(len(self.field.sizes) + 1, np.int64)
        np.add.at(held, self.pool.sites[routes], self.pool.counts[routes])
        return held[:-1]

    def _room(self, routes: Ints) -> Ints:
        """Return the team-days left by base, on all days and on all but the rare ones."""
        every, usual = self.pool.base[routes], self.pool.base[routes[self.pool.usual[routes]]]
        return self.limits - np.array([np.bincount(b, minlength=len(self.field.bases)) for b in (every, usual)])

    def _model(self, free: Ints, need: Ints, room: Ints, rest: Ints, *, whole: bool) -> tuple[Linear, Ints]:
        """Build the model that covers what is needed beside ``rest``; sites that need nothing have no row."""
        pool, sites = self.pool.only(free), np.flatnonzero(need)
        row_of = np.zeros(len(need), np.int64)
        row_of[sites] = np.arange(len(sites))
        model = Linear()
        x = model.add_columns(pool.cost, high=float(need.max(initial=1)), whole=whole)
        left = model.add_columns(self.field.leaving[sites], high=float(need.max(initial=1)), whole=False)
        rows = model.add_rows(len(sites))
        model.below[:] = model.above[:] = need[sites].astype(float).tolist()
        limits = model.add_rows(room.size).reshape(room.shape)
        model.above[len(rows) :] = room.ravel().astype(float).tolist()
        route, site, count = pool.cells
        model.put(rows[row_of[site]], x[route], count)
        model.put(rows, left, 1)
        model.put(limits[0, pool.base], x, 1)
        model.put(limits[1, pool.base[pool.usual]], x[pool.usual], 1)
        self._cut(model, x, free, rest)
        return model, x

    def _cut(self, model: Linear, x: Ints, free: Ints, rest: Ints) -> None:
        spare = self.spare - self.counted[:, rest].sum(axis=1)
        rows = model.add_rows(len(spare))
        model.above[len(model.above) - len(rows) :] = spare.astype(float).tolist()
        cut, route = np.nonzero(self.counted[:, free])
        model.put(rows[cut], x[route], self.counted[cut, free[route]])


def _near(relaxation: Relaxation) -> tuple[Pool, float]:
    """Return every route within some points of the relaxation's prices and to one site alone, and these points."""
    near, depth = relaxation.within(WITHIN[0]), WITHIN[0]
    for points in WITHIN[1:]:
        if 3 * len(near) > max(MOST_ROUTES, ROUTES_FOR_SITE * len(relaxation.field.sizes)):
            break
        near, depth = relaxation.within(points), points
    return joined([near, relaxation.pool, *(p.single() for p in relaxation.pricers)]), depth
