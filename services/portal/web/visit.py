"""What surrounds every request: its trace, its language, the headers that protect the page, one line in the log."""

from __future__ import annotations

import logging
import re
import uuid
from time import monotonic

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.kit.i18n import LANGUAGES
from services.kit.rpc import ACTOR
from services.kit.settings import Settings
from services.portal.web.auth import cookie_name
from services.portal.web.words import Words, language_of

log = logging.getLogger("services.portal.access")

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Our own files and nothing else: no inline script or style, no other site, never inside another page."""

PROTECTION = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
ONE_YEAR = 365 * 24 * 3600


def protection(settings: Settings) -> dict[str, str]:
    """Return the headers of every answer; over https, browsers are told to stay there."""
    if settings.base_url.startswith("https:"):
        return PROTECTION | {"Strict-Transport-Security": f"max-age={ONE_YEAR}; includeSubDomains"}
    return PROTECTION


class Visit:
    """ASGI middleware around the whole portal."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._protection = protection(settings)
        self._language_cookie = cookie_name(settings, "lang")
        self._secure = "; secure" if settings.base_url.startswith("https:") else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        ACTOR.set("")
        _drop_refused_gzip(MutableHeaders(scope=scope))
        request = Request(scope)
        asked = request.query_params.get("lang")
        language = language_of(
            asked, request.cookies.get(self._language_cookie), request.headers.get("accept-language", "")
        )
        request.state.words, request.state.traceid = Words(language), uuid.uuid4().hex
        began, answered = monotonic(), 500

        async def send_protected(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = message["status"]
                self._protect(MutableHeaders(scope=message), asked)
            await send(message)

        try:
            await self._app(scope, receive, send_protected)
        finally:
            _note(scope, request.state.traceid, answered, monotonic() - began)

    def _protect(self, headers: MutableHeaders, asked: str | None) -> None:
        for name, value in self._protection.items():
            headers.setdefault(name, value)
        if asked in LANGUAGES:
            flags = f"path=/; Max-Age={ONE_YEAR}; httponly; samesite=lax{self._secure}"
            headers.append("Set-Cookie", f"{self._language_cookie}={asked}; {flags}")


def speak(request: Request, language: str) -> None:
    """Answer in a language, unless the visitor has chosen one with this browser."""
    chosen = (request.query_params.get("lang"), request.cookies.get(cookie_name(request.app.state.settings, "lang")))
    if language in LANGUAGES and not set(chosen) & set(LANGUAGES):
        request.state.words = Words(language)


def _drop_refused_gzip(headers: MutableHeaders) -> None:
    """Let only those name gzip who take it: what compresses answers looks for the word alone (RFC 9110 12.4.2)."""
    if re.search(r"gzip\s*;\s*q=0(\.0*)?\s*(,|$)", headers.get("accept-encoding", ""), re.IGNORECASE):
        del headers["accept-encoding"]


def _note(scope: Scope, traceid: str, status: int, seconds: float) -> None:
    """Log the pattern of the route, never the path: paths hold tokens and names."""
    route = getattr(scope.get("route"), "path", "(none)")
    log.info("%s %s %d %.0f ms trace=%s", scope["method"], route, status, seconds * 1000, traceid)
