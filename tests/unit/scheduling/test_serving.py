"""Which one thing more would serve whom, and how good a plan is: what is promised has a place, proofs are said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.kit.i18n import sentence
from services.scheduling.adapters.cpsat.insertion import first_plan
from services.scheduling.domain.explain.serving import serving, serving_told, smallest_told
from services.scheduling.domain.explain.ways import with_ways
from services.scheduling.domain.explain.whole import loads, standing
from services.scheduling.domain.problem import Problem
from tests.unit.scheduling.rotations import a_chain


def without_the_film(*ranks: int) -> Problem:
    """Return four groups of one school whose video team is away on some of three days."""
    problem = a_chain(groups=4, sites=1, length=3)
    truck, film = problem.crews
    away = {problem.days[rank] for rank in ranks}
    there = {day: hours for day, hours in film.available.items() if day not in away}
    return replace(problem, crews=(truck, replace(film, available=there)))


def test_what_is_promised_one_thing_more_is_what_a_plan_with_it_places() -> None:
    problem = without_the_film(1, 2)
    plan = first_plan(problem)
    left = [demand for demand in problem.demands if demand.id not in {p.demand_id for p in plan}]
    found = serving(problem, plan)
    assert len(left) == 4 and found
    for one in found:
        whole = first_plan(with_ways(problem, [one.way]))
        assert len(whole) >= len(plan) + len(one.together)
        assert set(one.together) <= set(one.alone) <= {demand.id for demand in left}
    best = found[0]
    assert (best.way.kind, best.way.who, len(best.together)) == ("team", "film", 2)
    assert [len(one.together) for one in found] == sorted((len(one.together) for one in found), reverse=True)


def test_ways_that_serve_the_same_are_told_once_and_each_session_has_its_smallest() -> None:
    problem = without_the_film(1, 2)
    plan = first_plan(problem)
    left = [demand for demand in problem.demands if demand.id not in {p.demand_id for p in plan}]
    found = serving(problem, plan)
    assert [sentence(one, "fr") for one in serving_told(problem, found)] == [
        "Une demi-journée de plus de « film », mardi 2 mars matin, donnerait une place à 2 séance(s), le reste du "
        "plan ne bougeant pas : g0, g1."
    ]
    told = smallest_told(problem, left, found)
    assert list(told) == [demand.id for demand in left]
    assert {sentence(one, "en") for one in told.values()} == {
        "It would be enough that “film” comes Tuesday 2 March morning."
    }


def test_where_nothing_single_helps_that_is_said() -> None:
    problem = replace(without_the_film(), crews=a_chain().crews[:1])
    plan = first_plan(problem)
    left = [demand for demand in problem.demands if demand.task_id == "video"]
    assert serving(problem, plan) == []
    assert {one.code for one in smallest_told(problem, left, []).values()} == {"explain_smallest_none"}


@pytest.mark.parametrize(
    ("bound", "left", "is_optimal", "said"),
    [
        (4196.0, 0, True, "Aucun plan ne coûte moins que celui-ci, 4196 points : c’est prouvé."),
        (
            4097.0,
            0,
            False,
            "Ce plan coûte 4196 points, et aucun ne peut coûter moins de 4097 : il est à 3 % au plus du meilleur.",
        ),
        (None, 0, False, "Ce plan coûte 4196 points ; de combien un autre ferait mieux n’est pas prouvé."),
        (None, 3, False, "Séances sans place : 3. Qu’un autre plan en place davantage n’est pas exclu."),
    ],
)
def test_how_good_a_plan_is(bound: float | None, left: int, is_optimal: bool, said: str) -> None:
    (found,) = standing(4196, bound, left, is_optimal=is_optimal)
    assert sentence(found, "fr") == said


def test_that_nothing_more_can_be_placed_is_said_only_when_proved() -> None:
    (found,) = standing(304196, 304196.0, 3, is_optimal=True)
    assert sentence(found, "en") == (
        "With these days, teams and hours no plan leaves fewer than 3 session(s) without a place: this is proved."
    )


def test_teams_with_the_least_room_left_come_first() -> None:
    problem = without_the_film(1, 2)
    assert [
        (one.facts["team"], one.facts["used"], one.facts["days"]) for one in loads(problem, first_plan(problem))
    ] == [
        ("truck", "1", "3"),
        ("film", "0", "1"),
    ]
