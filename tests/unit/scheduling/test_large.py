"""Large editions: routes, bounds and plans of ``cpsat.large`` against full lists, the truth and the rules."""

from __future__ import annotations

import importlib.util
import random
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.scheduling.adapters.cpsat.budget import Budget
from services.scheduling.adapters.cpsat.insertion import first_plan
from services.scheduling.adapters.cpsat.large import halves
from services.scheduling.adapters.cpsat.large.cover import Cover
from services.scheduling.adapters.cpsat.large.dating import Dating
from services.scheduling.adapters.cpsat.large.field import field_of
from services.scheduling.adapters.cpsat.large.names import in_order
from services.scheduling.adapters.cpsat.large.plan import LargeRoutes
from services.scheduling.adapters.cpsat.large.pool import Pool, Pricer
from services.scheduling.adapters.cpsat.large.relaxation import relax
from services.scheduling.adapters.cpsat.large.timetable import Timetable
from services.scheduling.adapters.cpsat.routes import day_of, routes_of
from services.scheduling.adapters.cpsat.shape import Shape, shape_of
from services.scheduling.adapters.cpsat.solve import CpSat
from services.scheduling.domain.checker import check
from services.scheduling.domain.problem import Problem
from services.scheduling.domain.roads import road_minutes
from services.scheduling.domain.rotation import from_instance
from services.scheduling.domain.score import total
from services.scheduling.domain.solution import Progress, Solution, SolverCancelled
from tests.unit.scheduling.brute import best_plan
from tests.unit.scheduling.rotations import problem_2020
from tests.unit.scheduling.small import a_small_problem

GENERATE = Path(__file__).parents[3] / "benchmarks" / "planner" / "generate.py"


