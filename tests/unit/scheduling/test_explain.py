"""Explanations: what they count is true, what they propose works, what they say of a place the rules agree with."""

from __future__ import annotations

import copy
import random
from dataclasses import replace

import pytest

from services.contracts.errors import Problem as Finding
from services.contracts.values import Window
from services.kit.i18n import sentence, violation_in_words
from services.scheduling.adapters.cpsat.explained.conflict import Conflict
from services.scheduling.adapters.cpsat.explained.counts import Counts
from services.scheduling.adapters.cpsat.explained.way_out import WayOut, as_findings, way_out
from services.scheduling.adapters.cpsat.insertion import first_plan
from services.scheduling.domain import rotation
from services.scheduling.domain.checker import check
from services.scheduling.domain.explain.before import findings, slack
from services.scheduling.domain.explain.labels import labels_of_problem
from services.scheduling.domain.explain.left_out import why_left_out
from services.scheduling.domain.explain.places import Places
from services.scheduling.domain.explain.room_for import room_for, room_told
from services.scheduling.domain.explain.ways import told, ways, with_ways
from services.scheduling.domain.problem import Barred, Baseline, Placement, Problem
from services.scheduling.domain.score import total
from tests.unit.scheduling.rotations import MONDAY, a_chain, a_pass, closed, instance_2020, problem_2020

ENOUGH = 60.0
"""Seconds nothing here comes near."""


def juvigny_once() -> Problem:
    """Juvigny has one half-day left, and two activities that may not share one."""
    data = copy.deepcopy(instance_2020())
    site = data["sites"][7]
    site["windows"] = {"7": site["windows"]["7"][:1]}
    return rotation.from_instance(data)


def belleu_late() -> Problem:
    """Belleu opens on 13 and 16 November only; on the 13th the truck is away."""
    data = copy.deepcopy(instance_2020())
    site = data["sites"][1]
    site["windows"] = {day: site["windows"][day] for day in ("8", "9")}
    del data["teams"][0]["avail"]["8"]
    return rotation.from_instance(data)


def video_away() -> Problem:
    """The video team is away for three days."""
    data = copy.deepcopy(instance_2020())
    for day in ("6", "7", "8"):
        del data["teams"][1]["avail"][day]
    return rotation.from_instance(data)


def said(found: tuple[Finding, ...]) -> list[tuple[str, dict[str, str]]]:
    return [(finding.code, finding.facts) for finding in found]


def test_nothing_is_found_against_a_problem_that_works():
    assert findings(problem_2020()) == ()
    assert findings(a_pass()) == ()
    assert [(row.kind, row.sessions, row.places) for row in slack(problem_2020())] == [
        ("robotics", 31, 40),
        ("video", 31, 40),
    ]


def test_a_team_that_is_away_leaves_too_few_places():
    (row,) = (row for row in slack(video_away()) if row.missing)
    assert (row.places, row.sessions, row.missing) == (28, 31, 3)
    assert [finding.code for finding in findings(video_away())] == ["explain_short"]


def test_an_activity_nobody_gives():
    problem = replace(a_chain(), crews=a_chain().crews[:1])
    assert said(findings(problem))[0] == ("explain_nobody", {"activity": "video", "sessions": "2"})


def test_a_school_whose_openings_are_too_short():
    problem = a_chain()
    short = replace(problem.sites[0], windows=dict.fromkeys(problem.days, (Window(510, 580),)))
    problem = replace(problem, sites=(short, *problem.sites[1:]))
    assert [finding.code for finding in findings(problem)] == ["explain_no_opening", "explain_no_opening"]


def test_a_chain_without_room_for_its_delay():
    problem = a_chain(length=2)
    tasks = (problem.tasks[0], replace(problem.tasks[1], min_days=2))
    found = findings(replace(problem, tasks=tasks))
    assert [(f.code, f.facts["activity"], f.facts["before"]) for f in found] == [
        ("explain_chain", "video", "robotics"),
        ("explain_chain", "video", "robotics"),
    ]


def test_a_school_with_more_sessions_than_its_hours_hold():
    found = findings(a_chain(groups=5, sites=1, length=2))
    assert said(found)[0] == ("explain_site", {"site": "school0", "places": "8", "sessions": "10", "missing": "2"})


