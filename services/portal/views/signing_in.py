"""The door of the people who organise: a link by mail, or a password; then a code, where a device gives them."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.contracts.errors import Refused
from services.contracts.rpc import (
    Admission,
    AskSignInLink,
    EndSignIns,
    GiveCode,
    SignInByLink,
    SignInByPassword,
)
from services.kit.links import token_hash
from services.portal.web import auth, roles
from services.portal.web.devices import device_of
from services.portal.web.forms import FieldError, form_of
from services.portal.web.pages import ask, go, sentences, show, words_of


async def sign_in(request: Request) -> Response:
    """The ways in."""
    return _door(request, request.query_params.get("suite", ""))


async def do_sign_in(request: Request) -> Response:
    """Mail a link, or check a password. A visitor who asks too much has to wait, whoever the address belongs to."""
    form = form_of(request)
    target, email = _inside(form.text("suite")), form.text("email", 254)
    throttle: auth.Throttle = request.app.state.throttle
    if seconds := throttle.wait(_visitor(request)):
        return _wait(request, seconds, lambda status, error: _door(request, target, email, status, error))
    by_link = form.text("way") == "link"
    if not email:
        _ = words_of(request)
        missing = FieldError(_("Écrivez votre adresse de courriel."), "email" if by_link else "username")
        return _door(request, target, "", 422, missing)
    if by_link:
        throttle.failed(_visitor(request))
        await ask(request, AskSignInLink(email))
        return show(request, "sign_in_sent.html", email=email)
    token = roles.new_token()
    admission = await ask(
        request, SignInByPassword(email, form.whole("password"), token_hash(token), device_of(request))
    )
    if admission.state == "wrong":
        throttle.failed(_visitor(request))
        _ = words_of(request)
        sentence = _("L’adresse ou le mot de passe n’est pas le bon. Vérifiez-les et recommencez.")
        return _door(request, target, email, 401, FieldError(sentence, "password"))
    if admission.state == "wait":
        return _wait(request, admission.seconds, lambda status, error: _door(request, target, email, status, error))
    return _enter(request, admission, token, target)


async def link(request: Request) -> Response:
    """Show the button that uses a link up: programs that look at mails open pages, but press no button."""
    return show(request, "sign_in_link.html", link=request.path_params["token"])


async def use_link(request: Request) -> Response:
    """Sign in by the link."""
    token = roles.new_token()
    used = SignInByLink(token_hash(request.path_params["token"]), token_hash(token), device_of(request))
    try:
        admission = await ask(request, used)
    except Refused as refusal:
        return _door(request, "", "", 410, sentences(request, refusal)[0])
    return _enter(request, admission, token, "")


async def code(request: Request) -> Response:
    """Ask for the code."""
    if not _waits_for_code(request):
        return go(request, "sign_in")
    return show(request, "sign_in_code.html", target=_inside(request.query_params.get("suite", "")))


async def give_code(request: Request) -> Response:
    """Check the code."""
    if not _waits_for_code(request):
        return go(request, "sign_in")
    form, _ = form_of(request), words_of(request)
    target, token = _inside(form.text("suite")), roles.new_token()
    admission = await ask(request, GiveCode(roles.sign_in_id(request), form.text("code", 40), token_hash(token)))
    if admission.state == "in":
        return _enter(request, admission, token, target)

    def again(status: int, error: FieldError) -> Response:
        return show(request, "sign_in_code.html", status, (error,), target=target)

    if admission.state == "wait":
        return _wait(request, admission.seconds, again)
    sentence = _("Ce code n’est pas le bon, ou il a déjà servi. Attendez le suivant et recommencez.")
    return again(401, FieldError(sentence, "code"))


async def sign_out(request: Request) -> Response:
    """Forget everything this browser had opened, here and in the house."""
    _ = words_of(request)
    found = request.state.signed_in
    if found:
        await ask(request, EndSignIns(found.account.id, (roles.sign_in_id(request),)))
    auth.sign_out(request)
    return go(request, "home", done=_("Vous êtes déconnecté."))


def _enter(request: Request, admission: Admission, token: str, target: str) -> Response:
    roles.keep_token(request, token)
    if admission.state == "code":
        return go(request, "code", query=f"?suite={quote(_inside(target))}")
    return RedirectResponse(_inside(target), status_code=303)


def _door(request: Request, target: str, email: str = "", status: int = 200, *errors: FieldError) -> Response:
    return show(request, "sign_in.html", status, errors, target=_inside(target), email=email)


def _wait(request: Request, seconds: int, again: Callable[[int, FieldError], Response]) -> Response:
    _ = words_of(request)
    page = again(429, FieldError(_("Trop d’essais. Recommencez dans {n} secondes.", n=seconds)))
    page.headers["Retry-After"] = str(seconds)
    return page


def _waits_for_code(request: Request) -> bool:
    found = request.state.signed_in
    return found is not None and found.waits


def _visitor(request: Request) -> str:
    return request.client.host if request.client else ""


def _inside(target: str) -> str:
    """Return where to go after signing in: one of the organiser's pages, never another site."""
    allowed = target == "/organisateur" or target.startswith("/organisateur/")
    return target if allowed and "\\" not in target and target.isprintable() else "/organisateur"
