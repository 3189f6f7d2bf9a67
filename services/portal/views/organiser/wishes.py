"""Other slots that schools wish for: accepted with the plan that gives them, or refused with a sentence."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Refused
from services.contracts.rpc import ListWishes, MoveSession, SettleWish
from services.portal.views.organiser.asking import show_answers
from services.portal.web.forms import FieldError, form_of
from services.portal.web.pages import ask, go, sentences, words_of


async def settle(request: Request) -> Response:
    """Decide about one wish."""
    form, _, id_ = form_of(request), words_of(request), request.path_params["edition"]
    school, session, words = form.text("school"), form.text("session"), form.text("words")
    if form.text("action") == "accept":
        return await _accept(request, id_, school, session)
    if not words:
        error = FieldError(_("Dites à l’école en une phrase pourquoi ce n’est pas possible."), f"words-{session}")
        return await show_answers(request, [error])
    try:
        await ask(request, SettleWish(id_, school, session, "refuse", words))
    except Refused as refusal:
        return await show_answers(request, sentences(request, refusal))
    done = _("C’est noté : l’école lit votre réponse sur sa page et dans un seul courriel pour toutes ses demandes.")
    return go(request, "asking", done, edition=id_)


async def _accept(request: Request, id_: str, school: str, session: str) -> Response:
    """Make the plan first: a wish is accepted only when there is one."""
    _ = words_of(request)
    wishes = await ask(request, ListWishes(id_))
    wished = [one.wish.alternative for one in wishes if (one.school_id, one.wish.session_id) == (school, session)]
    if not wished:
        return go(request, "asking", _("Cette demande n’existe plus."), edition=id_)
    try:
        proposal = await ask(request, MoveSession(id_, session, wished[0].half_day))
        await ask(request, SettleWish(id_, school, session, "accept"))
    except Refused as refusal:
        return await show_answers(request, sentences(request, refusal))
    done = _("Le plan qui déplace la séance est prêt : relisez-le, puis publiez-le.")
    return go(request, "proposal", done, edition=id_, proposal=proposal)
