"""Which released sessions can keep their half-day, as rows over the counts of each half-day.

Counts alone promise too much: a group's two sessions are tied to each other by their order. A session that stays takes
its slot with it, so its partner must find another one on the right side of it. For a chain of two the rows are exact
(Hall's condition for matching the slots of one task to those of the next); for longer chains they are necessary.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from services.scheduling.adapters.cpsat.linear import Ints, Linear
from services.scheduling.adapters.cpsat.shape import Shape
from services.scheduling.domain.constraints.past import is_past
from services.scheduling.domain.problem import Baseline, Demand


@dataclass(frozen=True)
class Old:
    """A released session that is still demanded: which group of its site, which task, on which half-day."""

    site: int
    group: int
    task: int
    half: int
    confirmed: bool
    past: bool


@dataclass(frozen=True)
class Cells:
    """The variables that count sessions, ``held[crew, half, site]``; -1 where none can be held."""

    shape: Shape
    held: Ints

    def at(self, task: int, half: int, site: int) -> Ints:
        """Return the variables of a task at a site in one half-day."""
        return self.until(task, half, site, half)

    def until(self, task: int, half: int, site: int, first: int = 0) -> Ints:
        """Return the variables of a task at a site up to and with a half-day."""
        found = self.held[self.shape.crews_of(task), max(0, first) : max(0, half + 1), site].ravel()
        return found[found >= 0]


@dataclass(frozen=True)
class Keeps:
    """The variables that say which sessions stay, and how many can not, whatever the plan; confirmed, then offered."""

    stays: tuple[Ints, Ints]
    lost: tuple[int, int]

    @property
    def released(self) -> tuple[int, int]:
        """How many sessions could be moved."""
        return self.lost[0] + len(self.stays[0]), self.lost[1] + len(self.stays[1])


def old_sessions(shape: Shape) -> list[Old]:
    """Return what the baseline released, in its order."""
    problem, baseline = shape.problem, shape.problem.baseline or Baseline(())
    groups = ((s, g, chain) for s, of_site in enumerate(shape.groups) for g, chain in enumerate(of_site))
    place = {demand.id: (s, g, t) for s, g, chain in groups for t, demand in enumerate(chain)}
    days = {day: i for i, day in enumerate(problem.days)}
    return [
        Old(
            *place[p.demand_id],
            2 * days[p.day] + problem.half_of(p),
            p.demand_id in baseline.confirmed,
            is_past(problem, p),
        )
        for p in baseline.placements
        if p.demand_id in place and p.day in days
    ]


def add_keeps(model: Linear, cells: Cells) -> Keeps:
    """Add a variable for each released session that may stay, and the rows that say which can stay together."""
    released = old_sessions(cells.shape)
    stays: dict[Old, int] = {}
    lost = [0, 0]
    for old in released:
        if len(cells.at(old.task, old.half, old.site)):
            stays[old] = int(model.add_columns([0.0], low=float(old.past))[0])
        else:
            lost[0 if old.confirmed else 1] += 1
        _price_again(model, cells.shape, old, stays.get(old))
    _at_most_held(model, cells, stays)
    _at_most_willing(model, cells)
    by_site: dict[int, dict[tuple[int, int], tuple[int, int]]] = defaultdict(dict)
    for old, variable in stays.items():
        by_site[old.site][old.group, old.task] = (old.half, variable)
    first = min((old.half for old in stays if not old.past), default=0)
    for site in range(len(cells.shape.sites)):
        for before, after in pairwise(range(len(cells.shape.chain))):
            _Chain(model, cells, site, before, after, by_site[site]).add_rows(first)
    open_ones = [[v for old, v in stays.items() if not old.past and old.confirmed is state] for state in (True, False)]
    confirmed, offered = (np.array(variables, np.int64) for variables in open_ones)
    return Keeps((confirmed, offered), (lost[0], lost[1]))


def _price_again(model: Linear, shape: Shape, old: Old, stays: int | None) -> None:
    """Moving a school that was moved before costs more; what cannot stay costs it in any case."""
    problem, home = shape.problem, shape.groups[old.site][old.group][old.task].home
    times = problem.baseline.moved_before.get(home, 0) if problem.baseline and not old.past else 0
    if times:
        goes = model.add_columns([float(problem.weights.again * times)], whole=False)
        row = model.add_rows(1, below=1)
        model.put(row, [*goes, *([] if stays is None else [stays])], 1)


def _at_most_held(model: Linear, cells: Cells, stays: dict[Old, int]) -> None:
    """No more sessions stay in a half-day than are held there."""
    together: dict[tuple[int, int, int], list[int]] = defaultdict(list)
    for old, variable in stays.items():
        together[old.task, old.half, old.site].append(variable)
    for cell, variables in together.items():
        row = model.add_rows(1, above=0)
        model.put(row, variables, 1)
        model.put(row, cells.at(*cell), -1)


def _at_most_willing(model: Linear, cells: Cells) -> None:
    """Where groups refused half-days, no more sessions are held than there are groups that did not refuse them all."""
    for site, groups in enumerate(cells.shape.groups):
        for task in range(len(cells.shape.chain)):
            refused = [list(_refused(cells, site, task, group[task])) for group in groups]
            whole = [frozenset().union(*parts) for parts in refused]
            for together in {*whole, *(part for parts in refused for part in parts)} - {frozenset()}:
                row = model.add_rows(1, above=float(sum(not barred >= together for barred in whole)))
                model.put(row, sorted(together), 1)


def _refused(cells: Cells, site: int, task: int, demand: Demand) -> Iterator[frozenset[int]]:
    """Yield for each half-day refused for a session the variables that count its task at its site then."""
    shape = cells.shape
    for barred in demand.barred:
        half = 2 * shape.problem.days.index(barred.day) + barred.half
        whose = [t for t in shape.crews_of(task) if barred.provider_id in ("", shape.crews[t].provider_id)]
        yield frozenset(int(v) for v in cells.held[whose, half, site] if v >= 0)


class _Chain:
    """Two tasks that follow each other at one site; who stays with both, with the first, with the second."""

    def __init__(
        self,
        model: Linear,
        cells: Cells,
        site: int,
        before: int,
        after: int,
        stays: dict[tuple[int, int], tuple[int, int]],
    ) -> None:
        self.model, self.cells, self.site, self.before, self.after = model, cells, site, before, after
        self.firsts = {group: old for (group, task), old in stays.items() if task == before}
        self.seconds = {group: old for (group, task), old in stays.items() if task == after}
        self.both = {group: self._both(group) for group in self.firsts.keys() & self.seconds.keys()}

    def _both(self, group: int) -> int:
        """Return the variable that says whether both sessions of a group stay."""
        first, second = self.firsts[group][1], self.seconds[group][1]
        both = int(self.model.add_columns([0.0], whole=False)[0])
        for one in (first, second):
            self.model.put(row := self.model.add_rows(1, above=0), both, 1)
            self.model.put(row, one, -1)
        self.model.put(row := self.model.add_rows(1, above=1), (first, second), 1)
        self.model.put(row, both, -1)
        return both

    def add_rows(self, first_half: int) -> None:
        """Whatever comes second by a half-day needs a first before it that is not tied to a later second."""
        for half in range(self.cells.held.shape[1]):
            if len(self.cells.at(self.after, half, self.site)):
                self._served(half)
        for until in sorted({half for half, _ in self.seconds.values() if half >= first_half}):
            self._partners(until, -1)
            for free_until in sorted({half for half, _ in self.firsts.values() if half < until}):
                self._partners(until, free_until)

    def _served(self, half: int) -> None:
        """Second sessions by a half-day have a first before it, beside the pairs that straddle it."""
        row = self.model.add_rows(1, above=0)
        self.model.put(row, self.cells.until(self.after, half, self.site), 1)
        self.model.put(row, self.cells.until(self.before, half - 1, self.site), -1)
        straddle = [b for g, b in self.both.items() if self.firsts[g][0] < half < self.seconds[g][0]]
        self.model.put(row, straddle, 1)

    def _partners(self, until: int, free_until: int) -> None:
        """Seconds that stay by ``until``, and new ones by ``free_until``, find firsts that are free for them.

        A second that stays without its first needs a new first before it; a new second can also follow a first that
        stays without its second.
        """
        row, put = self.model.add_rows(1, above=0), self.model.put
        put(row, self.cells.until(self.before, until - 1, self.site), -1)
        put(row, [v for half, v in self.firsts.values() if half < until], 1)
        put(row, [v for g, (half, v) in self.seconds.items() if free_until < half <= until], 1)
        put(row, [b for g, b in self.both.items() if self.seconds[g][0] <= until], -1)
        if free_until >= 0:
            put(row, self.cells.until(self.after, free_until, self.site), 1)
            put(row, [v for g, (half, v) in self.firsts.items() if half < free_until], -1)
            put(row, [b for g, b in self.both.items() if self.firsts[g][0] < free_until], 1)
