"""What became of a session, as a form: the same for a provider on its page and for the organiser."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import cast, get_args

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Refused
from services.contracts.outcomes import CancelledBy, OutcomeState
from services.contracts.rpc import RecordOutcome
from services.portal.web.forms import FieldError, Form, form_of
from services.portal.web.pages import ask, sentences, words_of

FIELDS = {"outcome_pupils": "pupils", "outcome_minutes": "minutes", "outcome_cancelled_by": "by"}
"""The field of the form that a refusal is about."""


@dataclass(frozen=True)
class Typed:
    """What was typed of one session and not taken, and what is wrong with it."""

    errors: Sequence[FieldError] = ()
    session: str = ""
    fields: dict[str, str] = field(default_factory=dict)


Again = Callable[[Request, Typed], Awaitable[Response]]
"""Shows the page again with what was typed."""


async def record(request: Request, edition_id: str, provider_id: str, again: Again, done: Response) -> Response:
    """Keep what became of a session."""
    form, _ = form_of(request), words_of(request)
    session = form.text("session")
    fields = {name: form.text(name) for name in ("state", "pupils", "minutes", "by", "published")}
    if fields["state"] not in get_args(OutcomeState):
        error = FieldError(_("Dites ce qu’est devenue la séance : tenue, écourtée ou annulée."), f"state-{session}")
        return await again(request, Typed((error,), session, fields))
    try:
        await ask(request, _told(form, fields, edition_id, provider_id))
    except Refused as refusal:
        wrong = sentences(request, refusal, lambda problem: f"{FIELDS.get(problem.code, 'state')}-{session}")
        return await again(request, Typed(wrong, session, fields))
    request.session["done"] = _("C’est noté.")
    return done


def _told(form: Form, fields: dict[str, str], edition_id: str, provider_id: str) -> RecordOutcome:
    return RecordOutcome(
        edition_id,
        form.text("session"),
        _instant(form.text("start")),
        cast(OutcomeState, fields["state"]),
        _count(fields["pupils"]),
        _count(fields["minutes"]),
        next((who for who in get_args(CancelledBy) if who == fields["by"]), None),
        bool(fields["published"]),
        provider_id,
    )


def _count(text: str) -> int:
    """Return a number as typed; 0, which is refused with a sentence, for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _instant(text: str) -> dt.datetime:
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        raise HTTPException(400) from None
    if at.tzinfo is None:
        raise HTTPException(400)
    return at
