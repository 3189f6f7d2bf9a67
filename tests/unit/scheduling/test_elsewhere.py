"""Other half-days of a session where others give way: each is a valid plan, and few sessions move."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.scheduling.adapters.cpsat.insertion import first_plan
from services.scheduling.domain.checker import check
from services.scheduling.domain.explain.elsewhere import Elsewhere
from services.scheduling.domain.explain.places import Place, Places
from services.scheduling.domain.problem import Placement, Problem
from tests.unit.scheduling.rotations import a_chain, problem_2020


def found(problem: Problem, plan: list[Placement], demand_id: str) -> dict[tuple[object, int], Place]:
    return {(place.day, place.half): place for place in Elsewhere(Places(problem, plan), demand_id).found()}


def moved(problem: Problem, plan: list[Placement], place: Place) -> set[str]:
    was = {p.demand_id: (p.day, problem.half_of(p)) for p in plan}
    return {p.demand_id for p in place.changed if (p.day, problem.half_of(p)) != was[p.demand_id]}


def a_plan(**starts: tuple[int, int]) -> tuple[Problem, list[Placement]]:
    """Return a problem of one school and three days, and a plan by session: (day, start)."""
    problem = a_chain(groups=len(starts) // 2, sites=1, length=3)
    crews = {"robotics": "truck", "video": "film"}
    ids = {name: name.replace("_", "-") for name in starts}
    plan = [
        Placement(ids[name], crews[ids[name].split("-")[1]], "school0", problem.days[day], start)
        for name, (day, start) in starts.items()
    ]
    assert check(problem, plan) == ()
    return problem, plan


def test_a_session_takes_the_one_that_follows_it_along() -> None:
    problem, plan = a_plan(g0_robotics=(0, 540), g0_video=(0, 840))
    alone, later = found(problem, plan, "g0-video"), found(problem, plan, "g0-robotics")
    assert all(moved(problem, plan, place) == {"g0-video"} for place in alone.values())
    assert [*later] == [(problem.days[0], 1), (problem.days[1], 0), (problem.days[1], 1), (problem.days[2], 0)]
    assert all(moved(problem, plan, place) == {"g0-robotics", "g0-video"} for place in later.values())


def test_two_groups_of_a_school_exchange_all_they_attend() -> None:
    """One session a day and team: what comes elsewhere takes another's place."""
    problem, plan = a_plan(g0_robotics=(0, 540), g0_video=(0, 840), g1_robotics=(1, 540), g1_video=(1, 840))
    problem = replace(problem, crews=tuple(replace(crew, max_sessions=1) for crew in problem.crews))
    place = found(problem, plan, "g0-robotics")[problem.days[1], 0]
    assert moved(problem, plan, place) == {p.demand_id for p in plan}


@pytest.mark.parametrize("rank", [3, 20])
def test_every_place_found_in_2020_is_a_valid_plan_that_leaves_nothing_out(rank: int) -> None:
    problem = problem_2020()
    plan = first_plan(problem)
    places = Places(problem, plan)
    search = Elsewhere(places, plan[rank].demand_id)
    others = search.found()
    assert len(others) > len(places.others(plan[rank].demand_id))
    for place in others:
        changed = places.after(place.changed)
        assert check(problem, changed) == ()
        assert {p.demand_id for p in changed} == {p.demand_id for p in plan}
        assert (place.day, place.half) != (plan[rank].day, problem.half_of(plan[rank]))
    assert search.tried < 3000


def test_the_same_question_has_the_same_answer() -> None:
    problem = problem_2020()
    plan = first_plan(problem)
    answers = [Elsewhere(Places(problem, plan), plan[3].demand_id).found() for _ in range(2)]
    assert answers[0] == answers[1]
