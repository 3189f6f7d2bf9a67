"""How an edition is shown: the public programme, and lines to draw under its maps."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Refused
from services.contracts.rpc import GetDisplay, SetContours, SetPublic
from services.portal.views.organiser.editions import edition_of
from services.portal.web.forms import FieldError, form_of
from services.portal.web.pages import ask, go, sentences, show, words_of


async def display(request: Request) -> Response:
    """What is shown, and to whom."""
    return await _page(request)


async def set_public(request: Request) -> Response:
    """Open the programme to everyone, or close it."""
    _, edition = words_of(request), request.path_params["edition"]
    opened = form_of(request).text("action") == "open"
    await ask(request, SetPublic(edition, opened))
    said = _("Le programme est public.") if opened else _("Le programme n’est plus public.")
    return go(request, "display", said, edition=edition)


async def set_contours(request: Request) -> Response:
    """Keep the contours of a file, or take them away."""
    form, _, edition = form_of(request), words_of(request), request.path_params["edition"]
    if form.text("action") == "remove":
        await ask(request, SetContours(edition, ""))
        return go(request, "display", _("La carte n’a plus de contours."), edition=edition)
    file = await form.file("contours")
    if file is None or not file[1].strip():
        return await _page(request, [FieldError(_("Choisissez un fichier GeoJSON."), "contours")])
    # a picture instead of text has NULs, which no request carries; so marked, it is refused as the file it is
    text = file[1].decode("utf-8-sig", errors="replace").replace("\0", "\ufffd")
    try:
        await ask(request, SetContours(edition, text))
    except Refused as refusal:
        return await _page(request, sentences(request, refusal, lambda problem: "contours"))
    return go(request, "display", _("Les contours sont dessinés sous la carte."), edition=edition)


async def _page(request: Request, errors: list[FieldError] | None = None) -> Response:
    edition, found = await asyncio.gather(edition_of(request), ask(request, GetDisplay(request.path_params["edition"])))
    base: str = request.app.state.settings.base_url.rstrip("/")
    address = f"{base}{request.app.url_path_for('programme', edition=edition.id)}"
    status = 422 if errors else 200
    return show(
        request, "organiser/display.html", status, errors or (), edition=edition, display=found, address=address
    )
