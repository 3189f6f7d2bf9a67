"""Undated day routes as arrays: which sessions a team holds in a day, and what that costs whatever the day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from services.scheduling.adapters.cpsat.large.days import Visits
from services.scheduling.adapters.cpsat.large.field import Field
from services.scheduling.adapters.cpsat.large.halves import Halves, Search
from services.scheduling.adapters.cpsat.linear import Floats, Ints

FEW = 3
"""Afternoons worth joining for each morning; when there are more, only the best for each is taken."""


@dataclass(frozen=True)
class Pool:
    """``sites[c]`` in ascending order behind -1s, ``counts`` sessions there, ``cost`` of team-day, visits and road.

    ``usual``: whether it cannot be on a rare day.
    """

    base: Ints
    sites: Ints
    counts: Ints
    cost: Floats
    usual: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.base)

    def only(self, kept: NDArray[np.bool_] | Ints) -> Pool:
        """Return the routes chosen by a mask or by their numbers."""
        return Pool(self.base[kept], self.sites[kept], self.counts[kept], self.cost[kept], self.usual[kept])

    def paid(self, prices: Floats) -> Floats:
        """Return the prices of each route's sessions, added up."""
        return np.asarray((np.append(prices, 0.0)[self.sites] * self.counts).sum(axis=1))

    def with_new(self, other: Pool) -> Pool:
        """Return these routes, and behind them those of another pool that are new or cheaper."""
        both = stacked([self, other])
        distinct = _distinct(both)
        return both.only(np.append(np.arange(len(self)), distinct[distinct >= len(self)]))

    def visits(self, route: int) -> Visits:
        """Return the visits of one route."""
        pairs = zip(self.sites[route].tolist(), self.counts[route].tolist(), strict=True)
        return tuple((site, count) for site, count in pairs if count)

    @cached_property
    def held(self) -> Ints:
        """Sessions of each route."""
        return np.asarray(self.counts.sum(axis=1))

    @cached_property
    def cells(self) -> tuple[Ints, Ints, Ints]:
        """Return route, site and sessions of every visit."""
        route, stop = np.nonzero(self.counts)
        return route, self.sites[route, stop], self.counts[route, stop]


def empty(width: int) -> Pool:
    """Return no routes."""
    none = np.empty((0, width), np.int64)
    return Pool(none[:, 0], none, none, np.empty(0), np.empty(0, bool))


def joined(pools: list[Pool]) -> Pool:
    """Return the routes of several pools, the cheapest of equal ones once."""
    every = stacked(pools)
    return every.only(_distinct(every))


def stacked(pools: list[Pool]) -> Pool:
    """Return the routes of several pools one behind the other."""
    width = max((p.sites.shape[1] for p in pools), default=1)
    pools = [empty(width), *pools]
    sites = np.concatenate([_widened(p.sites, width, -1) for p in pools])
    counts = np.concatenate([_widened(p.counts, width, 0) for p in pools])
    base, cost, usual = (np.concatenate([getattr(p, name) for p in pools]) for name in ("base", "cost", "usual"))
    return Pool(base, sites, counts, cost, usual)


def _distinct(pool: Pool) -> Ints:
    """Return the numbers of the cheapest of equal routes, the first one of those as cheap."""
    order = np.argsort(pool.cost, kind="stable")
    rows = np.concatenate([pool.base[:, None], pool.usual[:, None], pool.sites, pool.counts], axis=1).astype(np.int16)
    keys = rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel()
    return np.sort(order[np.unique(keys[order], return_index=True)[1]])


def _widened(rows: Ints, width: int, empty: int) -> Ints:
    missing = np.full((len(rows), width - rows.shape[1]), empty, rows.dtype)
    return np.concatenate([missing, rows], axis=1)


