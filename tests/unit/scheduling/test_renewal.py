"""A plan taken apart and put together again: better, never against the rules, and what stands stays."""

from __future__ import annotations

from dataclasses import replace

from services.scheduling.adapters.cpsat.best import Best
from services.scheduling.adapters.cpsat.budget import Budget
from services.scheduling.adapters.cpsat.insertion import first_plan
from services.scheduling.adapters.cpsat.renewal import Renewal
from services.scheduling.domain.checker import check
from services.scheduling.domain.constraints.past import frozen
from services.scheduling.domain.demand import build
from services.scheduling.domain.problem import Baseline, Problem
from services.scheduling.domain.score import total
from tests.integration.test_examples_demand import basis_of
from tests.unit.scheduling.rotations import a_pass


def renewed(problem: Problem, steps: int = 600, seed: int = 0) -> Best:
    best = Best(problem, Budget(3600, steps), lambda progress: None, lambda solution: None, first_plan(problem))
    Renewal(best, seed, best.left).run()
    return best


def whole() -> Problem:
    return build(basis_of("pass-internet-2020"))


def test_a_plan_gets_better_and_keeps_the_rules():
    problem = whole()
    best = renewed(problem)
    assert best.solution.value < 0.97 * total(problem, first_plan(problem))
    assert check(problem, best.placements) == ()
    assert best.solution.unplaced == ()


def test_the_same_seed_gives_the_same_plan():
    problem = a_pass(classes=2)
    assert renewed(problem, 100).solution == renewed(problem, 100).solution


def test_pins_and_the_past_stay():
    problem = a_pass(classes=2)
    plan = first_plan(problem)
    tomorrow = sorted({p.day for p in plan})[1]
    baseline = Baseline(tuple(p for p in plan if p.day < tomorrow), frozenset(), tomorrow)
    pin = max(plan, key=lambda p: (p.day, p.start))
    fixed = replace(problem, baseline=baseline, pins=(pin,))
    kept = set(frozen(fixed).values()) | {pin}
    assert kept <= set(renewed(fixed, 100).placements)
    assert len(kept) > 1


def test_without_time_nothing_is_renewed():
    problem = a_pass(classes=2)
    best = Best(problem, Budget(-1), lambda progress: None, lambda solution: None, first_plan(problem))
    before = best.solution
    Renewal(best, 0, best.left).run()
    assert best.solution is before
