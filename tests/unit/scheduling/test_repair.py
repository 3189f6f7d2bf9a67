"""Places for what a tight plan leaves out: by other days for the schools near it."""

from __future__ import annotations

from dataclasses import replace

from services.scheduling.adapters.cpsat.budget import Budget
from services.scheduling.adapters.cpsat.insertion import Insertion, completed
from services.scheduling.adapters.cpsat.repair import repaired
from services.scheduling.domain.checker import check
from services.scheduling.domain.problem import Placement, Problem
from tests.unit.scheduling.test_large import generated


def left_out(problem: Problem, plan: list[Placement]) -> int:
    return len(problem.demands) - len(plan)


def test_a_tight_plan_leaves_out_less_and_its_pins_stay():
    problem = generated(12, 0.9)
    plan, left = Insertion(problem).plan(sorted(site.id for site in problem.sites))
    pinned = replace(problem, pins=tuple(plan[:4]))
    found = repaired(pinned, plan, 0, Budget(60, steps=400), 0.4)
    assert check(pinned, found) == ()
    assert left_out(problem, found) < len(left) == left_out(problem, plan)
    assert {pin.demand_id: pin for pin in pinned.pins}.items() <= {p.demand_id: p for p in found}.items()
    assert repaired(pinned, plan, 0, Budget(60, steps=400), 0.4) == found


def test_a_plan_that_leaves_nothing_out_stays_as_it_is():
    problem = generated(12, 0.5)
    plan, left = Insertion(problem).plan([site.id for site in problem.sites])
    assert left == []
    assert set(repaired(problem, plan, 0, Budget(60, steps=400), 0.4)) == set(plan)


def test_without_time_it_only_completes():
    problem = generated(12, 0.9)
    plan, _ = Insertion(problem).plan([site.id for site in problem.sites])
    assert repaired(problem, plan[:20], 0, Budget(60), 0) == completed(problem, plan[:20])
