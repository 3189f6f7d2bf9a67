"""The look of all pages: the territory's colour and logo."""

from __future__ import annotations

from base64 import b64encode

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Refused
from services.contracts.rpc import GetTheme, SetTheme
from services.portal.display.theme import shown_as
from services.portal.web.forms import FieldError, form_of
from services.portal.web.pages import ask, go, sentences, show, words_of


async def look(request: Request) -> Response:
    """What was chosen."""
    return await _page(request)


async def set_look(request: Request) -> Response:
    """Keep a colour and a logo, or go back to ours."""
    form, _ = form_of(request), words_of(request)
    if form.text("action") == "remove":
        await ask(request, SetTheme("", ""))
        return go(request, "look", _("Les pages ont repris leur apparence d’origine."))
    file = await form.file("logo")
    try:
        await ask(request, SetTheme(form.text("colour"), b64encode(file[1]).decode() if file else None))
    except Refused as refusal:
        errors = sentences(request, refusal, lambda problem: "colour" if problem.code == "bad_colour" else "logo")
        return await _page(request, errors, form.text("colour"))
    return go(
        request, "look", _("La nouvelle apparence est enregistrée. Toutes les pages la montrent en cinq minutes.")
    )


async def _page(request: Request, errors: list[FieldError] | None = None, typed: str | None = None) -> Response:
    theme = await ask(request, GetTheme())
    return show(
        request,
        "organiser/look.html",
        422 if errors else 200,
        errors or (),
        theme=theme,
        colour=theme.colour if typed is None else typed,
        shown=shown_as(theme.colour) if theme.colour else "",
    )
