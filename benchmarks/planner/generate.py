"""Make rotation-1 instances of any size, like the public ones: towns, schools, timetables, depots and teams by chance.

usage: python benchmarks/planner/generate.py SCHOOLS [SEED [LOAD]] > INSTANCE.json
LOAD is the share of the teams' sessions that the demand fills: 0.6 as in the public instances, 0.85 is tight, above 1
not everything can be placed. The same arguments give the same instance.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import random
import sys
from typing import Any

ACTIVITIES = {
    "robotics": {"dur": 75, "setup": 20, "teardown": 15, "turnover": 10},
    "video": {"dur": 75, "setup": 10, "teardown": 10, "turnover": 10},
}
WEIGHTS = {
    "unplaced": 100000,
    "team_day": 150,
    "visit": 40,
    "drive": 1,
    "same_day": 30,
    "late_gap": 10,
    "gap_max": 5,
    "fair": 5,
    "end": 3,
}
SIZES, SHARES = (1, 2, 4, 6), (13, 46, 28, 13)
"""Groups of a school, and how many schools of a hundred have that many."""

MEAN = 2.966
FULL = {"4d_830": ([510, 690], [810, 990]), "4d_845": ([525, 705], [810, 990]), "4d_9": ([540, 720], [810, 990])}
HALF = {"45d_a": ([540, 720], [825, 975]), "45d_b": ([540, 720], [810, 945])}
"""Timetables of four days, and of four days and a half."""

FIRST = dt.date(2026, 11, 2)
CLOSED = {dt.date(2026, 11, 11), *(dt.date(2026, 12, 19) + dt.timedelta(days=i) for i in range(16))}
LENGTHS = ((75, 10), (400, 20), (10**9, 40))
"""Days of an edition of up to so many schools."""

SCHOOLS_IN_AREA = 200
AREA = (0.75, 1.15)
"""Degrees of latitude and longitude of an area of some 200 schools; each area has two depots."""


def instance(schools: int, seed: int = 0, load: float = 0.6) -> dict[str, Any]:
    """Return a rotation-1 instance."""
    chance = random.Random(f"{schools} {seed} {load}")
    days = _days(next(length for most, length in LENGTHS if schools <= most))
    areas = max(1, round(schools / SCHOOLS_IN_AREA))
    towns = [_place(chance, i % areas, areas) for i in range(max(2 * areas, int(0.8 * schools)))]
    sizes = _sizes(chance, schools)
    depots = towns[: 2 * areas]
    return {
        "format": "rotation-1",
        "name": f"s{schools}_{seed}" + ("" if load == 0.6 else f"_{load}"),
        "meta": {"seed": seed, "load": load},
        "days": [day.isoformat() for day in days],
        "noon": 750,
        "lunch_min": 45,
        "activities": ACTIVITIES,
        "sites": [_site(chance, i, size, chance.choice(towns), days) for i, size in enumerate(sizes)],
        "depots": depots,
        "teams": _teams(chance, days, len(depots), math.ceil(sum(sizes) / (4 * load * len(days)))),
        "groups": _groups(chance, sizes),
        "pins": [],
        "weights": WEIGHTS,
    }


def _days(count: int) -> list[dt.date]:
    every = (FIRST + dt.timedelta(days=i) for i in range(3 * count))
    return [day for day in every if day.weekday() < 5 and day not in CLOSED][:count]


def _place(chance: random.Random, area: int, areas: int) -> list[float]:
    """Return a place in an area; areas lie side by side in a square."""
    row, column = divmod(area, math.ceil(math.sqrt(areas)))
    return [
        round(48.0 + (row + chance.random()) * AREA[0], 5),
        round(1.0 + (column + chance.random()) * AREA[1], 5),
    ]


def _sizes(chance: random.Random, schools: int) -> list[int]:
    """Return the groups of each school, 2.966 on average."""
    sizes = chance.choices(SIZES, SHARES, k=schools)
    wanted = round(MEAN * schools)
    while sum(sizes) != wanted:
        i = chance.randrange(schools)
        size = chance.choice(SIZES)
        if abs(sum(sizes) - sizes[i] + size - wanted) < abs(sum(sizes) - wanted):
            sizes[i] = size
    return sizes


def _site(chance: random.Random, i: int, size: int, town: list[float], days: list[dt.date]) -> dict[str, Any]:
    half = chance.random() < 0.17
    name = chance.choice(sorted(HALF if half else FULL))
    morning, afternoon = (HALF if half else FULL)[name]
    closed = {chance.choice([d for d, day in enumerate(days) if day.weekday() != 2]) for _ in range(len(days) // 10)}
    windows = {
        str(d): [morning] if day.weekday() == 2 else [morning, afternoon]
        for d, day in enumerate(days)
        if d not in closed and (half or day.weekday() != 2)
    }
    avoided = chance.sample(sorted(windows, key=int), max(1, len(days) // 10))
    return {
        "id": i,
        "name": f"École {i}",
        "lat": town[0],
        "lon": town[1],
        "windows": windows,
        "room_cap": 1 if chance.random() < 0.58 else 2,
        "pref": {f"{d}:{chance.randrange(len(windows[d]))}": 25 for d in avoided},
        "profile": name,
    }


def _teams(chance: random.Random, days: list[dt.date], depots: int, count: int) -> list[dict[str, Any]]:
    teams: list[dict[str, Any]] = []
    for activity, name in (("robotics", "Camion"), ("video", "Vidéo")):
        for i in range(count):
            away = {chance.randrange(len(days)) for _ in range(len(days) // 20)}
            teams.append(
                {
                    "id": len(teams),
                    "provider": f"{name} {i}",
                    "activity": activity,
                    "depot": i % depots,
                    "avail": {str(d): [450, 1080] for d in range(len(days)) if d not in away},
                    "max_sessions": 4,
                }
            )
    return teams


def _groups(chance: random.Random, sizes: list[int]) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = []
    for site, size in enumerate(sizes):
        for k in range(size):
            groups.append(
                {
                    "id": len(groups),
                    "site": site,
                    "cls": f"{site}.{k // 2}",
                    "size": chance.randint(10, 15),
                    "chain": ["robotics", "video"],
                }
            )
    return groups


if __name__ == "__main__":
    schools, seed, load = (sys.argv[1:] + ["0", "0.6"][len(sys.argv) - 2 :])[:3]
    json.dump(instance(int(schools), int(seed), float(load)), sys.stdout, ensure_ascii=False)
