"""A school's page: its groups, its sessions, and its answer to each of them."""

from __future__ import annotations

import asyncio
import secrets

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Refused
from services.contracts.rpc import GetSchoolPage, MarkPermission
from services.portal.acts import answering, wishing
from services.portal.acts.answering import Typed
from services.portal.acts.calendars import change_calendar, feeds_of, set_texts
from services.portal.display.agenda import by_day
from services.portal.web import auth
from services.portal.web.forms import form_of
from services.portal.web.pages import ask, go, sentences, show, words_of


async def open_link(request: Request) -> Response:
    """Exchange a link for a cookie, so that no token stays in the address."""
    await auth.open_link(request, "school")
    return go(request, "school")


async def sessions(request: Request) -> Response:
    """Everything the school is offered."""
    return await _page(request, Typed())


async def back(request: Request) -> Response:
    """Lead from the address of a form to the page it stands on."""
    return go(request, "school")


async def confirm(request: Request) -> Response:
    """Confirm the sessions whose head count was typed, all at once."""
    return await answering.confirm(request, auth.school_of(request), "school", _page, _done)


async def decline(request: Request) -> Response:
    """Decline one session, with the reason."""
    return await answering.decline(request, auth.school_of(request), "school", _page, _done)


async def undo(request: Request) -> Response:
    """Take back an answer."""
    return await answering.undo(request, auth.school_of(request), "school", _page, _done)


async def place(request: Request) -> Response:
    """Answer about the place of a group."""
    return await answering.place(request, auth.school_of(request), "school", _page, _done)


async def calendar(request: Request) -> Response:
    """Choose how sessions reach the school's calendar, or change its address."""
    scope = auth.school_of(request)
    return await change_calendar(request, scope.edition_id, "school", scope.school_id, "school")


async def texts(request: Request) -> Response:
    """Give the number that urgent changes are texted to, or take it back."""
    scope = auth.school_of(request)
    try:
        return go(request, "school", await set_texts(request, scope.edition_id, "school", scope.school_id))
    except Refused as refusal:
        return await _page(request, Typed(sentences(request, refusal)))


async def agree(request: Request) -> Response:
    """Tick the director's agreement, or take it back."""
    form, _, scope = form_of(request), words_of(request), auth.school_of(request)
    foreign = answering.foreign(request, form, scope)
    if foreign:
        return await _page(request, Typed(foreign))
    given = form.text("action") == "give"
    marked = MarkPermission(scope.edition_id, scope.school_id, form.text("programme"), "director", given, "school")
    try:
        await ask(request, marked)
    except Refused as refusal:
        return await _page(request, Typed(sentences(request, refusal)))
    return go(request, "school", _("C’est noté."))


async def other_slots(request: Request) -> Response:
    """Other slots of a session with their prices."""
    return await wishing.choose(request, auth.school_of(request), _DESK)


async def wish(request: Request) -> Response:
    """Ask for another slot."""
    return await wishing.wish(request, auth.school_of(request), "school", _DESK, _done)


_DESK = wishing.Desk("other_slot.html", "other_slots", "school", {}, {})


def _done(request: Request, said: str) -> Response:
    return go(request, "school", done=said)


async def _page(request: Request, typed: Typed) -> Response:
    scope = auth.school_of(request)
    page, feeds = await asyncio.gather(
        ask(request, GetSchoolPage(scope.edition_id, scope.school_id)),
        feeds_of(request, scope.edition_id, "school", scope.school_id),
    )
    return show(
        request,
        "school.html",
        422 if typed.errors else 200,
        typed.errors,
        page=page,
        days=by_day(page.offers),
        seen=answering.seen_on(page),
        feeds=feeds,
        typed=typed,
        new_key=lambda: secrets.token_urlsafe(16),
    )
