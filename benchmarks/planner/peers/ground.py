"""What the peers share: roads, half-days, and the clock of one team's day, read from a rotation-1 instance."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

sys.path.append(str(Path(__file__).parents[3] / "tests" / "rotation"))
from check_rotation import drive_minutes

Key = tuple[int, str]
"""A session to place: group, activity."""


class Slot(NamedTuple):
    """Where and when a session is."""

    team: int
    day: int
    start: int


class Ground:
    """An instance with its roads and half-days at hand."""

    def __init__(self, instance: dict[str, Any]) -> None:
        self.instance = instance
        self.sites, self.groups, self.teams = instance["sites"], instance["groups"], instance["teams"]
        self.activities, self.weights, self.noon = instance["activities"], instance["weights"], instance["noon"]
        self.chain: list[str] = self.groups[0]["chain"]
        if any(group["chain"] != self.chain for group in self.groups) or instance["pins"]:
            raise ValueError("the peers plan one chain for all groups, and no pins")
        self.team_days = [(team["id"], int(day)) for team in self.teams for day in team["avail"]]
        self.road = cache(drive_minutes)

    def place(self, site: int) -> tuple[float, float]:
        """Return the position of a site."""
        return self.sites[site]["lat"], self.sites[site]["lon"]

    def depot(self, team: int) -> tuple[float, float]:
        """Return the position of a team's depot."""
        lat, lon = self.instance["depots"][self.teams[team]["depot"]]
        return lat, lon

    def site(self, key: Key) -> int:
        """Return the site of a session's group."""
        return self.groups[key[0]]["site"]

    def teams_of(self, activity: str) -> list[int]:
        """Return the teams of an activity."""
        return [team["id"] for team in self.teams if team["activity"] == activity]

    def keys(self, activity: str) -> list[Key]:
        """Return the sessions of an activity."""
        return [(group["id"], activity) for group in self.groups]

    def halves(self, site: int) -> Iterator[tuple[int, int, int]]:
        """Yield (half-day, from, to) of a site's windows; half-day = 2 x day, + 1 in the afternoon."""
        for day, windows in self.sites[site]["windows"].items():
            for a, b in windows:
                yield 2 * int(day) + (a >= self.noon), a, b

    def disliked(self, site: int, half: int) -> int:
        """Return what a session costs there for the school's wishes."""
        return self.sites[site]["pref"].get(f"{half // 2}:{half % 2}", 0)

    def gap_cost(self, before: int, after: int) -> int:
        """Return what the days between two sessions of a group cost; both are indexes of days."""
        days = (self._date(after) - self._date(before)).days
        late = self.weights["late_gap"] * max(0, days - self.weights["gap_max"])
        return late + (self.weights["same_day"] if days == 0 else 0)

    def _date(self, day: int) -> dt.date:
        return dt.date.fromisoformat(self.instance["days"][day])


