"""The first plan: within the rules whatever the problem, and whole where one pass over the schools is not."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from services.contracts.values import Window
from services.scheduling.adapters.cpsat.insertion import Insertion, completed, first_plan
from services.scheduling.domain.checker import check
from services.scheduling.domain.constraints.past import frozen
from services.scheduling.domain.problem import Barred, Baseline, Problem
from tests.unit.scheduling.rotations import closed, problem_2020
from tests.unit.scheduling.small import a_small_problem
from tests.unit.scheduling.test_solver_keeps_rules import a_random_problem


def test_what_one_pass_leaves_out_finds_its_place_in_another():
    whole = problem_2020()
    problem = closed(whole, "7", whole.days[7])
    most_first = [home for home, _ in Counter(demand.home for demand in problem.demands).most_common()]
    one_pass, left = Insertion(problem).plan(most_first)
    assert (len(one_pass), len(left)) == (61, 1)
    plan = first_plan(problem)
    assert check(problem, plan) == ()
    assert len(plan) == len(problem.demands) == 62


def test_a_plan_is_completed_beside_what_it_holds():
    problem = problem_2020()
    plan = first_plan(problem)
    gap = [p for p in plan if problem.demand_by_id[p.demand_id].home != "7"]
    whole = completed(problem, gap)
    assert len(gap) < len(whole) == len(problem.demands)
    assert check(problem, whole) == ()
    days = {p.demand_id: (p.day, p.crew_id) for p in whole}
    assert [days[p.demand_id] for p in gap] == [(p.day, p.crew_id) for p in gap]


def harder(problem: Problem, chance: random.Random) -> Problem:
    """Return the problem with hours on which teams are taken and half-days refused."""
    busy = [{day: (Window(600, 660),) for day in problem.days if chance.random() < 0.3} for _ in problem.crews]
    crews = tuple(replace(crew, busy=taken) for crew, taken in zip(problem.crews, busy, strict=True))
    every = [Barred(day, half) for day in problem.days for half in (0, 1)]
    demands = tuple(
        replace(demand, barred=tuple(sorted(chance.sample(every, chance.choice([0, 0, 1])))))
        for demand in problem.demands
    )
    return replace(problem, crews=crews, demands=demands)


def released(problem: Problem, chance: random.Random) -> Problem:
    """Return the problem after its first plan was released and a school closed, the first days being over."""
    plan = tuple(first_plan(problem))
    now = chance.choice([None, *problem.days])
    open_days = [day for day in problem.days if now is None or day >= now]
    shut = closed(problem, chance.choice(problem.sites).id, *chance.sample(open_days, min(1, len(open_days))))
    return replace(shut, baseline=Baseline(plan, frozen_before=now))


@pytest.mark.parametrize("form", ["fast", "general", "larger"])
def test_a_first_plan_keeps_every_rule(form):
    placed = 0
    for seed in range(30):
        chance = random.Random(seed)
        problem = a_random_problem(chance) if form == "larger" else a_small_problem(2 * seed + (form == "general"))
        again = released(harder(problem, chance), chance)
        for one in (problem, harder(problem, chance), again):
            plan = first_plan(one)
            assert check(one, plan) == ()
            assert len({p.demand_id for p in plan}) == len(plan)
            placed += len(plan)
        assert set(frozen(again).values()) <= set(plan)
    assert placed > 0
