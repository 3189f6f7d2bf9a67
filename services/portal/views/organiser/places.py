"""How many groups each programme takes, in which order they are served, and who waits."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import get_args

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Refused
from services.contracts.rpc import GetPlaces, SetPlaces, SetPriorities
from services.contracts.values import Priority
from services.portal.views.organiser.editions import edition_of
from services.portal.web.forms import FieldError, form_of
from services.portal.web.pages import answer_or_none, ask, go, sentences, show, words_of


async def places(request: Request) -> Response:
    """Places and waiting lists."""
    return await _show(request)


async def set_places(request: Request) -> Response:
    """Limit a programme, change its limit, or lift it."""
    form, _, id_ = form_of(request), words_of(request), request.path_params["edition"]
    programme = form.text("programme")
    typed = {f"{programme}-{name}": form.text(name) for name in ("places", "answer_hours")}
    errors = [
        FieldError(_("Indiquez un nombre entier, en chiffres."), field)
        for field, text in typed.items()
        if not _is_number(text) and (text or field.endswith("answer_hours"))
    ]
    if errors:
        return await _show(request, errors, typed)
    limit, hours = (int(text) if text else None for text in typed.values())
    try:
        await ask(request, SetPlaces(id_, programme, limit, hours or 0))
    except Refused as refusal:
        errors = sentences(request, refusal, lambda problem: problem.column and f"{programme}-{problem.column}")
        return await _show(request, errors, typed)
    return go(request, "places", _("Les places sont enregistrées."), edition=id_)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 6


async def set_priorities(request: Request) -> Response:
    """Say which schools come first, on waiting lists and in plans."""
    _, id_ = words_of(request), request.path_params["edition"]
    chosen = dict.fromkeys(form_of(request).all("order"))
    order = tuple(priority for text in chosen for priority in get_args(Priority) if priority == text)
    await ask(request, SetPriorities(id_, order))
    return go(request, "places", _("L’ordre de priorité est enregistré."), edition=id_)


async def _show(
    request: Request, errors: Sequence[FieldError] = (), typed: Mapping[str, str] | None = None
) -> Response:
    id_ = request.path_params["edition"]
    edition, programmes = await asyncio.gather(edition_of(request), answer_or_none(request, GetPlaces(id_)))
    return show(
        request,
        "organiser/places.html",
        422 if errors else 200,
        errors,
        edition=edition,
        programmes=programmes or (),
        typed=typed or {},
    )