def generated(schools: int, load: float = 0.6) -> Problem:
    spec = importlib.util.spec_from_file_location("generate", GENERATE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return from_instance(module.instance(schools, 0, load))


def the_shape(problem: Problem) -> Shape:
    shape = shape_of(problem)
    assert shape is not None
    return shape


def few_sites(problem: Problem, kept: list[int]) -> Problem:
    """Return the problem of some of its sites."""
    sites = tuple(problem.sites[i] for i in kept)
    names = {site.id for site in sites}
    demands = tuple(demand for demand in problem.demands if demand.sites[0] in names)
    return replace(problem, sites=sites, demands=demands)


def large_routes(problem: Problem, seconds: float, report: Callable[[Progress], None]) -> LargeRoutes:
    """Return a run in this process; seconds are its CPU seconds."""
    budget = Budget(seconds, clock=time.process_time)
    return LargeRoutes(the_shape(problem), budget, seconds, 0, report, lambda found: None, processes=1)


def plan(problem: Problem, seconds: float = 2) -> tuple[Solution, list[Progress]]:
    heard: list[Progress] = []
    return large_routes(problem, seconds, heard.append).run(), heard


@pytest.mark.parametrize("seed", [0, 2, 4, 10, 22, 54, 58, 60, 64, 72])
def test_its_bound_is_below_the_best_plan_and_its_plan_is_valid(seed):
    problem = a_small_problem(seed)
    shape = shape_of(problem)
    if shape is None:
        pytest.skip("not in the fast form")
    least, _ = best_plan(problem)
    solution, heard = plan(problem, 0.3)
    assert check(problem, solution.placements) == ()
    assert solution.value == total(problem, solution.placements) >= least
    assert solution.bound <= least
    assert all(progress.bound <= least for progress in heard if progress.bound is not None)
    assert solution.status != "optimal" or solution.value == least


def test_roads_are_those_of_the_rules():
    shape = the_shape(problem_2020())
    places = [site.place for site in shape.sites]
    roads = field_of(shape).roads
    assert roads.tolist() == [[road_minutes(a, b) for b in places] for a in places]


@pytest.mark.parametrize("base", [0, 1])
def test_halves_joined_are_all_day_routes(base):
    """On one day, so that the most generous day is that day."""
    problem = problem_2020()
    day = problem.days[0]
    one = replace(problem, days=(day,))
    shape = the_shape(one)
    field = field_of(shape)
    crew = field.bases[base].crews[0]
    weights = problem.weights
    listed: dict[tuple[tuple[int, int], ...], float] = {}
    for route in routes_of(day_of(shape, crew, day)):
        held: dict[int, int] = {}
        for site, am, pm in route.stops:
            held[site] = held.get(site, 0) + am + pm
        key, cost = tuple(sorted(held.items())), weights.team_day + weights.visit * len(route.stops) + route.road
        listed[key] = min(cost, listed.get(key, cost))
    pool = Pricer(field, base).routes(np.zeros(len(field.sizes)), np.zeros(2), np.inf, every=True)
    joined: dict[tuple[tuple[int, int], ...], float] = {}
    for sites, counts, cost in zip(pool.sites.tolist(), pool.counts.tolist(), pool.cost.tolist(), strict=True):
        key = tuple((site, count) for site, count in zip(sites, counts, strict=True) if count)
        joined[key] = min(cost, joined.get(key, cost))
    assert joined == listed


def test_no_route_is_worth_more_than_it_costs_at_the_end_of_the_relaxation():
    field = field_of(the_shape(generated(40)))
    for task in (0, 1):
        state = relax(field, task)
        assert len(state.within(-0.011)) == 0
        assert 0 < state.bound <= (state.prices.session @ field.sizes)


def cheapest_cover(pool: Pool, sizes: np.ndarray) -> float:
    """Try every way to hold all sessions by whole routes; teams have days enough."""
    known: dict[tuple[int, ...], float] = {(0,) * len(sizes): 0.0}

    def least(left: tuple[int, ...]) -> float:
        if left not in known:
            known[left] = np.inf
            first = next(site for site, count in enumerate(left) if count)
            for route in np.flatnonzero(((pool.sites == first) & (pool.counts > 0)).any(axis=1)):
                rest = np.array(left)
                np.subtract.at(
                    rest, pool.sites[route][pool.counts[route] > 0], pool.counts[route][pool.counts[route] > 0]
                )
                if (rest >= 0).all():
                    known[left] = min(known[left], pool.cost[route] + least(tuple(rest.tolist())))
        return known[left]

    return least(tuple(sizes.tolist()))


@pytest.mark.parametrize("seed", range(6))
def test_cuts_raise_the_bound_but_never_above_the_cheapest_cover(seed):
    """Five sites of a large edition, one task, with days enough for every cover."""
    problem = few_sites(generated(40), random.Random(seed).sample(range(40), 5))
    field = field_of(the_shape(problem))
    state = relax(field, 0)
    plain = relax(field, 0, lambda: True)
    best = cheapest_cover(state.within(np.inf), field.sizes)
    assert len(plain.cuts) == 0
    assert plain.bound - 0.1 <= state.bound <= best + 1e-6
    cover = Cover(field, state, 0)
    cover.run(lambda: False, 10)
    assert state.bound <= cover.bound <= best + 1e-6
    assert best <= cover.value <= 1.02 * best


def test_no_whole_cover_breaks_a_cut():
    field, chance = field_of(the_shape(generated(40))), np.random.default_rng(1)
    state = relax(field, 0)
    pool, limits = state.within(100), state.cuts.limits(field.sizes)
    assert len(state.cuts) > 3
    counted = state.cuts.of(pool)
    for _ in range(60):
        left, used = np.append(field.sizes, 0), np.zeros(len(state.cuts), np.int64)
        for route in chance.permutation(len(pool))[:1000]:
            held = np.bincount(pool.sites[route] % len(left), pool.counts[route], len(left)).astype(np.int64)
            if (held <= left).all():
                left, used = left - held, used + counted[:, route]
        assert (used <= limits).all()


def test_many_schools_are_all_placed_near_the_bound():
    """A busy machine needs a time so long; the search ends once it is near."""
    problem = generated(33)

    def hear(progress: Progress) -> None:
        if progress.phase == "improve" and progress.value < 1.05 * progress.bound:
            raise SolverCancelled

    run = large_routes(problem, 20, hear)
    with pytest.raises(SolverCancelled):
        run.run()
    assert check(problem, run.best.placements) == ()
    assert run.best.unplaced == ()
    assert run.bound < run.best.value == total(problem, run.best.placements)


def test_no_school_has_more_of_a_task_than_of_the_one_before():
    field = field_of(the_shape(generated(40)))
    covers = [Cover(field, relax(field, task, lambda: True), 0) for task in (0, 1)]
    dating, anew = Dating(Timetable(field), np.random.default_rng(0), Budget(60)), Timetable(field)
    for task, cover in enumerate(covers):
        cover.run(lambda: True, 1)
        dating.begin(task, cover.trips if task else cover.trips[::3])
    table = dating.in_order()
    assert len(table.trips) > 15
    for trip in sorted(table.trips, key=lambda trip: (trip.day, trip.base)):
        assert anew.fits(trip)
        anew.add(trip)


def test_what_should_follow_a_session_left_out_is_left_out_too() -> None:
    problem = problem_2020()
    plan = first_plan(problem)
    followers = {before: demand.id for demand in problem.demands for before in demand.after}
    gone = plan[0] if plan[0].demand_id in followers else plan[1]
    there = [placement for placement in plan if placement != gone]
    assert [fault.rule for fault in check(problem, there)] == ["chain"]
    assert {p.demand_id for p in there} - {p.demand_id for p in in_order(problem, there)} == {followers[gone.demand_id]}
    assert in_order(problem, plan) == plan


def test_what_cannot_be_held_is_left_out_and_listed():
    problem = generated(36, 1.3)
    solution, _ = plan(problem)
    assert check(problem, solution.placements) == ()
    placed = {p.demand_id for p in solution.placements}
    assert solution.unplaced
    assert {*placed, *solution.unplaced} == {d.id for d in problem.demands}
    assert solution.bound <= solution.value


def test_schools_that_come_first_are_left_out_least():
    problem = generated(36, 1.3)
    first = {site.id for site in problem.sites[::2]}
    ranked = tuple(replace(d, priority=100_000) if d.home in first else d for d in problem.demands)
    solution, _ = plan(replace(problem, demands=ranked))
    left = [problem.demand_by_id[demand].home in first for demand in solution.unplaced]
    assert left.count(True) * 3 < left.count(False)


def test_without_any_team_nothing_is_placed():
    problem = replace(generated(32), crews=())
    assert shape_of(problem) is not None
    solution, _ = plan(problem, 1)
    assert solution.placements == ()
    assert solution.bound <= solution.value


def test_the_solver_takes_it_beyond_thirty_sites_and_stops_when_told():
    problem = generated(32)
    found: list[Solution] = []
    solution = CpSat(found.append).solve(problem, seconds=2, seed=0, report=lambda p: None)
    assert solution.method == "large day routes"
    assert found[-1] == solution
    with pytest.raises(SolverCancelled):
        CpSat().solve(problem, seconds=3, seed=0, report=lambda p: None, cancelled=lambda: True)


def test_too_many_half_days_are_left_to_the_general_form(monkeypatch):
    monkeypatch.setattr(halves, "MOST", 10)
    problem = generated(32)
    with pytest.raises(halves.TooMany):
        large_routes(problem, 1, lambda progress: None).run()


def test_more_sites_than_the_exact_search_counts_begin_in_the_large_form() -> None:
    problem = few_sites(generated(50), list(range(30)))
    shape = the_shape(problem)
    assert (shape.fits_a_word, the_shape(problem_2020()).fits_a_word) == (False, True)
    heard: list[Progress] = []
    solution = CpSat().solve(problem, seconds=2, seed=0, report=heard.append)
    assert check(problem, solution.placements) == ()
    assert solution.bound is None or 0 < solution.bound <= solution.value
    assert "days" in {progress.phase for progress in heard}
