"""Software tied to an edition: who is let in by the API, with a token shown once, and which addresses are told."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.contracts import rpc
from services.contracts.errors import Refused
from services.contracts.rpc import (
    AddWebhook,
    GrantAccess,
    ListAccesses,
    ListWebhooks,
    RemoveWebhook,
    RevokeAccess,
    SendAgain,
)
from services.kit.links import token_hash
from services.portal.views.organiser.editions import edition_of
from services.portal.web.forms import FieldError, form_of
from services.portal.web.pages import ask, go, sentences, show, words_of


async def software(request: Request) -> Response:
    """What is let in, and where to let more in."""
    return await _show(request)


async def grant(request: Request) -> Response:
    """Let a program in; its token is shown on this one answer and never again."""
    form, token = form_of(request), secrets.token_urlsafe(32)
    writes = form.text("rights") == "write"
    granted = GrantAccess(
        request.path_params["edition"], form.text("key", 80), form.text("name"), writes, token_hash(token)
    )
    try:
        await ask(request, granted)
    except Refused as refusal:
        return await _show(request, sentences(request, refusal, lambda problem: "name"), form.text("name"))
    return await _show(request, token=token)


async def revoke(request: Request) -> Response:
    """Keep a program out from now on."""
    _, id_ = words_of(request), request.path_params["edition"]
    try:
        revoked = await ask(request, RevokeAccess(id_, form_of(request).text("access", 80)))
    except Refused as refusal:
        return await _show(request, sentences(request, refusal))
    return go(request, "software", _("« {name} » n’a plus accès.", name=revoked.name), edition=id_)


async def add_webhook(request: Request) -> Response:
    """Tell an address of registrations and answers."""
    form, _, id_ = form_of(request), words_of(request), request.path_params["edition"]
    url, done = form.text("url", 400), _("L’adresse sera prévenue des inscriptions et des réponses.")
    return await _do(request, AddWebhook(id_, form.text("key", 80), url), done, "url", url=url)


async def remove_webhook(request: Request) -> Response:
    """Tell an address no more."""
    _, id_ = words_of(request), request.path_params["edition"]
    question = RemoveWebhook(id_, form_of(request).text("webhook", 80))
    return await _do(request, question, _("Cette adresse n’est plus prévenue."))


async def send_again(request: Request) -> Response:
    """Try a delivery again."""
    _, id_ = words_of(request), request.path_params["edition"]
    question = SendAgain(id_, form_of(request).text("delivery", 80))
    return await _do(request, question, _("L’envoi est tenté de nouveau."))


async def _do(request: Request, question: rpc.Request[Any], done: str, field: str = "", url: str = "") -> Response:
    try:
        await ask(request, question)
    except Refused as refusal:
        return await _show(request, sentences(request, refusal, lambda problem: field), url=url)
    return go(request, "software", done, edition=request.path_params["edition"])


async def _show(
    request: Request, errors: Sequence[FieldError] = (), name: str = "", token: str = "", url: str = ""
) -> Response:
    id_ = request.path_params["edition"]
    edition, accesses, webhooks = await asyncio.gather(
        edition_of(request), ask(request, ListAccesses(id_)), ask(request, ListWebhooks(id_))
    )
    return show(
        request,
        "organiser/software.html",
        422 if errors else 200,
        errors,
        edition=edition,
        accesses=accesses,
        webhooks=webhooks,
        name=name,
        typed_url=url,
        token=token,
        key=secrets.token_urlsafe(16),
    )