class Pricer:
    """Finds the routes of one base that are worth more than they cost, or nearly."""

    def __init__(self, field: Field, base: int) -> None:
        self.field, self.base = field, base
        home = field.bases[base]
        self.most, self.weights = home.most, field.shape.problem.weights
        self.mornings, self.afternoons = (Search(field, home, half).all() for half in (0, 1))
        self.road = (home.roads[self.mornings.edge], home.roads[self.afternoons.edge])
        closed = np.append(field.usual, [[False], [False]], axis=1)
        self.usual = tuple(
            closed[half][side.stops].any(axis=1) for half, side in enumerate((self.mornings, self.afternoons))
        )
        self.cut = False
        self.least = 0.0

    def routes(self, prices: Floats, slot: Floats, within: float, every: bool = False) -> Pool:
        """Return the routes whose cost plus ``slot`` is less than ``within`` above the prices of their sessions.

        ``slot``: points for a team-day, and for one that cannot be on a rare day.

        All of them when ``every``; else enough to go on with: when none is left, none is returned.
        """
        self.least, self.cut = 0.0, False
        alone = [self._alone(side, prices, slot, within) for side in (0, 1)]
        found = joined([*alone, self._pairs(prices, slot, within, every)])
        return found if every or len(found) or not self.cut else self.routes(prices, slot, within, every=True)

    def single(self) -> Pool:
        """Return the routes to one site in one half-day, whatever they cost."""
        nothing = np.zeros(len(self.field.sizes))
        sides = [self._alone(side, nothing, np.zeros(2), np.inf) for side in (0, 1)]
        return joined([side.only((side.sites >= 0).sum(axis=1) == 1) for side in sides])

    def _worth(self, halves: Halves, prices: Floats) -> Floats:
        """Return what each half-day costs above the prices of its sessions, to the edge."""
        paid = (np.append(prices, 0.0)[halves.stops] * halves.counts).sum(axis=1)
        return np.asarray(self.weights.visit * halves.visits + self.weights.drive * halves.road - paid)

    def _alone(self, side: int, prices: Floats, slot: Floats, within: float) -> Pool:
        halves, back = (self.mornings, self.afternoons)[side], self.road[side]
        cost = self.weights.team_day + self.weights.visit * halves.visits + self.weights.drive * (halves.road + back)
        paid = (np.append(prices, 0.0)[halves.stops] * halves.counts).sum(axis=1)
        usual = self.usual[side]
        reduced = np.where(halves.alone, cost + slot[0] + slot[1] * usual - paid, np.inf)
        self.least = min(self.least, float(reduced.min(initial=0)))
        kept = np.flatnonzero(reduced < within)
        return self._pool(halves.stops[kept], halves.counts[kept], cost[kept], usual[kept])

    def _pairs(self, prices: Floats, slot: Floats, within: float, every: bool) -> Pool:
        am, pm = self.mornings, self.afternoons
        worth_am, worth_pm = self._worth(am, prices), self._worth(pm, prices)
        fixed = self.weights.team_day + slot[0] - self.weights.visit
        if not len(am) or not len(pm):
            return self._pool(am.stops[:0], am.counts[:0], np.empty(0), self.usual[0][:0])
        first = np.flatnonzero(worth_am + worth_pm.min() + fixed < within)
        second = np.flatnonzero(worth_pm + worth_am.min() + fixed < within)
        worth = worth_am, worth_pm, slot[1]
        pairs = [self._block(block, second, worth, within, fixed, every) for block in _blocks(first)]
        i, j = (np.concatenate(part) for part in zip(*pairs, strict=True)) if pairs else (first[:0], second[:0])
        return self._merged(i, j)

    def _block(
        self, first: Ints, second: Ints, worth: tuple[Floats, Floats, float], within: float, fixed: float, every: bool
    ) -> tuple[Ints, Ints]:
        """Return the pairs (morning, afternoon) of a block that fit together and are worth it."""
        am, pm, field, limit = self.mornings, self.afternoons, self.field, within - fixed
        worth_am, worth_pm, extra = worth
        usual_am, usual_pm = self.usual
        legs = field.roads[am.edge[first][:, None], pm.edge[second]].astype(np.float32)
        same = am.edge[first][:, None] == pm.edge[second]
        value = worth_am[first].astype(np.float32)[:, None] + worth_pm[second].astype(np.float32)
        value += self.weights.drive * legs + self.weights.visit * ~same
        if extra:
            value += extra * (usual_am[first][:, None] | usual_pm[second])
        good = (value < limit + 1e-3) & (am.held[first][:, None] + pm.held[second] <= self.most)
        if not every and np.count_nonzero(good) > FEW * len(first):
            self.cut = True
            self.least = min(self.least, float(value[good].min()) + fixed - 1e-3)
            best = np.where(good, value, np.inf).argmin(axis=1)
            i, j = np.flatnonzero(good.any(axis=1)), best[good.any(axis=1)]
            return self._possible(first[i], second[j])
        i, j = self._possible(*(numbers[k] for numbers, k in zip((first, second), np.nonzero(good), strict=True)))
        paid = worth_am[i] + worth_pm[j] + self.weights.drive * field.roads[am.edge[i], pm.edge[j]]
        paid += self.weights.visit * (am.edge[i] != pm.edge[j]) + extra * (usual_am[i] | usual_pm[j])
        self.least = min(self.least, float(paid.min(initial=-fixed)) + fixed)
        return i, j

    def _possible(self, i: Ints, j: Ints) -> tuple[Ints, Ints]:
        am, pm, field, task = self.mornings, self.afternoons, self.field, self.field.task(self.base)
        lunch, leg = field.shape.problem.lunch, field.roads[am.edge[i], pm.edge[j]]
        between = np.where(am.edge[i] == pm.edge[j], max(task.turnover, lunch), task.packing + leg + task.setup + lunch)
        fits = am.time[i] + between <= pm.time[j]
        i, j = i[fits], j[fits]
        for stop in range(am.stops.shape[1]):
            site = am.stops[i, stop]
            again = ((pm.stops[j] == site[:, None]) * pm.counts[j]).sum(axis=1)
            fits = (site < 0) | (again + am.counts[i, stop] <= field.sizes[site])
            i, j = i[fits], j[fits]
        return i, j

    def _merged(self, i: Ints, j: Ints) -> Pool:
        am, pm = self.mornings, self.afternoons
        same = am.edge[i] == pm.edge[j]
        road = am.road[i] + pm.road[j] + self.field.roads[am.edge[i], pm.edge[j]]
        cost = (
            self.weights.team_day
            + self.weights.visit * (am.visits[i] + pm.visits[j] - same)
            + self.weights.drive * road
        )
        stops = np.concatenate([am.stops[i], pm.stops[j]], axis=1)
        counts = np.concatenate([am.counts[i], pm.counts[j]], axis=1)
        return self._pool(stops, counts, cost, self.usual[0][i] | self.usual[1][j])

    def _pool(self, stops: Ints, counts: Ints, cost: Floats, usual: NDArray[np.bool_]) -> Pool:
        sites, counts = stops.copy(), counts.copy()
        for b in range(sites.shape[1]):
            for a in range(b):
                again = (sites[:, a] == sites[:, b]) & (sites[:, b] >= 0)
                counts[again, a] += counts[again, b]
                counts[again, b], sites[again, b] = 0, -1
        order = np.argsort(sites, axis=1)[:, -max(1, self.most) :]
        sites, counts = np.take_along_axis(sites, order, axis=1), np.take_along_axis(counts, order, axis=1)
        return Pool(np.full(len(cost), self.base, np.int64), sites, counts, cost.astype(float), usual)


def _blocks(numbers: Ints, size: int = 1500) -> list[Ints]:
    return [numbers[k : k + size] for k in range(0, len(numbers), size)]
