"""A day in two halves: what a team can hold in a morning and in an afternoon, and which of them exclude each other.

Where whole days are thousands there are some sixty of each, so a programme that asks only for counts stays small. Each
day that can be held is a morning and an afternoon that go together, whatever is left out of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scheduling.adapters.cpsat.columns import Columns
from services.scheduling.adapters.cpsat.linear import Ints

Counts = NDArray[np.int8]


@dataclass(frozen=True)
class HalfDays:
    """``parts[half][i, site]``: sessions of a half-day; ``apart[i, j]``: morning i and afternoon j not on one day.

    A half-day that holds less than another and goes with no more is left out, and so is the one that holds nothing.
    """

    parts: tuple[Counts, Counts]
    apart: NDArray[np.bool_]


def half_days_of(columns: Columns, numbers: Ints) -> dict[tuple[int, int], HalfDays]:
    """Return the half-days of every (team, day) among the columns of these numbers; equal days are cut once."""
    known: dict[bytes, HalfDays] = {}
    found: dict[tuple[int, int], HalfDays] = {}
    team_day = columns.crew[numbers] * len(columns.shape.problem.days) + columns.day[numbers]
    for key in np.unique(team_day):
        counts = columns.counts[numbers[team_day == key]]
        if counts.tobytes() not in known:
            known[counts.tobytes()] = _cut(counts)
        crew, day = divmod(int(key), len(columns.shape.problem.days))
        found[crew, day] = known[counts.tobytes()]
    return found


def _cut(counts: Counts) -> HalfDays:
    """Cut the days in two; which halves go together is read from the days."""
    (mornings, am), (afternoons, pm) = (np.unique(counts[:, half], axis=0, return_inverse=True) for half in (0, 1))
    together = np.zeros((len(mornings), len(afternoons)), dtype=bool)
    together[am.ravel(), pm.ravel()] = True
    first, second = _worth_having(mornings, together), _worth_having(afternoons, together.T)
    return HalfDays((mornings[first], afternoons[second]), ~together[np.ix_(first, second)])


def _worth_having(parts: Counts, together: NDArray[np.bool_]) -> Ints:
    """Return the numbers of the half-days that no other one can replace."""
    kept = np.asarray(parts.any(axis=1))
    for i in np.flatnonzero(kept):
        other = kept & (parts[i] <= parts).all(axis=1) & (together[i] <= together).all(axis=1)
        other[i] = False
        kept[i] = not other.any()
    return np.flatnonzero(kept)
