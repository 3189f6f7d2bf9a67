"""Road minutes between places, and when a session may start at a site."""

from __future__ import annotations

import datetime as dt
import functools
import math
from collections.abc import Iterable, Sequence

from services.contracts.values import Place, Window
from services.scheduling.domain.problem import Crew, Demand, Problem, Task

EARTH_RADIUS_KM = 6371.0
DETOUR = 1.3
SPEED_KM_H = 50
PARKING_MINUTES = 2


def road_minutes(a: Place, b: Place) -> int:
    """Minutes by road: great circle x 1.3 at 50 km/h plus 2, rounded up, at least 2; 0 on the spot."""
    return _minutes(a.lat, a.lon, b.lat, b.lon)


@functools.cache
def _minutes(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> int:
    if (lat_a, lon_a) == (lat_b, lon_b):
        return 0
    return max(2, math.ceil(great_circle_km(lat_a, lon_a, lat_b, lon_b) * DETOUR / SPEED_KM_H * 60 + PARKING_MINUTES))


def great_circle_km(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Haversine distance in km between two points in degrees."""
    a, b = math.radians(lat_a), math.radians(lat_b)
    h = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(h))


def class_road(problem: Problem, demand: Demand, site_id: str) -> int:
    """Minutes the class travels from its school to ``site_id``; 0 at the school itself."""
    if site_id == demand.home or demand.home not in problem.site_by_id:
        return 0
    return road_minutes(problem.site_by_id[demand.home].place, problem.site_by_id[site_id].place)


def open_windows(problem: Problem, demand: Demand, site_id: str, day: dt.date) -> tuple[Window, ...]:
    """Stretches of ``day`` in which the session must lie whole at ``site_id``.

    At a common venue the class must also be able to come and go while its own school is open.
    """
    windows = problem.site_by_id[site_id].windows.get(day, ())
    if site_id == demand.home or demand.home not in problem.site_by_id:
        return tuple(windows)
    road = class_road(problem, demand, site_id)
    home = problem.site_by_id[demand.home].windows.get(day, ())
    both = (Window(max(w.start, h.start + road), min(w.end, h.end - road)) for w in windows for h in home)
    return tuple(w for w in both if w.start < w.end)


def team_windows(problem: Problem, demand: Demand, crew: Crew, site_id: str, day: dt.date) -> tuple[Window, ...]:
    """Stretches of ``day`` in which the session must lie whole at ``site_id`` when this team gives it."""
    windows = open_windows(problem, demand, site_id, day)
    return free_of(windows, crew.busy.get(day, ()), problem.task_by_id[demand.task_id])


def free_of(windows: Sequence[Window], busy: Iterable[Window], task: Task) -> tuple[Window, ...]:
    """Return what busy stretches of a team leave of windows: set-up comes after them, packing before."""
    free = tuple(windows)
    for taken in busy:
        parts = (
            (
                Window(w.start, min(w.end, taken.start - task.packing)),
                Window(max(w.start, taken.end + task.setup), w.end),
            )
            for w in free
        )
        free = tuple(part for pair in parts for part in pair if part.start < part.end)
    return free
