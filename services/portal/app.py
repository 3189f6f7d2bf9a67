"""The web door: which address leads to which view, who may pass, and what is said when something is wrong."""

from __future__ import annotations

import logging
from functools import cached_property
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import URLPath
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from services.contracts.errors import Refused, Unavailable
from services.kit.rpc import Ask
from services.kit.settings import Settings
from services.portal.api.door import create_api
from services.portal.api.openapi import BASE
from services.portal.mail.mailbox import Mailbox
from services.portal.routes import all_routes, roles_asked
from services.portal.views.feeds import Readings
from services.portal.web import auth, pages
from services.portal.web.visit import Visit, protection

log = logging.getLogger(__name__)

RETRY_AFTER = "30"
"""Seconds after which a visitor may try again when a service does not answer."""
GZIPPED_ELSEWHERE = (*DEFAULT_EXCLUDED_CONTENT_TYPES, "text/calendar")
"""What is small already, and feeds, whose tag says whether they are compressed."""


class Portal(Starlette):
    """The application, which knows its routes by name: Starlette tries them one by one, and a page has many links."""

    @cached_property
    def _named(self) -> dict[str | None, Route | Mount]:
        return {route.name: route for route in self.routes if isinstance(route, (Route, Mount))}

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Return the address of a route. Raises KeyError for a name that no route has."""
        return self._named[name].url_path_for(name, **path_params)


def create_app(ask: Ask, settings: Settings, mailbox: Mailbox | None = None) -> Portal:
    """Build the portal. ``ask`` reaches the services; ``mailbox`` is given in development only."""
    app = Portal(
        routes=[
            *all_routes(with_mailbox=mailbox is not None),
            Mount(BASE, create_api(ask, settings.base_url), name="api"),
        ],
        middleware=[
            Middleware(Visit, settings=settings),
            Middleware(GZipMiddleware, minimum_size=1000, compresslevel=6, exclude_content_types=GZIPPED_ELSEWHERE),
            Middleware(
                SessionMiddleware,
                secret_key=auth.session_key(settings),
                session_cookie=auth.cookie_name(settings, "session"),
                max_age=auth.SESSION_HOURS * 3600,
                https_only=settings.base_url.startswith("https:"),
            ),
        ],
        exception_handlers={
            HTTPException: _http_error,
            Refused: _refused,
            Unavailable: _unavailable,
            Exception: _unexpected,
        },
    )
    app.state.ask = ask
    app.state.settings = settings
    app.state.mailbox = mailbox
    app.state.throttle = auth.Throttle()
    app.state.opens, app.state.sends = roles_asked(app.routes)
    app.state.readings = Readings()
    return app


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 (Starlette's handlers are typed loosely)
    page = pages.show(request, "error.html", error.status_code, code=error.status_code, reason=error.detail)
    page.headers.update(error.headers or {})
    return page


async def _refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refused)  # noqa: S101
    codes = {problem.code for problem in refusal.problems}
    status = 410 if codes == {"link_expired"} else 404 if all(code.startswith("unknown_") for code in codes) else 409
    return pages.show(request, "error.html", status, pages.sentences(request, refusal), code=status, reason="")


async def _unavailable(request: Request, error: Exception) -> Response:
    log.warning("a service did not answer: %s trace=%s", error, request.state.traceid)
    page = pages.show(request, "error.html", 503, code=503, reason="")
    page.headers["Retry-After"] = RETRY_AFTER
    return page


async def _unexpected(request: Request, error: Exception) -> Response:
    page = pages.show(request, "error.html", 500, code=500, reason="")
    page.headers.update(protection(request.app.state.settings))
    return page
