"""What the services would answer to the portal: a small edition with two schools, planned, released and mailed."""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import replace
from typing import Any

from services.contracts import rpc
from services.contracts import values as v
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
from services.contracts.errors import Problem, Unavailable, refused
from services.contracts.outcomes import Outcome
from services.kit.links import token_hash

UTC = dt.timezone.utc
EDITION_ID, SCHOOL_ID, PROVIDER_ID, PROPOSAL_ID, JOB_ID, MAIL_ID = (
    "demo-2020",
    "acy",
    "truck",
    "prop-1",
    "job-1",
    "mail-1",
)
SCHOOL_TOKEN, PROVIDER_TOKEN, FEED_TOKEN = "school-token-0001", "provider-token-0001", "feed-token-0001"
PHONE = "+33 6 12 34 56 78"
MADE_AT = dt.datetime(2020, 10, 20, 7, 30, tzinfo=UTC)
DAYS = (dt.date(2020, 11, 2), dt.date(2020, 11, 3))


def a_contact(name: str = "Direction", **changes: Any) -> v.Contact:
    return replace(v.Contact(name, f"{name.lower()}@ecole.example", "03 00 00 00 00"), **changes)


def a_place(name: str = "Acy") -> v.Place:
    return v.Place(name, 49.3, 3.4, f"1 place de la Mairie, {name}")


def an_edition(**changes: Any) -> v.Edition:
    rule = v.GroupRule("split", 10, 15)
    robotics = v.Activity("robotics", "Robotique", "robotics", 75, 20, 15, 10, rule)
    video = v.Activity("video", "Vidéo", "video", 75, 10, 10, 10, rule)
    team = v.Team("truck-1", "Le camion", a_place("Dépôt"), 450, 1050, 4, (v.HalfDay(DAYS[1], "pm"),))
    edition = v.Edition(
        id=EDITION_ID,
        name="Quinzaine 2020",
        organiser=a_contact("Organisatrice"),
        territory="GrandSoissons",
        first_day=DAYS[0],
        last_day=DAYS[1],
        school_zone="B",
        closed_days=(dt.date(2020, 11, 11),),
        action_days=DAYS,
        noon=750,
        lunch=45,
        programmes=(v.Programme("quinzaine", "Robotique puis vidéo", (robotics, video)),),
        providers=(v.Provider(PROVIDER_ID, "Ze Fab Truck", ("robotics", "video"), a_contact("Camion"), (team,)),),
        notes="Effectifs supposés.",
        priorities=("rural",),
    )
    return replace(edition, **changes)


def a_school(id_: str = SCHOOL_ID, **changes: Any) -> v.School:
    school = v.School(
        id=id_,
        name=f"École d’{id_.title()}",
        commune=id_.title(),
        place=a_place(id_.title()),
        contact=a_contact(),
        hours={1: (v.Window(540, 720), v.Window(810, 990)), 2: (v.Window(540, 720),)},
        rooms=1,
        closed=(v.HalfDay(DAYS[0], "pm"),),
        disliked=(v.HalfDay(DAYS[1], "am"),),
        priority_district=True,
    )
    return replace(school, **changes)


def a_class(pupils: int = 13) -> v.SchoolClass:
    return v.SchoolClass("acy/cm", "CM1-CM2", "CM1-CM2", pupils, ("quinzaine",))


def a_group(**changes: Any) -> v.Group:
    group = v.Group("acy/cm/1", SCHOOL_ID, "quinzaine", ("acy/cm",), "CM1-CM2 groupe 1", 13, ("robotics", "video"))
    return replace(group, **changes)


def a_session(number: int = 1, **changes: Any) -> v.Session:
    start = dt.datetime(2020, 11, 1 + number, 8, 0, tzinfo=UTC)
    session = v.Session(
        id=f"s{number}",
        group_id="acy/cm/1",
        activity_id="robotics",
        programme_id="quinzaine",
        school_id=SCHOOL_ID,
        provider_id=PROVIDER_ID,
        team_id="truck-1",
        start=start,
        end=start + dt.timedelta(minutes=75),
        place=a_place(),
    )
    return replace(session, **changes)


