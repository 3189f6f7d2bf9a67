"""One plan that keeps every rule, and for each rule one change that breaks that rule alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from services.contracts.errors import Refused
from services.contracts.values import Place, Window
from services.kit.i18n import violation_in_words
from services.scheduling.domain import rotation
from services.scheduling.domain.checker import check
from services.scheduling.domain.constraints import RULES, SENTENCES
from services.scheduling.domain.problem import Barred, Baseline, Demand, Placement, Problem, Site
from services.scheduling.domain.roads import open_windows, road_minutes
from services.scheduling.domain.score import moved
from tests.unit.scheduling.rotations import MONDAY, a_chain, a_pass

TUESDAY = MONDAY + dt.timedelta(days=1)


def the_plan() -> tuple[Placement, ...]:
    return (
        Placement("g0-robotics", "truck", "school0", MONDAY, 510),
        Placement("g1-robotics", "truck", "school1", MONDAY, 810),
        Placement("g0-video", "film", "school0", TUESDAY, 510),
        Placement("g1-video", "film", "school1", TUESDAY, 810),
    )


def broken(problem: Problem, plan: tuple[Placement, ...]) -> list[str]:
    return sorted({violation.rule for violation in check(problem, plan)})


def moved_to(demand_id: str, **changes: object) -> tuple[Placement, ...]:
    return tuple(replace(p, **changes) if p.demand_id == demand_id else p for p in the_plan())


def test_a_good_plan_breaks_nothing():
    assert check(a_chain(), the_plan()) == ()


def test_a_session_outside_the_school_hours():
    assert broken(a_chain(), moved_to("g1-video", start=940)) == ["hours"]


def test_a_session_twice():
    again = replace(the_plan()[1], start=900)
    assert broken(a_chain(), (*the_plan(), again)) == ["once"]


def test_a_team_of_another_kind():
    assert broken(a_chain(), moved_to("g1-video", crew_id="truck")) == ["right_team"]


def test_a_team_that_is_away():
    problem = a_chain()
    crews = tuple(replace(c, available={d: w for d, w in c.available.items() if d != TUESDAY}) for c in problem.crews)
    assert broken(replace(problem, crews=crews), the_plan()) == ["right_team"]


def test_the_second_activity_in_the_same_half_day():
    assert broken(a_chain(), moved_to("g0-video", day=MONDAY, start=600)) == ["chain"]


def test_the_second_activity_without_the_first():
    plan = tuple(p for p in the_plan() if p.demand_id != "g0-robotics")
    assert broken(a_chain(), plan) == ["chain"]


@pytest.mark.parametrize(
    ("delay", "holds"), [({"min_days": 1}, True), ({"min_days": 2}, False), ({"max_days": 0}, False)]
)
def test_delays_in_days(delay, holds):
    problem = a_chain()
    tasks = (problem.tasks[0], replace(problem.tasks[1], **delay))
    assert broken(replace(problem, tasks=tasks), the_plan()) == ([] if holds else ["chain"])


def test_more_sessions_at_once_than_rooms():
    problem = a_chain()
    crews = (*problem.crews, replace(problem.crews[0], id="truck2"))
    demands = (*problem.demands, Demand("g9-robotics", "robotics", "g9", 12, "school0", ("school0",)))
    plan = (*the_plan(), Placement("g9-robotics", "truck2", "school0", MONDAY, 520))
    assert broken(replace(problem, crews=crews, demands=demands), plan) == ["rooms"]


def test_shared_pupils_at_the_same_time():
    problem = a_chain()
    demands = (replace(problem.demands[0], excludes=("g1-robotics",)), *problem.demands[1:])
    crews = (*problem.crews, replace(problem.crews[0], id="truck2"))
    problem = replace(problem, demands=demands, crews=crews)
    assert broken(problem, moved_to("g1-robotics", crew_id="truck2", start=520)) == ["excludes"]


@pytest.mark.parametrize(
    ("start", "rule"),
    [(595, []), (594, ["team_day"])],
)
def test_turnover_between_two_sessions_at_one_site(start, rule):
    problem = a_chain(groups=2, sites=1)
    plan = (
        Placement("g0-robotics", "truck", "school0", MONDAY, 510),
        Placement("g1-robotics", "truck", "school0", MONDAY, start),
    )
    assert broken(problem, plan) == rule


def test_lunch_is_kept_free():
    problem = a_chain()
    sites = tuple(replace(s, windows=dict.fromkeys(problem.days, (Window(480, 1000),))) for s in problem.sites)
    road = road_minutes(sites[0].place, sites[1].place)
    start = 690 + 75 + 15 + road + 20 + 45
    plan = (
        Placement("g0-robotics", "truck", "school0", MONDAY, 690),
        Placement("g1-robotics", "truck", "school1", MONDAY, start),
    )
    problem = replace(problem, sites=sites)
    assert broken(problem, plan) == []
    assert broken(problem, (plan[0], replace(plan[1], start=start - 1))) == ["team_day"]


def test_a_team_leaves_and_returns_within_its_hours():
    problem = a_chain()
    crews = tuple(replace(c, available=dict.fromkeys(problem.days, Window(500, 1050))) for c in problem.crews)
    assert broken(replace(problem, crews=crews), the_plan()) == ["team_day"]


def test_too_many_sessions_in_a_day():
    problem = a_chain()
    crews = tuple(replace(crew, max_sessions=1) for crew in problem.crews)
    assert broken(replace(problem, crews=crews), the_plan()) == ["team_day"]


def said(problem: Problem, *plan: Placement) -> list[str]:
    """Return what people read of a team's day, the date left out."""
    found = [violation_in_words(v, "fr") for v in check(problem, plan) if v.rule == "team_day"]
    return [sentence.replace("lundi 1er mars 2021", "lundi") for sentence in found]


