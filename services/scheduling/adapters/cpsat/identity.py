"""From counts to names: which group takes which slot.

First come, first served is always possible and never dearer. With pins or a baseline, a small programme for each site
finds the names that keep the pins and tell the fewest people of a change.
"""

from __future__ import annotations

from services.scheduling.adapters.cpsat.replans.naming import Naming
from services.scheduling.adapters.cpsat.shape import Shape
from services.scheduling.adapters.cpsat.timetable import Slot
from services.scheduling.domain.problem import Placement

Slots = dict[tuple[int, int], list[Slot]]
"""The slots of each (task, site)."""


def name_slots(shape: Shape, slots: Slots, fixed: dict[str, Placement]) -> list[Placement]:
    """Give the slots of each (task, site) to the site's groups. ``fixed``: placements that must stay, by demand id."""
    placements: list[Placement] = []
    for site in range(len(shape.sites)):
        table = [sorted(slots.get((task, site), [])) for task in range(len(shape.chain))]
        if shape.problem.baseline or shape.problem.pins:
            placements.extend(Naming(shape, site, table, fixed).placements())
        else:
            placements.extend(_in_turn(shape, site, table))
    return placements


def _in_turn(shape: Shape, site: int, table: list[list[Slot]]) -> list[Placement]:
    """Serve groups in the order in which they had the task before."""
    groups = shape.groups[site]
    return [
        Placement(groups[g][task].id, slot.crew_id, shape.sites[site].id, slot.day, slot.start)
        for task, free in enumerate(table)
        for g, slot in enumerate(free)
    ]