def a_planned(number: int = 1, **changes: Any) -> rpc.PlannedSession:
    planned = rpc.PlannedSession(
        session=a_session(number),
        school_name="École d’Acy",
        group_name="CM1-CM2 groupe 1",
        pupils=13,
        activity_name="Robotique",
        provider_name="Ze Fab Truck",
        team_name="Le camion",
        school_answer="offered",
    )
    return replace(planned, **changes)


def a_host(**changes: Any) -> rpc.Host:
    reception = v.Reception("Cour de derrière", True, 1, "Mme Petit", "06 00 00 00 01", "Sonner au portail vert")
    return replace(rpc.Host(SCHOOL_ID, "École d’Acy", "Acy", a_contact(), reception), **changes)


def a_visit(number: int = 1, **changes: Any) -> rpc.Visit:
    robotics, video = an_edition().programmes[0].activities
    robotics = replace(robotics, material="Robots", prepares="Une salle", hands_on="Les photos", video=True)
    then = a_planned(number + 1, activity_name=video.name)
    return replace(rpc.Visit(a_planned(number), robotics, a_host(), later=(then,)), **changes)


def a_team_day(*visits: rpc.Visit, **changes: Any) -> rpc.TeamDay:
    chosen = visits or (a_visit(),)
    first, last = chosen[0].planned.session, chosen[-1].planned.session
    arrives, leaves = first.start - dt.timedelta(minutes=20), last.end + dt.timedelta(minutes=15)
    road = rpc.Road(12, 7.4)
    stop = rpc.Stop(first.place, road, arrives, leaves, chosen)
    provider = an_edition().providers[0]
    start, back = arrives - dt.timedelta(minutes=12), leaves + dt.timedelta(minutes=12)
    day = rpc.TeamDay(
        DAYS[0], PROVIDER_ID, "Ze Fab Truck", provider.contact, provider.teams[0], start, (stop,), road, back
    )
    return replace(day, **changes)


def a_programme(**changes: Any) -> rpc.PublicProgramme:
    session = a_session()
    names = ("Robotique", "Robotique puis vidéo", "École d’Acy", "Ze Fab Truck", "École d’Acy")
    first = rpc.PublicSession("00000000-0000-5000-8000-000000000001", session.start, session.end, *names)
    second = replace(first, id="00000000-0000-5000-8000-000000000002", start=a_session(2).start, end=a_session(2).end)
    programme = rpc.PublicProgramme(EDITION_ID, "Quinzaine 2020", "GrandSoissons", *DAYS, 1, (first, second))
    return replace(programme, **changes)


def a_change_log() -> rpc.PublicChanges:
    """A first release, and a second that moves a session by an hour."""
    before = a_programme().sessions[0]
    moved = rpc.PublicChange("moved", before, replace(before, start=before.start + dt.timedelta(hours=1)))
    releases = (rpc.PublicRelease(2, MADE_AT, 0, (moved,)), rpc.PublicRelease(1, MADE_AT, 3, ()))
    return rpc.PublicChanges(EDITION_ID, "Quinzaine <2020>", "Soissons", releases)


def an_outcome(**changes: Any) -> Outcome:
    session = a_session()
    return replace(Outcome(session.id, session.start, "held", "provider", session.end, 12), **changes)


def a_plan(**changes: Any) -> rpc.Plan:
    plan = rpc.Plan(
        edition_id=EDITION_ID,
        proposal_id=PROPOSAL_ID,
        release=1,
        made_at=MADE_AT,
        status="optimal",
        sessions=(a_planned(1), a_planned(2, school_answer="confirmed", provider_answer="accepted")),
        unplaced=(rpc.Unplaced("s9", "École d’Acy", "CM1-CM2 groupe 1", "Vidéo"),),
        cost={"unplaced": 100_000, "team_day": 300, "visit": 80, "drive": 42},
        bound=100_400.0,
        violations=(),
        outdated=False,
    )
    return replace(plan, **changes)


def a_proposal(**changes: Any) -> rpc.Plan:
    return a_plan(release=None, proposal_id="prop-2", **changes)


