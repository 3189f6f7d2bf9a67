"""Small editions, schools and sessions for tests of registration."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from services.contracts.values import (
    Activity,
    Contact,
    Edition,
    GroupRule,
    Place,
    Programme,
    Provider,
    School,
    SchoolClass,
    Session,
    Window,
)

NOW = dt.datetime(2020, 10, 12, 9, 0, tzinfo=dt.timezone.utc)
TEN_TO_FIFTEEN = GroupRule("split", 10, 15)
WHOLE, HALF = GroupRule("whole"), GroupRule("half")


def an_activity(id_: str, rule: GroupRule = TEN_TO_FIFTEEN) -> Activity:
    return Activity(id_, id_.title(), id_, duration=75, setup=20, packing=15, turnover=10, group=rule)


def a_programme(*activities: Activity, **changes: Any) -> Programme:
    chain = activities or (an_activity("robotics"), an_activity("video"))
    return replace(Programme("quinzaine", "Robotique puis vidéo", chain), **changes)


def an_edition(*programmes: Programme, **changes: Any) -> Edition:
    contact = Contact("Ze Fab Truck", "agenda@zefabtruck.example")
    edition = Edition(
        id="soissons-2020",
        name="Quinzaine 2020",
        organiser=Contact("Service numérique", "quinzaine@grandsoissons.example"),
        territory="GrandSoissons",
        first_day=dt.date(2020, 11, 2),
        last_day=dt.date(2020, 11, 16),
        school_zone="B",
        closed_days=(),
        action_days=(dt.date(2020, 11, 2), dt.date(2020, 11, 3)),
        noon=750,
        lunch=45,
        programmes=programmes or (a_programme(),),
        providers=(Provider("zft", "Ze Fab Truck", ("robotics", "video"), contact, ()),),
    )
    return replace(edition, **changes)


def a_school(id_: str = "acy", **changes: Any) -> School:
    school = School(
        id=id_,
        name=id_.title(),
        commune=id_.title(),
        place=Place(id_.title(), 49.3, 3.4),
        contact=Contact("Direction", f"direction@{id_}.example"),
        hours={1: (Window(540, 720),)},
        rooms=1,
    )
    return replace(school, **changes)


def a_class(
    pupils: int, name: str = "CM1", school: str = "acy", programmes: tuple[str, ...] = ("quinzaine",)
) -> SchoolClass:
    return SchoolClass(f"{school}/{name.lower()}", name, name, pupils, programmes)


def a_session(number: int = 1, school: str = "acy", **changes: Any) -> Session:
    start = dt.datetime(2020, 11, 2 + number, 8, 0, tzinfo=dt.timezone.utc)
    session = Session(
        id=f"s{number}",
        group_id=f"{school}/cm1/quinzaine/{number}",
        activity_id="robotics",
        programme_id="quinzaine",
        school_id=school,
        provider_id="zft",
        team_id="zft-1",
        start=start,
        end=start + dt.timedelta(minutes=75),
        place=Place(school.title(), 49.3, 3.4),
    )
    return replace(session, **changes)


SCHOOL_HEADER = "école;commune;uai;latitude;longitude;contact;courriel;lundi;salles;fermetures;mélange de classes"
CLASS_HEADER = "école;commune;classe;niveau;élèves;programmes"


def schools_csv(*rows: str) -> str:
    return "\n".join([SCHOOL_HEADER, *rows]) + "\n"


def classes_csv(*rows: str) -> str:
    return "\n".join([CLASS_HEADER, *rows]) + "\n"


ACY = "Acy;Acy;;49.3;3.4;Direction;direction@acy.example;09:00-12:00;1;;"
BELLEU = "Belleu;Belleu;;49.4;3.3;Direction;direction@belleu.example;09:00-12:00;1;;"
