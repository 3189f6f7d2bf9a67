"""Our rules and costs against an independent checker of the rotation-1 format, on thousands of plans good and bad."""

from __future__ import annotations

import functools
import importlib.util
import random
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from services.scheduling.adapters.cpsat.insertion import first_plan
from services.scheduling.domain import rotation
from services.scheduling.domain.checker import check
from services.scheduling.domain.problem import Baseline, Placement, Problem
from services.scheduling.domain.score import cost, moved
from tests.unit.scheduling.rotations import a_chain, a_random_plan, instance_2020, problem_2020, shaken


@functools.cache
def check_rotation() -> ModuleType:
    path = Path(__file__).parents[2] / "rotation" / "check_rotation.py"
    spec = importlib.util.spec_from_file_location("check_rotation", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@functools.cache
def first_fit_2020() -> tuple[Placement, ...]:
    return tuple(first_plan(problem_2020()))


class Both:
    """Our checker and the other one, side by side on one problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.instance = rotation.to_instance(problem)
        self.baseline = rotation.to_baseline(problem) if problem.baseline else None

    def judge(self, plan: list[Placement]) -> dict[str, Any]:
        """Return what the other checker says."""
        sessions = {"sessions": rotation.sessions_out(self.problem, plan)}
        return check_rotation().Checker(self.instance, sessions).run(self.baseline)

    def agree(self, plan: list[Placement]) -> bool:
        """Assert that validity and each term of the cost are the same; return whether the plan is valid."""
        theirs, ours = self.judge(plan), check(self.problem, plan)
        assert (not ours) == theirs["valid"], (ours, theirs["errors"])
        if not any(error.startswith("team") and "away" in error for error in theirs["errors"]):
            terms = cost(self.problem, plan)
            assert terms == {term: theirs["cost"].get(term, 0) for term in terms}
            assert sum(terms.values()) == theirs["total"]
        if self.baseline:
            changes = moved(self.problem, plan)
            counts = len(changes["confirmed"]), len(changes["offered"])
            assert counts == (theirs["moved_confirmed"], theirs["moved_offered"])
        return bool(theirs["valid"])


@pytest.mark.parametrize("seed", range(4))
def test_shaken_plans_of_2020_are_judged_alike(seed):
    chance = random.Random(seed)
    plan = list(first_fit_2020())
    both = Both(problem_2020())
    verdicts = [both.agree(shaken(problem_2020(), plan, chance)) for _ in range(250)]
    assert {True, False} == set(verdicts)


@pytest.mark.parametrize("seed", range(4))
def test_random_plans_of_a_small_chain_are_judged_alike(seed):
    chance = random.Random(seed)
    problem = a_chain(groups=3, sites=2, length=8)
    both = Both(problem)
    verdicts = [both.agree(a_random_plan(problem, chance)) for _ in range(1500)]
    assert {True, False} == set(verdicts)


def test_random_plans_of_2020_are_judged_alike():
    chance = random.Random(7)
    both = Both(problem_2020())
    for _ in range(150):
        both.agree(a_random_plan(problem_2020(), chance))


@pytest.mark.parametrize("seed", range(3))
def test_plans_against_pins_and_a_baseline_are_judged_alike(seed):
    chance = random.Random(seed)
    released = first_fit_2020()
    confirmed = frozenset(p.demand_id for p in released if chance.random() < 0.5)
    frozen_before = problem_2020().days[3]
    pins = tuple(chance.sample([p for p in released if p.day >= frozen_before], 3))
    problem = replace(problem_2020(), pins=pins, baseline=Baseline(released, confirmed, frozen_before))
    both = Both(problem)
    verdicts = [both.agree(shaken(problem, list(released), chance)) for _ in range(150)]
    assert {True, False} == set(verdicts)


def test_instance_of_2020_survives_a_round_trip():
    back = rotation.to_instance(problem_2020(), "quinzaine2020")
    original = instance_2020()
    names = {"days", "noon", "lunch_min", "activities", "depots", "weights", "pins"}
    assert {name: back[name] for name in names} == {name: original[name] for name in names}
    assert [site["windows"] for site in back["sites"]] == [site["windows"] for site in original["sites"]]
    assert [(g["site"], g["chain"], g["size"]) for g in back["groups"]] == [
        (g["site"], g["chain"], g["size"]) for g in original["groups"]
    ]


def test_solution_and_baseline_survive_a_round_trip():
    released = tuple(sorted(first_fit_2020(), key=lambda p: p.demand_id))
    baseline = Baseline(released, frozenset({released[0].demand_id}), problem_2020().days[2])
    problem = replace(problem_2020(), baseline=baseline)
    data = rotation.to_baseline(problem)
    back = rotation.from_baseline(problem, data)
    assert back.confirmed == baseline.confirmed
    assert back.frozen_before == baseline.frozen_before
    assert sorted(back.placements, key=lambda p: p.demand_id) == list(released)
