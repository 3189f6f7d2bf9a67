"""What is wrong with a rotation-1 instance, solution or baseline: everything at once, each with its path.

The form is described in docs/reference/rotation-format.md. Sites, teams and groups are addressed by their rank in their
list, counted from 0, which is also their ``id``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.contracts.errors import refused
from services.scheduling.domain.json_reader import Faults, Node
from services.scheduling.domain.problem import Problem

DAY = 1440
LONGEST = 480
"""Minutes a session, its set-up, packing or turnover may last."""
MOST_DAYS = 1000
MOST = 1_000_000
"""Largest count and price."""

DURATIONS = {"dur": 1, "setup": 0, "teardown": 0, "turnover": 0}
"""Key of an activity -> its smallest value."""
WEIGHTS = ("unplaced", "team_day", "visit", "drive", "same_day", "late_gap", "gap_max", "fair", "end")


@dataclass
class _Seen:
    """What was read so far and later parts refer to."""

    faults: Faults
    days: list[dt.date | None] = field(default_factory=list)
    durations: dict[str, int] = field(default_factory=dict)
    windows: list[dict[int, list[tuple[int, int]]]] = field(default_factory=list)
    depots: int = 0
    teams: list[tuple[str, set[int]]] = field(default_factory=list)
    groups: list[tuple[int, list[str]]] = field(default_factory=list)


def refuse_instance(data: Any) -> None:
    """Raise Refused with everything that is wrong with an instance."""
    faults = Faults()
    root = Node(data, "", faults)
    if root.field("format").value != "rotation-1":
        raise refused("rotation_format", found=str(_get(data, "format"))[:40])
    seen = _Seen(faults)
    _days(root.field("days"), seen)
    root.field("noon").whole(0, DAY)
    root.field("lunch_min").whole(0, LONGEST)
    _activities(root.field("activities"), seen)
    _sites(root.field("sites"), seen)
    _depots(root.field("depots"), seen)
    _teams(root.field("teams"), seen)
    _groups(root.field("groups"), seen)
    _weights(root.field("weights"))
    _pins(root.field("pins", required=False), seen)
    faults.refuse_if_any()


def refuse_sessions(problem: Problem, chains: Sequence[Mapping[str, Any]], data: Any, *, is_baseline: bool) -> None:
    """Raise Refused with everything that is wrong with a solution or a baseline of this problem.

    ``chains``: for each group, its activities. What breaks a rule is no fault here: that is for the checker to say.
    """
    faults = Faults()
    root = Node(data, "", faults)
    for session in root.field("sessions").each():
        group = session.field("group").whole(0, len(chains) - 1)
        if group is not None:
            _one_of(session.field("activity"), list(chains[group]))
        session.field("team").whole(0, len(problem.crews) - 1)
        session.field("day").whole(0, len(problem.days) - 1)
        session.field("start").whole(0, DAY - 1)
        state = session.field("state", required=False)
        if is_baseline and state.is_there:
            _one_of(state, ["confirmed", "offered"])
    frozen = root.field("frozen_before_day", required=False)
    if is_baseline and frozen.is_there:
        frozen.whole(0, len(problem.days))
    faults.refuse_if_any()


def _get(data: Any, name: str) -> object:
    return data.get(name, "") if isinstance(data, dict) else data if isinstance(data, (str, int, float)) else ""


def _days(node: Node, seen: _Seen) -> None:
    if isinstance(node.value, list) and not 1 <= len(node.value) <= MOST_DAYS:
        node.fault("rotation_days", most=MOST_DAYS)
        return
    seen.days = [item.day() for item in node.each()]
    for i, (before, day) in enumerate(zip(seen.days, seen.days[1:], strict=False), 1):
        if before and day and day <= before:
            seen.faults.add("rotation_day_order", f"{node.path}[{i}]", day_found=day, day_before=before)


def _activities(node: Node, seen: _Seen) -> None:
    for name, activity in node.items():
        values = {key: activity.field(key).whole(least, LONGEST) for key, least in DURATIONS.items()}
        seen.durations[name] = values["dur"] or 1
    if isinstance(node.value, dict) and not node.value:
        node.fault("json_empty")


def _ranked(node: Node) -> list[Node]:
    """Return the items of a list whose ids are their ranks."""
    items = list(node.each())
    for i, item in enumerate(items):
        id_ = item.field("id")
        if id_.is_there and (id_.value != i or isinstance(id_.value, bool)):
            id_.fault("rotation_rank", rank=i)
    return items


def _sites(node: Node, seen: _Seen) -> None:
    for site in _ranked(node):
        site.field("name").text()
        site.field("lat").number(-90, 90)
        site.field("lon").number(-180, 180)
        site.field("room_cap").whole(0, MOST)
        seen.windows.append(_windows(site.field("windows"), seen))
        preferences = site.field("pref", required=False)
        for key, price in preferences.items() if preferences.is_there else ():
            _half_day(key, price, seen)
            price.whole(0, MOST)


def _half_day(key: str, node: Node, seen: _Seen) -> None:
    if not re.fullmatch(r"\d{1,4}:[01]", key, re.ASCII) or int(key[:-2]) >= len(seen.days):
        node.fault("rotation_half_day", last=len(seen.days) - 1)


def _day_of(key: str, node: Node, seen: _Seen) -> int | None:
    """Return the rank of the day that a key names."""
    if re.fullmatch(r"0|[1-9]\d{0,3}", key, re.ASCII) and int(key) < len(seen.days):
        return int(key)
    node.fault("rotation_day_key", last=len(seen.days) - 1)
    return None


def _windows(node: Node, seen: _Seen) -> dict[int, list[tuple[int, int]]]:
    windows: dict[int, list[tuple[int, int]]] = {}
    for key, stretches in node.items():
        day = _day_of(key, stretches, seen)
        found = [span for stretch in stretches.each() if (span := _span(stretch))]
        if day is not None:
            windows[day] = found
    return windows


def _span(node: Node) -> tuple[int, int] | None:
    """Return two minutes of a day, the first before the second."""
    both = node.pair()
    if both is None:
        return None
    start, end = (part.whole(0, DAY) for part in both)
    if start is None or end is None:
        return None
    if start >= end:
        node.fault("rotation_reversed")
        return None
    return start, end


def _depots(node: Node, seen: _Seen) -> None:
    for depot in node.each():
        seen.depots += 1
        if both := depot.pair():
            both[0].number(-90, 90)
            both[1].number(-180, 180)


def _teams(node: Node, seen: _Seen) -> None:
    for team in _ranked(node):
        team.field("provider").text()
        activity = _one_of(team.field("activity"), list(seen.durations))
        team.field("depot").whole(0, max(0, seen.depots - 1))
        team.field("max_sessions").whole(0, MOST)
        days = set()
        for key, hours in team.field("avail").items():
            day = _day_of(key, hours, seen)
            if _span(hours) and day is not None:
                days.add(day)
        seen.teams.append((activity, days))


def _groups(node: Node, seen: _Seen) -> None:
    for group in _ranked(node):
        site = group.field("site").whole(0, max(0, len(seen.windows) - 1))
        group.field("size").whole(0, MOST)
        steps = group.field("chain")
        chain = [_one_of(activity, list(seen.durations)) for activity in steps.each()]
        for i, activity in enumerate(chain):
            if activity and activity in chain[:i]:
                seen.faults.add("rotation_twice_in_chain", f"{steps.path}[{i}]", found=activity)
        seen.groups.append((site or 0, chain))


def _weights(node: Node) -> None:
    for name in WEIGHTS:
        node.field(name).whole(0, 1000 * MOST)


def _one_of(node: Node, known: Sequence[str]) -> str:
    """Return a text that must be one of these; empty when it is not."""
    if not isinstance(node.value, str) or node.value not in known:
        if known or not isinstance(node.value, str):
            node.fault("json_choice", known=", ".join(known[:10]) + ("…" if len(known) > 10 else ""))
        return ""
    return node.value


def _pins(node: Node, seen: _Seen) -> None:
    fixed: set[tuple[int, str]] = set()
    for pin in node.each() if node.is_there else ():
        group = pin.field("group").whole(0, max(0, len(seen.groups) - 1))
        team = pin.field("team").whole(0, max(0, len(seen.teams) - 1))
        day = pin.field("day").whole(0, max(0, len(seen.days) - 1))
        start = pin.field("start").whole(0, DAY - 1)
        site, chain = seen.groups[group] if group is not None and seen.groups else (0, [])
        activity = _one_of(pin.field("activity"), chain)
        if group is None or team is None or day is None or start is None or not activity or not seen.teams:
            continue
        if (group, activity) in fixed:
            pin.fault("rotation_pin_twice", activity=activity, group=group)
        fixed.add((group, activity))
        _pin_can_be(pin, seen, site, activity, team, day, start)


def _pin_can_be(pin: Node, seen: _Seen, site: int, activity: str, team: int, day: int, start: int) -> None:
    given, days = seen.teams[team]
    if given and given != activity:
        pin.fault("rotation_pin_team", team=team, given=given, activity=activity)
    elif day not in days:
        pin.fault("rotation_pin_away", team=team, rank=day)
    windows = seen.windows[site].get(day, []) if site < len(seen.windows) else []
    if not any(a <= start and start + seen.durations[activity] <= b for a, b in windows):
        pin.fault("rotation_pin_hours", site=site, rank=day)
