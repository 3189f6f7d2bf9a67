"""Make the trips of a small region anew, routes and days at once, while everything else stands.

The model has a variable for each route and day, and cumulated counts for each site: whatever the others hold there is
a constant in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.scheduling.adapters.cpsat.large.days import Visits
from services.scheduling.adapters.cpsat.large.pool import Pool
from services.scheduling.adapters.cpsat.large.timetable import Timetable, Trip
from services.scheduling.adapters.cpsat.linear import HIGHS, INFINITY, Floats, Ints, Linear, solve

MOST_COLUMNS = 2500
"""Routes and days offered to one region; beyond, the dearest routes are left out."""

NODES = 40
SECONDS = 5.0
"""Limits of one search."""


@dataclass(frozen=True)
class Choice:
    """One trip that the region may make: a variable of its model."""

    base: int
    visits: Visits
    day: int
    cost: float


class Region:
    """Some trips to make anew. ``reduced``: what each route of ``pools``, by task, costs above the prices."""

    def __init__(self, table: Timetable, freed: Sequence[Trip], pools: Sequence[Pool], reduced: Sequence[Floats]):
        self.table, self.freed, self.pools, self.reduced = table, list(freed), pools, reduced
        self.field = table.field
        for trip in self.freed:
            table.remove(trip)
        self.need = table.left()
        near = np.zeros(len(self.field.sizes), bool)
        near[[site for trip in self.freed for site, _ in trip.visits]] = True
        self.sites = np.flatnonzero(near)
        self.need[:, ~near] = 0
        self.place = np.full(len(near), -1)
        self.place[self.sites] = np.arange(len(self.sites))

    def before(self) -> float:
        """Return the cost of the freed trips where they were; without end when one had no day."""
        if any(trip.day < 0 for trip in self.freed):
            return INFINITY
        for trip in self.freed:
            self.table.add(trip)
        waits = sum(self.table.wait(int(site)) for site in self.sites)
        left = self.table.left()[:, self.sites].sum()
        routes = sum(self.table.cost(trip) for trip in self.freed)
        for trip in self.freed:
            self.table.remove(trip)
        return routes + waits + float(self.table.weights.unplaced * left)

    def redo(self, seed: int, seconds: float = SECONDS, nodes: int = NODES) -> bool:
        """Put the best trips found into the timetable, or the old ones back; return whether it is better."""
        before = self.before()
        choices = self.choices()
        model, x = self.model(choices)
        if before < INFINITY:
            model.put(model.add_rows(1, above=before - 1), np.arange(model.columns), np.concatenate(model.cost))
        answer = solve(model.table(), HIGHS, seconds=seconds, gap=0.9, seed=seed, nodes=nodes)
        better = answer.x is not None and answer.value < before - 0.5
        chosen = np.flatnonzero(answer.x[x] > 0.5) if better and answer.x is not None else ()
        trips = [Trip(choices[i].base, choices[i].visits, choices[i].day) for i in chosen] if better else self.freed
        for trip in trips:
            self.table.add(trip)
        return better

    def choices(self) -> list[Choice]:
        """Return the trips on offer: the old routes on every day, and others of the pools."""
        routes = {(trip.base, trip.visits): -INFINITY for trip in self.freed}
        for task, (pool, reduced) in enumerate(zip(self.pools, self.reduced, strict=True)):
            need = np.append(self.need[task], 0)
            for i in np.flatnonzero((pool.counts <= need[pool.sites]).all(axis=1)):
                routes.setdefault((int(pool.base[i]), visits_of(pool, int(i))), float(reduced[i]))
        choices: list[Choice] = []
        for base, visits in sorted(routes, key=lambda key: routes[key]):
            if len(choices) > MOST_COLUMNS:
                break
            cost = self.table.days.of(base, visits).cost
            free = np.isfinite(cost) & (self.table.load[base] < self.table.limits[base])
            choices.extend(Choice(base, visits, int(day), float(cost[day])) for day in np.flatnonzero(free))
        return choices

    def model(self, choices: Sequence[Choice]) -> tuple[Linear, Ints]:
        """Build the model over these trips."""
        model = Linear()
        x = model.add_columns(np.array([choice.cost for choice in choices]))
        cells = [
            (i, self.field.bases[c.base].task, self.place[site], c.day, count)
            for i, c in enumerate(choices)
            for site, count in c.visits
        ]
        which, task, site, day, count = np.array(cells, np.int64).reshape(-1, 5).T
        left = self._cover(model, x[which], task, site, count)
        reached = self._reached(model, x[which], task, site, day, count)
        self._order(model, reached, left)
        self._capacity(model, x, choices)
        self._rooms(model, x[which], site, day)
        return model, x

    def _cover(self, model: Linear, x: Ints, task: Ints, site: Ints, count: Ints) -> Ints:
        need = self.need[:, self.sites]
        left = model.add_columns(np.full(need.size, self.table.weights.unplaced), float(need.max(initial=1)))
        rows = model.add_rows(need.size)
        model.below[rows[0] :] = model.above[rows[0] :] = need.ravel().astype(float).tolist()
        model.put(rows, left, 1)
        model.put(rows.reshape(need.shape)[task, site], x, count)
        return left.reshape(need.shape)

    def _reached(self, model: Linear, x: Ints, task: Ints, site: Ints, day: Ints, count: Ints) -> Ints:
        """Return the variables that count a task's sessions at a site by the end of a day (task, site, day)."""
        days, sites, tasks = len(self.table.ordinal), len(self.sites), self.table.chain
        fixed = np.zeros((tasks, sites, days))
        for t in range(tasks):
            for s, home in enumerate(self.sites):
                held = [(trip.day, n) for trip in self.table.at[t][home] for v, n in trip.visits if v == home]
                np.add.at(fixed[t, s], [d for d, _ in held], [n for _, n in held])
        most = float(self.field.sizes[self.sites].max())
        reached = model.add_columns(np.zeros(fixed.size), most, whole=False).reshape(fixed.shape)
        rows = model.add_rows(fixed.size).reshape(fixed.shape)
        model.below[rows.flat[0] :] = model.above[rows.flat[0] :] = fixed.ravel().tolist()
        model.put(rows, reached, 1)
        model.put(rows[:, :, 1:], reached[:, :, :-1], -1)
        model.put(rows[task, site, day], x, -count)
        return reached

    def _order(self, model: Linear, reached: Ints, left: Ints) -> None:
        """Each session on a later day than the one it follows; a wait beyond the free days has its price."""
        weights, ordinal = self.table.weights, self.table.ordinal
        span = np.arange(ordinal[0], ordinal[-1] + 1 - weights.gap_max)
        by = np.searchsorted(ordinal, span, side="right") - 1
        until = np.searchsorted(ordinal, span + weights.gap_max, side="right") - 1
        for task in range(1, self.table.chain):
            rows = model.add_rows(reached[task].size, above=0).reshape(reached[task].shape)
            model.put(rows, reached[task], 1)
            model.put(rows[:, 1:], reached[task - 1][:, :-1], -1)
            shape = (len(self.sites), len(span))
            most = float(self.field.sizes[self.sites].max())
            late = model.add_columns(np.full(shape, weights.late_gap).ravel(), most, whole=False).reshape(shape)
            rows = model.add_rows(late.size, below=0).reshape(shape)
            model.put(rows, late, 1)
            model.put(rows, reached[task - 1][:, by], -1)
            model.put(rows, reached[task][:, until], 1)
            model.put(rows, np.broadcast_to(left[task][:, None], shape), 1)
            model.put(rows, np.broadcast_to(left[task - 1][:, None], shape), -1)

    def _capacity(self, model: Linear, x: Ints, choices: Sequence[Choice]) -> None:
        free = self.table.limits - self.table.load
        rows = model.add_rows(free.size).reshape(free.shape)
        model.above[rows.flat[0] :] = free.ravel().astype(float).tolist()
        model.put(rows[[c.base for c in choices], [c.day for c in choices]], x, 1)

    def _rooms(self, model: Linear, x: Ints, site: Ints, day: Ints) -> None:
        free = (self.table.rooms[:, None] - self.table.meets)[self.sites]
        rows = model.add_rows(free.size).reshape(free.shape)
        model.above[rows.flat[0] :] = np.maximum(0, free).ravel().astype(float).tolist()
        model.put(rows[site, day], x, 1)


def visits_of(pool: Pool, route: int) -> Visits:
    """Return the visits of one route of a pool."""
    pairs = zip(pool.sites[route].tolist(), pool.counts[route].tolist(), strict=True)
    return tuple((site, count) for site, count in pairs if count)