def test_what_does_not_fit_in_a_day_is_said_in_hours_and_minutes():
    problem = a_chain(groups=2, sites=1)
    hours = dict.fromkeys(problem.days, Window(500, 600))
    short = replace(problem, crews=tuple(replace(c, available=hours, max_sessions=1) for c in problem.crews))
    first, second = (Placement(f"g{n}-robotics", "truck", "school0", MONDAY, 510 + 60 * n) for n in (0, 1))
    assert said(problem, first, second) == [
        "« truck » serait encore en séance, jusqu’à 9 h 45, quand commence celle de 9 h 30 à school0 le lundi."
    ]
    assert said(problem, first, replace(second, start=590)) == [
        "« truck » n’aurait que 5 min avant la séance de 9 h 50 à school0 le lundi ; il en faut 10 "
        "(rangement, route, installation, repas)."
    ]
    away = road_minutes(problem.crews[0].depot, problem.sites[0].place)
    task = problem.tasks[0]
    leaves, returns = (
        f"{minute // 60} h {minute % 60:02d}"
        for minute in (510 - task.setup - away, 595 + task.duration + task.packing + away)
    )
    assert said(short, first, replace(second, start=595)) == [
        "« truck » aurait 2 séances le lundi, pour 1 au plus.",
        f"« truck » devrait partir à {leaves} le lundi pour la séance de 8 h 30 à school0 ; "
        "sa journée commence à 8 h 20.",
        f"« truck » ne rentrerait qu’à {returns} le lundi après la séance de 9 h 55 à school0 ; "
        "sa journée finit à 10 h 00.",
    ]


def test_a_pin_that_moved():
    pin = replace(the_plan()[0], start=600)
    assert broken(replace(a_chain(), pins=(pin,)), the_plan()) == ["pins"]