def a_demand(**changes: Any) -> rpc.Demand:
    return replace(rpc.Demand(EDITION_ID, 1, 1, 2, 13, 0, "hash"), **changes)


def a_job(**changes: Any) -> rpc.Job:
    job = rpc.Job(JOB_ID, EDITION_ID, "done", MADE_AT, 60.0, 12.0, 2, 2, 4196.0, 4100.0, "improve", PROPOSAL_ID)
    return replace(job, **changes)


def some_acts(question: rpc.ListActs) -> tuple[rpc.Act, ...]:
    """What a service tells of its day: registration has one act a minute before that of scheduling."""
    acts = {
        "registration": rpc.Act(MADE_AT, f"school:{SCHOOL_ID}", "confirm_slots", EDITION_ID, {"school_id": SCHOOL_ID}),
        "scheduling": rpc.Act(MADE_AT + dt.timedelta(minutes=1), "account:a1", "release_plan", EDITION_ID, {}),
    }
    return (acts[question.target],) if question.target in acts else ()


def some_proposals() -> tuple[rpc.ProposalSummary, ...]:
    """A draft to release, a proposal a later one came after, and a release."""
    ready = rpc.ProposalSummary("prop-2", MADE_AT, by_hand=True, placed=2, points=410, optimal=False, state="ready")
    older = replace(ready, id="prop-1", by_hand=False, points=400, optimal=True, state="superseded")
    return ready, older, replace(older, id="prop-0", state="released", release=1)


def a_running_job() -> rpc.Job:
    return a_job(state="running", proposal_id=None)


def a_replan(**changes: Any) -> rpc.Job:
    """A job that replanned: two plans to choose from."""
    choices = (
        rpc.Choice("prop-2", 62, 15, 3, 0, 9, 812, True),
        rpc.Choice("prop-3", 59, 10, 0, 3, 6, 790, again=2, gone=4),
    )
    job = a_job(
        sessions=62, placed=62, several=True, moved=15, fewest_moved=True, choices=choices, proposal_id="prop-2"
    )
    return replace(job, frozen_before=DAYS[1], **changes)


def an_incident(cause: Cause | None = None, **changes: Any) -> Incident:
    closed = SchoolClosed(SCHOOL_ID, (v.HalfDay(DAYS[0], "am"), v.HalfDay(DAYS[0], "pm"), v.HalfDay(DAYS[1], "am")))
    return replace(Incident("k1", EDITION_ID, cause or closed, MADE_AT, "Organisatrice", "Grève"), **changes)


def some_incidents() -> tuple[Incident, ...]:
    am, pm = v.HalfDay(DAYS[0], "am"), v.HalfDay(DAYS[1], "pm")
    causes = (
        SchoolClosed(SCHOOL_ID, (am, pm)),
        SchoolCancels("gone", pm),
        TeamAway(PROVIDER_ID, (am,)),
        VehicleDown("truck-1", am),
        VehicleDown("truck-1", am, pm),
        SnowDay((am, v.HalfDay(DAYS[0], "pm"))),
        Lockdown(DAYS[1], dt.date(2020, 11, 30), dt.date(2020, 12, 11)),
        HealthRule(DAYS[1], 20, True),
    )
    found = tuple(an_incident(cause, id=f"k{n}") for n, cause in enumerate(causes))
    return (*found[:-1], replace(found[-1], withdrawn_at=MADE_AT))


def a_release(number: int = 1, **changes: Any) -> rpc.Release:
    release = rpc.Release(EDITION_ID, number, PROPOSAL_ID, MADE_AT, 2, {"added": 2, "moved": 0})
    return replace(release, **changes)


def some_changes() -> tuple[rpc.NamedChange, ...]:
    one, two = a_session(1), a_session(2)
    moved = v.Change("moved", "s1", one, replace(one, start=two.start, end=two.end))
    dropped = v.Change("dropped", "s2", two, None)
    return tuple(
        rpc.NamedChange(change, "École d’Acy", "CM1-CM2 groupe 1", "Robotique", "Ze Fab Truck", "Ze Fab Truck")
        for change in (moved, dropped)
    )