@pytest.mark.parametrize(
    ("problem", "missing", "least"),
    [
        (juvigny_once(), {"video": 1}, ["explain_way_reopen"]),
        (belleu_late(), {"video": 2}, ["explain_way_reopen"]),
        (video_away(), {"video": 6}, ["explain_way_team"]),
    ],
    ids=["juvigny", "belleu", "video"],
)
def test_three_cases_that_cannot_be_planned_whole(problem, missing, least):
    counted = Counts(problem).solve(ENOUGH)
    by_activity: dict[str, int] = {}
    for lot, count in counted.missing.items():
        by_activity[lot.task_id] = by_activity.get(lot.task_id, 0) + count
    assert by_activity == missing
    best = Counts(problem, ways(problem, problem.days)).solve(ENOUGH)
    assert best.missing == {}
    assert [finding.code for finding in told(problem, best.chosen)] == least
    assert Counts(with_ways(problem, best.chosen)).solve(ENOUGH).missing == {}
    assert all(
        Counts(with_ways(problem, best.chosen[:i] + best.chosen[i + 1 :])).solve(ENOUGH).missing
        for i in range(len(best.chosen))
    )


def test_a_short_conflict_is_told_and_a_long_one_is_not():
    belleu = Conflict(belleu_late(), ENOUGH).find()
    assert sorted(finding.code for finding in belleu) == [
        "explain_fact_away",
        "explain_fact_lot",
        "explain_fact_open",
        "explain_fact_order",
    ]
    assert Conflict(problem_2020(), ENOUGH).find() == ()


@pytest.mark.parametrize(("least", "said"), [((), ["explain_missing", "explain_no_way"]), (None, ["explain_missing"])])
def test_that_nothing_suffices_is_said_only_when_found_out(least, said):
    found = WayOut(6, {"video": 6}, least, None, ())
    assert [finding.code for finding in as_findings(a_chain(), found)] == said


def test_a_way_out_is_verified_by_a_whole_plan():
    problem = a_chain(groups=2, sites=1, length=2)
    site = replace(problem.sites[0], windows={MONDAY: problem.sites[0].windows[MONDAY][:1]})
    found = way_out(replace(problem, sites=(site,)), ENOUGH)
    assert (found.missing, len(found.least)) == (2, 1)
    assert found.enough is not None
    assert {way.kind for way in found.enough} == {"reopen"}


def test_what_is_missing_is_never_more_than_a_plan_leaves_out():
    chance = random.Random(5)
    for _ in range(25):
        problem = a_chain(groups=chance.randint(1, 6), sites=chance.randint(1, 3), length=chance.randint(1, 3))
        hours = {s.id: {d: w for d, w in s.windows.items() if chance.random() < 0.6} for s in problem.sites}
        problem = replace(problem, sites=tuple(replace(s, windows=hours[s.id]) for s in problem.sites))
        left_out = len(problem.demands) - len(first_plan(problem))
        counted = Counts(problem).solve(ENOUGH)
        assert sum(counted.missing.values()) <= left_out


def the_plan() -> list[Placement]:
    return first_plan(problem_2020())


def test_a_place_that_is_possible_is_judged_so_by_the_rules_and_the_price():
    problem, plan = problem_2020(), the_plan()
    places = Places(problem, plan)
    tried = [place for demand_id in ("4-video", "10-video", "18-video") for place in places.others(demand_id)]
    assert len(tried) > 3
    assert any(place.exchange for place in tried)
    for place in tried:
        moved = list({p.demand_id: p for p in (*plan, *place.changed)}.values())
        assert check(problem, moved) == ()
        assert total(problem, moved) - total(problem, plan) == place.points


def test_a_place_that_is_not_possible_says_what_it_breaks():
    places = Places(problem_2020(), the_plan())
    place = places.at("4-video", problem_2020().days[2], 0)
    assert place is not None
    assert [violation.rule for violation in place.broken] == ["hours"]
    labels = labels_of_problem(problem_2020())
    for language in ("fr", "en"):
        assert "Belleu" in violation_in_words(labels.named(place.broken[0]), language)


def test_a_video_before_its_robotics_breaks_the_chain():
    places = Places(problem_2020(), the_plan())
    place = places.at("4-video", problem_2020().days[0], 0)
    assert "chain" in [violation.rule for violation in place.broken]


def test_a_team_that_is_not_there_has_no_place():
    problem = a_chain()
    crews = (problem.crews[0], replace(problem.crews[1], available={}))
    assert Places(replace(problem, crews=crews), []).at("g0-video", MONDAY, 0) is None


