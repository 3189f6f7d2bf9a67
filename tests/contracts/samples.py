"""One sample of every event, as rich as its contract allows."""

from __future__ import annotations

import datetime as dt

from services.contracts import events as ev
from services.contracts import values as v
from services.contracts.outcomes import Outcome

UTC = dt.timezone.utc
DAY = dt.date(2020, 11, 5)
PLACE = v.Place("École d’Acy", 49.34524, 3.41167, "1 place de la Mairie, 02200 Acy")
PERSON = v.Contact("Direction", "direction@ecole-acy.example", "+33 3 00 00 00 00", "fr")
HOURS = {1: (v.Window(540, 720), v.Window(810, 990))}

ROBOTICS = v.Activity("robotics", "Robotique", "robotics", 75, 20, 15, 10, v.GroupRule("split", 10, 15))
VIDEO = v.Activity("video", "Vidéo", "video", 75, 10, 10, 10, v.GroupRule("split", 10, 15), "either", v.Delay(1, 0, 21))
TEAM = v.Team("truck", "Camion", v.Place("Dépôt", 49.372, 3.333), 450, 1050, 4, (v.HalfDay(DAY, "am"),))
EDITION = v.Edition(
    id="soissons-2020",
    name="Quinzaine du Numérique 2020",
    organiser=v.Contact("GrandSoissons", "numerique@grandsoissons.example"),
    territory="GrandSoissons Agglomération",
    first_day=dt.date(2020, 11, 2),
    last_day=dt.date(2020, 11, 16),
    school_zone="B",
    closed_days=(dt.date(2020, 11, 11),),
    action_days=(dt.date(2020, 11, 2), DAY),
    noon=750,
    lunch=45,
    programmes=(v.Programme("quinzaine", "Robots puis vidéo", (ROBOTICS, VIDEO), "avoid"),),
    providers=(v.Provider("truck", "Ze Fab Truck", ("robotics",), PERSON, (TEAM,)),),
    venues=(v.Venue("mail", v.Place("Le Mail", 49.38, 3.32), 2, HOURS, (v.HalfDay(DAY, "pm"),)),),
    notes="Effectifs supposés.",
)
SCHOOL = v.School(
    id="acy",
    name="Acy",
    commune="Acy",
    place=PLACE,
    contact=PERSON,
    hours=HOURS,
    rooms=1,
    uai="",
    closed=(v.HalfDay(DAY, "pm"),),
    disliked=(v.HalfDay(DAY, "am"),),
    mix_classes=True,
    priority_district=True,
)
GROUP = v.Group(
    "acy/cm/1", "acy", "quinzaine", ("cm",), "CM1-CM2 groupe 1", 9, ("robotics", "video"), "too_small", True
)
SESSION = v.Session(
    id="acy/cm/1:robotics",
    group_id="acy/cm/1",
    activity_id="robotics",
    programme_id="quinzaine",
    school_id="acy",
    provider_id="truck",
    team_id="truck",
    start=dt.datetime(2020, 11, 5, 8, 0, tzinfo=UTC),
    end=dt.datetime(2020, 11, 5, 9, 15, tzinfo=UTC),
    place=PLACE,
    venue_id="mail",
)
CHANGE = v.Change("added", SESSION.id, None, SESSION)

SAMPLES: dict[type[ev.Event], ev.Event] = {
    ev.EditionOpened: ev.EditionOpened(EDITION),
    ev.RegistrationSubmitted: ev.RegistrationSubmitted(
        EDITION.id, SCHOOL, (v.SchoolClass("cm", "CM1-CM2", "CM1-CM2", 9, ("quinzaine",)),), (GROUP,)
    ),
    ev.PlanReleased: ev.PlanReleased(EDITION.id, 1, (SESSION,), (CHANGE,)),
    ev.OutcomeRecorded: ev.OutcomeRecorded(
        EDITION.id,
        Outcome(SESSION.id, SESSION.start, "shortened", "provider", SESSION.end, 9, minutes=50, published=True),
    ),
    ev.SlotsConfirmed: ev.SlotsConfirmed(EDITION.id, SCHOOL.id, 1, (SESSION.id,), {SESSION.id: 9}),
    ev.SlotDeclined: ev.SlotDeclined(EDITION.id, SCHOOL.id, 1, SESSION.id, "Sortie scolaire"),
    ev.AnswerUndone: ev.AnswerUndone(EDITION.id, SCHOOL.id, 1, SESSION.id),
    ev.AnswerDeadlineSet: ev.AnswerDeadlineSet(EDITION.id, DAY),
    ev.PlaceOffered: ev.PlaceOffered(
        EDITION.id, "quinzaine", SCHOOL.id, GROUP.id, dt.datetime(2020, 10, 15, 7, 0, tzinfo=UTC)
    ),
    ev.PermissionLevelsSet: ev.PermissionLevelsSet(EDITION.id, {"director": "block"}),
    ev.PermissionsMarked: ev.PermissionsMarked(EDITION.id, SCHOOL.id, (v.GivenPermission("director", "quinzaine"),)),
    ev.WishesSettled: ev.WishesSettled(
        EDITION.id,
        SCHOOL.id,
        (v.SettledWish(SESSION.id, "Robotique", "CM", SESSION.start, SESSION.end, False, "La salle est prise."),),
    ),
    ev.PersonErased: ev.PersonErased("m" * 43),
    ev.SignInAsked: ev.SignInAsked(
        "3f2a", "anne@ville.example", "Anne Petit", "fr", "s" * 43, dt.datetime(2020, 10, 1, 8, 15, tzinfo=UTC), True
    ),
    ev.BusyTimeRead: ev.BusyTimeRead(EDITION.id, "truck", {"": (v.Busy(DAY, 540, 600),), "truck-1": ()}),
    ev.InvitationAnswered: ev.InvitationAnswered(EDITION.id, SESSION.id, "truck", "accepted", "Avec plaisir"),
}


def enveloped(event: ev.Event) -> ev.Envelope:
    """Wrap a sample as the outbox does, with fixed id and time."""
    from services.contracts.codec import encode

    return ev.Envelope(
        id="00000000-0000-4000-8000-000000000001",
        source=event.source,
        type=event.type(),
        time=dt.datetime(2020, 10, 12, 7, 0, tzinfo=UTC),
        dataversion=event.dataversion,
        traceid="0123456789abcdef0123456789abcdef",
        subject=event.subject,
        sequence=1,
        data=encode(event),
    )
