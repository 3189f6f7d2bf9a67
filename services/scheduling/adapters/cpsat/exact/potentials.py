"""Prices of sessions, task by task, from the undated covering problem with integer cuts.

Every plan covers each task's sessions by day routes. Its linear programme, tightened by rank-1 cuts (Chvatal 1973;
for a set S of sites and q: the sum over routes of ceil(sessions in S / q) is at least ceil(groups in S / q)), prices
each session and each cut. A route's loss is its cost beyond these prices; a plan costs the bound plus its losses.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from services.scheduling.adapters.cpsat.columns import Columns
from services.scheduling.adapters.cpsat.linear import GLOP, Floats, Ints, Linear, grouped_rows, solve

SCALE = 1000
ROUNDS = 12
CUTS, WORST = 40, 800
PARTS = (2, 3, 4)


@dataclass(frozen=True)
class Cut:
    """``sign`` 1: sum of ceil(sessions in ``sites`` / ``part``) x route >= ceil(groups / part); -1: floor, <=."""

    sites: tuple[int, ...]
    part: int
    sign: int

    def of(self, totals: Ints) -> Ints:
        """Return the cut's coefficient for rows of totals; the cut reads sum >= of(sizes)."""
        return self.rounded(totals[:, list(self.sites)].sum(axis=1))

    def rounded(self, held: Ints) -> Ints:
        """Return the coefficients of routes that hold so many sessions in ``sites``."""
        return -(-held // self.part) if self.sign > 0 else -(held // self.part)


@dataclass(frozen=True)
class Potential:
    """``price[site]`` and a price for each cut, in thousandths of a point; ``bound``: of the task, likewise."""

    price: Ints
    cuts: tuple[Cut, ...]
    of_cuts: Ints
    bound: int

    def of(self, totals: Ints) -> Ints:
        """Return the prices of rows of totals: of one route, or of all that is to be covered."""
        paid = totals @ self.price
        for cut, price in zip(self.cuts, self.of_cuts, strict=True):
            paid = paid + price * cut.of(totals)
        return np.asarray(paid)

    def losses(self, totals: Ints, cost: Ints) -> Ints:
        """Return what routes (totals, cost in thousandths) cost beyond the prices; never negative."""
        return cost - self.of(totals)


def potential(totals: Ints, cost: Ints, sizes: Ints, sites: int) -> Potential | None:
    """Price the covering of ``sizes`` by routes of these totals and costs; None when they cannot be covered.

    Cuts are of the first ``sites`` of them.
    """
    cuts: list[Cut] = []
    answer = _solve(totals, cost, sizes, cuts)
    for _ in range(ROUNDS):
        if answer is None:
            return None
        x, duals = answer
        used = np.flatnonzero(x > 1e-7)
        new = [] if _is_whole(x[used]) else _violated(_subsets(sites), totals[used, :sites], x[used], sizes[:sites])
        if not new:
            break
        tight = duals[len(sizes) :] > 1e-9
        cuts = [cut for cut, kept in zip(cuts, tight, strict=True) if kept] + new
        answer = _solve(totals, cost, sizes, cuts)
    return _round(totals, cost, sizes, cuts, answer[1]) if answer else None


def _is_whole(x: Floats) -> bool:
    return bool((np.abs(x - np.round(x)) < 1e-6).all())


@cache
def _subsets(sites: int) -> NDArray[np.float32]:
    """All sets of sites; with many sites only those of up to three."""
    if sites <= 15:
        return ((np.arange(1, 2**sites)[:, None] >> np.arange(sites)) & 1).astype(np.float32)
    eye = np.eye(sites, dtype=np.int8)
    pairs = (eye[:, None] | eye[None]).reshape(-1, sites)
    triples = (pairs[:, None] | eye[None]).reshape(-1, sites)
    return np.unique(np.concatenate([triples, np.ones((1, sites), np.int8)]), axis=0).astype(np.float32)


def _solve(totals: Ints, cost: Ints, sizes: Ints, cuts: list[Cut]) -> tuple[Floats, Floats] | None:
    """Return the values and duals of the linear programme, or None when there is no cover."""
    model = Linear()
    x = model.add_columns(cost, high=float(sizes.sum() + 1), whole=False)
    rows = model.add_rows(len(sizes))
    for row, size in zip(rows, sizes, strict=True):
        model.below[row] = model.above[row] = float(size)
    which, site = np.nonzero(totals)
    model.put(rows[site], x[which], totals[which, site])
    for cut in cuts:
        row = model.add_rows(1, below=float(cut.of(sizes[None])[0]))
        coefficients = cut.of(totals)
        used = np.flatnonzero(coefficients)
        model.put(row, x[used], coefficients[used])
    answer = solve(model.table(), GLOP)
    return (answer.x, answer.duals) if answer.proved and answer.x is not None and answer.duals is not None else None


def _violated(masks: NDArray[np.float32], totals: Ints, x: Floats, sizes: Ints) -> list[Cut]:
    """Return the most violated cuts, one for each pattern of coefficients."""
    held, wanted, x = masks @ totals.T.astype(np.float32), masks @ sizes.astype(np.float32), x.astype(np.float32)
    lacks: list[tuple[float, bytes, int, int, int]] = []
    for part in PARTS:
        for sign in (1, -1):
            rows = _coefficients(held, part, sign)
            lack = _coefficients(wanted, part, sign) - rows @ x
            worst = np.flatnonzero(lack > 1e-4)
            worst = worst[np.argsort(-lack[worst], kind="stable")[:WORST]]
            lacks.extend((float(lack[i]), rows[i].tobytes(), part, sign, int(i)) for i in worst)
    lacks.sort(key=lambda one: one[0])
    distinct = {pattern: cut for _, pattern, *cut in lacks}
    return [
        Cut(tuple(np.flatnonzero(masks[i]).tolist()), part, sign) for part, sign, i in list(distinct.values())[-CUTS:]
    ]


def _coefficients(held: NDArray[np.float32], part: int, sign: int) -> NDArray[np.float32]:
    return np.ceil(held / part) if sign > 0 else -np.floor(held / part)


def _round(totals: Ints, cost: Ints, sizes: Ints, cuts: list[Cut], duals: Floats) -> Potential:
    """Make the prices whole thousandths and lower them until no route has a negative loss."""
    scaled = np.floor(duals * SCALE + 1e-6).astype(np.int64)
    price, of_cuts = scaled[: len(sizes)], np.maximum(scaled[len(sizes) :], 0)
    kept = np.flatnonzero(of_cuts)
    rough = Potential(price, tuple(cuts[i] for i in kept), of_cuts[kept], 0)
    lowered = price + min(0, int(rough.losses(totals, SCALE * cost).min()))
    bound = int(lowered @ sizes) + sum(
        int(p) * int(cut.of(sizes[None])[0]) for p, cut in zip(rough.of_cuts, rough.cuts, strict=True)
    )
    return Potential(lowered, rough.cuts, rough.of_cuts, bound)


@dataclass(frozen=True)
class Kinds:
    """A task's routes by what they cover: ``totals``, the least ``cost`` on any day, dislikes left out.

    The first ``sites`` of what is covered, in all ``sizes``, are sessions at sites. ``kind``: of each column.
    """

    sites: int
    sizes: Ints
    totals: Ints
    cost: Ints
    kind: Ints
    potential: Potential

    @property
    def sessions(self) -> Ints:
        """The sessions of each kind at each site."""
        return self.totals[:, : self.sites]

    @cached_property
    def losses(self) -> Ints:
        """Loss of each kind in thousandths."""
        return self.potential.losses(self.totals, SCALE * self.cost)


def kinds_of(columns: Columns, task: int) -> Kinds | None:
    """Return the kinds of a task's columns with their prices, or None when they cannot cover all sessions."""
    own, sites = columns.only(columns.task == task), len(columns.shape.sizes)
    covers, sizes = own.covers, np.asarray(columns.shape.wanted(task), np.int64)
    first, kind = grouped_rows(covers)
    totals = covers[first].astype(np.int64)
    cheapest = np.full(len(totals), np.iinfo(np.int64).max)
    np.minimum.at(cheapest, kind, np.round(own.plain).astype(np.int64))
    found = potential(totals, cheapest, sizes, sites) if len(totals) else None
    return Kinds(sites, sizes, totals, cheapest, kind, found) if found else None
