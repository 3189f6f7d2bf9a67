"""Small editions, schools and registrations for tests of scheduling."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

from services.contracts.values import (
    Activity,
    Contact,
    Delay,
    Edition,
    Group,
    GroupRule,
    Place,
    Programme,
    Provider,
    School,
    SchoolClass,
    Team,
    Venue,
    Window,
)
from services.scheduling.domain.demand import Basis, Registered

EXAMPLES = Path(__file__).parents[3] / "examples"

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (dt.date(2020, 11, day) for day in (2, 3, 4, 5))
SCHOOL_HOURS = {day: (Window(540, 720), Window(810, 990)) for day in (1, 2, 4, 5)}
DEPOT = Place("Dépôt", 49.37, 3.33)


def an_activity(id_: str, kind: str, **changes: Any) -> Activity:
    return replace(Activity(id_, id_.title(), kind, 60, 10, 10, 10, GroupRule("split", 10, 15)), **changes)


def robotics_then_video() -> Programme:
    return Programme("quinzaine", "Quinzaine", (an_activity("robotics", "robotics"), an_activity("video", "video")))


def officer_psychologist_quiz() -> Programme:
    return Programme(
        "pass",
        "Pass Internet",
        (
            an_activity("officer", "officer", group=GroupRule("whole"), venue="either"),
            an_activity("psychologist", "psychologist", group=GroupRule("half"), venue="school"),
            an_activity("quiz", "officer", group=GroupRule("whole"), venue="common", delay=Delay(1, 1, 10)),
        ),
    )


def a_provider(kind: str, **team: Any) -> Provider:
    crew = replace(Team(f"{kind}-1", f"Équipe {kind}", DEPOT, 450, 1050, 4), **team)
    return Provider(f"{kind}-org", kind.title(), (kind,), Contact(kind, f"{kind}@provider.example"), (crew,))


def le_mail() -> Venue:
    return Venue("le-mail", Place("Le Mail", 49.377, 3.33), 1, {2: (Window(540, 1020),), 4: (Window(540, 720),)})


def an_edition(*programmes: Programme, **changes: Any) -> Edition:
    chosen = programmes or (robotics_then_video(),)
    kinds = dict.fromkeys(activity.provider_kind for programme in chosen for activity in programme.activities)
    edition = Edition(
        id="demo-2020",
        name="Démo 2020",
        organiser=Contact("Organisateur", "orga@demo.example"),
        territory="GrandSoissons",
        first_day=MONDAY,
        last_day=THURSDAY,
        school_zone="B",
        closed_days=(),
        action_days=(MONDAY, TUESDAY, WEDNESDAY, THURSDAY),
        noon=750,
        lunch=45,
        programmes=chosen,
        providers=tuple(a_provider(kind) for kind in kinds),
    )
    return replace(edition, **changes)


def a_school(id_: str = "acy", **changes: Any) -> School:
    place = Place(id_.title(), 49.345, 3.41)
    contact = Contact("Direction", f"direction@{id_}.example")
    return replace(School(id_, id_.title(), id_.title(), place, contact, SCHOOL_HOURS, 1), **changes)


def a_class(id_: str = "acy/cm2", pupils: int = 28, programmes: tuple[str, ...] = ("quinzaine",)) -> SchoolClass:
    return SchoolClass(id_, "CM2", "CM2", pupils, programmes)


def a_group(id_: str, activities: tuple[str, ...], **changes: Any) -> Group:
    school = id_.split("/")[0]
    group = Group(id_, school, "quinzaine", (f"{school}/cm2",), f"CM2 {id_[-1]}", 14, activities)
    return replace(group, **changes)


def registered(school: School | None = None, *groups: Group, pupils: int = 28) -> Registered:
    school = school or a_school()
    both = ("robotics", "video")
    chosen = groups or (a_group(f"{school.id}/1", both), a_group(f"{school.id}/2", both))
    return Registered(school, (a_class(f"{school.id}/cm2", pupils),), chosen)


def a_basis(*schools: Registered, edition: Edition | None = None) -> Basis:
    return Basis(edition or an_edition(), schools or (registered(),))


def the_pass() -> Basis:
    """One class that lives the Pass Internet: whole, in halves, whole."""
    groups = (
        a_group("acy/w", ("officer", "quiz"), programme_id="pass", pupils=28),
        a_group("acy/1", ("psychologist",), programme_id="pass"),
        a_group("acy/2", ("psychologist",), programme_id="pass"),
    )
    edition = an_edition(officer_psychologist_quiz(), venues=(le_mail(),))
    return a_basis(registered(a_school(), *groups), edition=edition)
