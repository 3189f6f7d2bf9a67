"""Outings: what one team can do in one day, as numbers of sessions by spot and half-day, all at once in arrays.

Sessions are added one by one. Of the ways to the same sessions that end at the same spot, only those survive that no
other beats in both time and price.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scheduling.adapters.cpsat.linear import Floats, Ints
from services.scheduling.adapters.cpsat.lots.spots import Forms
from services.scheduling.domain.problem import Crew
from services.scheduling.domain.roads import road_minutes

NEVER = 10**6
DAY = 1440


@dataclass(frozen=True)
class Outings:
    """``cells[o]``: the cell (2 x spot + half) of each session, or ``nothing``; ``cost``: of visits and road."""

    cells: Ints
    cost: Floats
    nothing: int

    def __len__(self) -> int:
        return len(self.cost)

    @property
    def sessions(self) -> Ints:
        """Number of sessions of each outing."""
        return np.asarray((self.cells != self.nothing).sum(axis=1))


@dataclass
class _Ways:
    """Ways to spend the day so far: ``cells`` sorted; of the last session its spot, half and end; the price."""

    cells: Ints
    spot: Ints
    half: Ints
    end: Ints
    price: Ints

    def only(self, kept: NDArray[np.bool_] | Ints) -> _Ways:
        return _Ways(self.cells[kept], self.spot[kept], self.half[kept], self.end[kept], self.price[kept])


class TeamDay:
    """One team's day, to be searched for outings."""

    def __init__(self, forms: Forms, crew: Crew, day: dt.date) -> None:
        self.forms, self.crew, self.hours = forms, crew, crew.available[day]
        self.depot = np.array([road_minutes(crew.depot, spot.site.place) for spot in forms.spots], np.int64)
        self.windows = [spot.windows(forms.problem, day) if spot.kind in crew.kinds else () for spot in forms.spots]

    @property
    def key(self) -> object:
        """Equal for days on which the same outings are possible."""
        return self.hours, self.crew.kinds, self.crew.max_sessions, tuple(self.depot), tuple(self.windows)

    def outings(self) -> Outings:
        """Return every possible outing; of those with equal sessions the cheapest."""
        nothing, most = 2 * len(self.forms.spots), self.crew.max_sessions
        self.earliest = self._earliest()
        ways = self._first(nothing, most)
        found = [self._back(ways)]
        for number in range(1, most):
            ways = self._longer(ways, number)
            found.append(self._back(ways))
        return _cheapest(np.concatenate([w.cells for w in found]), np.concatenate([w.price for w in found]), nothing)

    def _earliest(self) -> Ints:
        """Earliest start by (spot, half, minute at which the team is ready); NEVER when there is none."""
        noon, minutes = self.forms.problem.noon, np.arange(DAY)
        starts = np.full((len(self.forms.spots), 2, DAY), NEVER, np.int64)
        for number, (spot, windows) in enumerate(zip(self.forms.spots, self.windows, strict=True)):
            for window in windows:
                for half in (0, 1):
                    at = np.maximum(minutes, max(window.start, noon * half))
                    fits = (at + spot.duration <= window.end) & (at < noon if half == 0 else at >= noon)
                    starts[number, half] = np.minimum(starts[number, half], np.where(fits, at, NEVER))
        return starts

    def _first(self, nothing: int, most: int) -> _Ways:
        weights, spots = self.forms.problem.weights, self.forms.spots
        spot, half = (a.ravel() for a in np.meshgrid(np.arange(len(spots)), np.arange(2), indexing="ij"))
        setup, duration = self._of("setup"), self._of("duration")
        start = self._start(spot, half, self.hours.start + self.depot[spot] + setup[spot])
        cells = np.full((len(spot), most), nothing, np.int64)
        cells[:, 0] = 2 * spot + half
        price = weights.visit + weights.drive * self.depot[spot]
        return _Ways(cells, spot, half, start + duration[spot], price).only(start < NEVER)

    def _longer(self, ways: _Ways, number: int) -> _Ways:
        """Add one session to every way, and keep the best ways."""
        longer = [self._then(ways, number, spot, half) for spot in range(len(self.windows)) for half in (0, 1)]
        return _best(
            _Ways(
                np.concatenate([w.cells for w in longer]),
                np.concatenate([w.spot for w in longer]),
                np.concatenate([w.half for w in longer]),
                np.concatenate([w.end for w in longer]),
                np.concatenate([w.price for w in longer]),
            )
        )

    def _then(self, ways: _Ways, number: int, spot: int, half: int) -> _Ways:
        """Add a session at a spot in a half-day to the ways it can follow."""
        here, weights = self.forms.spots[spot], self.forms.problem.weights
        start = self._start(
            np.full(len(ways.spot), spot), np.full(len(ways.spot), half), ways.end + self._change(ways, spot, half)
        )
        held, now = (ways.cells // 2 == spot).sum(axis=1), (ways.cells == 2 * spot + half).sum(axis=1)
        fits = (start < NEVER) & (ways.half <= half) & (held < here.most[1]) & (now < here.most[0])
        kept, road = ways.only(fits), np.array(self.forms.roads)[ways.spot[fits], spot]
        kept.cells[:, number] = 2 * spot + half
        moves = np.array([other.site is not here.site for other in self.forms.spots])[kept.spot]
        price = kept.price + weights.visit * moves + weights.drive * road
        size = len(price)
        return _Ways(
            np.sort(kept.cells, axis=1), np.full(size, spot), np.full(size, half), start[fits] + here.duration, price
        )

    def _change(self, ways: _Ways, spot: int, half: int) -> Ints:
        """Minutes from the last session of each way to one at a spot in a half-day."""
        here = self.forms.spots[spot]
        lunch = np.where(ways.half < half, self.forms.problem.lunch, 0)
        change = self._of("packing")[ways.spot] + np.array(self.forms.roads)[ways.spot, spot] + here.setup
        change = np.where(ways.spot == spot, here.turnover, change)
        same_site = np.array([other.site is here.site for other in self.forms.spots])[ways.spot]
        return np.asarray(np.where(same_site, np.maximum(change, lunch), change + lunch))

    def _start(self, spot: Ints, half: Ints, ready: Ints) -> Ints:
        return np.where(ready < DAY, self.earliest[spot, half, np.minimum(ready, DAY - 1)], NEVER)

    def _back(self, ways: _Ways) -> _Ways:
        """The ways that can end here, with the road home paid."""
        home = ways.only(ways.end + self._of("packing")[ways.spot] + self.depot[ways.spot] <= self.hours.end)
        home.price = home.price + self.forms.problem.weights.drive * self.depot[home.spot]
        return home

    def _of(self, name: str) -> Ints:
        return np.array([getattr(spot, name) for spot in self.forms.spots], np.int64)


def _best(ways: _Ways) -> _Ways:
    """Drop each way that another with the same sessions and the same last spot beats in time and price."""
    group = _numbers(np.column_stack([ways.cells, ways.spot]))
    order = np.lexsort((ways.price, ways.end, group))
    group, price = group[order], ways.price[order]
    span = int(price.max(initial=0)) + 1
    least = np.minimum.accumulate(price - group * span)
    first = np.concatenate([[True], group[1:] != group[:-1]])[: len(group)]
    better = first | np.concatenate([[True], (price - group * span)[1:] < least[:-1]])[: len(group)]
    return ways.only(order[better])


def _cheapest(cells: Ints, price: Ints, nothing: int) -> Outings:
    group = _numbers(cells)
    order = np.lexsort((price, group))
    first = np.concatenate([[True], group[order][1:] != group[order][:-1]])[: len(order)]
    kept = order[first]
    return Outings(cells[kept], price[kept].astype(float), nothing)


def _numbers(rows: Ints) -> Ints:
    """Number equal rows alike."""
    packed = np.ascontiguousarray(rows.astype(np.int16))
    whole = packed.view(np.dtype((np.void, packed.dtype.itemsize * packed.shape[1]))).ravel()
    return np.asarray(np.unique(whole, return_inverse=True)[1], np.int64).ravel()
