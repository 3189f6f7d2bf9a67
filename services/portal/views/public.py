"""Pages for everyone: what this is, and the papers."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from services.portal.web.pages import show


async def home(request: Request) -> Response:
    """What this is, and where to go."""
    return show(request, "home.html")


async def accessibility(request: Request) -> Response:
    """Statement of accessibility."""
    return show(request, "accessibility.html")


async def legal(request: Request) -> Response:
    """Who publishes this site."""
    return show(request, "legal.html")


async def privacy(request: Request) -> Response:
    """What is kept about people, and why."""
    return show(request, "privacy.html", terms=request.app.state.settings)


async def site_map(request: Request) -> Response:
    """Where everything is."""
    return show(request, "site_map.html")


async def robots(request: Request) -> Response:
    """Ask search engines to stay outside."""
    return PlainTextResponse("User-agent: *\nDisallow: /\n")
