"""Give each of many a place of its own at least cost, some places having room for several: a flow of least cost."""

from __future__ import annotations

import numpy as np
from ortools.graph.python import min_cost_flow

from services.scheduling.adapters.cpsat.linear import Floats, Ints

FINE = 10
"""Parts of a point that are told apart."""


def assigned(costs: Floats, groups: Ints, room: Ints) -> Ints:
    """Return the place of each row of ``costs`` [row, place], infinite where it cannot be; -1 where none has room.

    As many as possible have a place. ``groups``: of each row; ``room`` [group, place]: how many of a group there.
    """
    rows, places = costs.shape
    row, place = np.nonzero(np.isfinite(costs))
    cell = rows + groups[row] * places + place
    cells, sink = np.unique(cell), rows + room.size
    flow = min_cost_flow.SimpleMinCostFlow()
    price = np.rint(FINE * costs[row, place]).astype(np.int64)
    arcs = flow.add_arcs_with_capacity_and_unit_cost(row, cell, np.ones_like(row), price)
    least = room.ravel()[cells - rows]
    flow.add_arcs_with_capacity_and_unit_cost(cells, np.full_like(cells, sink), least, np.zeros_like(cells))
    flow.set_nodes_supplies(np.append(np.arange(rows), sink), np.append(np.ones(rows, np.int64), -rows))
    if flow.solve_max_flow_with_min_cost() != flow.OPTIMAL:
        raise RuntimeError("a flow of least cost was not found")
    chosen = flow.flows(arcs) > 0
    found = np.full(rows, -1)
    found[row[chosen]] = place[chosen]
    return found
