"""The proof driver: raise the bound of every plan's cost until it meets a plan.

No plan within a limit means that every plan costs more: the bound rises by the step, and the step grows.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.scheduling.adapters.cpsat.columns import Columns
from services.scheduling.adapters.cpsat.exact.canon import useful
from services.scheduling.adapters.cpsat.exact.days import Days
from services.scheduling.adapters.cpsat.exact.left import Left, TooLarge
from services.scheduling.adapters.cpsat.exact.order import Order, Steps
from services.scheduling.adapters.cpsat.exact.potentials import SCALE, kinds_of
from services.scheduling.adapters.cpsat.exact.words import Packing
from services.scheduling.adapters.cpsat.routes import Route
from services.scheduling.adapters.cpsat.shape import Shape

QUICK = ((10, 3000), (10, 10_000))
"""First plans: points by which covers may exceed the bound of their task, and states kept for each day."""

STEP, GROWTH, LEAST_STEP = 12, 1.5, 4
"""Points by which the bound is raised first, how that grows, and how near a limit of too many states it comes."""

Drives = list[tuple[int, int, Route]]
"""(crew, day, route)."""


@dataclass
class Proof:
    """``bound``: no plan that places everything costs less. ``best``: the value of the best plan known.

    ``beyond``: the least limit that had too many states. ``fair``: fairness is now counted as it is, not at its least.
    """

    days: Days
    packing: Packing
    end: int
    best: float
    least: list[int] = field(init=False)
    rests: dict[tuple[int, int], Left | None] = field(default_factory=dict)
    bound: int = field(init=False)
    beyond: float = math.inf
    fair: bool = False

    def __post_init__(self) -> None:
        self.least = [-(-kinds.potential.bound // SCALE) for kinds in self.days.kinds]
        self.bound = sum(self.least) + self.end + unfair(self.days.shape)

    def first(self) -> Iterator[Drives | None]:
        """Yield better and better plans from narrow searches."""
        for above, beam in QUICK:
            yield self._quick(above, beam)

    def rise(self) -> Iterator[Drives | None]:
        """Raise the bound step by step, yielding None, until it proves the best plan or yields one that it proves.

        Ends without a proof when there are too many states to go on; a better plan may make it worth another try.
        """
        step: float = STEP
        while self.bound < self.best and self.beyond - self.bound > LEAST_STEP:
            limit = int(min(self.best - 1, self.bound + step - 1, (self.bound + self.beyond) // 2))
            try:
                was_fair = self.fair
                yield self._raise(limit)
                step = step * GROWTH if self.fair == was_fair else 1
            except TooLarge:
                self.beyond = limit

    def _quick(self, above: int, beam: int) -> Drives | None:
        """Look for a plan among the cheapest covers."""
        try:
            rests = [self._left(task, least + above) for task, least in enumerate(self.least)]
            return self._better(self._search(rests, int(self.best) - 1, beam=beam))
        except TooLarge:
            return None

    def _raise(self, limit: int) -> Drives | None:
        """Look for a plan within the limit, among all there are; without one the bound is above it."""
        spare = limit - self.end - unfair(self.days.shape) - sum(self.least)
        rests = [self._left(task, least + spare) for task, least in enumerate(self.least)]
        found = self._search(rests, limit, fair=self.fair)
        better = self._better(found)
        self.bound = limit + 1 if found is None else found[0]
        self.fair = self.fair or self.bound < min(self.best, limit + 1)
        return better

    def _better(self, found: tuple[int, Steps] | None) -> Drives | None:
        """Return the routes of a plan that is better than the best, which it becomes."""
        if found is None:
            return None
        value = found[0] if self.fair else found[0] - unfair(self.days.shape) + self._uneven(found[1])
        if value >= self.best:
            return None
        self.best = value
        return self._routes(found[1])

    def _search(
        self, rests: list[Left | None], limit: int, *, beam: int = 0, fair: bool = False
    ) -> tuple[int, Steps] | None:
        """Search up to the limit; return the cheapest plan, fairness counted at its least or, ``fair``, as it is."""
        whole = [rest for rest in rests if rest is not None]
        if len(whole) < len(rests):
            return None
        least = 0 if fair else unfair(self.days.shape)
        found = Order(self.days, self.packing, whole, limit - least, beam=beam, fair=fair).run()
        return (found[0] + least, found[1]) if found else None

    def _uneven(self, steps: Steps) -> int:
        """Points of fairness that a plan costs."""
        shape, held = self.days.shape, Counter[int]()
        for _, crew, kind in steps:
            held[crew] += int(self.days.kinds[shape.task_index[crew]].sessions[kind].sum())
        loads = [[held[crew] for crew in shape.crews_of(task)] for task in range(len(shape.chain))]
        return shape.problem.weights.fair * sum(max(load) - min(load) for load in loads)

    def _left(self, task: int, most: int) -> Left | None:
        """Return the least costs over routes that are in a cover of at most ``most``; None without such a cover."""
        if (task, most) not in self.rests:
            kinds = self.days.kinds[task]
            found = useful(self.packing, kinds, most)
            self.rests[task, most] = None if found is None else Left(self.packing, kinds, found.kinds, self.days.tick)
        return self.rests[task, most]

    def _routes(self, steps: Steps) -> Drives:
        """Return the routes of a plan, day by day the best that go together."""
        found: Drives = []
        done = np.zeros((2, self.packing.sites), np.int64)
        for day in sorted({day for day, _, _ in steps}):
            held = tuple((crew, kind) for d, crew, kind in steps if d == day)
            waiting, counts = done[0] - done[1], self._counts(held)
            same = np.maximum(counts[1] - waiting, 0)
            routes = self.days.routes(day, held, tuple(same.tolist()))[1]
            found += [(crew, day, route) for (crew, _), route in zip(held, routes, strict=True)]
            done += counts
        return found

    def _counts(self, held: tuple[tuple[int, int], ...]) -> NDArray[np.int64]:
        """Sessions of a day by task and site."""
        counts = np.zeros((2, self.packing.sites), np.int64)
        for crew, kind in held:
            task = self.days.shape.task_index[crew]
            counts[task] += self.days.kinds[task].sessions[kind]
        return counts


def unfair(shape: Shape) -> int:
    """Return the least that fairness costs: the sessions of a task may not divide evenly among its teams."""
    uneven = [n for n in (len(shape.crews_of(t)) for t in range(len(shape.chain))) if n and sum(shape.sizes) % n]
    return shape.problem.weights.fair * len(uneven)


def end_of(columns: Columns) -> int:
    """Return the points that the last day costs at least."""
    last = max((_last_day(columns, task) for task in range(len(columns.shape.chain))), default=0)
    last = max(last, *(day for _, day in columns.shape.fixed), 0)
    return columns.shape.problem.weights.end * last


def _last_day(columns: Columns, task: int) -> int:
    """The first day by which the teams of a task could have held all its sessions."""
    shape = columns.shape
    own = columns.task == task
    most = np.zeros((len(shape.crews), len(shape.problem.days)), np.int64)
    np.maximum.at(most, (columns.crew[own], columns.day[own]), columns.totals[own].sum(axis=1))
    reached = most.sum(axis=0).cumsum()
    return int(np.argmax(reached >= sum(shape.sizes))) if reached[-1] >= sum(shape.sizes) else 0


def proof_of(columns: Columns, best: float, tick: Callable[[int], None]) -> Proof | None:
    """Prepare a proof over these columns; None when the problem is beyond it or sessions must be left out.

    ``best``: value of the best plan known, or what no plan reaches. ``tick`` is told now and then how many
    cells are compared next; what it raises ends the search.
    """
    shape = columns.shape
    if len(shape.chain) > 2 or shape.problem.baseline is not None:
        return None
    try:
        packing = Packing((*shape.sizes, *[1] * len(shape.fixed)), len(shape.fixed))
    except ValueError:
        return None
    kinds = [found for task in range(len(shape.chain)) if (found := kinds_of(columns, task)) is not None]
    if len(kinds) < len(shape.chain):
        return None
    return Proof(Days(columns, packing, kinds, tick), packing, end_of(columns), best)
