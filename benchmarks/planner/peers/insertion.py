"""Cheapest insertion: each session where it adds least cost, the schools with most groups first."""

from __future__ import annotations

import random
import time
from typing import Any

from peers.ground import Ground, Key, Plan

EARLY = 4
"""How strongly earlier days are liked, in points of the cost's own term for the last day."""


def solve(instance: dict[str, Any], seconds: float, restarts: bool = False) -> list[dict[str, Any]]:
    """Return the sessions of one pass; with ``restarts`` the best of as many passes as ``seconds`` allow."""
    ground, end, chance = Ground(instance), time.monotonic() + seconds, random.Random(0)
    order = sorted(range(len(ground.sites)), key=lambda site: -_groups(ground, site))
    best = one_pass(ground, order)
    while restarts and time.monotonic() < end:
        chance.shuffle(order)
        best = min(best, one_pass(ground, order), key=lambda plan: value(ground, plan))
    return best.sessions()


def _groups(ground: Ground, site: int) -> int:
    return sum(group["site"] == site for group in ground.groups)


def one_pass(ground: Ground, order: list[int]) -> Plan:
    """Place school after school in this order."""
    plan = Plan(ground)
    for site in order:
        groups = [group["id"] for group in ground.groups if group["site"] == site]
        for at, activity in enumerate(ground.chain):
            for group in groups:
                if at == 0 or (group, ground.chain[at - 1]) in plan.slots:
                    _insert(ground, plan, (group, activity))
    return plan


def _insert(ground: Ground, plan: Plan, key: Key) -> None:
    teams = set(ground.teams_of(key[1]))
    places = []
    for team_day in ground.team_days:
        if team_day[0] not in teams:
            continue
        now = plan.days[team_day]
        old = plan.cost(team_day, now, [plan.slots[k].start for k in now])
        for at in range(len(now) + 1):
            keys = [*now[:at], key, *now[at:]]
            if starts := plan.clock(team_day, keys):
                added = plan.cost(team_day, keys, starts) - old + EARLY * team_day[1] * ground.weights["end"]
                places.append((added, plan.load(team_day[0]), team_day, keys, starts))
    if places:
        *_, team_day, keys, starts = min(places)
        plan.put(team_day, keys, starts)


def value(ground: Ground, plan: Plan) -> int:
    """Return the cost of a plan, without fairness and the last day."""
    left_out = len(ground.groups) * len(ground.chain) - len(plan.slots)
    days = sum(plan.cost(team_day, keys, [plan.slots[k].start for k in keys]) for team_day, keys in plan.days.items())
    return ground.weights["unplaced"] * left_out + days
