"""Random small problems, every time a multiple of half an hour, for comparison with ``brute``."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace

from services.contracts.values import Place, Weights, Window
from services.scheduling.domain.problem import Crew, Demand, Problem, Site, Task
from tests.unit.scheduling.brute import GRID

DISLIKES = (0, 0, 0, 10, 25)
HERE, THERE = Place("ici", 49.0, 3.0), Place("là-bas", 49.1595, 3.0)
"""Two points with half an hour of road between them."""

NOON, LUNCH = 720, GRID
MONDAY = dt.date(2021, 3, 1)


def a_small_problem(seed: int) -> Problem:
    """Return a problem of five sessions at most: even seeds in the fast form, odd ones in the general form."""
    chance = random.Random(seed)
    days = tuple(MONDAY + dt.timedelta(days=i) for i in sorted(chance.sample(range(4), chance.randint(1, 3))))
    return _general(chance, days) if seed % 2 else _fast(chance, days)


def with_a_pin(problem: Problem, plan: tuple, chance: random.Random) -> Problem:
    """Return the problem with one session of a plan fixed."""
    return replace(problem, pins=(chance.choice(plan),)) if plan else problem


def _fast(chance: random.Random, days: tuple[dt.date, ...]) -> Problem:
    """Chains of one or two activities at schools, one kind of provider each."""
    length = chance.choice([1, 2, 2])
    tasks = tuple(_task(chance, f"t{i}", f"k{i}") for i in range(length))
    groups = chance.randint(1, 4 // length)
    schools = tuple(_site(chance, f"s{i}", days) for i in range(chance.randint(1, 2)))
    demands = []
    for group in range(groups):
        home = chance.choice(schools).id
        for i in range(length):
            after = (f"g{group}-t{i - 1}",) if i else ()
            demands.append(Demand(f"g{group}-t{i}", f"t{i}", f"g{group}", 12, home, (home,), after))
    crews = tuple(crew for task in tasks for crew in _crews(chance, task.provider_kind, days))
    return Problem(days, NOON, LUNCH, tasks, schools, crews, tuple(demands), weights=_weights(chance))


def _general(chance: random.Random, days: tuple[dt.date, ...]) -> Problem:
    """Chains whose kinds come twice, half groups, delays, a common venue, shared pupils, teams of two kinds."""
    length = chance.randint(1, 3)
    kinds = [chance.choice("ab") for _ in range(length)]
    tasks = tuple(
        replace(
            _task(chance, f"t{i}", kind),
            min_half_days=chance.choice([0, 1, 1, 2]),
            min_days=chance.choice([0, 0, 1]),
            max_days=chance.choice([None, None, 1, 2]),
        )
        for i, kind in enumerate(kinds)
    )
    venue = _site(chance, "venue", days)
    schools = tuple(_site(chance, f"s{i}", days) for i in range(chance.randint(1, 2)))
    demands: list[Demand] = []
    for number in range(chance.randint(1, 3)):
        more = _a_class(chance, f"c{number}", tasks, chance.choice(schools).id)
        demands += more if len(demands) + len(more) <= 4 else []
    crews = tuple(crew for kind in "ab" for crew in _crews(chance, kind, days))
    if chance.random() < 0.2:
        crews = (replace(crews[0], kinds=("a", "b")), *crews[1:])
    return Problem(days, NOON, LUNCH, tasks, (*schools, venue), crews, tuple(demands), weights=_weights(chance))


def _a_class(chance: random.Random, name: str, tasks: tuple[Task, ...], home: str) -> list[Demand]:
    demands: list[Demand] = []
    before: tuple[str, ...] = ()
    sites = chance.choice([(home,), ("venue",), (home, "venue")])
    for task in tasks:
        halves = 2 if chance.random() < 0.3 and len(demands) < 2 else 1
        ids = tuple(f"{name}-{task.id}-{half}" for half in range(halves))
        shared = chance.random() < 0.5
        demands += [
            Demand(id_, task.id, id_, 12, home, sites, before, tuple(o for o in ids if shared and o != id_))
            for id_ in ids
        ]
        before = ids
    return demands


def _task(chance: random.Random, name: str, kind: str) -> Task:
    times = {part: GRID * chance.randint(0, 1) for part in ("setup", "packing", "turnover")}
    return Task(name, kind, duration=GRID * chance.randint(1, 2), **times)


def _site(chance: random.Random, name: str, days: tuple[dt.date, ...]) -> Site:
    morning = Window(540, 540 + GRID * chance.randint(2, 4))
    afternoon = Window(750, 750 + GRID * chance.randint(1, 3))
    hours = {day: tuple(w for w in (morning, afternoon) if chance.random() < 0.85) for day in days}
    disliked = {day: (chance.choice(DISLIKES), chance.choice(DISLIKES)) for day in days}
    windows = {day: found for day, found in hours.items() if found}
    return Site(name, chance.choice([HERE, THERE]), chance.randint(1, 2), windows, disliked)


def _crews(chance: random.Random, kind: str, days: tuple[dt.date, ...]) -> list[Crew]:
    crews = []
    for number in range(chance.choice([1, 1, 2])):
        shift = Window(480 + GRID * chance.randint(0, 2), 780 + GRID * chance.randint(0, 4))
        there = {day: shift for day in days if chance.random() < 0.9}
        crews.append(Crew(f"{kind}{number}", kind, (kind,), chance.choice([HERE, THERE]), there, chance.randint(1, 3)))
    return crews


def _weights(chance: random.Random) -> Weights:
    return Weights(gap_max=chance.randint(0, 2), fair=chance.choice([0, 5, 60]), end=chance.choice([0, 3, 50]))
