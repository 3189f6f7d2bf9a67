"""Rights of people (GDPR articles 15 and 17): what is held about a mail address, and taking it out everywhere."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.codec import encode
from services.contracts.rpc import ErasePerson, Erasure, FindPerson, Held, ListDue, ListErasures
from services.kit.people import mark_of
from services.portal.views.health import SERVICES
from services.portal.web.forms import FieldError, form_of
from services.portal.web.pages import ask, download, go, show, words_of


async def people(request: Request) -> Response:
    """Where an address is looked up."""
    return await _show(request, "")


async def act(request: Request) -> Response:
    """Show what is held about an address, hand it over as a file, or take it out of every service."""
    form, _ = form_of(request), words_of(request)
    address, action = form.text("address", 254), form.text("action")
    if "@" not in address:
        sentence = _("Indiquez l’adresse de courriel entière, telle que nom@exemple.fr.")
        return await _show(request, address, errors=[FieldError(sentence, "address")])
    if action == "erase":
        if form.text("sure") != "on":
            sentence = _("Cochez la case pour confirmer : un effacement ne se reprend pas.")
            return await _show_held(request, address, [FieldError(sentence, "sure")])
        await ask(request, ErasePerson(mark_of(request.app.state.settings.secret, address)))
        return go(
            request, "people", _("L’effacement est demandé à tous les services. Cherchez l’adresse pour la preuve.")
        )
    if action == "export":
        rows = json.dumps(encode(await _held(request, address)), ensure_ascii=False, indent=1)
        return download(rows, "donnees.json", "application/json")
    return await _show_held(request, address)


async def _show_held(request: Request, address: str, errors: Sequence[FieldError] = ()) -> Response:
    mark = mark_of(request.app.state.settings.secret, address)
    held = await _held(request, address)
    known = await asyncio.gather(*(ask(request, ListErasures(name)) for name in SERVICES))
    proofs = {name: done for name, all_ in zip(SERVICES, known, strict=True) for done in all_ if done.mark == mark}
    return await _show(request, address, held, proofs, errors)


async def _held(request: Request, address: str) -> tuple[Held, ...]:
    found = await asyncio.gather(*(ask(request, FindPerson(name, address)) for name in SERVICES))
    return tuple(row for rows in found for row in rows)


async def _show(
    request: Request,
    address: str,
    held: tuple[Held, ...] | None = None,
    proofs: dict[str, Erasure] | None = None,
    errors: Sequence[FieldError] = (),
) -> Response:
    status = 422 if errors else 200
    due = await asyncio.gather(*(ask(request, ListDue(name)) for name in SERVICES))
    context = {"address": address, "held": held, "proofs": proofs or {}, "due": dict(zip(SERVICES, due, strict=True))}
    return show(request, "organiser/people.html", status, errors, **context)
