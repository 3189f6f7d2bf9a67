"""One's own account: name and language, password, device that gives codes, browsers signed in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Refused
from services.contracts.rpc import (
    ChangeOwnAccount,
    EndSignIns,
    ListSignIns,
    OfferCodes,
    SetPassword,
    StartCodes,
)
from services.kit.links import token_hash
from services.portal.files.paper import qr_code
from services.portal.web import roles
from services.portal.web.forms import FieldError, form_of
from services.portal.web.pages import ask, go, sentences, show, words_of


async def account(request: Request) -> Response:
    """All of it on one page."""
    return await _show(request)


async def change(request: Request) -> Response:
    """Set name and language."""
    form, _ = form_of(request), words_of(request)
    language = "en" if form.text("language") == "en" else "fr"
    try:
        await ask(request, ChangeOwnAccount(roles.myself(request).id, form.text("name", 80), language))
    except Refused as refusal:
        return await _show(request, sentences(request, refusal, lambda problem: "name"))
    return go(request, "account", _("C’est enregistré."), query=f"?lang={language}")


async def set_password(request: Request) -> Response:
    """Set the password; every other browser is signed out."""
    form, _, token = form_of(request), words_of(request), roles.new_token()
    change = SetPassword(
        roles.sign_in_id(request), form.whole("current")[:500], form.whole("password")[:500], token_hash(token)
    )
    try:
        admission = await ask(request, change)
    except Refused as refusal:
        return await _show(request, sentences(request, refusal, lambda problem: "password"))
    if admission.state == "wait":
        sentence = _("Trop d’essais. Recommencez dans {n} secondes.", n=admission.seconds)
        return await _show(request, [FieldError(sentence, "current")])
    if admission.state == "wrong":
        sentence = _("Ce n’est pas votre mot de passe actuel. Rien n’a été changé.")
        return await _show(request, [FieldError(sentence, "current")])
    roles.keep_token(request, token)
    return go(request, "account", _("Le mot de passe est enregistré. Vos autres appareils sont déconnectés."))


async def start_codes(request: Request) -> Response:
    """Show the device on offer, then take it into use once it has given a code."""
    form, typed = form_of(request), form_of(request).text("code", 40)
    if form.text("action") != "start":
        return await _offer(request)
    try:
        recovery = await ask(request, StartCodes(roles.sign_in_id(request), typed))
    except Refused as refusal:
        return await _offer(request, sentences(request, refusal, lambda problem: "code"))
    return show(request, "organiser/recovery.html", codes=["-".join(_fours(code)) for code in recovery])


async def end_sign_ins(request: Request) -> Response:
    """Sign out one browser, or all."""
    form, _, mine = form_of(request), words_of(request), roles.myself(request).id
    chosen = form.text("id", 64)
    await ask(request, EndSignIns(mine, (chosen,) if chosen else None))
    return go(request, "account" if chosen else "sign_in", _("C’est fait : la connexion est fermée."))


async def _offer(request: Request, errors: Sequence[FieldError] = ()) -> Response:
    secret = await ask(request, OfferCodes(roles.sign_in_id(request)))
    label = quote(f"Quinzaine:{roles.myself(request).email}")
    address = f"otpauth://totp/{label}?secret={secret}&issuer=Quinzaine"
    context: dict[str, Any] = {"qr": qr_code(address), "secret": " ".join(_fours(secret)), "address": address}
    return show(request, "organiser/codes.html", 422 if errors else 200, errors, **context)


async def _show(request: Request, errors: Sequence[FieldError] = ()) -> Response:
    mine = roles.myself(request)
    found = await ask(request, ListSignIns(mine.id))
    context: dict[str, Any] = {"mine": mine, "sign_ins": found, "here": roles.sign_in_id(request)}
    context["codes_first"] = "codes" in request.query_params and not mine.has_codes
    return show(request, "organiser/account.html", 422 if errors else 200, errors, **context)


def _fours(text: str) -> list[str]:
    return [text[start : start + 4] for start in range(0, len(text), 4)]
