"""The people who organise: invite, give a role, let in no more."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Problem, Refused
from services.contracts.rpc import ChangeAccount, InviteAccount, ListAccounts
from services.contracts.values import ROLES, Role
from services.portal.web.forms import FieldError, Form, form_of
from services.portal.web.pages import ask, go, sentences, show, words_of

FIELDS = {"account_known": "email", "address_wrong": "email", "account_name": "name"}


async def accounts(request: Request) -> Response:
    """Who organises, and who is invited next."""
    return await _show(request)


async def invite(request: Request) -> Response:
    """Make an account and mail its person a link."""
    form, _ = form_of(request), words_of(request)
    email, name = form.text("email", 254), form.text("name", 80)
    invitation = InviteAccount(secrets.token_hex(8), email, name, _role(form), _language(form))
    try:
        await ask(request, invitation)
    except Refused as refusal:
        return await _show(request, sentences(request, refusal, _field_of), email, name)
    return go(request, "accounts", _("L’invitation est partie pour {email}.", email=email))


async def change(request: Request) -> Response:
    """Give a role, let in or not, or forget a lost device."""
    form, _ = form_of(request), words_of(request)
    action = form.text("action")
    known = {account.id: account for account in await ask(request, ListAccounts())}
    person = known.get(form.text("account"))
    if person is None or action not in ("role", "disable", "enable", "drop_codes"):
        raise HTTPException(400)
    disabled = action == "disable" or (action != "enable" and person.disabled_at is not None)
    role = _role(form) if action == "role" else person.role
    try:
        await ask(request, ChangeAccount(person.id, role, disabled, drop_codes=action == "drop_codes"))
    except Refused as refusal:
        return await _show(request, sentences(request, refusal))
    return go(request, "accounts", _("C’est fait pour {name} : ses connexions sont fermées partout.", name=person.name))


async def _show(request: Request, errors: Sequence[FieldError] = (), email: str = "", name: str = "") -> Response:
    people = await ask(request, ListAccounts())
    typed = {"email": email, "name": name}
    return show(request, "organiser/accounts.html", 422 if errors else 200, errors, people=people, typed=typed)


def _role(form: Form) -> Role:
    """Return the role chosen. Raises HTTPException (400) for what the form does not offer."""
    for role in ROLES:
        if role == form.text("role"):
            return role
    raise HTTPException(400)


def _language(form: Form) -> str:
    return "en" if form.text("language") == "en" else "fr"


def _field_of(problem: Problem) -> str:
    return FIELDS.get(problem.code, "")
