"""Rank-1 cuts of the covering by day routes (Chvatal 1973), and a search for those a fractional cover breaks.

Give each site a whole weight below ``part``. A plan's routes hold every group's session at most once, so the sum over
its routes of floor(weighted sessions / part) is at most floor(weighted groups / part).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scheduling.adapters.cpsat.large.pool import Pool
from services.scheduling.adapters.cpsat.linear import Floats, Ints

PARTS = (2, 3, 4)
STARTS, STEPS, TRIED = 200, 6, 30
"""Cuts grown side by side for each part, how often each is changed, and changes tried for each on average."""

CELLS = 6_000_000
"""Changes times routes looked at in one step, for the sake of memory."""

MOST = 60
"""Cuts returned at once."""

BROKEN = 0.02
"""Excess from which a cut is worth adding."""

WHOLE = 1e-6

TIE = 1e-3
"""Excess by which equal changes are told apart, by chance: cuts that grow alike are found once only."""


@dataclass(frozen=True)
class Cuts:
    """``weights[cut, site]`` and the ``parts`` by which they are divided."""

    weights: Ints
    parts: Ints

    def __len__(self) -> int:
        return len(self.parts)

    def of(self, pool: Pool) -> Ints:
        """Return what each route counts in each cut (cut, route)."""
        weights = np.append(self.weights, np.zeros((len(self), 1), np.int64), axis=1)
        held = np.zeros((len(self), len(pool)), np.int64)
        for stop in range(pool.sites.shape[1]):
            held += weights[:, pool.sites[:, stop]] * pool.counts[:, stop]
        return np.asarray(held // self.parts[:, None])

    def limits(self, sizes: Ints) -> Ints:
        """Return what all routes together may count in each cut."""
        return np.asarray(self.weights @ sizes // self.parts)

    def and_also(self, other: Cuts) -> Cuts:
        """Return these cuts and others behind them."""
        return Cuts(np.concatenate([self.weights, other.weights]), np.concatenate([self.parts, other.parts]))

    def only(self, kept: NDArray[np.bool_] | Ints) -> Cuts:
        """Return the cuts chosen by a mask or by their numbers."""
        return Cuts(self.weights[kept], self.parts[kept])


def no_cuts(sites: int) -> Cuts:
    """Return none."""
    return Cuts(np.empty((0, sites), np.int64), np.empty(0, np.int64))


def broken_cuts(pool: Pool, x: Floats, sizes: Ints, random: np.random.Generator) -> Cuts:
    """Return cuts that routes chosen ``x`` times break, the most broken first; none when x is whole."""
    used = np.flatnonzero(x > WHOLE)
    routes, x = pool.only(used), x[used]
    held = np.zeros((len(routes), len(sizes)), np.int64)
    route, site, count = routes.cells
    held[route, site] = count
    if not (abs(x - np.rint(x)) > WHOLE).any():
        return no_cuts(len(sizes))
    found = [_Growth(part, held, x, sizes, random).cuts() for part in PARTS]
    cuts = Cuts(
        np.concatenate([weights for weights, _ in found]), np.repeat(PARTS, [len(weights) for weights, _ in found])
    )
    excess = np.concatenate([excess for _, excess in found])
    order = np.argsort(-excess, kind="stable")
    distinct = np.unique(cuts.of(routes)[order], axis=0, return_index=True)[1]
    return cuts.only(order[np.sort(distinct)[:MOST]])


class _Growth:
    """Cuts of one part, each grown from one site by the change of one weight that breaks it most."""

    def __init__(self, part: int, held: Ints, x: Floats, sizes: Ints, random: np.random.Generator) -> None:
        self.part, self.sizes, self.random = part, sizes, random
        self.held, self.x = held.T.astype(np.int8), x.astype(np.float32)
        loose = held[abs(x - np.rint(x)) > WHOLE].astype(np.float32)
        self.near = (loose.T @ loose > 0).astype(np.float32)
        self.tried = min(STARTS * TRIED, CELLS // len(x))

    def cuts(self) -> tuple[Ints, Floats]:
        """Return the weights of cuts that are broken, and by how much."""
        weights = np.zeros((STARTS, len(self.sizes)), np.int64)
        seeds = self.random.choice(np.flatnonzero(self.near.any(axis=1)), STARTS)
        weights[np.arange(STARTS), seeds] = self.random.integers(1, self.part, STARTS)
        best, most = weights.copy(), np.zeros(STARTS)
        for _ in range(STEPS):
            excess = self._change(weights)
            better = excess > most + WHOLE
            best[better], most[better] = weights[better], excess[better]
        broken = most > BROKEN
        return best[broken], most[broken]

    def _change(self, weights: Ints) -> Floats:
        """Change one weight of each cut for the best, in place; return by how much each is broken then."""
        cut, site, add = self._changes(weights)
        change = (weights[cut, site] + add) % self.part - weights[cut, site]
        before = (weights.astype(np.float32) @ self.held.astype(np.float32)).astype(np.int8)
        counted = before[cut] + change[:, None].astype(np.int8) * self.held[site]
        limits = ((weights @ self.sizes)[cut] + change * self.sizes[site]) // self.part
        excess = (counted // np.int8(self.part)).astype(np.float32) @ self.x - limits
        order = np.lexsort((excess + TIE * self.random.random(len(excess)), cut))
        best = order[np.flatnonzero(np.diff(cut[order], append=-1))]
        weights[cut[best], site[best]] += change[best]
        found = np.full(len(weights), -np.inf)
        found[cut[best]] = excess[best]
        return found

    def _changes(self, weights: Ints) -> tuple[Ints, Ints, Ints]:
        """Return (cut, site, what to add) of changes to try: sites that share a loose route with one of the cut."""
        cut, site = np.nonzero((weights > 0).astype(np.float32) @ self.near)
        if len(cut) > self.tried:
            some = np.sort(self.random.choice(len(cut), self.tried, replace=False))
            cut, site = cut[some], site[some]
        add = np.arange(1, self.part)
        return np.repeat(cut, len(add)), np.repeat(site, len(add)), np.tile(add, len(cut))
