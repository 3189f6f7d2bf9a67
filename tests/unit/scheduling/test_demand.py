"""From an edition and its registrations to the planner's problem."""

from __future__ import annotations

from dataclasses import replace

from services.contracts.errors import Problem
from services.contracts.values import Busy, GroupRule, HalfDay, Programme, Weights, Window
from services.scheduling.domain.demand import (
    Basis,
    build,
    fingerprint,
    free_windows,
)
from services.scheduling.domain.outdated import changes_since, names_of
from services.scheduling.domain.problem import Baseline
from tests.unit.scheduling.builders import (
    MONDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    a_basis,
    a_group,
    a_provider,
    a_school,
    an_activity,
    an_edition,
    le_mail,
    registered,
    robotics_then_video,
    the_pass,
)

BOTH = ("robotics", "video")


def after(basis: Basis) -> dict[str, tuple[str, ...]]:
    return {demand.id: demand.after for demand in build(basis).demands}


def test_each_group_and_activity_is_one_demand_after_the_group_s_own() -> None:
    assert after(a_basis()) == {
        "acy/1:robotics": (),
        "acy/1:video": ("acy/1:robotics",),
        "acy/2:robotics": (),
        "acy/2:video": ("acy/2:robotics",),
    }


def test_halves_of_a_class_may_work_at_the_same_time() -> None:
    assert [demand.excludes for demand in build(a_basis()).demands] == [()] * 4


def test_the_pass_goes_from_whole_class_to_halves_and_back() -> None:
    assert after(the_pass()) == {
        "acy/w:officer": (),
        "acy/w:quiz": ("acy/1:psychologist", "acy/2:psychologist"),
        "acy/1:psychologist": ("acy/w:officer",),
        "acy/2:psychologist": ("acy/w:officer",),
    }


def test_sites_follow_the_venue_rule() -> None:
    sites = {demand.task_id: demand.sites for demand in build(the_pass()).demands}
    assert sites == {
        "officer": ("acy", "venue:le-mail"),
        "psychologist": ("acy",),
        "quiz": ("venue:le-mail",),
    }


def test_delays_and_durations_reach_the_planner() -> None:
    quiz = build(the_pass()).task_by_id["quiz"]
    assert (quiz.min_half_days, quiz.min_days, quiz.max_days) == (1, 1, 10)
    assert (quiz.duration, quiz.setup, quiz.packing, quiz.turnover) == (60, 10, 10, 10)


def test_a_group_of_another_class_is_no_kin() -> None:
    other = a_group("acy/3", ("psychologist",), programme_id="pass", class_ids=("acy/cm1",))
    basis = the_pass()
    one = replace(basis.registered[0], groups=(*basis.registered[0].groups, other))
    found = after(Basis(basis.edition, (one,)))
    assert found["acy/3:psychologist"] == ()
    assert found["acy/w:quiz"] == ("acy/1:psychologist", "acy/2:psychologist")


def test_mixed_groups_wait_for_every_group_that_shares_a_class() -> None:
    programme = Programme(
        "quinzaine",
        "Mélange",
        (an_activity("robotics", "robotics"), an_activity("video", "video", group=GroupRule("whole"))),
    )
    one = a_group("acy/1", ("robotics",), class_ids=("acy/cm1", "acy/cm2"))
    two = a_group("acy/2", ("robotics",), class_ids=("acy/cm2",))
    whole = a_group("acy/w", ("video",), class_ids=("acy/cm2",))
    first = a_group("acy/x", ("video",), class_ids=("acy/cm1",))
    found = after(a_basis(registered(a_school(), one, two, whole, first), edition=an_edition(programme)))
    assert found["acy/w:video"] == ("acy/1:robotics", "acy/2:robotics")
    assert found["acy/x:video"] == ("acy/1:robotics",)


def test_an_activity_left_out_does_not_break_the_order() -> None:
    basis = the_pass()
    whole = basis.registered[0].groups[0]
    found = after(Basis(basis.edition, (replace(basis.registered[0], groups=(whole,)),)))
    assert found == {"acy/w:officer": (), "acy/w:quiz": ("acy/w:officer",)}


def test_the_same_pupils_in_two_programmes_exclude_each_other() -> None:
    edition = an_edition(robotics_then_video(), the_pass().edition.programmes[0], venues=(le_mail(),))
    groups = (a_group("acy/1", BOTH), a_group("acy/w", ("officer",), programme_id="pass"))
    other = a_group("acy/3", BOTH, class_ids=("acy/cm1",))
    demands = build(a_basis(registered(a_school(), *groups, other), edition=edition)).demands
    assert {demand.id: demand.excludes for demand in demands} == {
        "acy/1:robotics": ("acy/w:officer",),
        "acy/1:video": ("acy/w:officer",),
        "acy/w:officer": ("acy/1:robotics", "acy/1:video"),
        "acy/3:robotics": (),
        "acy/3:video": (),
    }


def test_groups_with_an_open_exception_wait() -> None:
    waiting = a_group("acy/1", BOTH, exception="too_small")
    settled = a_group("acy/2", BOTH, exception="too_large", accepted=True)
    problem = build(a_basis(registered(a_school(), waiting, settled)))
    assert [demand.id for demand in problem.demands] == ["acy/2:robotics", "acy/2:video"]


def test_a_school_with_nothing_to_plan_is_no_site() -> None:
    waiting = a_group("belleu/1", BOTH, exception="too_small")
    problem = build(a_basis(registered(), registered(a_school("belleu"), waiting)))
    assert [site.id for site in problem.sites] == ["acy"]


def test_school_hours_become_windows_of_each_action_day() -> None:
    windows = build(a_basis()).site_by_id["acy"].windows
    day = (Window(540, 720), Window(810, 990))
    assert windows == {MONDAY: day, TUESDAY: day, THURSDAY: day}  # no school on Wednesdays here


