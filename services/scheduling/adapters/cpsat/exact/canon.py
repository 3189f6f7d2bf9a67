"""The routes that can be part of a cheap cover, and how many: each cover is met once, its routes in one fixed order.

The next route always holds a session at the first site (rarest routes first) that still needs one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.scheduling.adapters.cpsat.exact.left import LIMIT, TooLarge
from services.scheduling.adapters.cpsat.exact.potentials import SCALE, Kinds
from services.scheduling.adapters.cpsat.exact.words import Packing, Words, find, least
from services.scheduling.adapters.cpsat.linear import Ints


@dataclass(frozen=True)
class Useful:
    """``kinds``: numbers of the routes on a cover within the limit; ``routes``: the most routes of one such cover."""

    kinds: Ints
    routes: int


def useful(packing: Packing, kinds: Kinds, most: int) -> Useful | None:
    """Return the routes on covers that cost at most ``most``; None when there is no such cover. Raises TooLarge."""
    slack = SCALE * most - kinds.potential.bound
    near = np.flatnonzero(kinds.losses <= slack)
    near = near[np.argsort(kinds.losses[near], kind="stable")]
    layers, edges = _forward(packing, kinds, near, slack)
    return _backward(packing, kinds.cost[near], near, layers, edges, most) if len(layers) > 1 else None


Edges = tuple[Ints, Ints, Ints]
"""(start in its layer, place of the route, end in the next layer)."""


def _forward(packing: Packing, kinds: Kinds, near: Ints, slack: int) -> tuple[list[Words], list[Edges]]:
    """Return what can be covered by 0, 1, 2 ... routes in that order, and the routes between."""
    holds = kinds.totals[near] > 0
    order = np.argsort(holds.sum(axis=0), kind="stable")
    word, loss = packing.pack(kinds.totals[near]), kinds.losses[near]
    layers, so_far = [np.full(1, packing.but(kinds.sizes))], np.zeros(1, np.int64)
    edges: list[Edges] = []
    while True:
        starts, routes = _tries(packing, layers[-1], so_far, order, holds, word, loss, slack)
        if not len(starts):
            return layers, edges
        ends = layers[-1][starts] + word[routes]
        layer, so_far = least(ends, so_far[starts] + loss[routes])
        edges.append((starts, routes, find(layer, ends)))
        layers.append(layer)
        if len(layer) > LIMIT:
            raise TooLarge


def _tries(
    packing: Packing, layer: Words, so_far: Ints, order: Ints, holds: np.ndarray, word: Words, loss: Ints, slack: int
) -> tuple[Ints, Ints]:
    """Return each (start, route) that holds the first site still in need, fits and stays within the slack."""
    rest, first = packing.all - layer, np.full(len(layer), -1)
    for site in order[::-1]:
        first[(rest & packing.field(site)) != 0] = site
    starts, routes = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for site in order:
        at = np.flatnonzero(first == site)
        at = at[np.argsort(so_far[at], kind="stable")]
        for route in np.flatnonzero(holds[:, site]) if len(at) else ():
            near = at[: np.searchsorted(so_far[at], slack - loss[route], side="right")]
            fits = near[packing.fits(word[route], rest[near])]
            starts.append(fits)
            routes.append(np.full(len(fits), route))
    return np.concatenate(starts), np.concatenate(routes)


def _backward(
    packing: Packing, cost: Ints, near: Ints, layers: list[Words], edges: list[Edges], most: int
) -> Useful | None:
    """Keep the routes on covers whose true cost is at most ``most``."""
    before = [np.zeros(1, np.int64)]
    for (start, route, end), layer in zip(edges, layers[1:], strict=True):
        before.append(np.full(len(layer), most + 1))
        np.minimum.at(before[-1], end, before[-2][start] + cost[route])
    after, on, routes = np.zeros(0, np.int64), np.zeros(len(near), bool), 0
    for depth in reversed(range(len(layers))):
        left = np.where(layers[depth] == packing.all, 0, most + 1)
        if depth < len(edges):
            start, route, end = edges[depth]
            np.minimum.at(left, start, after[end] + cost[route])
            on[route[before[depth][start] + cost[route] + after[end] <= most]] = True
        if ((layers[depth] == packing.all) & (before[depth] <= most)).any():
            routes = max(routes, depth)
        after = left
    return Useful(near[on], routes) if routes else None
