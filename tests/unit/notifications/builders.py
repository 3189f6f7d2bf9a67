"""A small edition for the tests of notifications: two providers, two schools, two sessions for each."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.contracts import values as v
from services.contracts.events import EditionOpened, PlanReleased, RegistrationSubmitted, SlotDeclined, SlotsConfirmed

UTC = dt.timezone.utc
NOW = dt.datetime(2020, 10, 12, 7, 0, tzinfo=UTC)
EDITION_ID = "soissons-2020"
HOURS = {day: (v.Window(510, 720), v.Window(810, 990)) for day in range(1, 6)}


def an_activity(id_: str = "robotique", name: str = "Robotique", kind: str = "robotics") -> v.Activity:
    return v.Activity(id_, name, kind, 75, 20, 15, 10, v.GroupRule("split", 10, 15))


def a_provider(id_: str = "truck", name: str = "Ze Fab Truck", kind: str = "robotics", **changes: object) -> v.Provider:
    contact = v.Contact(f"Équipe {name}", f"contact@{id_}.example", "+33 3 00 00 00 01")
    depot = v.Place("Soissons", 49.38, 3.32)
    teams = tuple(v.Team(f"{id_}-{n}", f"{name} {n}", depot, 450, 1080, 4) for n in (1, 2))
    return replace(v.Provider(id_, name, (kind,), contact, teams), **changes)


def an_edition(**changes: object) -> v.Edition:
    activities = (an_activity(), an_activity("video", "Vidéo", "video"))
    edition = v.Edition(
        id=EDITION_ID,
        name="Quinzaine du Numérique 2020",
        organiser=v.Contact("GrandSoissons", "numerique@grandsoissons.example", "+33 3 00 00 00 00"),
        territory="GrandSoissons Agglomération",
        first_day=dt.date(2020, 11, 2),
        last_day=dt.date(2020, 11, 16),
        school_zone="B",
        closed_days=(),
        action_days=(dt.date(2020, 11, 3), dt.date(2020, 11, 5)),
        noon=750,
        lunch=45,
        programmes=(v.Programme("quinzaine", "Robots puis vidéo", activities),),
        providers=(a_provider(), a_provider("studio", "Studio Pixel", "video")),
    )
    return replace(edition, **changes)


def a_school(id_: str = "acy", name: str = "École d’Acy", language: str = "fr", **changes: object) -> v.School:
    place = v.Place(name, 49.34524, 3.41167, "1 place de la Mairie, 02200 Acy")
    contact = v.Contact(f"Direction {name}", f"direction@{id_}.example", "+33 3 00 00 00 02", language)
    return replace(v.School(id_, name, "Acy", place, contact, HOURS, 1), **changes)


def a_group(school_id: str = "acy", **changes: object) -> v.Group:
    group = v.Group(
        f"{school_id}/cm1/1", school_id, "quinzaine", (f"{school_id}/cm1",), "CM1 groupe 1", 12, ("robotique", "video")
    )
    return replace(group, **changes)


def a_session(
    school_id: str = "acy", activity_id: str = "robotique", day: int = 3, hour: int = 9, **changes: object
) -> v.Session:
    """A session in November 2020 at a full hour of Paris, which then is an hour ahead of UTC."""
    provider = "truck" if activity_id == "robotique" else "studio"
    start = dt.datetime(2020, 11, day, hour - 1, tzinfo=UTC)
    session = v.Session(
        id=f"{school_id}/cm1/1:{activity_id}",
        group_id=f"{school_id}/cm1/1",
        activity_id=activity_id,
        programme_id="quinzaine",
        school_id=school_id,
        provider_id=provider,
        team_id=f"{provider}-1",
        start=start,
        end=start + dt.timedelta(minutes=75),
        place=a_school(school_id).place,
    )
    return replace(session, **changes)


def sessions() -> tuple[v.Session, ...]:
    """Two sessions for each of the schools ``acy`` and ``belleu``."""
    return (
        a_session("acy", "robotique", 3, 9),
        a_session("acy", "video", 5, 9),
        a_session("belleu", "robotique", 3, 14),
        a_session("belleu", "video", 5, 14),
    )


def edition_opened(**changes: object) -> EditionOpened:
    return EditionOpened(an_edition(**changes))


def registered(school_id: str = "acy", name: str = "École d’Acy", **changes: object) -> RegistrationSubmitted:
    return RegistrationSubmitted(EDITION_ID, a_school(school_id, name, **changes), (), (a_group(school_id),))


def released(release: int, *planned: v.Session) -> PlanReleased:
    return PlanReleased(EDITION_ID, release, planned, ())


def confirmed(release: int = 1, school_id: str = "acy", pupils: int = 11) -> SlotsConfirmed:
    ids = tuple(session.id for session in sessions() if session.school_id == school_id)
    return SlotsConfirmed(EDITION_ID, school_id, release, ids, dict.fromkeys(ids, pupils))


def declined(release: int = 1, session: v.Session | None = None, reason: str = "Sortie scolaire") -> SlotDeclined:
    session = session or a_session()
    return SlotDeclined(EDITION_ID, session.school_id, release, session.id, reason)


def a_bounce(message_id: str, action: str = "failed", recipient: str = "contact@truck.example") -> bytes:
    """A mail server's report that it could not deliver a mail."""
    return (
        "From: MAILER-DAEMON@mx.example\r\nAuto-Submitted: auto-replied\r\nSubject: Undelivered Mail Returned\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nI am sorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such\r\n user here\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nTo: {recipient}\r\nMessage-ID: {message_id}\r\n\r\n--b--\r\n"
    ).encode()
