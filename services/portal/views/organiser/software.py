"""Software that reads or writes an edition by the API: who is let in, and the token each is given once."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Refused
from services.contracts.rpc import GrantAccess, ListAccesses, RevokeAccess
from services.kit.links import token_hash
from services.portal.forms import FieldError, form_of
from services.portal.pages import ask, go, sentences, show, words_of
from services.portal.views.organiser.editions import edition_of


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


async def _show(request: Request, errors: Sequence[FieldError] = (), name: str = "", token: str = "") -> Response:
    edition, accesses = await asyncio.gather(
        edition_of(request), ask(request, ListAccesses(request.path_params["edition"]))
    )
    return show(
        request,
        "organiser/software.html",
        422 if errors else 200,
        errors,
        edition=edition,
        accesses=accesses,
        name=name,
        token=token,
        key=secrets.token_urlsafe(16),
    )
