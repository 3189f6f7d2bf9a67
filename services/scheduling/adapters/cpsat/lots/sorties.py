"""Sorties: an outing made by one team on one day. There may be a million: they are priced in arrays, never listed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scheduling.adapters.cpsat.linear import Floats, Ints
from services.scheduling.adapters.cpsat.lots.outings import Outings, TeamDay
from services.scheduling.adapters.cpsat.lots.spots import Forms
from services.scheduling.domain.constraints.past import frozen
from services.scheduling.domain.constraints.team_day import team_days
from services.scheduling.domain.problem import Placement
from services.scheduling.domain.score import drive_minutes, sites_visited


@dataclass(frozen=True)
class Sorties:
    """Some sorties as arrays; ``cells`` as in Outings, ``cost`` with the price of the team's day."""

    crew: Ints
    day: Ints
    cells: Ints
    cost: Floats

    def __len__(self) -> int:
        return len(self.cost)

    def only(self, kept: Ints | NDArray[np.bool_]) -> Sorties:
        """Return some of them, by number or by mask."""
        return Sorties(self.crew[kept], self.day[kept], self.cells[kept], self.cost[kept])

    def beside(self, other: Sorties) -> Sorties:
        """Return these and, behind them, the others that are not among them."""
        both = _join([self, other])
        return both.only(np.sort(np.unique(both.rows, axis=0, return_index=True)[1]))

    def among(self, others: Sorties) -> Ints:
        """Return the numbers of these sorties among others."""
        return np.flatnonzero((others.rows[:, None] == self.rows[None]).all(axis=2).any(axis=1))

    @property
    def rows(self) -> Ints:
        """Who, when and what, by which two sorties are equal."""
        return np.column_stack([self.crew, self.day, self.cells])


def _join(parts: list[Sorties]) -> Sorties:
    fields = zip(*((p.crew, p.day, p.cells, p.cost) for p in parts), strict=True)
    return Sorties(*(np.concatenate(field) for field in fields))


@dataclass(frozen=True)
class Duals:
    """Prices of a relaxation: of a session by (crew, day, cell), of a team's day by (crew, day)."""

    session: Floats
    team_day: Floats


class AllSorties:
    """Every sortie of a problem. ``past``: those already made, which stay."""

    def __init__(self, forms: Forms) -> None:
        self.forms, self.nothing = forms, 2 * len(forms.spots)
        problem = forms.problem
        made = team_days(problem, list(frozen(problem).values()))
        self.most = max([1, *(crew.max_sessions for crew in problem.crews), *(len(stops) for stops in made.values())])
        self.past = _join([self._none(), *(self._made(stops) for stops in made.values())])
        self.team_days = list(self._open())

    def _open(self) -> Iterator[tuple[int, int, Outings]]:
        """Yield (crew, day, its outings) of the days still open; equal days are searched once."""
        problem, known = self.forms.problem, dict[object, Outings]()
        first = problem.baseline.frozen_before if problem.baseline else None
        for c, crew in enumerate(problem.crews):
            for d, day in enumerate(problem.days):
                if day in crew.available and (first is None or day >= first):
                    team_day = TeamDay(self.forms, crew, day)
                    if team_day.key not in known:
                        known[team_day.key] = team_day.outings()
                    yield c, d, known[team_day.key]

    def __len__(self) -> int:
        return sum(len(outings) for _, _, outings in self.team_days)

    def below(self, duals: Duals, limit: float, most: int | None = None) -> Sorties:
        """Return the sorties whose reduced cost is below a limit; of each team's day only the ``most`` cheapest."""
        return _join([self._none(), *(self._cheap(c, d, o, duals, limit, most) for c, d, o in self.team_days)])

    def least(self, duals: Duals) -> float:
        """Return how far a relaxation can be above the bound: the least reduced cost of each team's day, added up."""
        return float(sum(self._reduced(c, d, o, duals).min(initial=0.0) for c, d, o in self.team_days))

    def _reduced(self, crew: int, day: int, outings: Outings, duals: Duals) -> Floats:
        paid = np.append(duals.session[crew, day], 0.0)[outings.cells].sum(axis=1) + duals.team_day[crew, day]
        return np.asarray(outings.cost + self.forms.problem.weights.team_day - paid)

    def _cheap(self, crew: int, day: int, outings: Outings, duals: Duals, limit: float, most: int | None) -> Sorties:
        reduced = self._reduced(crew, day, outings, duals)
        kept = np.flatnonzero(reduced < limit)
        if most is not None and len(kept) > most:
            kept = kept[np.argpartition(reduced[kept], most)[:most]]
        width = self.most - outings.cells.shape[1]
        cells = np.pad(outings.cells[kept], ((0, 0), (0, width)), constant_values=self.nothing)
        cost = outings.cost[kept] + self.forms.problem.weights.team_day
        return Sorties(np.full(len(kept), crew), np.full(len(kept), day), cells, cost)

    def _none(self) -> Sorties:
        empty = np.empty(0, np.int64)
        return Sorties(empty, empty, np.empty((0, self.most), np.int64), np.empty(0))

    def _made(self, stops: list[Placement]) -> Sorties:
        """A team's day of the past."""
        problem, weights = self.forms.problem, self.forms.problem.weights
        cells = np.full((1, self.most), self.nothing, np.int64)
        for i, stop in enumerate(stops):
            spot = self.forms.spot_of[stop.site_id, problem.task_of(stop).provider_kind]
            cells[0, i] = 2 * spot + problem.half_of(stop)
        cost = (
            weights.team_day + weights.visit * len(sites_visited(stops)) + weights.drive * drive_minutes(problem, stops)
        )
        crew = next(i for i, crew in enumerate(problem.crews) if crew.id == stops[0].crew_id)
        return Sorties(
            np.array([crew]), np.array([problem.days.index(stops[0].day)]), np.sort(cells), np.array([float(cost)])
        )