def an_exception() -> rpc.OpenException:
    choices = {"two_groups": (9, 8), "one_group": (17,)}
    return rpc.OpenException("acy/cm", "quinzaine", 17, "too_large", choices, low=10, high=15)


def a_registration(**changes: Any) -> rpc.Registration:
    registration = rpc.Registration(
        school=a_school(),
        classes=(a_class(),),
        groups=(a_group(),),
        exceptions=(an_exception(),),
        answers={"offered": 1, "confirmed": 1, "declined": 0},
        token=SCHOOL_TOKEN,
    )
    return replace(registration, **changes)


def an_offer(number: int = 1, **changes: Any) -> rpc.Offer:
    offer = rpc.Offer(a_session(number), 1, "CM1-CM2 groupe 1", 13, "Robotique", "Ze Fab Truck", "offered", None)
    return replace(offer, **changes)


def a_school_page(**changes: Any) -> rpc.SchoolPage:
    page = rpc.SchoolPage(
        edition_id=EDITION_ID,
        edition_name="Quinzaine 2020",
        organiser=a_contact("Organisatrice"),
        noon=750,
        school=a_school(),
        classes=(a_class(),),
        groups=(a_group(exception="too_large"),),
        release=1,
        offers=(
            an_offer(1),
            an_offer(2, answer="confirmed", answered_at=MADE_AT, changed=True),
            an_offer(3, answer="declined", answered_at=MADE_AT, reason="Sortie scolaire"),
        ),
        permissions=some_permissions(),
    )
    return replace(page, **changes)


def a_group_place(group: str = "acy/cm1/quinzaine/1", **changes: Any) -> rpc.GroupPlace:
    until = dt.datetime(2020, 10, 30, 11, 0, tzinfo=dt.timezone.utc)
    names = ("CM1-CM2 groupe 1", 13, SCHOOL_ID, "École d’Acy", "quinzaine", "Robotique puis vidéo")
    return replace(rpc.GroupPlace(group, *names, "offered", MADE_AT, 0, until), **changes)


def some_places(**changes: Any) -> tuple[rpc.ProgrammePlaces, ...]:
    queue = (a_group_place(), a_group_place("acy/cm1/quinzaine/2", state="waiting", position=1, until=None))
    places = rpc.ProgrammePlaces("quinzaine", "Robotique puis vidéo", 20, 20, 72, queue)
    return (replace(places, **changes),)


def an_alternative(half: v.Half = "am", **changes: Any) -> rpc.Alternative:
    day = dt.date(2020, 11, 10)
    start = dt.datetime(2020, 11, 10, 8 if half == "am" else 13, 0, tzinfo=dt.timezone.utc)
    return replace(rpc.Alternative(v.HalfDay(day, half), start, "ze-fab-truck", 1, 2, 7), **changes)


def some_cells() -> tuple[rpc.Cell, ...]:
    """A free cell and one that breaks a rule."""
    am, pm = a_session(2).start, a_session(2).start + dt.timedelta(hours=5)
    hours = v.Violation("hours", ("s1",), {"site": "Acy", "day": "2020-11-03", "start": "14:00", "end": "15:15"}, "")
    broken = replace(hours, sentence="{site} n’accueille pas de séance le {day} de {start} à {end}.")
    return (
        rpc.Cell("truck-1", v.HalfDay(DAYS[1], "pm"), pm, 12, -4, 2, 0, broken=(broken,)),
        rpc.Cell("truck-1", v.HalfDay(DAYS[1], "am"), am, 40, 12, 3, 1),
    )


def some_stretches() -> tuple[rpc.Stretch, ...]:
    """The way to the first session and its set-up."""
    start = a_session().start
    there = start - dt.timedelta(minutes=20)
    return (
        rpc.Stretch("truck-1", "road", there - dt.timedelta(minutes=13), there),
        rpc.Stretch("truck-1", "setup", there, start),
    )


def a_pin(**changes: Any) -> rpc.Pin:
    return replace(rpc.Pin("s1", "truck-1", a_session().start, "Le bus est réservé", MADE_AT), **changes)


