"""On which days an undated route is possible, in which order and half-days, and what that costs there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from services.contracts.values import Window
from services.scheduling.adapters.cpsat.large.field import Field
from services.scheduling.adapters.cpsat.linear import Floats
from services.scheduling.adapters.cpsat.routes import NEVER, Day, Route, Stop

Visits = tuple[tuple[int, int], ...]
"""Sites, ascending, each with its sessions of the day."""


@dataclass(frozen=True)
class Dated:
    """What a team-day costs by day (infinite where impossible), without gaps, and at least; its route on each day."""

    cost: Floats
    least: float
    routes: tuple[Route | None, ...]


class Days:
    """Answers for the routes of a field, each worked out once."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self.weights = field.shape.problem.weights
        self.dates = field.shape.problem.days
        self.disliked = self._disliked()
        self.hours = [[self._hours(b, d) for d in range(len(self.dates))] for b in range(len(field.bases))]
        self._orders: dict[object, list[Route]] = {}
        self._dated: dict[tuple[int, Visits], Dated] = {}

    def _hours(self, base: int, day: int) -> tuple[Window, ...]:
        """Return the hours of the teams of a base that are there on a day, the longest first."""
        crews = [self.field.shape.crews[t] for t in self.field.bases[base].crews]
        date = self.dates[day]
        there = [crew.available[date] for crew in crews if date in crew.available]
        return tuple(sorted(there, key=lambda w: w.start - w.end))

    def _disliked(self) -> dict[tuple[int, int, int], int]:
        days = {date: d for d, date in enumerate(self.dates)}
        sites = enumerate(self.field.shape.sites)
        return {
            (s, days[date], half): points
            for s, site in sites
            for date, pair in site.disliked.items()
            if date in days
            for half, points in enumerate(pair)
        }

    def of(self, base: int, visits: Visits) -> Dated:
        """Return the days of one route of a base."""
        if (base, visits) not in self._dated:
            best = [self._best(base, visits, d) for d in range(len(self.dates))]
            cost = np.array([price for price, _ in best])
            self._dated[base, visits] = Dated(cost, float(cost.min()), tuple(route for _, route in best))
        return self._dated[base, visits]

    def _best(self, base: int, visits: Visits, day: int) -> tuple[float, Route | None]:
        if not self.hours[base][day]:
            return np.inf, None
        orders = self.orders(base, visits, day, self.hours[base][day][0])
        return min(((self.price(route, day), route) for route in orders), key=lambda o: o[0], default=(np.inf, None))

    def price(self, route: Route, day: int) -> float:
        """Return the points of a team-day: itself, visits, road, and half-days its sites would rather avoid."""
        weights = self.weights
        avoided = sum(
            count * self.disliked.get((site, day, half), 0)
            for site, *counts in route.stops
            for half, count in enumerate(counts)
        )
        fixed = weights.team_day + weights.visit * len(route.stops) + weights.drive * route.road
        return float(fixed + avoided)

    def orders(self, base: int, visits: Visits, day: int, hours: Window) -> list[Route]:
        """Return the ways to hold these visits on a day within these hours."""
        windows = tuple(self.field.windows[day][site] for site, _ in visits)
        key = (base, visits, windows, hours)
        if key not in self._orders:
            self._orders[key] = self._every_order(base, visits, windows, hours)
        return self._orders[key]

    def _every_order(
        self, base: int, visits: Visits, windows: tuple[tuple[Window, ...], ...], hours: Window
    ) -> list[Route]:
        sites = [site for site, _ in visits]
        day = self.day(base, sites, windows, hours, [count for _, count in visits])
        best: dict[object, Route] = {}
        for stops, road in _whole(day, list(day.sizes), (), None, 0):
            key = tuple(sorted(stops))
            if key not in best or road < best[key].road:
                best[key] = Route(tuple((sites[i], am, pm) for i, am, pm in stops), road)
        return list(best.values())

    def day(
        self,
        base: int,
        sites: Sequence[int],
        windows: tuple[tuple[Window, ...], ...],
        hours: Window,
        counts: Sequence[int],
    ) -> Day:
        """Return a team's day among a few sites, numbered as in ``sites``."""
        field, home = self.field, self.field.bases[base]
        return Day(
            task=field.task(base),
            hours=hours,
            noon=field.shape.problem.noon,
            lunch=field.shape.problem.lunch,
            most=home.most,
            sizes=tuple(counts),
            windows=windows,
            roads=field.roads[np.ix_(sites, sites)].tolist(),
            depot=home.roads[list(sites)].tolist(),
        )


def _whole(
    day: Day, left: list[int], stops: tuple[Stop, ...], last: tuple[int, int, int] | None, road: int
) -> Iterator[tuple[tuple[Stop, ...], int]]:
    """Yield the stops of every way to go on and hold all that is left; for few sessions, quicker than lists of all."""
    here, before, end = last or (-1, 0, 0)
    if last and not any(left) and day.is_back(here, end):
        yield stops, road + day.depot[here]
    for site in (site for site, count in enumerate(left) if count):
        leg = 0 if site == here else day.roads[here][site] if last else day.depot[site]
        rest = [count - (i == site) for i, count in enumerate(left)]
        for half in range(before, 2):
            start = day.next_start(site, last, half)
            if start < NEVER:
                then = (site, half, start + day.task.duration)
                yield from _whole(day, rest, _with_stop(stops, site, half), then, road + leg)


def _with_stop(stops: tuple[Stop, ...], site: int, half: int) -> tuple[Stop, ...]:
    """Return stops with one more session at their end."""
    if stops and stops[-1][0] == site:
        _, am, pm = stops[-1]
        return (*stops[:-1], (site, am + (half == 0), pm + (half == 1)))
    return (*stops, (site, int(half == 0), int(half == 1)))
