"""The dated master: choose at most one route for each team-day so that counts cover every site in chain order.

Groups of a site are interchangeable: in each half-day, at most as many groups may have had a task as had the one before
it by the half-day before. Serving them first-in-first-out is then possible and never dearer (the gap cost is convex).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scheduling.adapters.cpsat.columns import Columns
from services.scheduling.adapters.cpsat.linear import Floats, Ints, Linear


@dataclass
class Master:
    """The model over some columns. ``routes``: the variable of each column; ``left[task, site]``: sessions left out."""

    columns: Columns
    model: Linear
    routes: Ints
    left: Ints | None

    def chosen(self, x: Floats) -> Ints:
        """Return the columns a solution uses."""
        return np.flatnonzero(x[self.routes] > 0.5)

    def fix(self, used: Ints) -> None:
        """Keep these columns in every solution."""
        for column in self.routes[used]:
            self.model.low[0][column] = 1

    def cheaper_than(self, value: float) -> None:
        """Accept only solutions that cost less, by a whole point."""
        cost = np.concatenate(self.model.cost)
        self.model.put(self.model.add_rows(1, above=value - 1), np.arange(len(cost)), cost)

    def forbid(self, used: Ints) -> None:
        """Forbid this set of columns to be chosen together."""
        row = self.model.add_rows(1, above=len(used) - 1)
        self.model.put(row, self.routes[used], 1)


def master_of(columns: Columns, *, may_leave: bool) -> Master:
    """Build the model. ``may_leave``: sessions may be left out at the price of the weights."""
    model = Linear()
    routes = model.add_columns(columns.cost)
    left = None
    if may_leave:
        tasks, prices = len(columns.shape.chain), columns.shape.prices_of_leaving
        left = model.add_columns(np.tile(prices, tasks), high=float(max(columns.shape.sizes))).reshape(tasks, -1)
    master = Master(columns, model, routes, left)
    _one_route_a_day(master)
    _cover(master)
    reached = _Reached(master)
    _order(master, reached)
    _gaps(master, reached)
    _rooms(master)
    _end(master)
    _fairness(master)
    return master


class _Reached:
    """Where each column adds to the count of a (task, site, half-day): the cells of cumulated counts."""

    def __init__(self, master: Master) -> None:
        columns = master.columns
        which, half, self.site = np.nonzero(columns.counts)
        self.variable = master.routes[which]
        self.number = columns.counts[which, half, self.site].astype(float)
        self.task = columns.task[which]
        self.half = 2 * columns.day[which] + half

    def put(self, model: Linear, rows: NDArray[np.int64], task: int, last: NDArray[np.int64], sign: float) -> None:
        """Add ``sign`` x (sessions of ``task`` held by half-day ``last[i]``) to ``rows[i, site]``."""
        own = np.flatnonzero(self.task == task)
        i, cell = np.nonzero(last[:, None] >= self.half[own][None, :])
        cells = own[cell]
        model.put(rows[i, self.site[cells]], self.variable[cells], sign * self.number[cells])


def _one_route_a_day(master: Master) -> None:
    columns = master.columns
    days = len(columns.shape.problem.days)
    rows = master.model.add_rows(len(columns.shape.crews) * days, above=1)
    planned = set(columns.task.tolist())
    for crew, day in columns.shape.fixed:
        master.model.below[rows[crew * days + day]] = int(columns.shape.task_index[crew] in planned)
    master.model.put(rows[columns.crew * days + columns.day], master.routes, 1)


def _cover(master: Master) -> None:
    columns, model = master.columns, master.model
    tasks, sites = len(columns.shape.chain), len(columns.shape.sites)
    rows = model.add_rows(tasks * sites).reshape(tasks, sites)
    for task in range(tasks):
        for row, size in zip(rows[task], columns.shape.sizes, strict=True):
            model.below[row] = model.above[row] = size
    which, site = np.nonzero(columns.totals)
    model.put(rows[columns.task[which], site], master.routes[which], columns.totals[which, site])
    if master.left is not None:
        model.put(rows, master.left, 1)


def _order(master: Master, reached: _Reached) -> None:
    shape, model = master.columns.shape, master.model
    halves = np.arange(2 * len(shape.problem.days))
    for task in range(1, len(shape.chain)):
        rows = model.add_rows(len(halves) * len(shape.sites), above=0).reshape(len(halves), -1)
        reached.put(model, rows, task, halves, 1)
        reached.put(model, rows, task - 1, halves - 1, -1)


def _gaps(master: Master, reached: _Reached) -> None:
    """Price pairs on the same day, and each day of a gap beyond the free ones (counted day by day)."""
    shape, model, weights = master.columns.shape, master.model, master.columns.shape.problem.weights
    days, sites = np.arange(len(shape.problem.days)), len(shape.sites)
    most = float(max(shape.sizes))
    waits, until = _late_days(shape.problem.days, weights.gap_max)
    for task in range(1, len(shape.chain)):
        same = model.add_columns(np.full(len(days) * sites, weights.same_day), most, whole=False).reshape(-1, sites)
        rows = model.add_rows(same.size, below=0).reshape(-1, sites)
        model.put(rows, same, 1)
        reached.put(model, rows, task, 2 * days + 1, -1)
        reached.put(model, rows, task - 1, 2 * days - 1, 1)
        late = model.add_columns(np.full(len(waits) * sites, weights.late_gap), most, whole=False).reshape(-1, sites)
        rows = model.add_rows(late.size, below=0).reshape(-1, sites)
        model.put(rows, late, 1)
        reached.put(model, rows, task - 1, waits, -1)
        reached.put(model, rows, task, until, 1)
        if master.left is not None:
            model.put(rows, np.broadcast_to(master.left[task], rows.shape), 1)
            model.put(rows, np.broadcast_to(master.left[task - 1], rows.shape), -1)


def _late_days(days: tuple[dt.date, ...], free: int) -> tuple[Ints, Ints]:
    """For each calendar day t: the last half-day by t, and the last by t + ``free`` days."""
    span = [days[0] + dt.timedelta(days=i) for i in range((days[-1] - days[0]).days + 1 - free)]
    by = np.array([day.toordinal() for day in days])

    def last(t: dt.date) -> int:
        return 2 * int((by <= t.toordinal()).sum()) - 1

    return np.array([last(t) for t in span], np.int64), np.array(
        [last(t + dt.timedelta(days=free)) for t in span], np.int64
    )


def _rooms(master: Master) -> None:
    """At most as many sessions in a half-day as its rooms can hold one after the other."""
    columns, model = master.columns, master.model
    most = room_limits(columns)
    rows = model.add_rows(most.size, below=-np.inf).reshape(most.shape)
    for cell, limit in zip(rows.ravel(), most.ravel(), strict=True):
        model.above[cell] = float(limit)
    which, half, site = np.nonzero(columns.counts)
    model.put(rows[columns.day[which], half, site], master.routes[which], columns.counts[which, half, site])


def room_limits(columns: Columns) -> Ints:
    """Return the most sessions a site can host by day and half-day."""
    shape = columns.shape
    shortest, noon = min(task.duration for task in shape.chain), shape.problem.noon
    most = np.zeros((len(shape.problem.days), 2, len(shape.sites)), dtype=np.int64)
    for s, site in enumerate(shape.sites):
        for d, day in enumerate(shape.problem.days):
            for window in shape.windows(s, day):
                last = window.end - shortest
                for half, first, until in ((0, window.start, min(last, noon - 1)), (1, max(window.start, noon), last)):
                    most[d, half, s] += site.rooms * (1 + max(-1, (until - first) // shortest))
    for (_, today), held in shape.begun.items():  # facts, even where a site is closed by now
        for s, half, _ in shape.stops(held):
            most[today, half, s] += 1
    return most


def _end(master: Master) -> None:
    columns, model, weights = master.columns, master.model, master.columns.shape.problem.weights
    days = len(columns.shape.problem.days)
    last = model.add_columns([weights.end], high=float(days - 1), whole=False)
    rows = model.add_rows(len(columns.shape.crews) * days, below=0)
    model.put(rows, last, 1)
    model.put(rows[columns.crew * days + columns.day], master.routes, -columns.day)


def _fairness(master: Master) -> None:
    columns, model, weights = master.columns, master.model, master.columns.shape.problem.weights
    held = columns.totals.sum(axis=1)
    for task in range(len(columns.shape.chain)):
        crews = columns.shape.crews_of(task)
        if len(crews) < 2:
            continue
        high, low = model.add_columns([weights.fair, -weights.fair], high=1e4, whole=False)
        for crew in crews:
            own = np.flatnonzero(columns.crew == crew)
            at_most, at_least = model.add_rows(1, below=0), model.add_rows(1, above=0)
            for row, limit in ((at_most, high), (at_least, low)):
                model.put(row, limit, 1)
                model.put(row, master.routes[own], -held[own])
