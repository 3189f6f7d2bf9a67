"""What a released plan asks of a new one: its past stays."""

from __future__ import annotations

from collections import defaultdict

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
    """Replace the columns of past days by what was held then; return all columns and those that must stay."""
    shape, problem = columns.shape, columns.shape.problem
    baseline = problem.baseline
    if baseline is None or baseline.frozen_before is None:
        return columns, np.empty(0, np.int64)
    first = sum(day < baseline.frozen_before for day in problem.days)
    past = list(frozen(problem).values())
    crews = {crew.id: i for i, crew in enumerate(shape.crews)}
    held = [
        (crews[crew_id], problem.days.index(stops[0].day), _route(shape, stops))
        for (crew_id, _), stops in team_days(problem, past).items()
    ]
    still = columns.only(columns.day >= first)
    return still.with_routes(held), np.arange(len(still), len(still) + len(held))


def _route(shape: Shape, stops: list[Placement]) -> Route:
    sites = {site.id: i for i, site in enumerate(shape.sites)}
    counts: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for stop in stops:
        counts[sites[stop.site_id]][shape.problem.half_of(stop)] += 1
    held: tuple[Stop, ...] = tuple((site, am, pm) for site, (am, pm) in counts.items())
    return Route(held, drive_minutes(shape.problem, stops))
