"""What a released plan asks of a new one: its past stays."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from services.scheduling.adapters.cpsat.columns import Columns
from services.scheduling.adapters.cpsat.linear import Ints
from services.scheduling.adapters.cpsat.routes import Route, Stop
from services.scheduling.adapters.cpsat.shape import Shape
from services.scheduling.domain.constraints.past import frozen
from services.scheduling.domain.constraints.team_day import team_days
from services.scheduling.domain.problem import Placement
from services.scheduling.domain.score import drive_minutes


def freeze(columns: Columns) -> tuple[Columns, Ints]:
    """Replace the columns of past days by what was held then; return all columns and those that must stay.

    Where a team that has begun its day may go on with it, its columns say so.
    """
    problem = columns.shape.problem
    baseline = problem.baseline
    if baseline is None or baseline.frozen_before is None:
        return columns, np.empty(0, np.int64)
    first = sum(day < baseline.frozen_before for day in problem.days)
    columns = columns.only(columns.day >= first)
    goes_on = {(t, d) for t, d in columns.shape.begun if ((columns.crew == t) & (columns.day == d)).any()}
    begun = {p.demand_id for key in goes_on for p in columns.shape.begun[key]}
    return hold(columns, [p for p in frozen(problem).values() if p.demand_id not in begun])


def hold(columns: Columns, placements: Sequence[Placement]) -> tuple[Columns, Ints]:
    """Return the columns and, behind them, those of these placements; and the numbers of the latter."""
    shape, problem = columns.shape, columns.shape.problem
    crews = {crew.id: i for i, crew in enumerate(shape.crews)}
    held = [
        (crews[crew_id], problem.days.index(stops[0].day), _route(shape, stops))
        for (crew_id, _), stops in team_days(problem, placements).items()
    ]
    return columns.with_routes(held), np.arange(len(columns), len(columns) + len(held))


def _route(shape: Shape, stops: list[Placement]) -> Route:
    sites = {site.id: i for i, site in enumerate(shape.sites)}
    held: list[Stop] = []
    for site_id, there in groupby(stops, key=lambda stop: stop.site_id):
        halves = [shape.problem.half_of(stop) for stop in there]
        held.append((sites[site_id], halves.count(0), halves.count(1)))
    return Route(tuple(held), drive_minutes(shape.problem, stops))
