"""The territory's style sheet and logo: the same address on every page, whatever was chosen."""

from __future__ import annotations

from base64 import b64decode
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Unavailable
from services.contracts.rpc import GetTheme, Theme
from services.portal.display.theme import style_of
from services.portal.web.pages import HERE, ask

KEPT = "public, max-age=300"
"""Five minutes: what was chosen is seen soon, and pages do not ask for it each time."""
_ICON = (HERE / "static" / "icon.svg").read_bytes()


async def style(request: Request) -> Response:
    """The territory's colour; nothing where none was chosen."""
    theme = await _theme(request)
    return _kept(style_of(theme.colour) if theme else "", "text/css", theme)


async def logo(request: Request) -> Response:
    """The territory's logo; ours where none was chosen."""
    theme = await _theme(request)
    if theme and theme.logo:
        return _kept(b64decode(theme.logo), theme.logo_type, theme)
    return _kept(_ICON, "image/svg+xml", theme)


async def _theme(request: Request) -> Theme | None:
    """Return the look; None while it cannot be asked for: pages have to be readable all the same."""
    with suppress(Unavailable):
        theme: Theme = await ask(request, GetTheme())
        return theme
    return None


def _kept(content: bytes | str, media_type: str, theme: Theme | None) -> Response:
    return Response(content, media_type=media_type, headers={"Cache-Control": KEPT} if theme else {})
