"""Incidents: why a plan has to change. Each is recorded, then other plans are looked for and offered to choose from."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import Sequence

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.contracts.causes import Cause, HealthRule, Incident
from services.contracts.errors import Refused
from services.contracts.rpc import (
    ListIncidents,
    ListRegistrations,
    ListReleases,
    ProposePlan,
    Registration,
    ReportIncident,
    WithdrawIncident,
)
from services.contracts.values import Edition, Group
from services.portal.acts.causes import CAUSES, CauseForm, Given, field_of, in_words
from services.portal.views.organiser.editions import edition_of
from services.portal.web.forms import FieldError, Form, form_of, read_day
from services.portal.web.pages import answer_or_none, ask, go, sentences, show, words_of


async def all_incidents(request: Request) -> Response:
    """What happened so far, and what may be said to have happened."""
    return await _show_all(request)


async def incidents_since(request: Request, edition: Edition, then: dt.datetime) -> list[tuple[Incident, str]]:
    """Return the incidents recorded or withdrawn after an instant, with their sentences."""
    incidents, registrations = await asyncio.gather(
        ask(request, ListIncidents(edition.id)), answer_or_none(request, ListRegistrations(edition.id))
    )
    names = names_of(edition, registrations or ())
    recent = [one for one in incidents if max(one.recorded_at, one.withdrawn_at or one.recorded_at) > then]
    return [(one, in_words(one.cause, words_of(request), names)) for one in recent]


async def withdraw(request: Request) -> Response:
    """Take an incident back."""
    _, id_ = words_of(request), request.path_params["edition"]
    try:
        await ask(request, WithdrawIncident(id_, form_of(request).text("incident")))
    except Refused as refusal:
        return await _show_all(request, sentences(request, refusal))
    done = _("L’imprévu ne compte plus. Si un plan est publié, calculez-en un nouveau pour en tenir compte.")
    return go(request, "incidents", done, edition=id_)


async def new_incident(request: Request) -> Response:
    """The form of one cause."""
    return await _show_form(request, Form(FormData()))


async def report(request: Request) -> Response:
    """Record the incident, and look for other plans when one is released."""
    form, kind, id_ = form_of(request), _kind(request), request.path_params["edition"]
    given = Given(form, words_of(request))
    cause = kind.read(given)
    open_from = read_day(form.text("frozen_before"))
    if given.errors:
        return await _show_form(request, form, given.errors)
    try:
        edition = await edition_of(request)
        command = ReportIncident(id_, cause, edition.organiser.name, form.text("why"), form.text("key", 80))
        await ask(request, command)
    except Refused as refusal:
        wrong = sentences(request, refusal, lambda problem: field_of(problem.code, kind.fields))
        return await _show_form(request, form, wrong)
    return await _replan(request, cause, open_from)


async def _replan(request: Request, cause: Cause, open_from: dt.date | None) -> Response:
    _, id_ = words_of(request), request.path_params["edition"]
    recorded = _("L’imprévu est enregistré.")
    if not await ask(request, ListReleases(id_)):
        return go(request, "incidents", recorded, edition=id_)
    seconds = request.app.state.settings.solver_seconds
    try:
        job = await ask(request, ProposePlan(id_, seconds, frozen_before=open_from or cause.first_day, several=True))
    except Refused as refusal:
        why = " ".join(error.sentence for error in sentences(request, refusal))
        return go(request, "incidents", f"{recorded} {why}", edition=id_)
    return go(request, "job", recorded, edition=id_, job=job.id)


async def _show_all(request: Request, errors: Sequence[FieldError] = ()) -> Response:
    _, id_ = words_of(request), request.path_params["edition"]
    edition, incidents, registrations, releases = await asyncio.gather(
        edition_of(request),
        ask(request, ListIncidents(id_)),
        answer_or_none(request, ListRegistrations(id_)),
        ask(request, ListReleases(id_)),
    )
    names = names_of(edition, registrations or ())
    return show(
        request,
        "organiser/incidents.html",
        422 if errors else 200,
        errors,
        edition=edition,
        causes=CAUSES,
        incidents=[
            (incident, in_words(incident.cause, _, names), too_large(incident, registrations or ()))
            for incident in incidents
        ],
        released=bool(releases),
        seconds=f"{request.app.state.settings.solver_seconds:.0f}",
    )


async def _show_form(request: Request, form: Form, errors: Sequence[FieldError] = ()) -> Response:
    id_, kind = request.path_params["edition"], _kind(request)
    edition, registrations, releases = await asyncio.gather(
        edition_of(request), ask(request, ListRegistrations(id_)), ask(request, ListReleases(id_))
    )
    return show(
        request,
        "organiser/incident.html",
        422 if errors else 200,
        errors,
        edition=edition,
        kind=kind,
        form=form,
        ticked=set(form.all("half_days")),
        key=form.text("key", 80) or uuid.uuid4().hex,
        schools=[(r.school.name, r.school.id) for r in registrations],
        half_days=edition.half_days,
        released=bool(releases),
    )


def names_of(edition: Edition, registrations: Sequence[Registration]) -> dict[str, str]:
    """Return the names of schools, providers and teams by id."""
    schools = {r.school.id: r.school.name for r in registrations}
    teams = {t.id: f"{p.name}, {t.name}" for p in edition.providers for t in p.teams}
    return schools | teams | {p.id: p.name for p in edition.providers}


def too_large(incident: Incident, registrations: Sequence[Registration]) -> list[tuple[str, Group]]:
    """Return the groups that an incident in force wants split, each with the name of its school."""
    rule = incident.cause
    if incident.withdrawn_at or not isinstance(rule, HealthRule):
        return []
    return [(r.school.name, group) for r in registrations for group in rule.too_large(r.groups)]


def _kind(request: Request) -> CauseForm:
    for kind in CAUSES:
        if kind.slug == request.path_params["kind"]:
            return kind
    raise HTTPException(404)