def a_school_wish(**changes: Any) -> rpc.SchoolWish:
    wish = replace(rpc.Wish("s1", an_alternative(), "cantine", MADE_AT), **changes)
    return rpc.SchoolWish(SCHOOL_ID, "École d’Acy", "CM1-CM2 groupe 1", "Robotique", a_session(1).start, wish)


def some_reminders() -> tuple[rpc.Reminder, ...]:
    again = dt.datetime(2020, 10, 27, 8, 0, tzinfo=dt.timezone.utc)
    return (
        rpc.Reminder(SCHOOL_ID, "École d’Acy", "answer", "due", 2, 1),
        rpc.Reminder("belleu", "École de Belleu", "register", "too_soon", 0, 0, again),
        rpc.Reminder("cuffies", "École de Cuffies", None, "nothing_to_ask", 0, 0),
    )


def an_asking(**changes: Any) -> rpc.Asking:
    levels: dict[rpc.PermissionKind, rpc.PermissionLevel] = {"director": "block", "erun": "warn"}
    return replace(rpc.Asking(EDITION_ID, rpc.Deadline(dt.date(2020, 10, 30), "open", 4), levels), **changes)


def some_permissions() -> tuple[rpc.Permission, ...]:
    return (
        rpc.Permission("director", "quinzaine", "Robots puis vidéo", "block"),
        rpc.Permission("erun", "quinzaine", "Robots puis vidéo", "warn", MADE_AT, "organiser"),
    )


def a_registration_form(**changes: Any) -> rpc.RegistrationForm:
    fields = {
        "contact-email": "direction@acy.example",
        "rooms": "1",
        "class-0-id": "ecole-d-acy/cm1",
        "class-0-name": "CM1",
        "class-0-pupils": "25",
        "class-0-in-quinzaine": "on",
        "half-2020-11-03-am": "closed",
    }
    form = rpc.RegistrationForm(
        edition_id=EDITION_ID,
        edition_name="Quinzaine 2020",
        organiser=a_contact("Organisatrice"),
        school_id=SCHOOL_ID,
        school_name="École d’Acy",
        days=(dt.date(2020, 11, 2), dt.date(2020, 11, 3)),
        programmes={"quinzaine": "Robotique puis vidéo"},
        fields=fields,
        declared=False,
    )
    return replace(form, **changes)


def a_provider_page() -> rpc.ProviderPage:
    held = rpc.ProviderSession(
        a_session(1), "Robotique", "École d’Acy", a_contact(), "CM1-CM2 groupe 1", 13, "pending", True
    )
    return rpc.ProviderPage(
        EDITION_ID,
        "Quinzaine 2020",
        a_contact("Organisatrice"),
        "Ze Fab Truck",
        (held, replace(held, session=a_session(2), answer="accepted", cancelled=True)),
        FEED_TOKEN,
    )


def some_parties() -> tuple[rpc.Party, ...]:
    return (
        rpc.Party("provider", PROVIDER_ID, "Ze Fab Truck", "camion@ecole.example", FEED_TOKEN, PROVIDER_TOKEN),
        rpc.Party("school", SCHOOL_ID, "École d’Acy", "direction@ecole.example", "feed-token-0002"),
        rpc.Party("school", "belleu", "École de Belleu", "direction@belleu.example", "feed-token-of-belleu"),
    )


def a_wording(**changes: Any) -> rpc.Wording:
    words = rpc.MailWords("Invitation : {quoi}", "Chers amis,", "À bientôt.", "{contact}")
    wording = rpc.Wording(
        "invitation", "fr", words, False, ("what", "contact"), ("what",), {"what": "quoi", "contact": "contact"}
    )
    return replace(wording, **changes)