def test_closed_half_days_cut_the_hours() -> None:
    hours = {1: (Window(540, 990),), 2: (Window(540, 720), Window(810, 990))}
    closed = (HalfDay(MONDAY, "am"), HalfDay(TUESDAY, "am"), HalfDay(TUESDAY, "pm"))
    problem = build(a_basis(registered(a_school(hours=hours, closed=closed))))
    assert problem.site_by_id["acy"].windows == {MONDAY: (Window(750, 990),)}


def test_a_window_that_crosses_noon_is_cut_only_when_a_half_is_closed() -> None:
    whole = (Window(600, 900),)
    assert free_windows(whole, 750, set()) == whole
    assert free_windows(whole, 750, {"pm"}) == (Window(600, 750),)
    assert free_windows(whole, 750, {"am", "pm"}) == ()


def test_disliked_half_days_outside_the_action_days_are_forgotten() -> None:
    disliked = (HalfDay(MONDAY, "pm"), HalfDay(MONDAY.replace(day=30), "am"))
    problem = build(a_basis(registered(a_school(disliked=disliked))))
    assert problem.site_by_id["acy"].disliked == {MONDAY: (0, 25)}


def test_absences_shorten_a_team_s_days() -> None:
    absences = (HalfDay(MONDAY, "am"), HalfDay(TUESDAY, "pm"), HalfDay(WEDNESDAY, "am"), HalfDay(WEDNESDAY, "pm"))
    providers = (a_provider("robotics", absences=absences), a_provider("video"))
    crew = build(a_basis(edition=an_edition(providers=providers))).crew_by_id["robotics-1"]
    assert crew.available == {
        MONDAY: Window(750, 1050),
        TUESDAY: Window(450, 750),
        THURSDAY: Window(450, 1050),
    }


def test_the_fingerprint_hears_what_a_plan_depends_on() -> None:
    base = a_basis()
    one = base.registered[0]
    changed = [
        a_basis(registered(replace(one.school, closed=(HalfDay(MONDAY, "am"),)))),
        a_basis(registered(replace(one.school, rooms=2))),
        a_basis(replace(one, groups=one.groups[:1])),
        a_basis(replace(one, groups=(replace(one.groups[0], pupils=13), one.groups[1]))),
        a_basis(edition=an_edition(weights=Weights(drive=2))),
        a_basis(edition=an_edition(lunch=30)),
        a_basis(edition=an_edition(providers=(a_provider("robotics", leave=480), a_provider("video")))),
    ]
    prints = {fingerprint(build(basis)) for basis in [base, *changed]}
    assert len(prints) == len(changed) + 1


def test_the_fingerprint_ignores_what_a_plan_does_not_depend_on() -> None:
    problem = build(a_basis())
    renamed = a_school(contact=replace(a_school().contact, name="Autre"))
    assert fingerprint(build(a_basis(registered(renamed)))) == fingerprint(problem)
    assert fingerprint(replace(problem, baseline=Baseline(()))) == fingerprint(problem)


def test_differences_name_what_changed() -> None:
    acy, belleu = registered(), registered(a_school("belleu"))
    before = a_basis(acy, belleu)
    closed = registered(a_school("belleu", closed=(HalfDay(MONDAY, "am"),)))
    ill = (a_provider("robotics", absences=(HalfDay(MONDAY, "am"),)), a_provider("video"))
    assert said(changes_since(before, before)) == []
    assert said(changes_since(before, a_basis(acy, closed))) == ["changed_hours Belleu"]
    assert said(changes_since(before, a_basis(acy))) == ["changed_hours Belleu", "changed_groups Belleu"]
    fewer = a_basis(replace(acy, groups=acy.groups[:1]), belleu)
    assert said(changes_since(before, fewer)) == ["changed_groups Acy"]
    away = a_basis(acy, belleu, edition=an_edition(providers=ill))
    assert said(changes_since(before, away)) == ["changed_team Équipe robotics"]
    late = a_basis(acy, belleu, edition=an_edition(lunch=30))
    assert said(changes_since(before, late)) == ["changed_edition Démo 2020"]
    assert names_of(changes_since(before, a_basis(acy)), "?") == "Belleu"
    assert names_of((), "Démo 2020") == "Démo 2020"


def said(changes: tuple[Problem, ...]) -> list[str]:
    return [f"{change.code} {change.facts['name']}" for change in changes]


def test_priorities_make_some_schools_dearer_to_leave_out() -> None:
    edition = an_edition(priorities=("never_served", "rural"), weights=Weights(priority=10))
    schools = [
        a_school("acy", rural=True),
        a_school("belleu", never_served=True, priority_district=True),
        a_school("crouy", never_served=True, rural=True),
        a_school("dhuizel", priority_district=True),
    ]
    problem = build(a_basis(*(registered(school) for school in schools), edition=edition))
    assert {demand.home: demand.priority for demand in problem.demands} == {
        "acy": 10,
        "belleu": 20,
        "crouy": 30,
        "dhuizel": 0,
    }


def test_busy_stretches_of_a_team_reach_the_planner_by_day() -> None:
    edition = an_edition()
    provider = edition.providers[0]
    busy = (Busy(TUESDAY, 600, 660), Busy(MONDAY, 840, 870), Busy(TUESDAY, 540, 570))
    team = replace(provider.teams[0], busy=busy)
    basis = a_basis(edition=replace(edition, providers=(replace(provider, teams=(team,)), *edition.providers[1:])))
    assert build(basis).crews[0].busy == {
        MONDAY: (Window(840, 870),),
        TUESDAY: (Window(540, 570), Window(600, 660)),
    }
