"""How the services are, and messages they could not handle, to replay or to discard."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Refused, Unavailable
from services.contracts.rpc import DeadLetter, DiscardDeadLetter, ListDeadLetters, ReplayDeadLetter
from services.portal.views.health import SERVICES, health_of_all
from services.portal.web.forms import FieldError, form_of
from services.portal.web.pages import ask, go, sentences, show, words_of


async def problems(request: Request) -> Response:
    """State of the services and their dead letters."""
    return await _show(request)


async def settle(request: Request) -> Response:
    """Replay a message, or discard it with a reason."""
    form, _ = form_of(request), words_of(request)
    service, letter, reason = form.text("service"), form.text("letter"), form.text("reason")
    if service not in SERVICES:
        return await _show(request, [FieldError(_("Ce service n’existe pas."))])
    replay = form.text("action") == "replay"
    if not replay and not reason:
        return await _show(request, [FieldError(_("Dites pourquoi ce message est écarté."), f"reason-{letter}")])
    command = ReplayDeadLetter(service, letter) if replay else DiscardDeadLetter(service, letter, reason)
    try:
        await ask(request, command)
    except Refused as refusal:
        return await _show(request, sentences(request, refusal))
    done = _("Le message sera rejoué dans un instant.") if replay else _("Le message est écarté.")
    return go(request, "state", done)


async def _show(request: Request, errors: Sequence[FieldError] = ()) -> Response:
    health, *letters = await asyncio.gather(health_of_all(request), *(_letters(request, name) for name in SERVICES))
    return show(
        request,
        "organiser/state.html",
        422 if errors else 200,
        errors,
        health=health,
        letters=[letter for found in letters for letter in found],
    )


async def _letters(request: Request, service: str) -> tuple[DeadLetter, ...]:
    try:
        return await ask(request, ListDeadLetters(service))
    except Unavailable:
        return ()
