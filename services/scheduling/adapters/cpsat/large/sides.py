"""Improve a timetable on both sides of a line at once, in two processes; the next line runs in another direction.

Each side changes the trips inside its schools alone, and has the free team-days of the depots there: whatever becomes
of one side, the other is still in order. Trips across the line stand still until the next one is drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.contracts.values import Place
from services.scheduling.adapters.cpsat.budget import Budget
from services.scheduling.adapters.cpsat.large.cover import Cover
from services.scheduling.adapters.cpsat.large.days import Days
from services.scheduling.adapters.cpsat.large.improve import TRIES, Improver
from services.scheduling.adapters.cpsat.large.timetable import Timetable, Trip
from services.scheduling.adapters.cpsat.linear import Ints, Mask

TURN = 2.4
"""Radians from one line to the next: the golden angle, so that no two lines are much alike."""

SWAY = 0.1
"""Share of the schools by which a line may lie beside the middle."""


class Improved(NamedTuple):
    """What has become of a side: its trips, how often its sites failed, and what is spent of the budget."""

    trips: list[Trip]
    failed: Ints
    spent: float


class Sides:
    """Makes ``table`` better with the processes of a pool, which have begun with ``keep``."""

    def __init__(self, pool: ProcessPoolExecutor, table: Timetable, seed: int, budget: Budget) -> None:
        self.pool, self.table, self.random, self.budget = pool, table, np.random.default_rng(seed), budget
        self.sites = _plane([site.place for site in table.field.shape.sites])
        self.depots = _plane([base.depot for base in table.field.bases])
        self.failed = np.zeros((3, len(self.sites)), np.int64)
        self.angle = 0.0
        self.begun: list[tuple[Mask, Timetable, Future[Improved]]] = []

    @property
    def has_more(self) -> bool:
        """Whether there is more to try."""
        return bool(self.failed[2].min() < TRIES)

    def begin(self, seconds: float) -> None:
        """Draw a line, and let both sides be made better for some seconds."""
        self.angle += TURN
        sites, depots = ((places * np.exp(1j * self.angle)).real for places in (self.sites, self.depots))
        line = np.quantile(sites, 0.5 + SWAY * self.random.uniform(-1, 1))
        for own, bases in ((sites < line, depots < line), (sites >= line, depots >= line)):
            part = self.table.inside(own, bases)
            failed = np.where(own, self.failed, TRIES)
            seed = int(self.random.integers(2**31))
            job = self.pool.submit(improved, self.table.trips, own, bases, failed, seed, self.budget, seconds)
            self.begun.append((own, part, job))

    def end(self) -> None:
        """Take in what has become of both sides."""
        self.budget.beside(job.result().spent for _, _, job in self.begun)
        for own, part, job in self.begun:
            trips, failed, _ = job.result()
            was, now = Counter(part.trips), Counter(trips)
            for trip in (was - now).elements():
                self.table.remove(trip)
            for trip in (now - was).elements():
                self.table.add(trip)
            self.failed[:, own] = failed[:, own]
        self.begun.clear()


def _plane(places: Sequence[Place]) -> NDArray[np.complex128]:
    """Return where places are, in degrees as long as those of latitude."""
    north, east = np.array([(place.lat, place.lon) for place in places]).T
    return np.asarray(east * np.cos(np.radians(north.mean())) + 1j * north)


_kept: list[tuple[Days, Sequence[Cover]]] = []
"""What a process of the pool has from the beginning; it learns the days of ever more routes."""


def keep(covers: Sequence[Cover]) -> None:
    """Begin in a process of the pool."""
    _kept.append((Days(covers[0].field), covers))


def improved(
    trips: Sequence[Trip], sites: Mask, bases: Mask, failed: Ints, seed: int, budget: Budget, seconds: float
) -> Improved:
    """Make the trips inside some sites better in a process of the pool that has a copy of the budget."""
    until = budget.used + seconds
    days, covers = _kept[0]
    table = Timetable(days.field, days)
    for trip in trips:
        table.add(trip)
    improver = Improver(table.inside(sites, bases), covers, seed, budget, lambda: until - budget.used, failed)
    while improver.step():
        pass
    return Improved(improver.table.trips, improver.failed, budget.spent)
