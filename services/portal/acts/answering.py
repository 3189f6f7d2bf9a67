"""A school's answers as forms: the same on the school's own page and where the organiser types a telephone call."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import get_args

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Problem, Refused
from services.contracts.rpc import (
    AnswerPlace,
    ConfirmSlots,
    DeclineSlot,
    PlaceWord,
    SchoolPage,
    SchoolScope,
    UndoAnswer,
)
from services.contracts.values import MOST_PUPILS, AnsweredBy
from services.kit.i18n import N_
from services.portal.web.forms import FieldError, Form, form_of
from services.portal.web.pages import ask, sentences, words_of

_NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)

PLACE_WORDS = {
    "accept": N_("C’est noté : la place est à vous."),
    "give_up": N_("C’est noté : ce groupe laisse sa place."),
    "ask": N_("C’est noté : la demande est enregistrée."),
}
"""What is said after each answer about a place."""


@dataclass(frozen=True)
class Typed:
    """What was typed and not taken: head counts and reasons by session, and what is wrong with them.

    ``named``: a reason seems to name pupils, and whoever typed it may say that it does not.
    """

    errors: Sequence[FieldError] = ()
    pupils: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    named: bool = False


Again = Callable[[Request, Typed], Awaitable[Response]]
"""Shows the page again with what was typed."""

Done = Callable[[Request, str], Response]
"""Leads on after an answer was taken, with a word about it."""


async def confirm(request: Request, scope: SchoolScope, by: AnsweredBy, again: Again, done: Done) -> Response:
    """Confirm the sessions whose head count was typed, all at once."""
    form, _ = form_of(request), words_of(request)
    pupils = {session: text for session, text in form.starting("pupils-").items() if text}
    errors = [*foreign(request, form, scope), *_head_count_errors(request, pupils)]
    if not pupils:
        errors.append(FieldError(_("Indiquez le nombre d’élèves attendus pour chaque séance que vous confirmez.")))
    if errors:
        return await again(request, Typed(errors, pupils))
    counts = {session: int(text) for session, text in pupils.items()}
    where = (scope.edition_id, scope.school_id, release_of(form))
    answer = ConfirmSlots(*where, counts, form.text("key"), by, _seen_in(form))
    try:
        await ask(request, answer)
    except Refused as refusal:
        errors = sentences(request, refusal, lambda problem: _session_field("pupils", problem))
        return await again(request, Typed(errors, pupils))
    said = _.plural(
        "C’est noté : {n} séance confirmée. Merci !", "C’est noté : {n} séances confirmées. Merci !", len(counts)
    )
    return done(request, said)


async def decline(request: Request, scope: SchoolScope, by: AnsweredBy, again: Again, done: Done) -> Response:
    """Decline one session, with the reason."""
    form, _ = form_of(request), words_of(request)
    session, reason = form.text("session"), form.text("reason")
    errors = foreign(request, form, scope)
    if not reason:
        errors.append(FieldError(_("Dites en quelques mots pourquoi vous refusez cette séance."), f"reason-{session}"))
    if errors:
        return await again(request, Typed(errors, reasons={session: reason}))
    where = (scope.edition_id, scope.school_id, release_of(form), session)
    try:
        await ask(request, DeclineSlot(*where, reason, form.text("key"), by, no_names(form), _seen_in(form)))
    except Refused as refusal:
        errors = sentences(request, refusal, lambda problem: _session_field("reason", problem))
        return await again(request, Typed(errors, reasons={session: reason}, named=seems_to_name(refusal)))
    return done(request, _("C’est noté : la séance est refusée et l’organisateur est prévenu."))


async def undo(request: Request, scope: SchoolScope, by: AnsweredBy, again: Again, done: Done) -> Response:
    """Take back the answer to one session."""
    form, _ = form_of(request), words_of(request)
    errors = foreign(request, form, scope)
    if errors:
        return await again(request, Typed(errors))
    where = (scope.edition_id, scope.school_id, release_of(form), form.text("session"))
    answer = UndoAnswer(*where, form.text("key"), by, _seen_in(form))
    try:
        await ask(request, answer)
    except Refused as refusal:
        return await again(request, Typed(sentences(request, refusal)))
    return done(request, _("La réponse est annulée : la séance attend de nouveau une réponse."))


async def place(request: Request, scope: SchoolScope, by: AnsweredBy, again: Again, done: Done) -> Response:
    """Accept, give up or ask for the place of a group; the head count shows that a person answers."""
    form, _ = form_of(request), words_of(request)
    group, pupils = form.text("group"), form.text("pupils")
    word = next((word for word in get_args(PlaceWord) if word == form.text("word")), None)
    errors = [*foreign(request, form, scope), *_head_count_errors(request, {group: pupils}, "place-")]
    if word is None:
        errors.append(FieldError(_("Choisissez ce que devient la place de ce groupe."), f"place-{group}"))
    if errors or word is None:
        return await again(request, Typed(errors, {group: pupils}))
    answer = AnswerPlace(scope.edition_id, scope.school_id, group, word, int(pupils), form.text("key"), by)
    try:
        await ask(request, answer)
    except Refused as refusal:
        errors = sentences(request, refusal, lambda problem: f"place-{group}")
        return await again(request, Typed(errors, {group: pupils}))
    return done(request, _.label(PLACE_WORDS, word))


def _session_field(name: str, problem: Problem) -> str:
    """Return the field of the session a problem is about; a session no longer offered, or answered, has none."""
    gone = problem.code in ("slot_withdrawn", "confirmed_meanwhile", "declined_meanwhile")
    return "" if gone or "session" not in problem.facts else f"{name}-{problem.facts['session']}"


def no_names(form: Form) -> bool:
    """Whether who typed a text says that it names no pupil."""
    return form.text("no-names") == "on"


def seems_to_name(refusal: Refused) -> bool:
    """Whether a text was refused because it seems to name pupils."""
    return any(problem.code == "looks_like_names" for problem in refusal.problems)


def foreign(request: Request, form: Form, scope: SchoolScope) -> list[FieldError]:
    """Refuse a form of another school: its link was opened in this browser after the page was shown."""
    _ = words_of(request)
    if form.text("school") == scope.school_id:
        return []
    return [FieldError(_("Vous avez ouvert entre-temps le lien d’une autre école : voici sa page."))]


def _head_count_errors(request: Request, pupils: dict[str, str], prefix: str = "pupils-") -> list[FieldError]:
    _ = words_of(request)
    sentence = _("Indiquez un nombre d’élèves de 1 à {limit}, en chiffres.", limit=MOST_PUPILS)
    return [
        FieldError(sentence, f"{prefix}{session}")
        for session, text in pupils.items()
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= MOST_PUPILS)
    ]


def seen_on(page: SchoolPage) -> str:
    """Return when the latest answer on a page was given, as its forms say it."""
    answers = [offer.answered_at for offer in page.offers if offer.answered_at]
    return max(answers, default=_NEVER).isoformat()


def _seen_in(form: Form) -> dt.datetime | None:
    """Return the latest answer that was on the page of a form; None when it does not say."""
    try:
        return dt.datetime.fromisoformat(form.text("seen")).astimezone(dt.timezone.utc)
    except (ValueError, OverflowError):
        return None


def release_of(form: Form) -> int:
    """Return the release a form was read on; 0 when it does not say."""
    text = form.text("release")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