def test_why_a_session_is_here():
    problem, plan = problem_2020(), the_plan()
    one = next(p for p in plan if p.demand_id == "2-robotics")
    codes = [finding.code for finding in Places(problem, plan).why_here(one.demand_id)]
    assert codes[0] == "explain_together"
    assert codes[1].startswith("explain_next_best") or codes[1] == "explain_only_place"
    pinned = Places(replace(problem, pins=(one,)), plan).why_here(one.demand_id)
    assert [finding.code for finding in pinned] == ["explain_pinned"]
    kept = Places(replace(problem, baseline=Baseline((one,))), plan).why_here(one.demand_id)
    assert [finding.code for finding in kept] == ["explain_kept"]
    later = problem.days[problem.days.index(one.day) + 1]
    past = Places(replace(problem, baseline=Baseline((one,), frozen_before=later)), plan).why_here(one.demand_id)
    assert [finding.code for finding in past] == ["explain_past"]


def test_why_a_session_was_left_out():
    problem = a_chain(groups=2, sites=1, length=2)
    assert why_left_out(Places(problem, []), "g0-video").code == "explain_left_before"
    assert why_left_out(Places(problem, []), "g0-robotics").code == "explain_left_free"
    assert why_left_out(Places(problem, []), "g0-robotics", search=False).code == "explain_left_unfound"
    full = video_away()
    asked = Places(full, first_plan(full))
    codes = {why_left_out(asked, demand.id).code for demand in full.demands if demand.id not in asked.placed}
    assert codes <= {"explain_left_short", "explain_left_before", "explain_left_free"}
    assert codes


def test_one_half_day_more_gives_a_session_left_out_its_place():
    whole, planned = problem_2020(), the_plan()
    one = next(p for p in planned if p.demand_id == "18-video")
    room = room_for(closed(whole, one.site_id, one.day), [p for p in planned if p is not one])
    assert [(way.kind, way.who) for way in room.ways] == [("reopen", "7")]
    assert room.placed == ("18-video",)


def test_a_team_that_comes_again_makes_room_as_the_rules_say():
    problem = a_chain(groups=2, sites=1, length=3)
    away = replace(problem.crews[1], available={problem.days[0]: problem.crews[1].available[problem.days[0]]})
    problem = replace(problem, crews=(problem.crews[0], away))
    plan = [
        Placement("g0-robotics", "truck", "school0", MONDAY, 810),
        Placement("g1-robotics", "truck", "school0", MONDAY, 895),
    ]
    assert check(problem, plan) == ()
    room = room_for(problem, plan)
    assert {way.kind for way in room.ways} == {"team"}
    assert room.placed == ("g0-video", "g1-video")
    assert [finding.code for finding in room_told(problem, plan)] == ["explain_room", "explain_way_team"]


def test_every_finding_is_a_sentence_in_both_languages():
    plan = the_plan()
    places, labels = Places(problem_2020(), plan), labels_of_problem(problem_2020())
    found = [*findings(juvigny_once()), *Conflict(belleu_late(), ENOUGH).find()]
    found += [finding for p in plan[:8] for finding in places.why_here(p.demand_id)]
    found += [places.told("4-video", place) for place in places.others("4-video")]
    for finding in found:
        french, english = (sentence(labels.named(finding), language) for language in ("fr", "en"))
        assert french != english
        assert "{" not in french + english
        assert "2020-" not in french + english


def test_a_session_whose_only_free_half_days_were_refused_is_told_so():
    problem = a_chain(groups=1, sites=1, length=1)
    demands = tuple(replace(d, barred=(Barred(MONDAY, 0), Barred(MONDAY, 1))) for d in problem.demands)
    found = why_left_out(Places(replace(problem, demands=demands), []), "g0-robotics")
    assert (found.code, found.facts["half_days"]) == ("explain_left_refused", f"{MONDAY} am, {MONDAY} pm")


def test_a_session_without_a_place_is_told_when_priorities_serve_others_first():
    """The truck is there in the morning alone, which holds one session."""
    problem = a_chain(groups=2, sites=2, length=1)
    truck, film = problem.crews
    problem = replace(problem, crews=(replace(truck, available={MONDAY: Window(450, 760)}), film))
    plan = [Placement("g0-robotics", "truck", "school0", MONDAY, 510)]
    assert why_left_out(Places(problem, plan), "g1-robotics").code == "explain_left_full"
    demands = tuple(replace(d, priority=500 * (d.home == "school0")) for d in problem.demands)
    ranked = replace(problem, demands=demands)
    assert why_left_out(Places(ranked, plan), "g1-robotics").code == "explain_left_after_others"