class Plan:
    """Sessions placed so far; every insertion keeps all rules."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.slots: dict[Key, Slot] = {}
        self.days: dict[tuple[int, int], list[Key]] = {team_day: [] for team_day in ground.team_days}

    def sessions(self) -> list[dict[str, Any]]:
        """Return the plan as rotation-1 sessions."""
        return [
            {"group": group, "activity": activity, **slot._asdict()} for (group, activity), slot in self.slots.items()
        ]

    def sessions_in_chain(self) -> list[dict[str, Any]]:
        """Return the plan without the sessions whose chain is broken before them."""
        chain = self.ground.chain
        whole = [
            (group, activity)
            for group, activity in self.slots
            if all((group, before) in self.slots for before in chain[: chain.index(activity)])
        ]
        self.slots = {key: self.slots[key] for key in whole}
        return self.sessions()

    def put(self, team_day: tuple[int, int], keys: Sequence[Key], starts: Sequence[int]) -> None:
        """Make ``keys`` at ``starts`` the day of a team."""
        self.days[team_day] = list(keys)
        self.slots.update({key: Slot(*team_day, start) for key, start in zip(keys, starts, strict=True)})

    def put_what_fits(self, team_day: tuple[int, int], keys: list[Key], halves: dict[Key, int]) -> None:
        """Give a team's day its minutes; while its roads or rooms do not fit, the last session leaves."""
        while keys:
            if starts := self.clock(team_day, keys, halves):
                return self.put(team_day, keys, starts)
            keys = keys[:-1]
        return None

    def clock(
        self, team_day: tuple[int, int], keys: Sequence[Key], halves: dict[Key, int] | None = None
    ) -> list[int] | None:
        """Return the earliest starts of a team's day in this order; None when a rule forbids it.

        ``halves``: the half-day each session must keep.
        """
        g, (team, day) = self.ground, team_day
        if len(keys) > g.teams[team]["max_sessions"]:
            return None
        leave, back = g.teams[team]["avail"][str(day)]
        starts: list[int] = []
        for i, key in enumerate(keys):
            start = self._earliest(team_day, key, keys[i - 1] if i else None, starts[-1] if i else leave, halves)
            if start is None:
                return None
            starts.append(start)
        act = g.activities[keys[-1][1]]
        home = starts[-1] + act["dur"] + act["teardown"] + g.road(g.place(g.site(keys[-1])), g.depot(team))
        return starts if home <= back else None

    def _earliest(
        self, team_day: tuple[int, int], key: Key, before: Key | None, then: int, halves: dict[Key, int] | None
    ) -> int | None:
        """Earliest start after ``before``, which starts at ``then``, or after leaving the depot at ``then``."""
        g, (team, day) = self.ground, team_day
        site, act, lunch = g.site(key), g.activities[key[1]], 0
        if before is None:
            ready = then + g.road(g.depot(team), g.place(site)) + act["setup"]
        elif g.site(before) == site:
            ready = then + act["dur"] + act["turnover"]
            lunch = max(0, g.instance["lunch_min"] - act["turnover"])
        else:
            road = g.road(g.place(g.site(before)), g.place(site))
            ready = then + act["dur"] + act["teardown"] + road + act["setup"]
            lunch = g.instance["lunch_min"]
        first, last = self._half_bounds(key)
        if halves:
            first, last = max(first, halves[key] - 1), min(last, halves[key] + 1)
        for a, b in g.sites[site]["windows"].get(str(day), []):
            half = 2 * day + (a >= g.noon)
            if first < half < last:
                eats = before is not None and then < g.noon <= max(a, ready)
                start = self._free_room(site, day, max(a, ready + lunch * eats), act["dur"], team)
                if start + act["dur"] <= b:
                    return start
        return None

    def _half_bounds(self, key: Key) -> tuple[int, int]:
        """Half-days between which a session may lie (both excluded): those of its neighbours in the chain."""
        at = self.ground.chain.index(key[1])
        before = self.slots.get((key[0], self.ground.chain[at - 1])) if at else None
        after = self.slots.get((key[0], self.ground.chain[at + 1])) if at + 1 < len(self.ground.chain) else None
        return -1 if before is None else self.half(before), 10**6 if after is None else self.half(after)

    def load(self, team: int) -> int:
        """Return how many sessions a team has."""
        return sum(slot.team == team for slot in self.slots.values())

    def half(self, slot: Slot) -> int:
        """Return the half-day of a slot."""
        return 2 * slot.day + (slot.start >= self.ground.noon)

    def _free_room(self, site: int, day: int, start: int, dur: int, team: int) -> int:
        """First start from ``start`` at which a room is free of the other teams."""
        g = self.ground
        others = [
            (slot.start, slot.start + g.activities[key[1]]["dur"])
            for other in g.teams
            if other["id"] != team
            for key in self.days.get((other["id"], day), ())
            if g.site(key) == site
            for slot in (self.slots[key],)
        ]
        for t in sorted({start, *(b for _, b in others if b > start)}):
            points = [t, *(a for a, _ in others if t < a < t + dur)]
            if all(sum(a <= p < b for a, b in others) < g.sites[site]["room_cap"] for p in points):
                return t
        return 10**6

    def cost(self, team_day: tuple[int, int], keys: Sequence[Key], starts: Sequence[int]) -> int:
        """Return what a team's day costs, gaps to the sessions before in each chain included."""
        if not keys:
            return 0
        g, w, (team, day) = self.ground, self.ground.weights, team_day
        stops = [g.depot(team), *(g.place(g.site(key)) for key in keys), g.depot(team)]
        legs = list(pairwise(stops))
        visits = sum(a != b for a, b in legs[1:-1]) + 1
        drive = sum(g.road(a, b) for a, b in legs)
        wishes = sum(g.disliked(g.site(k), 2 * day + (s >= g.noon)) for k, s in zip(keys, starts, strict=True))
        before = [self.slots.get((k[0], g.chain[g.chain.index(k[1]) - 1])) for k in keys if k[1] != g.chain[0]]
        gaps = sum(g.gap_cost(slot.day, day) for slot in before if slot)
        return w["team_day"] + w["visit"] * visits + w["drive"] * drive + wishes + gaps
