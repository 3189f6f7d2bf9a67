"""How a view answers: a page in the visitor's language, a redirect, and what was done said on the next page."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import jinja2
from jinja2.ext import Extension
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.contracts import rpc
from services.contracts.errors import Problem, Refused
from services.contracts.values import PARIS, Role
from services.kit.i18n import HALVES
from services.portal.web import auth, labels, roles
from services.portal.web.forms import FieldError
from services.portal.web.words import Words

A = TypeVar("A")
HERE = Path(__file__).parents[1]


def _stamp() -> str:
    """Return a word that changes with the style sheet and script, so that browsers may keep them for ever."""
    files = sorted((HERE / "static").iterdir())
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:10]


FORM = re.compile(r"""<form method="post" action="\{\{ url\(['"](\w+)['"].*?</form>""", re.DOTALL)


class FormsByRole(Extension):
    """Shows a form to who may send it: the gate of its route says so, in one place."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Return a template with each form to a route under its condition."""
        return FORM.sub(lambda form: f"{{% if may_send('{form[1]}') %}}{form[0]}{{% endif %}}", source)


_templates = jinja2.Environment(
    extensions=[FormsByRole],
    loader=jinja2.FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals["stamp"] = _stamp()
_templates.globals.update(labels=labels, HALVES=HALVES, PARIS=PARIS)


async def ask(request: Request, question: rpc.Request[A]) -> A:
    """Send a request to its service, with the trace of this visit."""
    answer: A = await request.app.state.ask(question, request.state.traceid)
    return answer


async def answer_or_none(request: Request, question: rpc.Request[A]) -> A | None:
    """Send a request whose refusal is no news to the visitor, such as one about an edition still on its way."""
    try:
        return await ask(request, question)
    except Refused:
        return None


def words_of(request: Request) -> Words:
    """Return the words of this visit's language."""
    found: Words = request.state.words
    return found


def show(
    request: Request, template: str, status: int = 200, errors: Sequence[FieldError] = (), **context: Any
) -> HTMLResponse:
    """Render a page. ``errors`` become its summary, tied to their fields."""
    common = {
        "csrf": lambda: auth.csrf_token(request),
        "me": roles.account_of(request),
        "development_mailbox": request.app.state.mailbox is not None,
        "errors": tuple(errors),
        "error_on": defaultdict(str, {error.field: error.sentence for error in errors}),
        "done": request.session.pop("done", ""),
        "switch": _other_languages(request),
    }
    return HTMLResponse(document(request, template, **common | context), status)


def document(request: Request, template: str, **context: Any) -> str:
    """Render a template in the visitor's language."""
    _ = words_of(request)
    words_to_use = {"request": request, "_": _, "ngettext": _.plural, "url": request.app.url_path_for}
    me, state = roles.account_of(request), request.app.state
    words_to_use |= {"may": partial(roles.may, me), "house": state.settings.name or "Quinzaine"}
    words_to_use |= {"may_open": partial(_allowed, me, state.opens), "may_send": partial(_allowed, me, state.sends)}
    return _templates.get_template(template).render(words_to_use | context)


def _allowed(me: rpc.Account | None, least: dict[str, Role], route: str) -> bool:
    """Whether a role is enough for a route; most ask for none."""
    return route not in least or roles.may(me, least[route])


def go(request: Request, route: str, done: str = "", query: str = "", **parameters: str) -> RedirectResponse:
    """Send the visitor to a page (303: with GET); ``done`` is said there once. ``query``: what follows its path."""
    if done:
        request.session["done"] = done
    return RedirectResponse(str(request.app.url_path_for(route, **parameters)) + query, status_code=303)


def download(content: bytes | str, name: str, media_type: str) -> Response:
    """Answer with a file to keep. ``name`` is made of our own words: letters, digits, dashes, dots."""
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def sentences(
    request: Request, refusal: Refused, field_of: Callable[[Problem], str] = lambda problem: ""
) -> list[FieldError]:
    """Return a refusal as errors of a form. ``field_of``: the field a problem belongs to, empty for the whole form."""
    _ = words_of(request)
    return [FieldError(_.sentence(problem), field_of(problem)) for problem in refusal.problems]


def _other_languages(request: Request) -> list[tuple[str, str, str]]:
    names = {"fr": "Français", "en": "English"}
    here = request.url
    return [
        (language, name, "?" + here.include_query_params(lang=language).query)
        for language, name in names.items()
        if language != words_of(request).language
    ]
