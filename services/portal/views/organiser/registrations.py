"""Schools as registered: classes, groups, exceptions to settle, half-days on which they cannot receive anyone."""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
from collections.abc import Sequence
from typing import get_args

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.contracts.causes import Incident, SchoolClosed, SnowDay
from services.contracts.errors import Refused
from services.contracts.rpc import (
    CloseSchool,
    GetPlan,
    GetSchoolPage,
    ListIncidents,
    ListRegistrations,
    Registration,
    ReopenSchool,
    SchoolScope,
    SettleChoice,
    SettleException,
)
from services.contracts.values import Edition, HalfDay
from services.portal.acts import answering, wishing
from services.portal.acts.answering import Typed
from services.portal.acts.calendars import page_address
from services.portal.acts.causes import half_day_in
from services.portal.display.agenda import by_day
from services.portal.views.organiser.editions import answers_of, edition_of, registered_in
from services.portal.web.forms import FieldError, form_of
from services.portal.web.pages import answer_or_none, ask, go, sentences, show, words_of


async def all_schools(request: Request) -> Response:
    """Every school, with what waits for a decision first."""
    return await _show_all(request)


async def settle(request: Request) -> Response:
    """Decide what becomes of a class that the group rule cannot cut."""
    form, _ = form_of(request), words_of(request)
    id_, class_id, programme = request.path_params["edition"], form.text("class"), form.text("programme")
    choice = next((choice for choice in get_args(SettleChoice) if choice == form.text("choice")), None)
    if choice is None:
        field = f"choice-{class_id}-{programme}"
        return await _show_all(request, [FieldError(_("Choisissez ce que devient cette classe."), field)])
    try:
        changed = await ask(request, SettleException(id_, class_id, programme, choice, form.text("before")))
    except Refused as refusal:
        return await _show_all(request, sentences(request, refusal))
    return go(
        request, "registrations", _("C’est décidé pour l’école {school}.", school=changed.school.name), edition=id_
    )


async def one_school(request: Request) -> Response:
    """One school whole."""
    return await _show_one(request)


async def close_or_reopen(request: Request) -> Response:
    """Close the school on the half-days ticked, or take closures back."""
    form, _ = form_of(request), words_of(request)
    half_days = tuple(half_day for text in form.all("half_day") if (half_day := half_day_in(text)))
    if not half_days:
        return await _show_one(request, [FieldError(_("Cochez au moins une demi-journée."), "half_days")])
    where = (request.path_params["edition"], request.path_params["school"], half_days)
    closing = form.text("action") != "reopen"
    try:
        await ask(request, CloseSchool(*where) if closing else ReopenSchool(*where))
    except Refused as refusal:
        return await _show_one(request, sentences(request, refusal))
    done = _("Fermeture enregistrée.") if closing else _("Fermeture levée.")
    advice = _("Si un plan est publié, calculez-en un nouveau pour en tenir compte.")
    return go(request, "registration", f"{done} {advice}", edition=where[0], school=where[1])


async def telephone(request: Request) -> Response:
    """Where the organiser types what a school answers on the telephone."""
    return await _telephone(request, Typed())


async def telephone_confirm(request: Request) -> Response:
    """Confirm for the school."""
    return await answering.confirm(request, _scope(request), "organiser", _telephone, _telephoned)


async def telephone_decline(request: Request) -> Response:
    """Decline for the school."""
    return await answering.decline(request, _scope(request), "organiser", _telephone, _telephoned)


async def telephone_undo(request: Request) -> Response:
    """Take back an answer for the school."""
    return await answering.undo(request, _scope(request), "organiser", _telephone, _telephoned)


async def telephone_place(request: Request) -> Response:
    """Answer about the place of a group for the school."""
    return await answering.place(request, _scope(request), "organiser", _telephone, _telephoned)


async def telephone_slots(request: Request) -> Response:
    """Other slots that a school may wish for on the telephone."""
    return await wishing.choose(request, _scope(request), await _desk(request))


async def telephone_wish(request: Request) -> Response:
    """Ask for another slot for the school."""
    return await wishing.wish(request, _scope(request), "organiser", await _desk(request), _telephoned)