def some_feeds() -> tuple[rpc.FeedAddress, ...]:
    return (
        rpc.FeedAddress("edition", EDITION_ID, "", "feed-token-of-all"),
        rpc.FeedAddress("public", EDITION_ID, "", "feed-token-of-everyone"),
        rpc.FeedAddress("provider", PROVIDER_ID, "Ze Fab Truck", FEED_TOKEN, MADE_AT, "Thunderbird", "both", PHONE),
        rpc.FeedAddress("team", f"{PROVIDER_ID}/camion-1", "Camion 1", "feed-token-of-team"),
        rpc.FeedAddress("venue", "media", "Médiathèque", "feed-token-of-media"),
        rpc.FeedAddress("school", SCHOOL_ID, "École d’Acy", "feed-token-0002", style="feed", phone=""),
        rpc.FeedAddress("school", "belleu", "École de Belleu", "feed-token-of-belleu", style="feed"),
    )


BUSY_CALENDARS = (
    rpc.BusyCalendar("", "", "https://agenda.example/a.ics", MADE_AT, 3),
    rpc.BusyCalendar("truck-1", "Le camion", "https://agenda.example/b.ics", None, 0, Problem("busy_silent")),
    rpc.BusyCalendar("truck-2", "Le vélo"),
)


def feeds_asked(request: rpc.ListFeeds) -> tuple[rpc.FeedAddress, ...]:
    """What notifications answers: all, or those of one party with its teams."""
    mine = (request.id, f"{request.id}/camion-1")
    return tuple(feed for feed in some_feeds() if request.kind is None or feed.id in mine)


ICS = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:u1\r\nSEQUENCE:2\r\n"
    "DTSTAMP:20201020T070000Z\r\nDTSTART:20201102T080000Z\r\nDTEND:20201102T091500Z\r\nSUMMARY:Robotique à Acy\r\n"
    "LOCATION:Acy\r\nSTATUS:CONFIRMED\r\nORGANIZER:mailto:agenda@quinzaine.example\r\n"
    "ATTENDEE:mailto:camion@ecole.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def a_raw_mail() -> bytes:
    from email.message import EmailMessage
    from email.policy import SMTP

    message = EmailMessage(policy=SMTP)
    message["Subject"] = "Robotique à Acy"
    message["From"] = "agenda@quinzaine.example"
    message["To"] = "camion@ecole.example"
    message["Date"] = "Tue, 20 Oct 2020 07:30:00 +0000"
    message.set_content("Bonjour,\nune séance vous est confiée.\n")
    message.add_alternative("<p>Bonjour, <strong>une séance</strong></p><script>alert(1)</script>", subtype="html")
    message.add_alternative(
        ICS.encode(), "text", "calendar", cte="base64", params={"method": "REQUEST", "charset": "UTF-8"}
    )
    message.set_boundary("=_quinzaine")
    return message.as_bytes()


def a_mail_summary(**changes: Any) -> rpc.MailSummary:
    summary = rpc.MailSummary(
        id=MAIL_ID,
        recipient="camion@ecole.example",
        party="Ze Fab Truck",
        kind="invitation",
        subject="Robotique à Acy",
        state="sent",
        created_at=MADE_AT,
        sent_at=MADE_AT,
        attempts=1,
        release=1,
    )
    return replace(summary, **changes)


def a_mail() -> rpc.Mail:
    return rpc.Mail(a_mail_summary(), base64.b64encode(a_raw_mail()).decode())


def a_paper_letter() -> rpc.PaperLetter:
    """The same mail, to be posted to a school."""
    summary = a_mail_summary(kind="digest", state="to_print", sent_at=None, party=SCHOOL_ID)
    return rpc.PaperLetter(summary, a_mail().raw, a_school())


def a_preview() -> rpc.PreviewedRelease:
    """Two mails to the truck, one of them about a session that moved, and the summary of a school."""
    waits: dict[str, Any] = {"state": "waiting", "sent_at": None, "attempts": 0, "release": 3}
    mails = (
        a_mail_summary(**waits, id="invitation.1", party=PROVIDER_ID, session_id="s1"),
        a_mail_summary(**waits, id="invitation.9", party=PROVIDER_ID, session_id="s9"),
        a_mail_summary(**waits, id="digest.1", kind="digest", party=SCHOOL_ID, subject="Vos séances à Acy"),
    )
    return rpc.PreviewedRelease(mails)


