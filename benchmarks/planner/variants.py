"""Six variants of the 2020 edition, made at random from a seed: the planner must not only know the one instance."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

Instance = dict[str, Any]


def variants(instance: Instance, seed: int = 1) -> dict[str, Instance]:
    """Return the variants by name."""
    made = {}
    for name, change in CHANGES.items():
        made[name] = copy.deepcopy(instance)
        change(made[name], random.Random(f"{name} {seed}"))
    return made


def _other_preferences(instance: Instance, chance: random.Random) -> None:
    """Each site keeps as many dislikes, elsewhere."""
    for site in instance["sites"]:
        open_halves = [f"{day}:{half}" for day in site["windows"] for half in (0, 1)]
        points = list(site["pref"].values())
        site["pref"] = dict(zip(chance.sample(open_halves, len(points)), points, strict=True))


def _a_closed_day(instance: Instance, chance: random.Random) -> None:
    """Four sites close for one day each."""
    for site in chance.sample(instance["sites"], 4):
        del site["windows"][chance.choice(sorted(site["windows"]))]


def _one_more_team(instance: Instance, chance: random.Random) -> None:
    """A second team of a random activity."""
    team = copy.deepcopy(chance.choice(instance["teams"]))
    instance["teams"].append({**team, "id": len(instance["teams"])})


def _three_sites_fewer(instance: Instance, chance: random.Random) -> None:
    gone = set(chance.sample(range(len(instance["sites"])), 3))
    _keep_groups(instance, [group for group in instance["groups"] if group["site"] not in gone])


def _other_head_counts(instance: Instance, chance: random.Random) -> None:
    """Two sites lose a group, one gains one."""
    for _ in range(2):
        instance["groups"].remove(chance.choice(instance["groups"]))
    _keep_groups(instance, [*instance["groups"], copy.deepcopy(chance.choice(instance["groups"]))])


def _other_depots(instance: Instance, chance: random.Random) -> None:
    instance["depots"] = [
        [lat + chance.uniform(-0.05, 0.05), lon + chance.uniform(-0.05, 0.05)] for lat, lon in instance["depots"]
    ]


def _keep_groups(instance: Instance, groups: list[Any]) -> None:
    instance["groups"] = [{**group, "id": number} for number, group in enumerate(groups)]


CHANGES: dict[str, Callable[[Instance, random.Random], None]] = {
    "other preferences": _other_preferences,
    "four sites closed a day": _a_closed_day,
    "one more team": _one_more_team,
    "three sites fewer": _three_sites_fewer,
    "other head counts": _other_head_counts,
    "other depots": _other_depots,
}
