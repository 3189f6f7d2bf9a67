"""A budget of steps: what is found with it does not depend on the clock, as long as the clock does not end the search.

The clock is one that runs on by itself each time it is read: slowly, or as on a machine where all takes much longer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import count

import pytest

from services.scheduling.adapters.cpsat import solve
from services.scheduling.adapters.cpsat.budget import Budget
from services.scheduling.adapters.cpsat.large import plan
from services.scheduling.adapters.cpsat.large.plan import LargeRoutes
from services.scheduling.adapters.cpsat.lots import days
from services.scheduling.adapters.cpsat.shape import shape_of
from services.scheduling.adapters.cpsat.solve import CpSat
from services.scheduling.domain.problem import Baseline, Problem
from services.scheduling.domain.solution import Solution, SolverFailed
from tests.unit.scheduling.rotations import a_chain, a_pass, closed, problem_2020
from tests.unit.scheduling.test_large import generated

CALM, SLOW = 0.001, 0.05
"""Seconds that pass whenever such a clock is read."""


def a_clock(step: float) -> Callable[[], float]:
    return partial(next, count(0.0, step))


def solved(monkeypatch: pytest.MonkeyPatch, problem: Problem, step: float, **limits: float) -> Solution:
    monkeypatch.setattr(solve, "Budget", partial(Budget, clock=a_clock(step)))
    return CpSat().solve(problem, seed=3, report=lambda progress: None, **limits)  # type: ignore[arg-type]


def replanned() -> Problem:
    problem = a_chain(groups=6, sites=3, length=4)
    released = CpSat().solve(problem, seconds=60, seed=0, report=lambda progress: None).placements
    upset = closed(problem, released[0].site_id, released[0].day)
    return replace(upset, baseline=Baseline(released, frozenset(p.demand_id for p in released[::2])))


@pytest.mark.parametrize(
    ("make", "steps"),
    [
        (problem_2020, 400),
        (replanned, 40),
        (partial(a_pass, classes=3, length=5), 40),
        (partial(generated, 32), 500),
    ],
    ids=["fast", "replan", "general", "large"],
)
def test_steps_give_the_same_plan_on_a_slower_machine(monkeypatch, make, steps):
    problem = make()
    calm, slow = (solved(monkeypatch, problem, step, seconds=3600, steps=steps) for step in (CALM, SLOW))
    assert calm == slow
    assert (calm.steps, calm.status) == (steps, "feasible")


def test_seconds_alone_do_not(monkeypatch):
    calm, slow = (solved(monkeypatch, problem_2020(), step, seconds=2) for step in (CALM, SLOW))
    assert calm.value < slow.value
    assert (calm.steps, slow.steps) == (None, None)


def test_fewer_steps_end_earlier(monkeypatch):
    few, more = (solved(monkeypatch, problem_2020(), CALM, seconds=3600, steps=steps) for steps in (1, 400))
    assert more.value < few.value


def test_a_plan_that_the_clock_ended_says_so(monkeypatch):
    cut = solved(monkeypatch, problem_2020(), SLOW, seconds=1, steps=400)
    assert cut.steps is None


def test_more_sites_than_are_planned_in_one_piece_refuse_steps(monkeypatch):
    monkeypatch.setattr(solve, "MOST_WHOLE", 30)
    many = a_chain(groups=31, sites=31, length=8)
    with pytest.raises(SolverFailed, match="secondes") as refusal:
        solved(monkeypatch, many, CALM, seconds=60, steps=400)
    assert refusal.value.reason.facts == {"most": "30"}


def test_two_processes_find_the_same_plan_with_the_same_steps(monkeypatch):
    monkeypatch.setattr(plan, "FEW_SITES", 0)
    shape = shape_of(generated(32))
    found = []
    for _ in range(2):
        budget = Budget(600, steps=500)
        run = LargeRoutes(shape, budget, budget.seconds, 0, lambda progress: None, lambda solution: None, processes=2)
        found.append((run.run(), budget.spent))
    assert found[0] == found[1]
    assert found[0][1] > 500


def test_days_not_timed_to_the_end_prove_nothing(monkeypatch):
    problem = a_pass(classes=1, length=5)
    assert solved(monkeypatch, problem, CALM, seconds=3600, steps=10_000).status == "optimal"
    monkeypatch.setattr(days, "WORK", 0.0)
    monkeypatch.setattr("services.scheduling.adapters.cpsat.single.sessions.MOST_DEMANDS", 0)
    assert solved(monkeypatch, problem, CALM, seconds=3600, steps=10_000).status == "feasible"


def test_some_twenty_sites_are_sketched_and_renewed_within_their_steps(monkeypatch):
    problem = a_chain(groups=44, sites=22, length=20)
    calm, slow = (solved(monkeypatch, problem, step, seconds=3600, steps=60) for step in (CALM, SLOW))
    assert calm == slow
    assert calm.steps == 60
    assert calm.method in ("large day routes", "renewal")
    assert calm.bound is not None
