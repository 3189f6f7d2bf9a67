"""The order in which the trips of the first task go: round their depot, as the hand of a clock does.

Neighbours are visited within days of each other then, and followers find near schools free together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from services.scheduling.adapters.cpsat.large.cover import Undated
from services.scheduling.adapters.cpsat.large.days import Visits
from services.scheduling.adapters.cpsat.large.timetable import Timetable
from services.scheduling.adapters.cpsat.linear import Floats, Ints

DRAWN, STAY = 10, 0.5
"""Times that trips are drawn towards those they share with, and how much of their own place they keep."""


def turns(table: Timetable, trips: Sequence[Undated], after: Sequence[Undated]) -> Ints:
    """Return each trip's turn among the days; ``after``: trips of the next task, as far as they are known."""
    is_open = np.array([[bool(windows) for windows in row] for row in table.field.windows]).mean(axis=1)
    bases, place = np.array([base for base, _ in trips]), _places(table, trips, after)
    turn = np.zeros(len(trips), np.int64)
    for base in np.unique(bases):
        own = np.flatnonzero(bases == base)
        room = np.cumsum(table.limits[base] * is_open * (table.field.follow(0) == 0))
        turn[own] = np.searchsorted(room, place[own] * room[-1])
    return turn


def _places(table: Timetable, trips: Sequence[Undated], after: Sequence[Undated]) -> Floats:
    """Return each trip's place in its base's order, from 0 to 1: round the depot, then nearer to those it shares with.

    Trips that share a school, or are followed together, are drawn together (the barycentre heuristic of graph drawing).
    """
    bases = np.array([base for base, _ in trips])
    own, other = (_matrix(table, part) for part in (trips, after))
    near = own @ own.T + (own @ other.T) @ (own @ other.T).T
    np.fill_diagonal(near, near.sum(axis=1) * STAY + 1)
    near /= near.sum(axis=1, keepdims=True)
    place = _ranked(bases, np.array([_angle(table, base, visits) for base, visits in trips]))
    for _ in range(DRAWN):
        place = _ranked(bases, near @ place)
    return place


def _matrix(table: Timetable, trips: Sequence[Undated]) -> Floats:
    """Return the sessions of each trip by site."""
    held = np.zeros((len(trips), len(table.field.sizes)))
    for i, (_, visits) in enumerate(trips):
        for site, count in visits:
            held[i, site] = count
    return held


def _ranked(bases: Ints, keys: Floats) -> Floats:
    """Return the place of each in its base, from 0 to 1."""
    place = np.zeros(len(keys))
    for base in np.unique(bases):
        own = np.flatnonzero(bases == base)
        place[own[np.argsort(keys[own], kind="stable")]] = (np.arange(len(own)) + 0.5) / len(own)
    return place


def _angle(table: Timetable, base: int, visits: Visits) -> float:
    """Return the direction in which the sessions of a trip lie."""
    depot, sites = table.field.bases[base].depot, table.field.shape.sites
    north = sum(count * (sites[site].place.lat - depot.lat) for site, count in visits)
    east = sum(count * (sites[site].place.lon - depot.lon) for site, count in visits)
    return float(np.arctan2(north, east * np.cos(np.radians(depot.lat))))
