"""The least cost of covering what is left of a task's sessions, found when asked for, and remembered."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from services.scheduling.adapters.cpsat.exact.potentials import SCALE, Kinds
from services.scheduling.adapters.cpsat.exact.words import Packing, Words, find, least
from services.scheduling.adapters.cpsat.linear import Ints

LIMIT = 300_000
"""States beyond which a search gives up."""

CELLS = 2_000_000
"""Cells of a table of states and routes at most; larger ones are made in parts."""

IMPOSSIBLE = 10**9


class TooLarge(Exception):
    """There are more states than the search may hold."""


class Left:
    """Least costs of covers of one task by its kinds of routes.

    Answers are exact where they are within the budget asked for, else IMPOSSIBLE. Covers are tried with the next route
    always at the first site, rarest routes first, that still needs one: each cover is met in one order only.
    """

    def __init__(self, packing: Packing, kinds: Kinds, numbers: Ints, tick: Callable[[int], None]) -> None:
        self.packing, self.kinds, self.numbers, self.tick = packing, kinds, numbers, tick
        self.word, self.cost = packing.pack(kinds.totals[numbers]), kinds.cost[numbers]
        self.loss = kinds.losses[numbers] // SCALE
        self.size = kinds.totals[numbers].sum(axis=1)
        self.holds = (kinds.totals[numbers] > 0).T
        self.order = np.argsort(self.holds.sum(axis=1), kind="stable")
        self.scale = packing.scale(kinds.potential.price)
        self.cuts = [
            (sum((packing.field(site) for site in cut.sites), np.uint64(0)), cut, price)
            for cut, price in zip(kinds.potential.cuts, kinds.potential.of_cuts, strict=True)
        ]
        nothing = np.zeros(0, np.int64)
        self.known: list[tuple[Words, Ints, Ints]] = [(nothing.astype(np.uint64), nothing, nothing)] * (
            sum(packing.sizes) + 1
        )
        self.known[0] = np.zeros(1, np.uint64), np.zeros(1, np.int64), np.full(1, IMPOSSIBLE)

    def of(self, rest: Words, budget: Ints) -> Ints:
        """Return the least cost of covering each ``rest``, IMPOSSIBLE where it exceeds the budget. Raises TooLarge."""
        words, budgets = _widest(rest, budget)
        self._resolve(words, budgets)
        value = np.full(len(words), IMPOSSIBLE)
        totals = self.packing.total(words)
        for total in np.flatnonzero(np.bincount(totals)):
            own = np.flatnonzero(totals == total)
            value[own] = self._value(int(total), words[own])
        found = value[np.searchsorted(words, rest)]
        return np.where(found <= budget, found, IMPOSSIBLE)

    def _resolve(self, words: Words, budgets: Ints) -> None:
        """Go down from more sessions to fewer, then back up with the least costs."""
        wanted: list[list[tuple[Words, Ints]]] = [[] for _ in self.known]
        totals = self.packing.total(words)
        for total in np.flatnonzero(np.bincount(totals)).tolist():
            wanted[total].append((words[totals == total], budgets[totals == total]))
        steps = []
        for total in reversed(range(1, len(wanted))):
            if wanted[total]:
                rest, budget = self._open(total, wanted[total])
                parent, route = self._routes(rest, budget)
                child, spare = rest[parent] - self.word[route], budget[parent] - self.cost[route]
                for size in np.flatnonzero(np.bincount(self.size[route])):
                    own = self.size[route] == size
                    wanted[total - size].append(_widest(child[own], spare[own]))
                steps.append((total, rest, budget, parent, route, child))
        for step in reversed(steps):
            self._learn(*step)

    def _open(self, total: int, wanted: list[tuple[Words, Ints]]) -> tuple[Words, Ints]:
        """Return what is not known yet within its budget and not plainly dearer."""
        words, budgets = (np.concatenate(part) for part in zip(*wanted, strict=True))
        words, budgets = _widest(words, budgets)
        known, value, tried = self.known[total]
        if len(known):
            at = find(known, words)
            new = (at < 0) | ((value[at] == IMPOSSIBLE) & (tried[at] < budgets))
            words, budgets = words[new], budgets[new]
        near = self.least(words) <= budgets
        return words[near], budgets[near]

    def least(self, words: Words) -> Ints:
        """Return what covering each of these costs at least, by the prices."""
        paid = self.packing.weigh(words, self.scale)
        for sites, cut, price in self.cuts:
            paid += price * cut.rounded(self.packing.total(words & sites))
        return -(-paid // SCALE)

    def _routes(self, rest: Words, budget: Ints) -> tuple[Ints, Ints]:
        """Return each (state, route) that holds a session at the state's first site and fits."""
        first = np.zeros(len(rest), np.int64)
        for site in self.order[::-1]:
            first[(rest & self.packing.field(site)) != 0] = site
        parents, routes = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for start in range(0, len(rest), part := max(1, CELLS // len(self.word))):
            own = slice(start, start + part)
            self.tick(len(rest[own]) * len(self.word))
            fits = self.packing.fits(self.word, rest[own, None]) & self.holds[first[own]]
            state, route = np.nonzero(fits & (self.cost <= budget[own, None]))
            parents.append(state + start)
            routes.append(route)
        return np.concatenate(parents), np.concatenate(routes)

    def _learn(self, total: int, rest: Words, budget: Ints, parent: Ints, route: Ints, child: Words) -> None:
        """Remember the least cost of each ``rest``, from the least costs of what its routes leave."""
        least = np.full(len(rest), IMPOSSIBLE)
        for size in np.flatnonzero(np.bincount(self.size[route])):
            own = np.flatnonzero(self.size[route] == size)
            after = self._value(total - int(size), child[own])
            np.minimum.at(least, parent[own], self.cost[route[own]] + after)
        least[least > budget] = IMPOSSIBLE
        known, value, tried = self.known[total]
        kept = find(rest, known) < 0 if len(rest) else np.ones(len(known), bool)
        words = np.concatenate([known[kept], rest])
        order = np.argsort(words, kind="stable")
        self.known[total] = (
            words[order],
            np.concatenate([value[kept], least])[order],
            np.concatenate([tried[kept], budget])[order],
        )
        if len(words) > LIMIT:
            raise TooLarge

    def _value(self, total: int, words: Words) -> Ints:
        known, value, _ = self.known[total]
        if not len(known):
            return np.full(len(words), IMPOSSIBLE)
        at = find(known, words)
        return np.where(at >= 0, value[at], IMPOSSIBLE)


def _widest(words: Words, budgets: Ints) -> tuple[Words, Ints]:
    """Return the distinct words, ascending, each with its largest budget."""
    distinct, lowest = least(words, -budgets)
    return distinct, -lowest
