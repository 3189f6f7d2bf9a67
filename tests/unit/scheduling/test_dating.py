"""Days for all trips: a flow of least cost against every assignment, and orders broken at first and kept in the end."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from services.scheduling.adapters.cpsat.assignment import assigned
from services.scheduling.adapters.cpsat.budget import Budget
from services.scheduling.adapters.cpsat.large.cover import Cover
from services.scheduling.adapters.cpsat.large.dating import Dating, redated
from services.scheduling.adapters.cpsat.large.field import field_of
from services.scheduling.adapters.cpsat.large.relaxation import relax
from services.scheduling.adapters.cpsat.large.timetable import Timetable
from tests.unit.scheduling.test_large import generated, the_shape


@pytest.mark.parametrize("seed", range(20))
def test_as_many_as_possible_have_a_place_and_no_other_way_costs_less(seed: int) -> None:
    chance = np.random.default_rng(seed)
    costs = chance.integers(0, 50, (4, 3)).astype(float)
    costs[chance.random((4, 3)) < 0.3] = np.inf
    groups, room = chance.integers(0, 2, 4), chance.integers(0, 3, (2, 3))

    def worth(places: tuple[int, ...]) -> tuple[int, float]:
        kept = [i for i, place in enumerate(places) if place >= 0]
        taken = np.zeros_like(room)
        np.add.at(taken, (groups[kept], np.array(places, np.int64)[kept]), 1)
        cost = sum(costs[i, places[i]] for i in kept)
        return (-len(kept), cost) if (taken <= room).all() else (0, np.inf)

    best = min(worth(places) for places in product(range(-1, 3), repeat=4) if np.isfinite(worth(places)[1]))
    assert worth(tuple(assigned(costs, groups, room).tolist())) == best


def begun(seed: int) -> Dating:
    """Return first days of first routes of 40 schools."""
    field = field_of(the_shape(generated(40)))
    dating = Dating(Timetable(field), np.random.default_rng(seed), Budget(600, steps=10**9))
    for task in (0, 1):
        cover = Cover(field, relax(field, task, lambda: True), 0)
        cover.run(lambda: True, 1)
        dating.begin(task, cover.trips)
    return dating


def broken(dating: Dating) -> int:
    """Return how many sessions come before the one that they follow is over, school by school."""
    before, after = (np.where(own.dates() < 0, 99, own.dates()) for own in dating.tasks)
    return int(np.count_nonzero((after <= before) & (after < 99)))


def test_orders_that_first_days_break_are_mended() -> None:
    dating = begun(0)
    first, before = broken(dating), dating.in_order()
    dating.settle(1e9)
    after = dating.in_order()
    assert 0 <= broken(dating) < first
    assert after.left().sum() < before.left().sum()
    assert after.value < before.value


def test_the_same_chance_gives_the_same_days() -> None:
    days = []
    for _ in range(2):
        dating = begun(3)
        dating.settle(1e9)
        days.append([own.day.tolist() for own in dating.tasks])
    assert days[0] == days[1]


def test_other_days_are_taken_when_they_are_better_and_break_nothing() -> None:
    """The days at hand were found as if waiting cost nothing."""
    dating = begun(0)
    dating.late[:] = 0
    dating.settle(1e9)
    table = dating.in_order()
    better, anew = redated(table, np.random.default_rng(0), Budget(60)), Timetable(table.field)
    assert better.value < table.value
    assert (better.left() <= table.left()).all()
    for trip in sorted(better.trips, key=lambda trip: (trip.day, trip.base)):
        assert anew.fits(trip)
        anew.add(trip)
