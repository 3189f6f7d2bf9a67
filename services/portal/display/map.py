"""A day's rounds on a map to scale: depots, schools with their names, each team's way. Nothing comes from outside."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from services.contracts.rpc import Line, PlannedSession
from services.contracts.values import Edition, Place, Team
from services.portal.display.agenda import day_of, in_time

WIDTH, MARGIN = 800, 70
TALLEST, LOWEST = 900, 360
KM_PER_DEGREE = 111.195
"""Of latitude; a degree of longitude is shorter by the cosine of the latitude."""
TOUCHING = 9
"""Places nearer than this on the paper share one spot."""
FINEST = 2
"""Points of a contour nearer than this on the paper are drawn as one."""
LETTER, LINE, GAP = 6.6, 14, 9
"""Width and height that a label takes for a letter and a line, and its distance from its spot."""


@dataclass(frozen=True)
class Label:
    """Where the first line of a spot's names begins, and how it is anchored."""

    x: float
    y: float
    anchor: str


@dataclass(frozen=True)
class Spot:
    """One or several places at one point of the paper. ``busy``: someone comes there on this day."""

    x: float
    y: float
    names: tuple[str, ...]
    depot: bool
    busy: bool
    label: Label


@dataclass(frozen=True)
class Round:
    """A team's day, from its depot from stop to stop and back. ``nth``: position of its provider, which marks it.

    ``legs``: the points of each stretch with its middle, where an arrow tells its direction.
    """

    provider: str
    team: Team
    nth: int
    stops: tuple[PlannedSession, ...]
    legs: tuple[str, ...]


@dataclass(frozen=True)
class Map:
    """A drawing of ``WIDTH`` by ``height``; ``km`` is the length of a scale bar of ``bar`` units.

    ``contours``: the points of each line that lies under it.
    """

    height: float
    spots: tuple[Spot, ...]
    rounds: tuple[Round, ...]
    km: float
    bar: float
    contours: tuple[str, ...] = ()


class _Paper:
    """Turns degrees into units of the drawing; north is up."""

    def __init__(self, places: Sequence[Place]) -> None:
        lats, lons = [p.lat for p in places], [p.lon for p in places]
        self._north, self._west = max(lats), min(lons)
        self._narrow = math.cos(math.radians((max(lats) + min(lats)) / 2))
        wide = max(1.0, (max(lons) - min(lons)) * self._narrow * KM_PER_DEGREE)
        high = max(1.0, (max(lats) - min(lats)) * KM_PER_DEGREE)
        self.per_km = min((WIDTH - 2 * MARGIN) / wide, (TALLEST - 2 * MARGIN) / high)
        self.height = max(LOWEST, high * self.per_km + 2 * MARGIN)
        self._left = (WIDTH - wide * self.per_km) / 2
        self._top = (self.height - high * self.per_km) / 2

    def at(self, place: Place) -> tuple[float, float]:
        scale = self.per_km * KM_PER_DEGREE
        x = self._left + (place.lon - self._west) * self._narrow * scale
        return round(x, 1), round(self._top + (self._north - place.lat) * scale, 1)


def map_of(
    edition: Edition, sessions: Sequence[PlannedSession], day: dt.date, contours: Sequence[Line] = ()
) -> Map | None:
    """Draw one day of a plan, with every place of the whole plan, over contours; None when it has no session."""
    if not sessions:
        return None
    depots = {team.depot: team.depot.name for provider in edition.providers for team in provider.teams}
    names = {p.session.place: p.session.place.name if p.session.venue_id else p.school_name for p in sessions}
    paper = _Paper([*depots, *names])
    rounds = tuple(_rounds(edition, [p for p in sessions if day_of(p) == day], paper))
    busy = {stop.session.place for way in rounds for stop in way.stops}
    km = _round_number(WIDTH / 4 / paper.per_km)
    spots = _labelled(_spots(names, depots, busy, paper), paper.height)
    return Map(paper.height, tuple(spots), rounds, km, km * paper.per_km, tuple(_contours(contours, paper)))


