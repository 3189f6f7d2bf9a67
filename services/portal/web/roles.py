"""Who has signed in, and what their role opens.

The cookie holds a random token and the house its SHA-256. Whose it is is asked at every visit: a sign-in that is ended
is ended everywhere at once.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.contracts.errors import Refused, Unavailable
from services.contracts.rpc import Account, NoteSignIn, OpenSignIn, SignedIn
from services.contracts.values import ROLES, Role
from services.kit.links import token_hash
from services.kit.rpc import ACTOR
from services.portal.web.auth import View
from services.portal.web.visit import speak

Gate = Callable[[View], View]


# Gates --------------------------------------------------------------------------------------------------------


def anyone(view: View) -> View:
    """Let every visitor in, and know who has signed in."""

    async def gate(request: Request) -> Response:
        request.state.signed_in = None
        with suppress(Unavailable):
            if request.cookies:  # a program that reads feeds has none, and may keep what it gets
                await recognise(request)
        return await view(request)

    return gate


def at_least(role: Role) -> Gate:
    """Return the gate that lets in who has this role, or one that may do more; others sign in first."""

    def gate_of(view: View) -> View:
        async def gate(request: Request) -> Response:
            found = await recognise(request)
            if found is None or found.waits:
                return _to_the_door(request, "sign_in" if found is None else "code")
            if not may(found.account, role):
                raise HTTPException(403, role)
            if role == "administrator" and found.account.has_password and not found.account.has_codes:
                return RedirectResponse(f"{request.app.url_path_for('account')}?codes=1", status_code=303)
            return await view(request)

        gate.least = role  # type: ignore[attr-defined]
        return gate

    return gate_of


reader_only = at_least("reader")
organiser_only = at_least("organiser")
administrator_only = at_least("administrator")


def may(account: Account | None, role: Role) -> bool:
    """Whether a person may do what this role may."""
    return account is not None and ROLES.index(account.role) >= ROLES.index(role)


def least_role(endpoint: object) -> Role | None:
    """Return the role that a gate asks for; None: it asks for none."""
    return getattr(endpoint, "least", None)


def _to_the_door(request: Request, door: str) -> Response:
    target = quote(request.url.path if request.method == "GET" else "/organisateur")
    return RedirectResponse(f"{request.app.url_path_for(door)}?suite={target}", status_code=303)


# What a visit knows -------------------------------------------------------------------------------------------


async def recognise(request: Request) -> SignedIn | None:
    """Return who has signed in with this browser; None: nobody, or it is over. Raises Unavailable."""
    request.state.signed_in = None
    if "sign_in" not in request.session:
        return None
    ask, id_ = request.app.state.ask, sign_in_id(request)
    try:
        found: SignedIn = await ask(OpenSignIn(id_), request.state.traceid)
    except Refused:
        del request.session["sign_in"]
        return None
    if found.to_note:
        await ask(NoteSignIn(id_), request.state.traceid)
    request.state.signed_in = found
    if not found.waits:
        ACTOR.set(f"account:{found.account.id}")
        speak(request, found.account.language)
    return found


def account_of(request: Request) -> Account | None:
    """Return whose visit it is; None for who has not signed in, or not wholly."""
    found: SignedIn | None = getattr(request.state, "signed_in", None)
    return found.account if found and not found.waits else None


def myself(request: Request) -> Account:
    """Return whose visit it is, behind a gate that knows."""
    found: SignedIn = request.state.signed_in
    return found.account


def sign_in_id(request: Request) -> str:
    """Return what the house keeps of this browser's sign-in."""
    return token_hash(str(request.session.get("sign_in", "")))


def new_token() -> str:
    """Return the token of a new sign-in: 256 random bits."""
    return secrets.token_urlsafe(32)


def keep_token(request: Request, token: str) -> None:
    """Give this browser a sign-in, under a fresh CSRF token."""
    request.session.pop("csrf", None)
    request.session["sign_in"] = token
