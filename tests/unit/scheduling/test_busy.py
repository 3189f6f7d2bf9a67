"""Calendars of teams that take whole half-days make them absent; what is left in pieces stays as it is."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from services.contracts.errors import Refused
from services.contracts.values import Window
from services.scheduling.adapters.cpsat.insertion import first_plan
from services.scheduling.adapters.cpsat.solve import CpSat
from services.scheduling.domain import rotation
from services.scheduling.domain.busy import with_absences
from services.scheduling.domain.checker import check
from services.scheduling.domain.problem import Problem
from tests.unit.scheduling.rotations import MONDAY, a_chain, problem_2020


def taken(problem: Problem, *hours: tuple[int, int]) -> Problem:
    """Return the problem with the first team, on the road from 7:30 to 17:30, taken on Monday."""
    first, *others = problem.crews
    busy = {MONDAY: tuple(Window(*each) for each in hours)}
    return replace(problem, crews=(replace(first, busy=busy), *others))


@pytest.mark.parametrize(
    ("hours", "left"),
    [
        ([(750, 1050)], Window(450, 750)),  # the afternoon
        ([(780, 900), (930, 1200)], Window(450, 780)),  # two meetings with half an hour between them
        ([(400, 700), (600, 720)], Window(720, 1050)),  # the morning, told twice
        ([(450, 480), (1000, 1050)], Window(480, 1000)),
        ([(0, 1440)], None),
        ([(500, 1000)], None),  # 50 minutes on both sides hold no session of 75
        ([(1100, 1200)], Window(450, 1050)),  # in the evening
    ],
)
def test_one_stretch_left_is_when_the_team_is_there(hours: list[tuple[int, int]], left: Window | None) -> None:
    crew = with_absences(taken(a_chain(), *hours)).crews[0]
    assert (crew.available.get(MONDAY), dict(crew.busy)) == (left, {})
    assert len(crew.available) == (4 if left else 3)


def test_a_day_in_pieces_stays_as_it_is() -> None:
    problem = taken(a_chain(), (600, 700))
    assert with_absences(problem) == problem
    assert with_absences(a_chain()) == a_chain()


@pytest.mark.parametrize("seed", range(4))
def test_plans_with_absences_leave_busy_times_alone(seed: int) -> None:
    chance, problem = random.Random(seed), problem_2020()
    crews = []
    for crew in problem.crews:
        days = [day for day in problem.days if chance.random() < 0.4]
        busy = {day: (Window(*chance.choice([(0, 750), (740, 1440), (600, 700), (0, 1440)])),) for day in days}
        crews.append(replace(crew, busy=busy))
    problem = replace(problem, crews=tuple(crews))
    absent = with_absences(problem)
    plan = first_plan(absent)
    assert len(plan) > 30
    assert check(problem, plan) == check(absent, plan) == ()
    assert [list(crew.busy) for crew in absent.crews] == [
        [day for day, (window,) in crew.busy.items() if (window.start, window.end) == (600, 700)] for crew in crews
    ]


def test_a_team_away_for_an_afternoon_can_be_exported_and_one_in_pieces_cannot() -> None:
    team = rotation.to_instance(taken(a_chain(), (750, 1050)))["teams"][0]
    assert (team["avail"]["0"], team["avail"]["1"]) == ([450, 750], [450, 1050])
    with pytest.raises(Refused, match="rotation_unsayable"):
        rotation.to_instance(taken(a_chain(), (600, 700)))


def test_afternoons_away_keep_the_large_form_in_reach() -> None:
    busy = taken(a_chain(groups=31, sites=31, length=20), (750, 1050))
    solution = CpSat().solve(busy, seconds=1, seed=1, report=lambda progress: None)
    assert (solution.method, check(busy, solution.placements)) == ("large day routes", ())
    assert len(solution.placements) > 0
