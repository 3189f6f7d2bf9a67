"""From counts to names: which group takes which slot.

First come, first served is always possible and never dearer. With a baseline, groups then swap slots of equal task and
site as long as that tells fewer people of a change.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations, pairwise

from services.scheduling.adapters.cpsat.shape import Shape
from services.scheduling.domain.problem import Demand, Placement, Problem


@dataclass(frozen=True, order=True)
class Slot:
    """A session of a task at a site, not yet of any group."""

    day: dt.date
    start: int
    crew_id: str


def name_slots(shape: Shape, slots: dict[tuple[int, int], list[Slot]], fixed: dict[str, Placement]) -> list[Placement]:
    """Give the slots of each (task, site) to the site's groups. ``fixed``: placements that must stay, by demand id."""
    placements: list[Placement] = []
    for site in range(len(shape.sites)):
        table = [sorted(slots.get((task, site), [])) for task in range(len(shape.chain))]
        placements.extend(_name_site(shape, site, table, fixed))
    return placements


def _name_site(shape: Shape, site: int, table: list[list[Slot]], fixed: dict[str, Placement]) -> list[Placement]:
    """Serve groups in the order in which they had the task before; the fixed ones keep theirs."""
    order = list(range(len(shape.groups[site])))
    given: list[dict[int, Slot]] = []
    for task, free in enumerate(table):
        now = {g: _slot(fixed[d.id]) for g in order if (d := shape.groups[site][g][task]).id in fixed}
        rest = list(free)
        for slot in now.values():
            if slot in rest:
                rest.remove(slot)
        waiting = [g for g in order if g not in now and (task == 0 or g in given[-1])]
        if task:
            waiting.sort(key=given[-1].__getitem__)
        now.update(zip(waiting, rest, strict=False))
        given.append(now)
    if shape.problem.baseline:
        _keep(shape, site, given, fixed)
    home = shape.sites[site].id
    return [
        Placement(shape.groups[site][g][task].id, slot.crew_id, home, slot.day, slot.start)
        for task, now in enumerate(given)
        for g, slot in now.items()
    ]


def _slot(placement: Placement) -> Slot:
    return Slot(placement.day, placement.start, placement.crew_id)


def _keep(shape: Shape, site: int, given: list[dict[int, Slot]], fixed: dict[str, Placement]) -> None:
    """Swap slots between groups while fewer released sessions change."""
    groups, problem = shape.groups[site], shape.problem
    old = {p.demand_id: _slot(p) for p in problem.baseline.placements} if problem.baseline else {}
    better = True
    while better:
        better = False
        for task, a, b in ((t, a, b) for t in range(len(given)) for a, b in combinations(range(len(groups)), 2)):
            if groups[a][task].id in fixed or groups[b][task].id in fixed:
                continue
            before = _upset(problem, groups, given, (a, b), old)
            _swap(given[task], a, b)
            if _ordered(problem, given, (a, b)) and _upset(problem, groups, given, (a, b), old) < before:
                better = True
            else:
                _swap(given[task], a, b)


def _swap(now: dict[int, Slot], a: int, b: int) -> None:
    slot_a, slot_b = now.pop(a, None), now.pop(b, None)
    if slot_a:
        now[b] = slot_a
    if slot_b:
        now[a] = slot_b


def _half(problem: Problem, slot: Slot) -> tuple[dt.date, int]:
    return slot.day, int(slot.start >= problem.noon)


def _ordered(problem: Problem, given: list[dict[int, Slot]], pair: tuple[int, int]) -> bool:
    for group in pair:
        for first, second in pairwise(given):
            if group in second and (
                group not in first or _half(problem, second[group]) <= _half(problem, first[group])
            ):
                return False
    return True


def _upset(
    problem: Problem,
    groups: tuple[tuple[Demand, ...], ...],
    given: list[dict[int, Slot]],
    pair: tuple[int, int],
    old: dict[str, Slot],
) -> tuple[int, ...]:
    """How much two groups are disturbed: confirmed moved, offered moved, gap cost, teams changed, minutes shifted."""
    upset: dict[str, int] = defaultdict(int)
    confirmed = problem.baseline.confirmed if problem.baseline else frozenset()
    for group in pair:
        for task, now in enumerate(given):
            demand, new = groups[group][task].id, now.get(group)
            was = old.get(demand)
            if was and (new is None or _half(problem, new) != _half(problem, was)):
                upset["confirmed" if demand in confirmed else "offered"] += 1
            elif was and new:
                upset["team"] += new.crew_id != was.crew_id
                upset["minutes"] += abs(new.start - was.start)
            if task and new:
                days, weights = (new.day - given[task - 1][group].day).days, problem.weights
                upset["gap"] += weights.same_day * (days == 0) + weights.late_gap * max(0, days - weights.gap_max)
    return tuple(upset[name] for name in ("confirmed", "offered", "gap", "team", "minutes"))
