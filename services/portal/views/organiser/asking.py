"""What schools are asked: by when they answer, and where their answers stand."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Refused
from services.contracts.rpc import (
    GetAsking,
    ListRegistrations,
    ListReminders,
    ListWishes,
    PrepareReminders,
    SetDeadline,
)
from services.portal.views.organiser.editions import answers_of, edition_of
from services.portal.web.forms import FieldError, form_of, read_day
from services.portal.web.pages import answer_or_none, ask, go, sentences, show, words_of


async def answers(request: Request) -> Response:
    """Where the answers stand."""
    return await show_answers(request)


async def set_deadline(request: Request) -> Response:
    """Set, prolong or take away the day by which schools answer."""
    form, _, id_ = form_of(request), words_of(request), request.path_params["edition"]
    typed = form.text("day")
    day = None if form.text("action") == "remove" else read_day(typed)
    if day is None and form.text("action") != "remove":
        return await show_answers(request, [FieldError(_("Indiquez un jour, par exemple 2026-11-06."), "day")], typed)
    try:
        await ask(request, SetDeadline(id_, day))
    except Refused as refusal:
        return await show_answers(request, sentences(request, refusal, lambda problem: "day"), typed)
    done = _("Date limite : {day}.", day=_.day(day)) if day else _("Il n’y a plus de date limite.")
    return go(request, "asking", done, edition=id_)


async def prepare_reminders(request: Request) -> Response:
    """Write the mails to the schools ticked; they wait where mails are reviewed."""
    form, _, id_ = form_of(request), words_of(request), request.path_params["edition"]
    schools = tuple(form.all("remind"))
    if not schools:
        return await show_answers(request, [FieldError(_("Cochez au moins une école."), "remind")])
    count = await ask(request, PrepareReminders(id_, schools))
    done = _.plural("{n} courriel attend votre relecture.", "{n} courriels attendent votre relecture.", count)
    return go(request, "mails", done, edition=id_)


async def show_answers(request: Request, errors: Sequence[FieldError] = (), day: str = "") -> Response:
    """Show the page of answers, with what is wrong with one of its forms."""
    id_ = request.path_params["edition"]
    edition, asking, registrations, wishes, reminders = await asyncio.gather(
        edition_of(request),
        answer_or_none(request, GetAsking(id_)),
        answer_or_none(request, ListRegistrations(id_)),
        answer_or_none(request, ListWishes(id_)),
        answer_or_none(request, ListReminders(id_)),
    )
    deadline = asking.deadline if asking else None
    return show(
        request,
        "organiser/asking.html",
        422 if errors else 200,
        errors,
        edition=edition,
        deadline=deadline,
        day=day or (deadline.day.isoformat() if deadline else ""),
        answers=answers_of(registrations or ()),
        wishes=wishes or (),
        reminders=reminders or (),
        late=sum(registration.late for registration in registrations or ()),
    )