def _contours(lines: Iterable[Line], paper: _Paper) -> Iterable[str]:
    """Yield the points of the lines that meet the paper, without those too near to be told apart."""
    for line in lines:
        points = [paper.at(Place("", lat, lon)) for lon, lat in line]
        if any(0 <= x <= WIDTH and 0 <= y <= paper.height for x, y in points):
            yield " ".join(f"{x:g},{y:g}" for x, y in _thinned(points))


def _thinned(points: list[_Point]) -> list[_Point]:
    kept = points[:1]
    for point in points[1:-1]:
        if math.dist(point, kept[-1]) >= FINEST:
            kept.append(point)
    return kept + points[1:][-1:]


def _rounds(edition: Edition, sessions: Iterable[PlannedSession], paper: _Paper) -> Iterable[Round]:
    held = in_time(sessions)
    for nth, provider in enumerate(edition.providers):
        for team in provider.teams:
            own = tuple(p for p in held if (p.session.provider_id, p.session.team_id) == (provider.id, team.id))
            if own:
                way = [team.depot, *(place for place, _ in groupby(p.session.place for p in own)), team.depot]
                points = [paper.at(place) for place in way]
                yield Round(provider.name, team, nth % 6, own, tuple(map(_leg, points, points[1:])))


_Point = tuple[float, float]


def _leg(start: _Point, end: _Point) -> str:
    middle = round((start[0] + end[0]) / 2, 1), round((start[1] + end[1]) / 2, 1)
    return " ".join(f"{x},{y}" for x, y in (start, middle, end))


def _spots(
    names: dict[Place, str], depots: dict[Place, str], busy: set[Place], paper: _Paper
) -> list[tuple[_Point, list[str], bool, bool]]:
    """Return points with their names, whether a depot is there and whether someone comes."""
    spots: list[tuple[_Point, list[str], bool, bool]] = []
    for place, name in sorted([*names.items(), *depots.items()], key=lambda item: item[1]):
        point, depot, there = paper.at(place), place in depots, place in busy
        near = next((i for i, spot in enumerate(spots) if math.dist(spot[0], point) < TOUCHING), None)
        if near is None:
            spots.append((point, [name], depot, there))
        else:
            at, known, was_depot, was_there = spots[near]
            spots[near] = at, known + [name] * (name not in known), depot or was_depot, there or was_there
    return spots


# Labels: each where it covers least of what is there already -----------------------------------------------------

_Box = tuple[float, float, float, float]


def _labelled(spots: list[tuple[_Point, list[str], bool, bool]], height: float) -> Iterable[Spot]:
    taken: list[_Box] = [(x - 6, y - 6, x + 6, y + 6) for (x, y), *_ in spots]
    for (x, y), names, depot, busy in spots:
        label, box = min(_places(x, y, names), key=lambda place: _covers(place[1], taken, height))
        taken.append(box)
        yield Spot(x, y, tuple(names), depot, busy, label)


def _places(x: float, y: float, names: list[str]) -> Iterable[tuple[Label, _Box]]:
    """Yield the places around a spot, the best first: right, left, below, above, and the corners."""
    wide, high = max(map(len, names)) * LETTER, len(names) * LINE
    for across, down in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1)):
        left = x + GAP if across > 0 else x - GAP - wide if across < 0 else x - wide / 2
        top = y + GAP if down > 0 else y - GAP - high if down < 0 else y - high / 2
        anchor = ("end", "middle", "start")[across + 1]
        yield Label(round(x + GAP * across, 1), round(top + LINE - 3, 1), anchor), (left, top, left + wide, top + high)


def _covers(box: _Box, taken: list[_Box], height: float) -> float:
    """Return the area of others that a box covers; what lies beyond the paper's edge counts many times."""
    left, top, right, bottom = box
    beyond = max(0, -left) + max(0, right - WIDTH) + max(0, -top) + max(0, bottom - height)
    return 1000 * beyond + sum(
        max(0, min(right, other[2]) - max(left, other[0])) * max(0, min(bottom, other[3]) - max(top, other[1]))
        for other in taken
    )


def _round_number(length: float) -> float:
    """Return the greatest of 1, 2 and 5 times a power of ten that is not above ``length``."""
    power = 10 ** math.floor(math.log10(length))
    return next(float(step * power) for step in (5, 2, 1) if step * power <= length)