def an_incoming(**changes: Any) -> rpc.IncomingMail:
    mail = rpc.IncomingMail("in-1", MADE_AT, "camion@ecole.example", "Accepté : Robotique", "applied", "")
    return replace(mail, **changes)


def a_counter(**changes: Any) -> rpc.IncomingMail:
    """A provider proposes the afternoon of 10 November at two."""
    start = dt.datetime(2020, 11, 10, 13, tzinfo=UTC)
    facts = {"id": MAIL_ID, "outcome": "countered", "session_id": "s1", "proposed": (start, start.replace(hour=14))}
    return an_incoming(**facts | changes)


def a_dead_letter() -> rpc.DeadLetter:
    return rpc.DeadLetter(
        "dead-1", "scheduling", "slots_confirmed", "slots_confirmed", "Malformed: $", 6, MADE_AT, MADE_AT, "{}"
    )


def a_feed(**changes: Any) -> rpc.Feed:
    return replace(rpc.Feed("0123abcd", MADE_AT, ICS), **changes)


def a_violation() -> v.Violation:
    sentence = "{site} n’accueille pas de séance le {day} de {start} à {end}."
    facts = {"site": "Acy", "day": "2020-11-02", "start": "07:00", "end": "08:15"}
    return v.Violation("hours", ("s1",), facts, sentence)


def an_explanation() -> rpc.Explanation:
    reason = Problem("explain_left_before", {"group": "Acy, CM2 1", "activity": "Vidéo", "before": "Robotique"})
    way = Problem("explain_way_reopen", {"site": "Acy", "half_days": "2020-11-05 am, 2020-11-05 pm"})
    return rpc.Explanation((reason,), (Problem("explain_least"), way))


def why_a_session_is_here() -> rpc.SessionExplanation:
    facts = {"group": "Acy, CM2 1", "activity": "Vidéo", "team": "Le camion", "half_day": "2020-11-05 am"}
    elsewhere = Problem("explain_not_there", facts)
    other = rpc.OtherPlace(v.HalfDay(dt.date(2020, 11, 5), "am"), elsewhere, None, (a_violation(),))
    return rpc.SessionExplanation((Problem("explain_only_place", facts),), (other,))


def unavailable() -> Unavailable:
    return Unavailable("registration")


def an_access(**changes: Any) -> rpc.Access:
    return replace(rpc.Access("access-1", "ENT de l’Aisne", writes=True, made_at=MADE_AT), **changes)


def an_opened_access(request: rpc.OpenAccess) -> rpc.AccessScope:
    writes = {token_hash("writer"): True, token_hash("reader"): False}.get(request.token_sha256)
    if writes is None:
        raise refused("unknown_token")
    return rpc.AccessScope("access-1", EDITION_ID, writes)


def a_webhook() -> rpc.Webhook:
    tries = (
        rpc.Delivery("msg_1", "slots_confirmed", MADE_AT, "sent", 1, MADE_AT, None, ""),
        rpc.Delivery("msg_2", "slot_declined", MADE_AT, "waiting", 2, None, MADE_AT, "HTTP 500"),
    )
    return rpc.Webhook("hook-1", "https://ent.example/quinzaine", MADE_AT, "whsec_eHh4", tries)


def some_accounts() -> tuple[rpc.Account, ...]:
    """Who organises: an administrator, an organiser, a reader that is let in no more."""
    return (
        rpc.Account(
            "anne", "anne@ville.example", "Anne Petit", "fr", "administrator", MADE_AT, MADE_AT, None, True, True
        ),
        rpc.Account("bob", "bob@ville.example", "Bob Marin", "fr", "organiser", MADE_AT),
        rpc.Account("eve", "eve@ville.example", "Eve Roux", "en", "reader", MADE_AT, MADE_AT, MADE_AT),
    )


def some_sign_ins() -> tuple[rpc.SignIn, ...]:
    """Where a person is signed in."""
    return rpc.SignIn("f" * 64, "Firefox, Linux", MADE_AT, MADE_AT), rpc.SignIn("e" * 64, "", MADE_AT, MADE_AT)
