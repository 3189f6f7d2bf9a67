"""The fast form of a problem: groups of one site are interchangeable, so only counts per half-day are decided.

``shape_of`` says whether a problem has this form; ``sessions`` plans the others.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from services.contracts.values import Place, Window
from services.scheduling.domain.constraints.past import frozen, is_past
from services.scheduling.domain.problem import Crew, Demand, Placement, Problem, Site, Task
from services.scheduling.domain.roads import open_windows, road_minutes


@dataclass(frozen=True)
class Shape:
    """The fast form. ``groups[s]``: the chains of demands held at site ``s``, each with the tasks of ``chain``."""

    problem: Problem
    chain: tuple[Task, ...]
    sites: tuple[Site, ...]
    groups: tuple[tuple[tuple[Demand, ...], ...], ...]

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Number of groups at each site: the sessions of each task there."""
        return tuple(len(groups) for groups in self.groups)

    @property
    def fits_a_word(self) -> bool:
        """Whether the groups of all sites are counted in 63 bits, as the exact search does it (see exact.words)."""
        return sum(size.bit_length() + 1 for size in self.sizes) <= 63

    def wanted(self, task: int) -> tuple[int, ...]:
        """What the routes of a task cover: the groups of each site, then once each of its team-days with pins."""
        return (*self.sizes, *(int(self.task_index[crew] == task) for crew, _ in self.fixed))

    @cached_property
    def prices_of_leaving(self) -> tuple[int, ...]:
        """Points that leaving a session of each site out costs."""
        return tuple(self.problem.price_of_leaving(groups[0][0]) for groups in self.groups)

    @cached_property
    def task_index(self) -> tuple[int, ...]:
        """For each crew, the position in the chain of the one task it gives."""
        kinds = {task.provider_kind: i for i, task in enumerate(self.chain)}
        return tuple(next(kinds[kind] for kind in crew.kinds if kind in kinds) for crew in self.crews)

    @cached_property
    def crews(self) -> tuple[Crew, ...]:
        """The teams that give one of the tasks."""
        kinds = {task.provider_kind for task in self.chain}
        return tuple(crew for crew in self.problem.crews if kinds & set(crew.kinds))

    @cached_property
    def begun(self) -> dict[tuple[int, int], tuple[Placement, ...]]:
        """By (crew, day): the sessions that a team has begun on a day of which the rest is open, in order."""
        problem, number = self.problem, {crew.id: t for t, crew in enumerate(self.crews)}
        today = problem.baseline.frozen_before if problem.baseline else None
        made: dict[tuple[int, int], list[Placement]] = defaultdict(list)
        for p in sorted(frozen(problem).values(), key=lambda p: p.start):
            if p.day == today:
                made[number[p.crew_id], problem.days.index(p.day)].append(p)
        return {key: tuple(held) for key, held in made.items()}

    @cached_property
    def fixed(self) -> dict[tuple[int, int], tuple[Placement, ...]]:
        """By (crew, day): the sessions that every plan holds there at these times: begun ones, then pins, in order."""
        problem, number = self.problem, {crew.id: t for t, crew in enumerate(self.crews)}
        past, made = frozen(problem), {key: list(held) for key, held in self.begun.items()}
        for pin in sorted((pin for pin in problem.pins if pin.demand_id not in past), key=lambda p: p.start):
            made.setdefault((number[pin.crew_id], problem.days.index(pin.day)), []).append(pin)
        return {key: tuple(held) for key, held in made.items()}

    def stops(self, held: Iterable[Placement]) -> tuple[tuple[int, int, int], ...]:
        """Return (site, half, start) of sessions."""
        place = {site.id: s for s, site in enumerate(self.sites)}
        return tuple((place[p.site_id], self.problem.half_of(p), p.start) for p in held)

    def crews_of(self, task: int) -> list[int]:
        """Return the positions of the crews that give a task."""
        return [t for t, own in enumerate(self.task_index) if own == task]

    def windows(self, site: int, day: dt.date) -> tuple[Window, ...]:
        """Return when sessions may be held at a site on a day, earliest first."""
        home = self.sites[site]
        return tuple(sorted(open_windows(self.problem, self.groups[site][0][0], home.id, day)))

    @cached_property
    def roads(self) -> list[list[int]]:
        """Road minutes from site to site."""
        return [[road_minutes(a.place, b.place) for b in self.sites] for a in self.sites]

    def roads_from(self, depot: Place) -> list[int]:
        """Return road minutes between a depot and each site."""
        return [road_minutes(depot, site.place) for site in self.sites]


def shape_of(problem: Problem) -> Shape | None:
    """Return the fast form of a problem, or None when it has none."""
    chains = _chains(problem)
    if not chains or any(_beyond(problem, chains)):
        return None
    by_site: dict[str, list[tuple[Demand, ...]]] = defaultdict(list)
    for chain in chains:
        by_site[chain[0].sites[0]].append(chain)
    sites = tuple(site for site in problem.sites if site.id in by_site)
    tasks = tuple(problem.task_by_id[demand.task_id] for demand in chains[0])
    return Shape(problem, tasks, sites, tuple(tuple(by_site[site.id]) for site in sites))


def _chains(problem: Problem) -> list[tuple[Demand, ...]]:
    followers: dict[str, list[Demand]] = defaultdict(list)
    for demand in problem.demands:
        for before in demand.after:
            followers[before].append(demand)
    return [tuple(_follow(demand, followers)) for demand in problem.demands if not demand.after]


def _follow(demand: Demand, followers: dict[str, list[Demand]]) -> Iterator[Demand]:
    yield demand
    for after in followers[demand.id]:
        yield from _follow(after, followers)


def _beyond(problem: Problem, chains: list[tuple[Demand, ...]]) -> Iterator[bool]:
    """Yield True for each thing the fast form cannot say."""
    tasks = [problem.task_by_id[demand.task_id] for demand in chains[0]]
    kinds = [task.provider_kind for task in tasks]
    yield len(set(kinds)) < len(kinds)
    yield any(len(set(crew.kinds) & set(kinds)) > 1 for crew in problem.crews)
    yield any(task.min_half_days != 1 or task.min_days or task.max_days is not None for task in tasks[1:])
    yield any(is_past(problem, pin) and pin not in frozen(problem).values() for pin in problem.pins)
    yield problem.baseline is None and any(demand.barred for demand in problem.demands)
    for chain in chains:
        yield [demand.task_id for demand in chain] != [task.id for task in tasks]
        yield any(demand.excludes or len(demand.after) > 1 for demand in chain)
        yield any(second.after != (first.id,) for first, second in pairwise(chain))
        yield len({demand.sites for demand in chain}) > 1 or len(chain[0].sites) != 1
        yield len({demand.home for demand in chain}) > 1
    yield sum(len(chain) for chain in chains) != len(problem.demands)
    alike: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for chain in chains:
        alike[chain[0].sites[0]] |= {(demand.home, demand.priority) for demand in chain}
    yield any(len(here) > 1 for here in alike.values())
