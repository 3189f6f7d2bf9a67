"""Make the trips of a small region anew, routes and days at once, while everything else stands.

The model has a variable for each route and day, and cumulated counts for each site: whatever the others hold there is
a constant in them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from services.scheduling.adapters.cpsat.budget import Budget
from services.scheduling.adapters.cpsat.large.cover import LIKELY, Cover, Undated
from services.scheduling.adapters.cpsat.large.timetable import Timetable, Trip
from services.scheduling.adapters.cpsat.linear import HIGHS, INFINITY, Ints, Linear, solve

MOST_COLUMNS = 2500
"""Routes and days offered to one region; beyond, the dearest routes are left out."""

NODES = 40
SECONDS = 5.0
"""Most of one search."""


class Region:
    """Some trips to make anew, and what is left out at their sites and a few more."""

    def __init__(self, table: Timetable, freed: Sequence[Trip], sites: Sequence[int] = ()) -> None:
        self.table, self.field, self.freed = table, table.field, list(freed)
        self.sites = np.unique([*sites, *(site for trip in self.freed for site, _ in trip.visits)])
        self.before = sum(map(table.cost, self.freed)) + self._beside()
        for trip in self.freed:
            table.remove(trip)
        self.need = np.zeros_like(left := table.left())
        self.need[:, self.sites] = left[:, self.sites]
        self.place = np.full(len(self.field.sizes), -1)
        self.place[self.sites] = np.arange(len(self.sites))

    def _beside(self) -> float:
        """Return the points of waits and of sessions left out at the region's sites."""
        left = self.table.left()[:, self.sites] @ self.field.leaving[self.sites]
        return float(self.table.waits(self.sites).sum() + left.sum())

    def redo(
        self,
        covers: Sequence[Cover],
        seed: int,
        seconds: float,
        budget: Budget,
        offers: Sequence[Undated] = (),
        nodes: int = NODES,
    ) -> bool:
        """Put the best trips found into the timetable, or the old ones back; return whether it is better.

        ``covers``: by task, routes to choose from beside the old ones; ``offers``: more of them, whatever they cost.
        """
        choices = self.choices(covers, offers)
        if not choices:
            return self._put(self.freed)
        model, x = self.model(choices)
        model.put(model.add_rows(1, above=self.before - 1), np.arange(model.columns), np.concatenate(model.cost))
        seconds = min(SECONDS, seconds)
        answer = solve(model.table(), HIGHS, seconds=seconds, gap=0.9, seed=seed, nodes=nodes, budget=budget)
        better = answer.x is not None and answer.value < self.before - 0.5
        chosen = np.flatnonzero(answer.x[x] > 0.5) if better and answer.x is not None else ()
        return self._put([choices[i] for i in chosen] if better else self.freed)

    def _put(self, trips: Sequence[Trip]) -> bool:
        for trip in trips:
            self.table.add(trip)
        return trips is not self.freed

    def choices(self, covers: Sequence[Cover], offers: Sequence[Undated]) -> list[Trip]:
        """Return the trips on offer: the old routes on every day, and others that may be in a better plan."""
        points = self.before - sum(float(cover.prices @ need) for cover, need in zip(covers, self.need, strict=False))
        routes = dict.fromkeys([*((trip.base, trip.visits) for trip in self.freed), *offers], -INFINITY)
        for task, cover in enumerate(covers):
            pool, need = cover.pool, np.append(self.need[task], 0)
            near = np.flatnonzero(cover.reduced < LIKELY * points)
            for i in near[(pool.counts[near] <= need[pool.sites[near]]).all(axis=1)].tolist():
                routes.setdefault((int(pool.base[i]), pool.visits(i)), float(cover.reduced[i]))
        choices: list[Trip] = []
        for base, visits in sorted(routes, key=lambda key: routes[key]):
            if len(choices) > MOST_COLUMNS:
                break
            is_free = self.table.load[base] < self.table.limits[base]
            days = np.flatnonzero(np.isfinite(self.table.days.of(base, visits).cost) & is_free)
            choices.extend(Trip(base, visits, int(day)) for day in days)
        return choices

    def model(self, choices: Sequence[Trip]) -> tuple[Linear, Ints]:
        """Build the model over these trips."""
        model = Linear()
        x = model.add_columns(np.array([self.table.cost(choice) for choice in choices]))
        cells = [
            (i, self.table.task(c), self.place[site], c.day, count)
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
        leaving = np.broadcast_to(self.field.leaving[self.sites], need.shape)
        left = model.add_columns(leaving.ravel(), float(need.max(initial=1)))
        rows = model.add_rows(need.size)
        model.below[rows[0] :] = model.above[rows[0] :] = need.ravel().astype(float).tolist()
        model.put(rows, left, 1)
        model.put(rows.reshape(need.shape)[task, site], x, count)
        return left.reshape(need.shape)

    def _reached(self, model: Linear, x: Ints, task: Ints, site: Ints, day: Ints, count: Ints) -> Ints:
        """Return the variables that count a task's sessions at a site by the end of a day (task, site, day)."""
        fixed = self.table.held[:, self.sites]
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
        weights = self.table.weights
        by, until = self.table.spans
        for task in range(1, self.table.chain):
            rows = model.add_rows(reached[task].size, above=0).reshape(reached[task].shape)
            model.put(rows, reached[task], 1)
            model.put(rows[:, 1:], reached[task - 1][:, :-1], -1)
            shape = (len(self.sites), len(by))
            most = float(self.field.sizes[self.sites].max())
            late = model.add_columns(np.full(shape, weights.late_gap).ravel(), most, whole=False).reshape(shape)
            rows = model.add_rows(late.size, below=0).reshape(shape)
            model.put(rows, late, 1)
            model.put(rows, reached[task - 1][:, by], -1)
            model.put(rows, reached[task][:, until], 1)
            model.put(rows, np.broadcast_to(left[task][:, None], shape), 1)
            model.put(rows, np.broadcast_to(left[task - 1][:, None], shape), -1)

    def _capacity(self, model: Linear, x: Ints, choices: Sequence[Trip]) -> None:
        free = self.table.limits - self.table.load
        rows = model.add_rows(free.size).reshape(free.shape)
        model.above[rows.flat[0] :] = free.ravel().astype(float).tolist()
        model.put(rows[[c.base for c in choices], [c.day for c in choices]], x, 1)

    def _rooms(self, model: Linear, x: Ints, site: Ints, day: Ints) -> None:
        free = (self.table.rooms[:, None] - self.table.meets)[self.sites]
        rows = model.add_rows(free.size).reshape(free.shape)
        model.above[rows.flat[0] :] = np.maximum(0, free).ravel().astype(float).tolist()
        model.put(rows[site, day], x, 1)
