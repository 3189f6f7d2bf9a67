"""What each cause makes of an edition and its registrations, and what is refused before it is recorded."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial

import pytest

from services.contracts import rpc
from services.contracts.causes import (
    Cause,
    HealthRule,
    Incident,
    Lockdown,
    SchoolCancels,
    SchoolClosed,
    SnowDay,
    TeamAway,
    VehicleDown,
)
from services.contracts.errors import Refused
from services.contracts.events import EditionOpened
from services.contracts.values import HalfDay
from services.scheduling.domain.demand import Basis, build
from services.scheduling.domain.incidents import in_force
from services.scheduling.domain.plan import instant
from services.scheduling.domain.problem import Problem
from services.scheduling.handlers import editions, incidents
from tests.unit.scheduling.builders import (
    MONDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    a_basis,
    a_group,
    a_school,
    an_edition,
    registered,
    the_pass,
)
from tests.unit.scheduling.fakes import NOW, Memory, OpenCalendar
from tests.unit.scheduling.test_handlers import EDITION, a_house, released, the_plan

report = partial(incidents.report_incident, calendar=OpenCalendar())
MONDAY_PM, TUESDAY_AM, TUESDAY_PM = HalfDay(MONDAY, "pm"), HalfDay(TUESDAY, "am"), HalfDay(TUESDAY, "pm")
NEXT_MONDAY, NEXT_FRIDAY = dt.date(2020, 11, 9), dt.date(2020, 11, 13)


def after(cause: Cause, basis: Basis, *held: str) -> Problem:
    return build(in_force(basis, [Incident("i", EDITION, cause, NOW, "organiser", held=held)]))


def two_schools() -> Basis:
    return a_basis(registered(), registered(a_school("belleu")))


def ids(problem: Problem) -> list[str]:
    return sorted(demand.id for demand in problem.demands)


def halves(problem: Problem, site_id: str, day: dt.date) -> list[str]:
    return ["am" if w.start < problem.noon else "pm" for w in problem.site_by_id[site_id].windows.get(day, ())]


def test_a_closed_school_is_closed_and_no_other() -> None:
    problem = after(SchoolClosed("acy", (MONDAY_PM, TUESDAY_AM)), two_schools())
    assert (halves(problem, "acy", MONDAY), halves(problem, "acy", TUESDAY)) == (["am"], ["pm"])
    assert (halves(problem, "belleu", MONDAY), halves(problem, "belleu", TUESDAY)) == (["am", "pm"], ["am", "pm"])


def test_on_a_snow_day_no_school_and_no_venue_is_open() -> None:
    problem = after(SnowDay((TUESDAY_AM, TUESDAY_PM)), the_pass())
    assert [site.id for site in problem.sites if TUESDAY in site.windows] == []
    assert [site.id for site in problem.sites if THURSDAY in site.windows] == ["acy", "venue:le-mail"]


def test_a_provider_away_keeps_its_other_days_and_the_others_theirs() -> None:
    problem = after(TeamAway("robotics-org", (TUESDAY_AM, TUESDAY_PM)), two_schools())
    assert list(problem.crew_by_id["robotics-1"].available) == [MONDAY, WEDNESDAY, THURSDAY]
    assert TUESDAY in problem.crew_by_id["video-1"].available


def test_one_team_away_leaves_its_provider_the_others() -> None:
    edition = an_edition()
    provider = edition.providers[0]
    second = replace(provider.teams[0], id="robotics-2")
    edition = replace(edition, providers=(replace(provider, teams=(*provider.teams, second)), *edition.providers[1:]))
    problem = after(TeamAway("robotics-org", (TUESDAY_AM, TUESDAY_PM), "robotics-2"), a_basis(edition=edition))
    assert [crew.id for crew in problem.crews if TUESDAY not in crew.available] == ["robotics-2"]


def test_a_vehicle_is_down_from_a_moment_to_another_or_to_the_end() -> None:
    problem = after(VehicleDown("robotics-1", MONDAY_PM), two_schools())
    assert list(problem.crew_by_id["robotics-1"].available) == [MONDAY]
    assert problem.crew_by_id["robotics-1"].available[MONDAY].end == problem.noon
    problem = after(VehicleDown("robotics-1", MONDAY_PM, TUESDAY_PM), two_schools())
    assert list(problem.crew_by_id["robotics-1"].available) == [MONDAY, WEDNESDAY, THURSDAY]


def test_a_school_that_cancels_keeps_what_it_lived() -> None:
    problem = after(SchoolCancels("acy", TUESDAY_AM), two_schools(), "acy/1:robotics")
    assert sorted(d.id for d in problem.demands if d.home == "acy") == ["acy/1:robotics"]
    assert sum(d.home == "belleu" for d in problem.demands) == 4


def test_a_lockdown_ends_the_days_and_opens_new_ones() -> None:
    cause = Lockdown(TUESDAY, NEXT_MONDAY, NEXT_FRIDAY, (NEXT_MONDAY, NEXT_FRIDAY))
    basis = in_force(two_schools(), [Incident("i", EDITION, cause, NOW, "organiser")])
    assert basis.edition.action_days == (MONDAY, NEXT_MONDAY, NEXT_FRIDAY)
    assert (basis.edition.first_day, basis.edition.last_day) == (MONDAY, NEXT_FRIDAY)
    assert halves(build(basis), "acy", NEXT_MONDAY) == ["am", "pm"]


def test_programmes_begun_before_an_interruption_go_on_after_it() -> None:
    assert [task.max_days for task in build(the_pass()).tasks] == [None, None, 10]  # control
    problem = after(Lockdown(TUESDAY, NEXT_MONDAY, NEXT_FRIDAY, (NEXT_MONDAY,)), the_pass())
    assert [(task.min_days, task.max_days) for task in problem.tasks] == [(0, None), (0, None), (1, None)]


def test_a_health_rule_asks_for_cleaning_and_keeps_classes_at_school() -> None:
    problem = after(HealthRule(TUESDAY, cleaning=25, at_school=True), the_pass())
    assert {task.turnover for task in problem.tasks} == {25}
    assert {demand.sites for demand in problem.demands} == {("acy",)}
    assert {task.turnover for task in after(HealthRule(TUESDAY, cleaning=5), the_pass()).tasks} == {10}


def test_a_class_with_too_large_a_group_keeps_what_it_lived_and_waits() -> None:
    rule = HealthRule(TUESDAY, largest=14)
    assert ids(after(rule, two_schools())) == ids(build(two_schools()))  # control: 14 pupils in each group
    assert ids(after(HealthRule(TUESDAY, largest=13), two_schools(), "acy/1:robotics")) == ["acy/1:robotics"]
    assert ids(after(rule, the_pass(), "acy/w:officer")) == ["acy/w:officer"]  # the halves wait for the whole class
    large = registered(
        a_school(), a_group("acy/1", ("video",), pupils=15, class_ids=("acy/ce1",)), a_group("acy/2", ("video",))
    )
    assert ids(after(rule, a_basis(large))) == ["acy/2:video"]


def test_what_is_withdrawn_no_longer_counts() -> None:
    over = Incident("i", EDITION, SchoolClosed("acy", (MONDAY_PM,)), NOW, "organiser", withdrawn_at=NOW)
    assert in_force(two_schools(), [over]) == two_schools()


# Recorded -------------------------------------------------------------------------------------------------


def reported(memory: Memory, cause: Cause, key: str = "k1", why: str = "") -> Incident:
    return report(rpc.ReportIncident(EDITION, cause, "Organisatrice", why, key), memory)


def test_an_incident_is_recorded_once_with_who_when_and_why() -> None:
    memory = a_house()
    cause = SchoolClosed("acy", (MONDAY_PM,))
    incident = reported(memory, cause, why=" grève ")
    memory.pass_time(5)
    assert reported(memory, SnowDay((MONDAY_PM,))) == incident
    assert incident == Incident("k1", EDITION, cause, NOW, "Organisatrice", "grève")
    assert incidents.list_incidents(rpc.ListIncidents(EDITION), memory) == (incident,)


def test_an_incident_makes_the_plan_outdated_and_says_what_changed() -> None:
    memory = a_house(registered(), registered(a_school("belleu")))
    released(memory)
    assert not the_plan(memory).outdated
    reported(memory, SchoolClosed("belleu", (HalfDay(MONDAY, "am"), MONDAY_PM)))
    assert the_plan(memory).outdated
    assert {v.session_ids[0].split("/")[0] for v in the_plan(memory).violations} == {"belleu"}
    incidents.withdraw_incident(rpc.WithdrawIncident(EDITION, "k1"), memory)
    assert (the_plan(memory).outdated, the_plan(memory).violations) == (False, ())


def test_an_edition_that_an_incident_changes_is_told_again() -> None:
    memory = a_house()
    reported(memory, SchoolClosed("acy", (MONDAY_PM,)))
    assert memory.emitted == []
    reported(memory, Lockdown(TUESDAY, NEXT_MONDAY, NEXT_FRIDAY), "k2")
    edition = editions.get_edition(rpc.GetEdition(EDITION), memory)
    week = tuple(NEXT_MONDAY + dt.timedelta(days=i) for i in (0, 1, 3, 4))
    assert edition.action_days == (MONDAY, *week)  # 11 November is off
    incidents.withdraw_incident(rpc.WithdrawIncident(EDITION, "k2"), memory)
    incidents.withdraw_incident(rpc.WithdrawIncident(EDITION, "k2"), memory)
    assert memory.emitted == [EditionOpened(edition), EditionOpened(an_edition())]


def test_a_school_that_cancels_remembers_what_it_had_lived() -> None:
    memory = a_house(registered(), registered(a_school("belleu")))
    released(memory)
    before = {p.session.id for p in the_plan(memory).sessions if p.session.school_id == "acy"}
    held = {p.session.id for p in the_plan(memory).sessions if p.session.start < instant(MONDAY, 750)} & before
    incident = reported(memory, SchoolCancels("acy", MONDAY_PM))
    assert held and set(incident.held) == held and held < before


def test_smaller_groups_keep_what_was_released_before_their_day() -> None:
    memory = a_house()
    released(memory)
    before = {p.session.id for p in the_plan(memory).sessions if p.session.start < instant(TUESDAY, 0)}
    assert before and set(reported(memory, HealthRule(TUESDAY, largest=13)).held) == before
    assert reported(memory, HealthRule(TUESDAY, cleaning=20), "k2").held == ()


@pytest.mark.parametrize(
    ("cause", "code"),
    [
        (SchoolClosed("x", (MONDAY_PM,)), "incident_school"),
        (SchoolClosed("acy", ()), "incident_no_half_day"),
        (SchoolClosed("acy", (HalfDay(NEXT_MONDAY, "am"),)), "incident_not_action_day"),
        (SchoolCancels("x", MONDAY_PM), "incident_school"),
        (SchoolCancels("acy", HalfDay(NEXT_MONDAY, "am")), "incident_not_action_day"),
        (TeamAway("x", (MONDAY_PM,)), "incident_provider"),
        (TeamAway("robotics-org", (MONDAY_PM,), "video-1"), "incident_team"),
        (TeamAway("robotics-org", ()), "incident_no_half_day"),
        (VehicleDown("x", MONDAY_PM), "incident_team"),
        (VehicleDown("robotics-1", TUESDAY_AM, MONDAY_PM), "incident_order"),
        (SnowDay(()), "incident_no_half_day"),
        (Lockdown(TUESDAY, MONDAY, NEXT_FRIDAY), "incident_order"),
        (Lockdown(TUESDAY, NEXT_FRIDAY, NEXT_MONDAY), "incident_order"),
        (Lockdown(TUESDAY, dt.date(2020, 11, 11), dt.date(2020, 11, 11)), "incident_no_new_day"),
        (HealthRule(TUESDAY, 241), "incident_cleaning"),
        (HealthRule(TUESDAY, largest=100), "incident_largest"),
        (HealthRule(TUESDAY), "incident_no_rule"),
    ],
)
def test_a_cause_the_edition_does_not_know_is_refused(cause: Cause, code: str) -> None:
    memory = a_house()
    with pytest.raises(Refused, match=f"^{code}$"):
        reported(memory, cause)
    assert (memory.incidents, memory.emitted) == ({}, [])


def test_other_wrong_reports_are_refused() -> None:
    memory = a_house()
    with pytest.raises(Refused, match="incident_why"):
        reported(memory, SnowDay((MONDAY_PM,)), why="x" * 501)
    with pytest.raises(Refused, match="unknown_incident"):
        incidents.withdraw_incident(rpc.WithdrawIncident(EDITION, "x"), memory)
    with pytest.raises(Refused, match="unknown_edition"):
        incidents.list_incidents(rpc.ListIncidents("x"), memory)