@pytest.mark.parametrize(
    ("barred", "rule"),
    [
        (Barred(TUESDAY, 1), ["refused"]),
        (Barred(TUESDAY, 1, "film-org"), ["refused"]),
        (Barred(TUESDAY, 1, "truck-org"), []),
        (Barred(TUESDAY, 0), []),
        (Barred(MONDAY, 1), []),
    ],
)
def test_a_half_day_that_was_refused(barred, rule):
    problem = a_chain()
    demands = tuple(replace(d, barred=(barred,)) if d.id == "g1-video" else d for d in problem.demands)
    assert broken(replace(problem, demands=demands), the_plan()) == rule
    pinned = replace(problem, demands=demands, pins=(the_plan()[3],))
    assert broken(pinned, the_plan()) == []


@pytest.mark.parametrize(
    ("hours", "rule"),
    [((510, 520), ["busy"]), ((480, 490), []), ((480, 491), ["busy"]), ((600, 700), []), ((599, 700), ["busy"])],
)
def test_a_team_that_is_taken_within_the_day(hours, rule):
    """The truck sets up from 490, holds from 510 to 585 and packs until 600."""
    problem = a_chain()
    truck, film = problem.crews
    busy = replace(truck, busy={MONDAY: (Window(*hours),), TUESDAY: (Window(0, 1440),)})
    assert broken(replace(problem, crews=(busy, film)), the_plan()) == rule


def test_a_past_that_changed():
    baseline = Baseline((replace(the_plan()[0], start=600),), frozen_before=TUESDAY)
    violations = check(replace(a_chain(), baseline=baseline), the_plan())
    assert [(v.rule, v.session_ids) for v in violations] == [("past", ("g0-robotics",)), ("past", ("g1-robotics",))]


def test_things_nobody_knows():
    plan = (*the_plan()[1:], replace(the_plan()[0], demand_id="nobody"))
    assert broken(a_chain(), plan) == ["chain", "known"]


def test_a_class_travels_within_the_hours_of_its_school():
    problem = a_pass(classes=1)
    demand = problem.demand_by_id["c0-talk-a"]
    far = replace(problem.site_by_id["house"], place=Place("Loin", 49.6, 3.34))
    problem = replace(problem, sites=(*problem.sites[:-1], far))
    road = road_minutes(problem.sites[0].place, far.place)
    assert open_windows(problem, demand, "house", MONDAY)[0] == Window(max(540, 510 + road), 690 - road)
    plan = (
        Placement("c0-meet", "officer", "school0", MONDAY, 510),
        Placement("c0-talk-a", "psychologist", "house", TUESDAY, 635),
    )
    assert broken(problem, plan) == ["class_travel"]


def test_sessions_that_changed_half_day_or_vanished_are_moved():
    baseline = Baseline(the_plan(), frozenset({"g0-video"}), None)
    problem = replace(a_chain(), baseline=baseline)
    plan = tuple(p for p in moved_to("g0-video", start=810) if p.demand_id != "g1-video")
    assert moved(problem, plan) == {"confirmed": ("g0-video",), "offered": ("g1-video",)}
    assert moved(problem, moved_to("g0-video", start=600)) == {"confirmed": (), "offered": ()}


def test_every_violation_fills_its_sentence():
    site = Site("school0", Place("École", 49.38, 3.32), 0, {})
    problem = a_chain()
    problem = replace(problem, sites=(site, *problem.sites[1:]), pins=(replace(the_plan()[0], start=7),))
    found = check(problem, (*the_plan(), replace(the_plan()[1], crew_id="film"), replace(the_plan()[0], site_id="?")))
    assert len({violation.rule for violation in found}) >= 5
    for violation in found:
        assert "{" not in (violation.sentence or SENTENCES[violation.rule]).format(**violation.facts)
    assert set(SENTENCES) == {"known", *(rule.name for rule in RULES)}


def test_what_rotation_1_cannot_say_is_named():
    assert rotation.unsayable(a_chain()) == ()
    assert rotation.unsayable(a_pass()) == (
        "a chain that leaves its group",
        "a group with several sites",
        "delays other than a later half-day",
        "groups that share pupils",
        "two activities of one kind of provider",
    )
    with pytest.raises(Refused) as refusal:
        rotation.to_instance(a_pass())
    assert [problem.code for problem in refusal.value.problems] == ["rotation_unsayable"]
