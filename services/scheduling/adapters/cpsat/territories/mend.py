"""Improve a plan that is there already: region by region, across what were the borders of territories."""

from __future__ import annotations

from collections import Counter, defaultdict

from services.scheduling.adapters.cpsat.budget import Budget
from services.scheduling.adapters.cpsat.insertion import completed
from services.scheduling.adapters.cpsat.large.cover import Cover
from services.scheduling.adapters.cpsat.large.field import Field, field_of
from services.scheduling.adapters.cpsat.large.improve import Improver
from services.scheduling.adapters.cpsat.large.names import Names
from services.scheduling.adapters.cpsat.large.plan import METHOD
from services.scheduling.adapters.cpsat.large.relaxation import relax
from services.scheduling.adapters.cpsat.large.timetable import Timetable, Trip
from services.scheduling.adapters.cpsat.settle import solution_of
from services.scheduling.adapters.cpsat.shape import Shape
from services.scheduling.domain.solution import Solution


def mended(shape: Shape, budget: Budget, seed: int) -> Solution:
    """Return the plan that a problem starts with, made better as far as the budget allows. Raises TooMany."""
    field = field_of(shape)
    covers = [Cover(field, relax(field, task, lambda: True), seed) for task in range(len(shape.chain))]
    table = _timetable(field)
    improver = Improver(table, covers, seed, budget, lambda: budget.left)
    while improver.step():
        pass
    return solution_of(shape.problem, completed(shape.problem, Names(table).placements()), None, METHOD)


def _timetable(field: Field) -> Timetable:
    """Return the trips of the plan at the start that keep the rules of a timetable."""
    shape = field.shape
    bases = {shape.crews[t].id: b for b, base in enumerate(field.bases) for t in base.crews}
    places = {site.id: s for s, site in enumerate(shape.sites)}
    days = {day: d for d, day in enumerate(shape.problem.days)}
    visits: dict[tuple[int, str], Counter[int]] = defaultdict(Counter)
    for placement in shape.problem.start:
        visits[days[placement.day], placement.crew_id][places[placement.site_id]] += 1
    table = Timetable(field)
    for (day, crew), held in sorted(visits.items()):
        trip = Trip(bases[crew], tuple(sorted(held.items())), day)
        if table.fits(trip):
            table.add(trip)
    return table
