"""Both sides of a line through a timetable, improved at once: together they stay one timetable in order."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import Executor, Future

import numpy as np
import pytest

from services.scheduling.adapters.cpsat.budget import Budget
from services.scheduling.adapters.cpsat.large import plan, sides
from services.scheduling.adapters.cpsat.large.cover import Cover
from services.scheduling.adapters.cpsat.large.dating import Dating
from services.scheduling.adapters.cpsat.large.field import field_of
from services.scheduling.adapters.cpsat.large.names import Names
from services.scheduling.adapters.cpsat.large.plan import LargeRoutes
from services.scheduling.adapters.cpsat.large.relaxation import relax
from services.scheduling.adapters.cpsat.large.sides import Sides, keep
from services.scheduling.adapters.cpsat.large.timetable import Timetable
from services.scheduling.domain.checker import check
from tests.unit.scheduling.test_large import generated, the_shape


class AtOnce(Executor):
    """Does what is submitted in this process."""

    def submit(self, work, /, *args, **others):
        """Do it now."""
        done: Future = Future()
        done.set_result(work(*args, **others))
        return done


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Timetable:
    """Return the days of first routes of 40 schools."""
    field = field_of(the_shape(generated(40)))
    covers = [Cover(field, relax(field, task, lambda: True), 0) for task in (0, 1)]
    dating = Dating(Timetable(field), np.random.default_rng(0), Budget(60))
    for task, cover in enumerate(covers):
        cover.run(lambda: True, 1)
        dating.begin(task, cover.trips)
    monkeypatch.setattr(sides, "_kept", [])
    keep(covers)
    return dating.in_order()


def test_a_part_holds_the_trips_inside_and_no_team_day_is_free_to_both(table: Timetable):
    west = np.arange(len(table.field.sizes)) < 20
    first = np.arange(len(table.field.bases)) < 2
    parts = table.inside(west, first), table.inside(~west, ~first)
    inside = Counter(trip for part in parts for trip in part.trips)
    across = Counter(table.trips) - inside
    assert across and all({bool(west[site]) for site, _ in trip.visits} == {True, False} for trip in across)
    free = [part.limits - part.load for part in parts]
    assert (free[0] + free[1] == table.limits - table.load).all()
    assert not (free[0] * free[1]).any()


def test_both_sides_together_are_one_better_timetable_in_order(table: Timetable):
    before, old = table.value, Counter(table.trips)
    run = Sides(AtOnce(), table, 1, Budget(60))
    for _ in range(3):
        run.begin(0.3)
        run.end()
    assert table.value < before
    assert Counter(table.trips) != old
    anew = Timetable(table.field)
    for trip in sorted(table.trips, key=lambda trip: (trip.day, trip.base)):
        assert anew.fits(trip)
        anew.add(trip)
    assert (anew.load == table.load).all() and (anew.held == table.held).all() and (anew.meets == table.meets).all()
    assert check(table.field.shape.problem, Names(table).placements()) == ()


def test_two_processes_plan_together(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(plan, "FEW_SITES", 0)
    problem = generated(32)
    run = LargeRoutes(the_shape(problem), Budget(5), 5, 0, lambda progress: None, lambda found: None)
    solution = run.run()
    assert check(problem, solution.placements) == ()
    assert len(solution.placements) + len(solution.unplaced) == len(problem.demands)
