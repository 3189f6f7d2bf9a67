"""Pages for everyone: what this is, the papers, and the organiser's way in."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from services.portal.web import auth
from services.portal.web.forms import FieldError, form_of
from services.portal.web.pages import go, show, words_of


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


async def sign_in(request: Request) -> Response:
    """The organiser's door."""
    return show(request, "sign_in.html", target=_inside(request.query_params.get("suite", "")))


async def do_sign_in(request: Request) -> Response:
    """Check the password; after too many failures, this address has to wait."""
    form, _ = form_of(request), words_of(request)
    target = _inside(form.text("suite"))
    address = request.client.host if request.client else ""
    throttle: auth.Throttle = request.app.state.throttle
    if seconds := throttle.wait(address):
        error = FieldError(_("Trop d’essais. Recommencez dans {n} secondes.", n=seconds))
        page = show(request, "sign_in.html", 429, (error,), target=target)
        page.headers["Retry-After"] = str(seconds)
        return page
    if not auth.password_is(request.app.state.settings, form.whole("password")):
        throttle.failed(address)
        error = FieldError(_("Ce mot de passe n’est pas le bon. Vérifiez les majuscules et recommencez."), "password")
        return show(request, "sign_in.html", 401, (error,), target=target)
    auth.sign_in(request)
    return RedirectResponse(target, status_code=303)


async def sign_out(request: Request) -> Response:
    """Forget everything this browser had opened."""
    _ = words_of(request)
    auth.sign_out(request)
    return go(request, "home", done=_("Vous êtes déconnecté."))


def _inside(target: str) -> str:
    """Return where to go after signing in: one of the organiser's pages, never another site."""
    allowed = target == "/organisateur" or target.startswith("/organisateur/")
    return target if allowed and "\\" not in target and target.isprintable() else "/organisateur"
