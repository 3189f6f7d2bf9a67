"""Spots: a site where sessions of one kind of provider may be held, whatever class they are for.

Hours are the widest, durations the shortest of all that may be held at a spot: with these no possible day is missed,
and what is possible only with these is found out when the day is timed.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from services.contracts.values import Window
from services.scheduling.adapters.cpsat.lots.lot import Lot, Step, lots_of
from services.scheduling.domain.problem import Problem, Site, Task
from services.scheduling.domain.roads import open_windows, road_minutes


@dataclass(frozen=True)
class Spot:
    """A site and a kind of provider; durations in minutes, the least of its ``tasks``.

    ``most``: sessions that may be held here in one half-day, and in one day: a class has not all its steps at once.
    """

    site: Site
    kind: str
    steps: tuple[Step, ...]
    most: tuple[int, int]

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        return tuple({step.task.id: step.task for step in self.steps}.values())

    @cached_property
    def duration(self) -> int:
        return min(task.duration for task in self.tasks)

    @cached_property
    def setup(self) -> int:
        return min(task.setup for task in self.tasks)

    @cached_property
    def packing(self) -> int:
        return min(task.packing for task in self.tasks)

    @cached_property
    def turnover(self) -> int:
        """Least minutes between two sessions here."""
        other = [self.setup + self.packing] if len(self.tasks) > 1 else []
        return min([*(task.turnover for task in self.tasks), *other])

    def windows(self, problem: Problem, day: dt.date) -> tuple[Window, ...]:
        """When sessions may be held here for one class or another."""
        ones = {(step.one.home, step.task.id): step.one for step in self.steps}.values()
        return tuple(sorted({w for one in ones for w in open_windows(problem, one, self.site.id, day)}))


@dataclass(frozen=True)
class Forms:
    """A problem in counts: its lots and its spots."""

    problem: Problem
    lots: tuple[Lot, ...]
    spots: tuple[Spot, ...]

    @cached_property
    def steps(self) -> list[tuple[int, int, Step]]:
        """Every step with its lot and its place there."""
        return [(i, j, step) for i, lot in enumerate(self.lots) for j, step in enumerate(lot.steps)]

    @cached_property
    def spot_of(self) -> dict[tuple[str, str], int]:
        """The position of a spot by site and kind."""
        return {(spot.site.id, spot.kind): i for i, spot in enumerate(self.spots)}

    @cached_property
    def roads(self) -> list[list[int]]:
        """Road minutes from spot to spot."""
        return [[road_minutes(a.site.place, b.site.place) for b in self.spots] for a in self.spots]


def forms_of(problem: Problem) -> Forms:
    """Return a problem in counts."""
    lots = tuple(lots_of(problem))
    here: dict[tuple[str, str], dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, lot in enumerate(lots):
        for position, step in enumerate(lot.steps):
            for site in step.one.sites:
                here[site, step.task.provider_kind][number].append(position)
    return Forms(problem, lots, tuple(_spot(problem, lots, *where, held) for where, held in here.items()))


def _spot(problem: Problem, lots: tuple[Lot, ...], site: str, kind: str, held: dict[int, list[int]]) -> Spot:
    steps = tuple(lots[lot].steps[position] for lot, positions in held.items() for position in positions)
    most = (sum(at_once(lots[lot], own, span) for lot, own in held.items()) for span in (0, 1))
    return Spot(problem.site_by_id[site], kind, steps, (next(most), next(most)))


def at_once(lot: Lot, steps: list[int], span: int) -> int:
    """Return how many sessions of some steps of a lot can lie within ``span`` half-days of each other on one day."""
    apart = _apart(lot)
    sets = (kept for size in range(len(steps) + 1) for kept in combinations(steps, size))
    possible = (kept for kept in sets if all(apart.get(pair, (0, 0)) <= (0, span) for pair in combinations(kept, 2)))
    return max(sum(lot.steps[step].size for step in kept) for kept in possible)


def _apart(lot: Lot) -> dict[tuple[int, int], tuple[int, int]]:
    """The least (days, half-days) from one step to a later one, where the one waits for the other."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for late, step in enumerate(lot.steps):
        for before in step.before:
            own = step.task.min_days, step.task.min_half_days
            for early in range(before + 1):
                days, halves = found.get((early, before), (0, 0)) if early != before else (0, 0)
                if early == before or (early, before) in found:
                    was = found.get((early, late), (0, 0))
                    found[early, late] = max(was[0], days + own[0]), max(was[1], halves + own[1])
    return found
