"""The solver's fast form against the list of rules: whatever it plans, both checkers call valid and price alike."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from services.contracts.values import Window
from services.scheduling.adapters.cpsat.explained.counts import Counts
from services.scheduling.adapters.cpsat.solve import CpSat
from services.scheduling.domain.explain.before import findings, slack
from services.scheduling.domain.explain.left_out import why_left_out
from services.scheduling.domain.explain.places import Places
from services.scheduling.domain.problem import Problem
from tests.unit.scheduling.rotations import a_chain, a_crew
from tests.unit.scheduling.test_checker_agrees import Both

LATE_OR_EARLY = ((Window(510, 690), Window(810, 990)), (Window(540, 720),), (Window(480, 600), Window(840, 990)))


def a_random_problem(chance: random.Random) -> Problem:
    """Return a chain at schools with rooms, hours and closed days of their own, and one or two teams each."""
    problem = a_chain(groups=chance.randint(1, 7), sites=chance.randint(1, 4), length=chance.randint(2, 5))
    sites = tuple(
        replace(
            site,
            rooms=chance.randint(1, 2),
            windows={day: chance.choice(LATE_OR_EARLY) for day in problem.days if chance.random() < 0.75},
            disliked={day: (0, chance.choice((10, 25))) for day in problem.days if chance.random() < 0.3},
        )
        for site in problem.sites
    )
    crews = [
        a_crew(f"{kind}{i}", kind, problem.days, chance.randint(2, 4)) for kind in ("truck", "film") for i in (0, 1)
    ]
    chosen = tuple(crew for crew in crews if crew.id.endswith("0") or chance.random() < 0.4)
    return replace(problem, sites=sites, crews=chosen)


@pytest.mark.parametrize("seed", range(120, 132))
def test_whatever_is_planned_keeps_the_rules_and_its_price(seed):
    problem = a_random_problem(random.Random(seed))
    solution = CpSat().solve(problem, seconds=20, seed=seed, report=lambda _: None)
    both = Both(problem)
    assert both.agree(list(solution.placements))
    verdict = both.judge(list(solution.placements))
    assert (verdict["total"], verdict["placed"]) == (solution.value, len(solution.placements))
    assert solution.bound is None or solution.bound <= solution.value
    counted = Counts(problem).solve(20)
    assert sum(counted.missing.values()) <= len(solution.unplaced)
    assert sum(row.missing for row in slack(problem)) <= len(solution.unplaced)
    assert solution.unplaced or findings(problem) == ()
    places = Places(problem, solution.placements)
    assert all(why_left_out(places, demand_id).code.startswith("explain_left") for demand_id in solution.unplaced)


@pytest.mark.parametrize("seed", range(120, 124))
def test_an_optimal_plan_has_no_cheaper_place_for_any_session(seed):
    problem = a_random_problem(random.Random(seed))
    solution = CpSat().solve(problem, seconds=20, seed=seed, report=lambda _: None)
    if solution.status == "optimal":
        places = Places(problem, solution.placements)
        cheaper = [
            place for p in solution.placements for place in places.others(p.demand_id) if (place.points or 0) < 0
        ]
        assert cheaper == []
