"""Replans of more sites than can be listed whole: valid, few moves, and no claim to a proof."""

from __future__ import annotations

import functools
import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest

from services.scheduling.adapters.cpsat.insertion import first_plan
from services.scheduling.adapters.cpsat.replans.near import NEAREST, near_of
from services.scheduling.adapters.cpsat.shape import shape_of
from services.scheduling.adapters.cpsat.solve import MOST_SITES, CpSat
from services.scheduling.domain.checker import check
from services.scheduling.domain.problem import Baseline, Placement, Problem
from services.scheduling.domain.rotation import from_instance
from services.scheduling.domain.score import moved, total
from tests.unit.scheduling.rotations import closed

GENERATE = Path(__file__).parents[3] / "benchmarks" / "planner" / "generate.py"


@functools.cache
def many_schools() -> tuple[Problem, tuple[Placement, ...]]:
    spec = importlib.util.spec_from_file_location("generate", GENERATE)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    problem = from_instance(module.instance(36, 0, 0.6))
    return problem, tuple(first_plan(problem))


def a_school_closed() -> Problem:
    """The school with the most sessions in the second half closes on the first two days it would have had some."""
    problem, released = many_schools()
    late = [p for p in released if p.day >= problem.days[len(problem.days) // 2]]
    school = max({p.site_id for p in late}, key=lambda site: (sum(p.site_id == site for p in late), site))
    days = sorted({p.day for p in late if p.site_id == school})[:2]
    return replace(closed(problem, school, *days), baseline=Baseline(released, frozenset(), days[0]))


def a_provider_ill() -> Problem:
    problem, released = many_schools()
    first, second = problem.days[5:7]
    film = next(crew for crew in problem.crews if "video" in crew.kinds)
    away = replace(film, available={d: w for d, w in film.available.items() if d not in (first, second)})
    crews = tuple(away if crew is film else crew for crew in problem.crews)
    return replace(problem, crews=crews, baseline=Baseline(released, frozenset(), first))


@pytest.mark.parametrize("event", [a_school_closed, a_provider_ill])
def test_a_replan_of_many_sites_moves_few_and_claims_no_proof(event):
    problem = event()
    assert len(problem.sites) > MOST_SITES
    assert problem.baseline is not None
    first = first_plan(problem)
    solution = CpSat().solve(problem, seconds=60, seed=0, report=lambda _: None)
    assert check(problem, solution.placements) == ()
    assert solution.moves is not None
    moves = sum(map(len, moved(problem, first).values()))
    assert (solution.moves.unplaced, solution.moves.total) <= (len(problem.demands) - len(first), moves)
    assert solution.value < total(problem, first)
    assert (solution.status, solution.bound, solution.moves.proved) == ("feasible", None, 0)
    assert solution.method == "day routes"


def test_team_days_near_an_event_are_those_of_its_sites_first():
    problem = a_school_closed()
    shape = shape_of(problem)
    assert shape is not None
    plan = first_plan(problem)
    near = near_of(shape, plan)
    upset = frozenset.intersection(*near.values())
    assert len(near) == NEAREST
    assert upset
    crews = {crew.id: t for t, crew in enumerate(shape.crews)}
    at_upset = {
        (crews[p.crew_id], problem.days.index(p.day))
        for p in plan
        if [site.id for site in shape.sites].index(p.site_id) in upset and p.day >= problem.baseline.frozen_before
    }
    assert at_upset <= near.keys()
