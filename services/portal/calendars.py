"""The addresses under which a calendar can be subscribed to."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request


@dataclass(frozen=True)
class FeedAddresses:
    """``web``: to paste into a calendar; ``webcal``: opens the calendar of the device."""

    web: str
    webcal: str


def feed_addresses(request: Request, token: str) -> FeedAddresses:
    """Return the addresses of a feed under the public name of this house."""
    base = request.app.state.settings.base_url.rstrip("/")
    web = f"{base}{request.app.url_path_for('feed', token=token)}"
    return FeedAddresses(web, "webcal://" + web.split("://", 1)[1])


def page_address(request: Request, route: str, token: str) -> str:
    """Return the link that opens a school's or a provider's page; empty for a link that is closed."""
    base: str = request.app.state.settings.base_url.rstrip("/")
    return f"{base}{request.app.url_path_for(route, token=token)}" if token else ""
