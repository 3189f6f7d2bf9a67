"""All near-cheapest ways to cover one task's sessions by routes, as a graph of what is covered so far.

Found from the middle: a cover of at most 2k routes is two sets of at most k routes that fit together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scheduling.adapters.cpsat.exact.canon import LIMIT, TooLarge, useful
from services.scheduling.adapters.cpsat.exact.potentials import SCALE, Kinds
from services.scheduling.adapters.cpsat.exact.words import Packing, Words, find, least
from services.scheduling.adapters.cpsat.linear import Ints


@dataclass(frozen=True)
class Covers:
    """The graph. ``done[i]``: counts covered at node i, ascending; ``left[i]``: least cost of covering the rest.

    The edges of node i are ``first[i]:first[i+1]``, dearest last: ``kind`` of route, ``to`` which node, and ``rise``,
    what the least cost of a whole cover rises by taking it.
    """

    done: Words
    left: Ints
    first: Ints
    kind: Ints
    to: Ints
    rise: Ints

    @property
    def least(self) -> int:
        """Cost of the cheapest cover."""
        return int(self.left[0])


def covers(packing: Packing, kinds: Kinds, most: int) -> Covers | None:
    """Return the graph of every cover that costs at most ``most``, or None when there is none. Raises TooLarge."""
    found = useful(packing, kinds, most)
    if found is None:
        return None
    near = found.kinds[np.argsort(kinds.losses[found.kinds], kind="stable")]
    slack = SCALE * most - kinds.potential.bound
    search = _Search(packing, near, packing.pack(kinds.totals[near]), kinds.losses[near], slack)
    return search.graph(found.routes, kinds.cost, most)


@dataclass
class _Search:
    """``number``, ``word`` and ``loss`` of each route that can be in such a cover, least loss first."""

    packing: Packing
    number: Ints
    word: Words
    loss: Ints
    slack: int

    def graph(self, routes: int, cost: Ints, most: int) -> Covers | None:
        nodes, reached = self._reach(-(-routes // 2))
        left = self._spread(nodes, reached)
        on = left <= self.slack
        done, ways = least(
            np.concatenate([nodes[on], self.packing.all - nodes[on]]), np.concatenate([left[on], reached[on]])
        )
        return self._priced(done, ways, cost, most) if len(done) else None

    def _reach(self, depth: int) -> tuple[Words, Ints]:
        """Return what at most ``depth`` routes can cover, each with its least loss."""
        nodes, reached = np.zeros(1, np.uint64), np.zeros(1, np.int64)
        layer, so_far = nodes, reached
        for _ in range(depth):
            layer, so_far = self._one_more(layer, so_far)
            nodes, reached = least(np.concatenate([nodes, layer]), np.concatenate([reached, so_far]))
            by_loss = np.argsort(so_far, kind="stable")
            layer, so_far = layer[by_loss], so_far[by_loss]
        return nodes, reached

    def _one_more(self, layer: Words, so_far: Ints) -> tuple[Words, Ints]:
        words, sums = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
        rest, made = self.packing.all - layer, 0
        for word, loss in zip(self.word, self.loss, strict=True):
            near = int(np.searchsorted(so_far, self.slack - loss, side="right"))
            fits = np.flatnonzero(self.packing.fits(word, rest[:near]))
            words.append(layer[fits] + word)
            sums.append(so_far[fits] + loss)
            made += len(fits)
            if made > 4 * LIMIT:
                raise TooLarge
        found = least(np.concatenate(words), np.concatenate(sums))
        if len(found[0]) > LIMIT:
            raise TooLarge
        return found

    def _spread(self, nodes: Words, reached: Ints) -> Ints:
        """Return the least loss left at each node: known where two halves meet, then spread back route by route."""
        other = find(nodes, self.packing.all - nodes)
        left = np.full(len(nodes), self.slack + 1)
        meets = np.flatnonzero(other >= 0)
        meets = meets[reached[meets] + reached[other[meets]] <= self.slack]
        left[meets] = reached[other[meets]]
        while len(meets):
            before = left.copy()
            for word, loss in zip(self.word, self.loss, strict=True):
                ends = meets[self.packing.fits(word, nodes[meets])]
                starts = find(nodes, nodes[ends] - word)
                value = left[ends] + loss
                good = (starts >= 0) & (reached[starts] + value <= self.slack)
                np.minimum.at(left, starts[good], value[good])
            meets = np.flatnonzero(left < before)
        return left

    def _edges(self, done: Words, left: Ints) -> tuple[Ints, Ints, Ints]:
        """Return the (start, end, kind) of every route between two nodes."""
        rest, reached = self.packing.all - done, left[find(done, self.packing.all - done)]
        starts, ends, numbers = [], [], []
        for number, word, loss in zip(self.number, self.word, self.loss, strict=True):
            start = np.flatnonzero(self.packing.fits(word, rest))
            end = find(done, done[start] + word)
            good = (end >= 0) & (reached[start] + loss + left[end] <= self.slack)
            starts.append(start[good])
            ends.append(end[good])
            numbers.append(np.full(int(good.sum()), number))
        return np.concatenate(starts), np.concatenate(ends), np.concatenate(numbers)

    def _priced(self, done: Words, ways: Ints, cost: Ints, most: int) -> Covers | None:
        """Price the graph by what routes truly cost, and keep what lies on a cover of at most ``most``."""
        start, end, kind = self._edges(done, ways)
        price = cost[kind]
        levels = _levels(self.packing.total(done)[start])
        so_far, left = np.full(len(done), most + 1), np.full(len(done), most + 1)
        so_far[0], left[-1] = 0, 0
        for edges in levels:
            np.minimum.at(so_far, end[edges], so_far[start[edges]] + price[edges])
        for edges in reversed(levels):
            np.minimum.at(left, start[edges], left[end[edges]] + price[edges])
        good = so_far[start] + price + left[end] <= most
        return _kept(done, left, start[good], end[good], kind[good], price[good]) if good.any() else None


def _levels(held: Ints) -> list[NDArray[np.int64]]:
    """Return the edges by how many sessions their start holds, fewest first."""
    order = np.argsort(held, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(held[order])) + 1)


def _kept(done: Words, left: Ints, start: Ints, end: Ints, kind: Ints, price: Ints) -> Covers:
    on = np.zeros(len(done), bool)
    on[start] = on[end] = True
    place = np.cumsum(on) - 1
    rise = price + left[end] - left[start]
    order = np.lexsort((rise, start))
    first = np.searchsorted(place[start[order]], np.arange(int(on.sum()) + 1))
    return Covers(done[on], left[on], first, kind[order], place[end[order]], rise[order])
