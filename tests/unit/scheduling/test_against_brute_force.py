"""The planner against trying everything, on small random problems: its plans, its bounds and its proofs.

The whole range is ``tests/long/small_problems.py``.
"""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from services.contracts.values import Window
from services.scheduling.adapters.cpsat.shape import shape_of
from services.scheduling.adapters.cpsat.solve import CpSat
from services.scheduling.domain.checker import check
from services.scheduling.domain.problem import Barred, Problem
from services.scheduling.domain.score import total
from services.scheduling.domain.solution import Progress
from tests.unit.scheduling.brute import best_plan
from tests.unit.scheduling.rotations import a_chain
from tests.unit.scheduling.small import a_small_problem, with_a_pin

SECONDS = 60


def compare(seed: int) -> None:
    """Solve problem ``seed``, every third with a pin, and hold every word of the planner against the truth."""
    problem = a_small_problem(seed)
    least, plan = best_plan(problem)
    if seed % 3 == 0:
        problem = with_a_pin(problem, plan, random.Random(seed))
        least, plan = best_plan(problem)
    assert check(problem, plan) == ()
    assert total(problem, plan) == least
    _hold(problem, least)


def _hold(problem: Problem, least: int) -> None:
    heard: list[Progress] = []
    solution = CpSat().solve(problem, seconds=SECONDS, seed=0, report=heard.append)
    assert check(problem, solution.placements) == ()
    assert solution.value == total(problem, solution.placements)
    assert solution.value >= least
    assert all(progress.bound <= least for progress in heard if progress.bound is not None)
    assert solution.bound is None or solution.bound <= least
    assert solution.status != "optimal" or solution.value == least


@pytest.mark.parametrize("seed", range(24))
def test_no_plan_is_better_than_a_proved_one_and_none_below_a_bound(seed):
    compare(seed)


@pytest.mark.parametrize("seed", [0, 6, 8, 12, 16, 18, 22, 24])
def test_a_session_pinned_elsewhere_is_planned_around(seed):
    """One session of the best plan is fixed at another time that breaks no rule by itself."""
    chance, problem = random.Random(seed), a_small_problem(seed)
    _, plan = best_plan(problem)
    moved = replace(plan[0], day=chance.choice(problem.days), start=30 * chance.randrange(16, 34))
    pin = plan[0] if {v.rule for v in check(problem, [moved])} - {"chain"} else moved
    problem = replace(problem, pins=(pin,))
    _hold(problem, best_plan(problem)[0])


@pytest.mark.parametrize("seed", range(40, 45))
def test_what_was_refused_in_the_best_plan_is_planned_around(seed):
    problem, chance = a_small_problem(seed), random.Random(seed)
    _, plan = best_plan(problem)
    where = {p.demand_id: Barred(p.day, problem.half_of(p)) for p in plan if chance.random() < 0.6}
    refused = tuple(replace(d, barred=(where[d.id],)) if d.id in where else d for d in problem.demands)
    problem = replace(problem, demands=refused)
    least, other = best_plan(problem)
    assert {v.rule for v in check(problem, plan)} == ({"refused"} if where else set())
    assert check(problem, other) == ()
    _hold(problem, least)


@pytest.mark.parametrize("seed", [*range(50, 54), 61, 63])
def test_teams_that_are_taken_within_a_day_are_planned_around(seed):
    """Each team of the best plan is taken during one of its sessions."""
    problem = a_small_problem(seed)
    _, plan = best_plan(problem)
    taken = {p.crew_id: (p.day, Window(p.start, problem.end_of(p))) for p in plan}
    busy = {crew_id: {day: (window,)} for crew_id, (day, window) in taken.items()}
    problem = replace(problem, crews=tuple(replace(crew, busy=busy.get(crew.id, {})) for crew in problem.crews))
    least, other = best_plan(problem)
    assert {v.rule for v in check(problem, plan)} == ({"busy"} if plan else set())
    assert check(problem, other) == ()
    _hold(problem, least)


@pytest.mark.parametrize("first", ["school0", "school1"])
@pytest.mark.parametrize("form", ["fast", "general"])
def test_a_school_of_priority_is_the_last_to_be_left_out(form, first):
    """One day, one session a team: one of two schools has no place."""
    problem = a_chain(groups=2, sites=2, length=1)
    tasks = (problem.tasks[0], replace(problem.tasks[1], max_days=3 if form == "general" else None))
    crews = tuple(replace(crew, max_sessions=1) for crew in problem.crews)
    demands = tuple(replace(d, priority=500 * (d.home == first)) for d in problem.demands)
    problem = replace(problem, tasks=tasks, crews=crews, demands=demands)
    assert (shape_of(problem) is None) == (form == "general")
    solution = CpSat().solve(problem, seconds=SECONDS, seed=0, report=lambda _: None)
    assert [p.site_id for p in solution.placements] == [first, first]
    assert solution.status == "optimal"
