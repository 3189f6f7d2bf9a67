"""The dated master of a replan: its aims come before cost, and those that are proved are kept at their value."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from services.scheduling.adapters.cpsat.columns import Columns
from services.scheduling.adapters.cpsat.master import Master, master_of
from services.scheduling.adapters.cpsat.replans.aims import aims_of
from services.scheduling.adapters.cpsat.replans.keeps import Cells, add_keeps

STEP = 5000
"""Points of the least aim: more than any rearrangement of days could save."""


def aimed_master(columns: Columns, proved: Sequence[int]) -> Master:
    """Build the master; ``proved``: the values of the leading aims that no plan can better."""
    master = master_of(columns, may_leave=True)
    cells = _cells(master)
    keeps = add_keeps(master.model, cells)
    if master.left is None:
        raise RuntimeError("a replan may leave sessions out")
    aims = aims_of(master.model, columns.shape, master.left, keeps)
    price = np.zeros(master.model.columns)
    for i, aim in enumerate(aims):
        if i < len(proved):
            aim.limit(master.model, proved[i])
        else:
            price[aim.variables] = STEP * aim.sign * aim.weight
    master.model.cost = [np.concatenate(master.model.cost) + price]
    return master


def _cells(master: Master) -> Cells:
    """Count the sessions of each team, half-day and site in variables of their own."""
    columns, model = master.columns, master.model
    shape = columns.shape
    held = np.full((len(shape.crews), 2 * len(shape.problem.days), len(shape.sites)), -1, np.int64)
    which, half, site = np.nonzero(columns.counts)
    at = columns.crew[which], 2 * columns.day[which] + half, site
    held[at] = 0
    used = held >= 0
    most = float(max(shape.sizes))
    held[used] = model.add_columns(np.zeros(int(used.sum())), most, whole=False)
    rows = np.full(held.shape, -1, np.int64)
    rows[used] = model.add_rows(int(used.sum()), below=0, above=0)
    model.put(rows[used], held[used], -1)
    model.put(rows[at], master.routes[which], columns.counts[which, half, site])
    return Cells(shape, held)
