"""Improve a plan that is there already: region by region, across what were the borders of territories."""

from __future__ import annotations

import time
from collections import Counter, defaultdict

from services.scheduling.adapters.cpsat.large.cover import Cover
from services.scheduling.adapters.cpsat.large.days import Days
from services.scheduling.adapters.cpsat.large.field import Field, field_of
from services.scheduling.adapters.cpsat.large.improve import Improver
from services.scheduling.adapters.cpsat.large.names import Names
from services.scheduling.adapters.cpsat.large.plan import METHOD
from services.scheduling.adapters.cpsat.large.relaxation import relax
from services.scheduling.adapters.cpsat.large.stage import Clock, Covered
from services.scheduling.adapters.cpsat.large.timetable import Timetable, Trip
from services.scheduling.adapters.cpsat.settle import solution_of
from services.scheduling.adapters.cpsat.shape import Shape
from services.scheduling.domain.solution import Solution


def mended(shape: Shape, seconds: float, seed: int, clock: Clock = time.monotonic) -> Solution:
    """Return the plan that a problem starts with, made better in some seconds. Raises TooMany."""
    until = clock() + seconds
    field = field_of(shape)
    covered = [_near(field, task, seed) for task in range(len(shape.chain))]
    table = _timetable(field, seed)
    improver = Improver(table, covered, seed)
    improver.insert(range(len(field.sizes)))
    while clock() < until and improver.step():
        pass
    return solution_of(shape.problem, Names(table).placements(), None, METHOD)


def _near(field: Field, task: int, seed: int) -> Covered:
    """Return the routes of a task near the prices of its relaxation."""
    search = Cover(field, relax(field, task), seed)
    return Covered(search.pool, search.reduced, search.used, search.bound)


def _timetable(field: Field, seed: int) -> Timetable:
    """Return the trips of the plan at the start that keep the rules of a timetable."""
    shape = field.shape
    bases = {shape.crews[t].id: b for b, base in enumerate(field.bases) for t in base.crews}
    places = {site.id: s for s, site in enumerate(shape.sites)}
    days = {day: d for d, day in enumerate(shape.problem.days)}
    visits: dict[tuple[str, int], Counter[int]] = defaultdict(Counter)
    for placement in shape.problem.start:
        visits[placement.crew_id, days[placement.day]][places[placement.site_id]] += 1
    table = Timetable(field, Days(field), seed)
    for (crew, day), held in sorted(visits.items()):
        table.add(Trip(bases[crew], tuple(sorted(held.items())), day))
    table.drop_broken()
    return table
