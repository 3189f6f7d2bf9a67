"""A school's page: its groups, its sessions, and its answer to each of them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Problem, Refused, Unavailable
from services.contracts.rpc import ConfirmSlots, DeclineSlot, GetSchoolPage, ListParties, OpenSchoolLink, SchoolScope
from services.portal import auth
from services.portal.agenda import by_day
from services.portal.calendars import FeedAddresses, feed_addresses
from services.portal.forms import FieldError, Form, form_of
from services.portal.pages import ask, go, sentences, show, words_of

MOST_PUPILS = 60
"""More than any class: a larger number is a slip of the finger."""


async def open_link(request: Request) -> Response:
    """Exchange a link for a cookie, so that no token stays in the address."""
    auth.remember_school(request, await ask(request, OpenSchoolLink(request.path_params["token"])))
    return go(request, "school")


async def sessions(request: Request) -> Response:
    """Everything the school is offered."""
    return await _page(request)


async def back(request: Request) -> Response:
    """Lead from the address of a form to the page it stands on."""
    return go(request, "school")


async def confirm(request: Request) -> Response:
    """Confirm the sessions whose head count was typed, all at once."""
    form, _ = form_of(request), words_of(request)
    typed = {session: text for session, text in form.starting("pupils-").items() if text}
    errors = [*_foreign(request, form), *_head_count_errors(request, typed)]
    if not typed:
        errors.append(FieldError(_("Indiquez le nombre d’élèves attendus pour chaque séance que vous confirmez.")))
    if errors:
        return await _page(request, errors, typed=typed)
    scope = auth.school_of(request)
    pupils = {session: int(text) for session, text in typed.items()}
    request_ = ConfirmSlots(scope.edition_id, scope.school_id, _release(form), pupils, form.text("key"))
    try:
        await ask(request, request_)
    except Refused as refusal:
        errors = sentences(request, refusal, lambda problem: _session_field("pupils", problem))
        return await _page(request, errors, typed=typed)
    done = _.plural(
        "C’est noté : {n} séance confirmée. Merci !", "C’est noté : {n} séances confirmées. Merci !", len(pupils)
    )
    return go(request, "school", done=done)


async def decline(request: Request) -> Response:
    """Decline one session, with the reason."""
    form, _ = form_of(request), words_of(request)
    session, reason = form.text("session"), form.text("reason")
    errors = _foreign(request, form)
    if not reason:
        errors.append(FieldError(_("Dites en quelques mots pourquoi vous refusez cette séance."), f"reason-{session}"))
    if errors:
        return await _page(request, errors, reasons={session: reason})
    scope = auth.school_of(request)
    request_ = DeclineSlot(scope.edition_id, scope.school_id, _release(form), session, reason, form.text("key"))
    try:
        await ask(request, request_)
    except Refused as refusal:
        errors = sentences(request, refusal, lambda problem: _session_field("reason", problem))
        return await _page(request, errors, reasons={session: reason})
    return go(request, "school", done=_("C’est noté : la séance est refusée et l’organisateur est prévenu."))


async def _page(
    request: Request,
    errors: Sequence[FieldError] = (),
    typed: dict[str, str] | None = None,
    reasons: dict[str, str] | None = None,
) -> Response:
    scope = auth.school_of(request)
    page, feed = await asyncio.gather(
        ask(request, GetSchoolPage(scope.edition_id, scope.school_id)), _feed(request, scope)
    )
    return show(
        request,
        "school.html",
        422 if errors else 200,
        errors,
        page=page,
        days=by_day(page.offers),
        feed=feed,
        typed=typed or {},
        reasons=reasons or {},
        new_key=lambda: secrets.token_urlsafe(16),
    )


async def _feed(request: Request, scope: SchoolScope) -> FeedAddresses | None:
    """Return the addresses of this school's own feed; None while they cannot be had."""
    try:
        parties = await ask(request, ListParties(scope.edition_id))
    except (Refused, Unavailable):
        return None
    tokens = [party.feed_token for party in parties if (party.kind, party.id) == ("school", scope.school_id)]
    return feed_addresses(request, tokens[0]) if tokens else None


def _session_field(name: str, problem: Problem) -> str:
    """Return the field of the session a problem is about; a session no longer offered has none."""
    withdrawn = problem.code == "slot_withdrawn" or "session" not in problem.facts
    return "" if withdrawn else f"{name}-{problem.facts['session']}"


def _foreign(request: Request, form: Form) -> list[FieldError]:
    """Refuse a form of another school: its link was opened in this browser after the page was shown."""
    _ = words_of(request)
    if form.text("school") == auth.school_of(request).school_id:
        return []
    sentence = _("Vous avez ouvert entre-temps le lien d’une autre école : voici sa page.")
    return [FieldError(sentence)]


def _head_count_errors(request: Request, typed: dict[str, str]) -> list[FieldError]:
    _ = words_of(request)
    sentence = _("Indiquez un nombre d’élèves de 1 à {limit}, en chiffres.", limit=MOST_PUPILS)
    return [
        FieldError(sentence, f"pupils-{session}")
        for session, text in typed.items()
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= MOST_PUPILS)
    ]


def _release(form: Form) -> int:
    text = form.text("release")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
