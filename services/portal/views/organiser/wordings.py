"""The words of mails: each kind's own page with its fields, tried before they are used."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from dataclasses import fields

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Problem, Refused
from services.contracts.rpc import ListWordings, MailWords, PreviewWording, SaveWording, Wording
from services.kit.i18n import LANGUAGES
from services.portal.mail.letters import Letter, html_page, read_letter
from services.portal.views.organiser.editions import edition_of
from services.portal.web.forms import FieldError, form_of
from services.portal.web.pages import ask, go, sentences, show, words_of


async def wordings(request: Request) -> Response:
    """The words of one kind of mail in one language, and the list of the others."""
    return await _show(request)


async def change(request: Request) -> Response:
    """Try words on a real mail, use them, or go back to the usual ones."""
    form, _, id_ = form_of(request), words_of(request), request.path_params["edition"]
    kind, language, action = form.text("kind"), _language(form.text("language")), form.text("action")
    typed = MailWords(**{f.name: form.text(f.name, 5000) for f in fields(MailWords)})
    try:
        if action in ("preview", "html"):
            raw = await ask(request, PreviewWording(id_, kind, language, typed))
            letter = read_letter(base64.b64decode(raw))
            return html_page(letter.html) if action == "html" else await _show(request, typed, letter=letter)
        await ask(request, SaveWording(id_, kind, language, None if action == "reset" else typed))
    except Refused as refusal:
        return await _show(request, typed, sentences(request, refusal, _field))
    done = _("Les mots habituels sont rétablis.") if action == "reset" else _("Les prochains courriels diront cela.")
    back = go(request, "wordings", done, edition=id_)
    back.headers["location"] += f"?genre={kind}&langue={language}"
    return back


async def _show(
    request: Request, typed: MailWords | None = None, errors: Sequence[FieldError] = (), letter: Letter | None = None
) -> Response:
    asked = form_of(request) if typed else None
    kind = asked.text("kind") if asked else request.query_params.get("genre", "invitation")
    language = _language(asked.text("language") if asked else request.query_params.get("langue", ""))
    edition, known = await asyncio.gather(
        edition_of(request), ask(request, ListWordings(request.path_params["edition"], language))
    )
    chosen: Wording | None = next((wording for wording in known if wording.kind == kind), None)
    if chosen is None:
        raise HTTPException(404)
    return show(
        request,
        "organiser/wordings.html",
        422 if errors else 200,
        errors,
        edition=edition,
        known=known,
        chosen=chosen,
        said=typed or chosen.words,
        letter=letter,
        languages=LANGUAGES,
    )


def _language(text: str) -> str:
    return text if text in LANGUAGES else "fr"


def _field(problem: Problem) -> str:
    return problem.facts.get("field", "")
