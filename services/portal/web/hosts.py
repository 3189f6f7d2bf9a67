"""Several organisations behind one door: the host name of an address says whose it is."""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from services.kit.i18n import N_
from services.portal.web.visit import PROTECTION
from services.portal.web.words import Words, language_of

NOBODY = N_("Aucune Quinzaine ne répond à cette adresse : reprenez le lien que vous avez reçu.")
PORT = re.compile(r":\d+$")


class ByHost:
    """Hands each request to the application that answers at its host name; any other is misdirected (421).

    RFC 9110 15.5.20. ``/livez`` answers at every name: a probe knows this process, not its organisations.
    """

    def __init__(self, applications: Mapping[str, ASGIApp]) -> None:
        self._applications = applications
        self._first = next(iter(applications.values()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        application = self._asked_of(scope) if scope["type"] == "http" else self._first
        await application(scope, receive, send)

    def _asked_of(self, scope: Scope) -> ASGIApp:
        headers = Headers(scope=scope)
        name = PORT.sub("", headers.get("host", "")).lower()
        return self._applications.get(name) or (self._first if scope["path"] == "/livez" else _nobody(headers))


def _nobody(headers: Headers) -> ASGIApp:
    words = Words(language_of(None, None, headers.get("accept-language", "")))
    return PlainTextResponse(words(NOBODY) + "\n", 421, PROTECTION)