async def _desk(request: Request) -> wishing.Desk:
    edition = await edition_of(request)
    where = request.path_params
    return wishing.Desk("organiser/other_slot.html", "telephone_slots", "telephone", where, {"edition": edition})


def _scope(request: Request) -> SchoolScope:
    return SchoolScope(request.path_params["edition"], request.path_params["school"])


def _telephoned(request: Request, said: str) -> Response:
    return go(request, "telephone", said, **request.path_params)


async def _telephone(request: Request, typed: Typed) -> Response:
    scope = _scope(request)
    edition, page = await asyncio.gather(
        edition_of(request), ask(request, GetSchoolPage(scope.edition_id, scope.school_id))
    )
    return show(
        request,
        "organiser/telephone.html",
        422 if typed.errors else 200,
        typed.errors,
        edition=edition,
        page=page,
        days=by_day(page.offers),
        seen=answering.seen_on(page),
        typed=typed,
        new_key=lambda: secrets.token_urlsafe(16),
    )


async def _show_all(request: Request, errors: Sequence[FieldError] = ()) -> Response:
    edition, registrations = await asyncio.gather(
        edition_of(request), ask(request, ListRegistrations(request.path_params["edition"]))
    )
    return show(
        request,
        "organiser/registrations.html",
        422 if errors else 200,
        errors,
        edition=edition,
        registrations=registrations,
        waiting=[(r, exception) for r in registrations for exception in r.exceptions],
        answers=answers_of(registrations),
        registered=registered_in(registrations),
    )


async def _show_one(request: Request, errors: Sequence[FieldError] = ()) -> Response:
    id_ = request.path_params["edition"]
    edition, registrations, plan, incidents = await asyncio.gather(
        edition_of(request),
        ask(request, ListRegistrations(id_)),
        answer_or_none(request, GetPlan(id_)),
        answer_or_none(request, ListIncidents(id_)),
    )
    registration = _named(registrations, request.path_params["school"])
    held = [planned for planned in plan.sessions if planned.session.school_id == registration.school.id] if plan else []
    return show(
        request,
        "organiser/registration.html",
        422 if errors else 200,
        errors,
        edition=edition,
        registration=registration,
        link=page_address(request, "school_link", registration.token),
        days=by_day(held),
        calendar=_calendar(edition, registration, closed_by(incidents or (), registration.school.id)),
    )


def _named(registrations: tuple[Registration, ...], school_id: str) -> Registration:
    for registration in registrations:
        if registration.school.id == school_id:
            return registration
    raise HTTPException(404)


def closed_by(incidents: Sequence[Incident], school_id: str) -> set[HalfDay]:
    """Return the half-days on which incidents in force close a school."""
    closed: set[HalfDay] = set()
    for cause in (incident.cause for incident in incidents if incident.withdrawn_at is None):
        if isinstance(cause, SnowDay) or (isinstance(cause, SchoolClosed) and cause.school_id == school_id):
            closed.update(cause.half_days)
    return closed


def _calendar(
    edition: Edition, registration: Registration, closed: set[HalfDay]
) -> list[tuple[dt.date, list[tuple[HalfDay, str]]]]:
    """Return each action day with its half-days: open, closed, disliked, or off (no school at that time).

    ``closed``: half-days closed by an incident, which is withdrawn elsewhere: ``incident``.
    """
    return [
        (
            day,
            [
                (half_day, _state(edition, registration, half_day, closed))
                for half_day in (HalfDay(day, "am"), HalfDay(day, "pm"))
            ],
        )
        for day in edition.action_days
    ]


def _state(edition: Edition, registration: Registration, half_day: HalfDay, closed: set[HalfDay]) -> str:
    school = registration.school
    windows = school.hours.get(half_day.day.isoweekday(), ())
    if not any(window.reaches(half_day.half, edition.noon) for window in windows):
        return "off"
    if half_day in closed:
        return "incident"
    if half_day in school.closed:
        return "closed"
    return "disliked" if half_day in school.disliked else "open"
