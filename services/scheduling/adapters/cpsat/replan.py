"""What a released plan asks of a new one: its past stays, and a session kept on its half-day disturbs nobody."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from services.scheduling.adapters.cpsat.columns import Columns
from services.scheduling.adapters.cpsat.linear import Ints
from services.scheduling.adapters.cpsat.master import Master
from services.scheduling.adapters.cpsat.routes import Route, Stop
from services.scheduling.adapters.cpsat.shape import Shape
from services.scheduling.domain.constraints.past import frozen, is_past
from services.scheduling.domain.constraints.team_day import team_days
from services.scheduling.domain.problem import Placement
from services.scheduling.domain.score import drive_minutes

Worth = tuple[int, int, int]
"""Points for a confirmed session kept on its half-day, an offered one kept, and any session placed."""

GENTLE = 1000
KEPT = 3000
"""Points an offered session kept in its half-day is worth: more than any rearrangement of days could save."""


@dataclass(frozen=True)
class Released:
    """Counts of the released plan, its past left out.

    ``old[state, task, site, half-day]``, state 0 confirmed, 1 offered; ``by_day[crew, day, half, site]``.
    """

    old: Ints
    by_day: Ints

    @property
    def worth(self) -> Worth:
        """Points of a confirmed session kept, an offered one kept, any one placed: each above all of the next."""
        confirmed, offered = (int(self.old[state].sum()) for state in (0, 1))
        of_confirmed = KEPT * (offered + 1) if confirmed else KEPT
        return (
            of_confirmed,
            KEPT,
            min(10**8, max(100_000, of_confirmed * (confirmed + 1 if confirmed else offered + 1))),
        )

    @property
    def gentle(self) -> Worth:
        """The same order with smaller steps: linear programmes that only rank columns converge sooner on these."""
        return 3 * GENTLE, GENTLE, 20 * GENTLE


def released_of(shape: Shape) -> Released | None:
    """Return the counts of the baseline, or None when there is none."""
    problem, baseline = shape.problem, shape.problem.baseline
    if baseline is None:
        return None
    cells = {d.id: (t, s) for s, groups in enumerate(shape.groups) for chain in groups for t, d in enumerate(chain)}
    crews = {crew.id: i for i, crew in enumerate(shape.crews)}
    days = {day: i for i, day in enumerate(problem.days)}
    old = np.zeros((2, len(shape.chain), len(shape.sites), 2 * len(days)), np.int64)
    by_day = np.zeros((len(crews), len(days), 2, len(shape.sites)), np.int64)
    for placement in baseline.placements:
        if placement.demand_id not in cells or placement.day not in days or is_past(problem, placement):
            continue
        (task, site), day, half = cells[placement.demand_id], days[placement.day], problem.half_of(placement)
        old[0 if placement.demand_id in baseline.confirmed else 1, task, site, 2 * day + half] += 1
        if placement.crew_id in crews:
            by_day[crews[placement.crew_id], day, half, site] += 1
    return Released(old, by_day)


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


def price_moves(master: Master, released: Released, worth: Worth) -> None:
    """Reward each session kept on its half-day, confirmed or offered, and placed at all, as a discount on the cost."""
    columns, model = master.columns, master.model
    confirmed, offered, placed = worth
    if master.left is not None:
        extra = placed - columns.shape.problem.weights.unplaced
        model.cost[1] = model.cost[1] + extra
    state, task, site, half = np.nonzero(released.old)
    number = released.old[state, task, site, half]
    kept = model.add_columns(np.where(state == 0, -confirmed, -offered), high=float(number.max(initial=1)), whole=False)
    rows = model.add_rows(len(kept))
    for row, most in zip(rows, number, strict=True):
        model.above[row] = float(most)
    model.put(rows, kept, 1)
    cell = {key: i for i, key in enumerate(sorted(set(zip(task, site, half, strict=True))))}
    of_cell = np.array([cell[key] for key in zip(task, site, half, strict=True)], np.int64)
    both = model.add_rows(len(cell), above=0)
    model.put(both[of_cell], kept, 1)
    which, part, at = np.nonzero(columns.counts)
    keys = zip(columns.task[which], at, 2 * columns.day[which] + part, strict=True)
    rows_of = np.array([cell.get(key, -1) for key in keys], np.int64)
    hit = np.flatnonzero(rows_of >= 0)
    model.put(both[rows_of[hit]], master.routes[which[hit]], -columns.counts[which[hit], part[hit], at[hit]])
