"""Who is visiting by a link: a school or a provider; who has signed in is known to ``roles``.

The session is one signed cookie. It names what was opened, by a link's hash, and holds no secret of ours.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Literal

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Refused
from services.contracts.rpc import OpenProviderLink, OpenSchoolLink, ProviderScope, SchoolScope
from services.kit.links import token, token_hash
from services.kit.rpc import ACTOR
from services.kit.settings import Settings

SESSION_HOURS = 12

View = Callable[[Request], Awaitable[Response]]
Kind = Literal["school", "provider"]


def session_key(settings: Settings) -> str:
    """Return the key that signs session cookies."""
    return token(settings.secret, "portal", "session")


def cookie_name(settings: Settings, name: str) -> str:
    """Return a cookie's name: ``__Host-`` binds it to this very host, which browsers allow over https only."""
    return f"__Host-{name}" if settings.base_url.startswith("https:") else name


# Gates --------------------------------------------------------------------------------------------------------


def school_only(view: View) -> View:
    """Let in who has opened a school's link, while it is valid."""
    return _scoped(view, "school")


def provider_only(view: View) -> View:
    """Let in who has opened a provider's link, while it is valid."""
    return _scoped(view, "provider")


def _scoped(view: View, kind: Kind) -> View:
    async def gate(request: Request) -> Response:
        link = request.session.get(kind)
        if not isinstance(link, str):
            raise HTTPException(403, kind)
        try:
            scope = request.state.scope = await _opened(request, kind, link)
        except Refused:
            del request.session[kind]
            raise
        ACTOR.set(f"{kind}:{scope.school_id if isinstance(scope, SchoolScope) else scope.provider_id}")
        return await view(request)

    return gate


# What a session knows -----------------------------------------------------------------------------------------


def sign_out(request: Request) -> None:
    """Forget everything this browser had opened."""
    request.session.clear()


async def open_link(request: Request, kind: Kind) -> None:
    """Exchange the link in the address for a cookie, which keeps its hash. Raises Refused when it opens nothing."""
    link = token_hash(request.path_params["token"])
    await _opened(request, kind, link)
    request.session[kind] = link


async def _opened(request: Request, kind: Kind, link: str) -> SchoolScope | ProviderScope:
    """Return what a link opens now; asked at every visit, so that a revoked link is closed everywhere at once."""
    question = OpenSchoolLink(link) if kind == "school" else OpenProviderLink(link)
    scope: SchoolScope | ProviderScope = await request.app.state.ask(question, request.state.traceid)
    return scope


def school_of(request: Request) -> SchoolScope:
    """Return the school whose link was opened; behind ``school_only`` there is one."""
    scope: SchoolScope = request.state.scope
    return scope


def provider_of(request: Request) -> ProviderScope:
    """Return the provider whose link was opened; behind ``provider_only`` there is one."""
    scope: ProviderScope = request.state.scope
    return scope


# CSRF ---------------------------------------------------------------------------------------------------------


def csrf_token(request: Request) -> str:
    """Return the session's token under a fresh mask, so that compressed pages do not betray it (BREACH)."""
    kept = base64.urlsafe_b64decode(request.session.setdefault("csrf", _new_csrf()))
    mask = secrets.token_bytes(len(kept))
    return base64.urlsafe_b64encode(mask + _xor(mask, kept)).decode()


def csrf_matches(request: Request, given: str) -> bool:
    """Whether a form carries the token of this session."""
    kept = base64.urlsafe_b64decode(request.session.get("csrf", ""))
    try:
        masked = base64.urlsafe_b64decode(given)
    except ValueError:
        return False
    half = len(masked) // 2
    return bool(kept) and hmac.compare_digest(_xor(masked[:half], masked[half:]), kept)


def _new_csrf() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(24)).decode()


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=False))


# Throttle -----------------------------------------------------------------------------------------------------


class Throttle:
    """Counts failures by address: after ``limit`` of them within ``window`` seconds, it is time to wait.

    Remembers the latest ``addresses`` only, so that a flood cannot fill the memory.
    """

    def __init__(
        self, limit: int = 5, window: float = 300.0, addresses: int = 10_000, clock: Callable[[], float] = monotonic
    ) -> None:
        self._limit, self._window, self._addresses, self._clock = limit, window, addresses, clock
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, address: str) -> int:
        """Return the seconds this address has to wait, 0 when it may try."""
        failures = self._recent(address)
        if len(failures) < self._limit:
            return 0
        return max(1, round(failures[0] + self._window - self._clock()))

    def failed(self, address: str) -> None:
        """Count a failure."""
        failures = self._recent(address)
        failures.append(self._clock())
        self._failures[address] = failures
        self._failures.move_to_end(address)
        while len(self._failures) > self._addresses:
            self._failures.popitem(last=False)

    def _recent(self, address: str) -> deque[float]:
        oldest = self._clock() - self._window
        return deque((at for at in self._failures.get(address, ()) if at > oldest), maxlen=self._limit)
