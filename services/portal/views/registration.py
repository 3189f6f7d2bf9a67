"""A school registers by its link: one form, kept as a draft until it is sent, and corrected on the same page later."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Problem, Refused
from services.contracts.rpc import GetRegistrationForm, RegisterSchool, RegistrationForm, SaveDraft
from services.contracts.values import MOST_CLASSES
from services.kit.i18n import N_
from services.portal.web import auth
from services.portal.web.forms import FieldError, Form, form_of
from services.portal.web.pages import ask, go, show, words_of

CLASS_PARTS = {"name": N_("nom"), "level": N_("niveau"), "pupils": N_("élèves"), "in": N_("programmes")}
FIELDS = {
    "contact-name": N_("Nom et fonction"),
    "contact-email": N_("Adresse de courriel"),
    "contact-phone": N_("Téléphone"),
    "rooms": N_("Salles utilisables en même temps"),
    "sockets": N_("Des prises de courant près des tables ?"),
    "parking": N_("Où le camion peut-il stationner ?"),
    "access-needs": N_("Élèves ayant besoin d’un accès adapté"),
    "day-contact": N_("Qui ouvre le jour venu ?"),
    "day-phone": N_("Son téléphone"),
    "remarks": N_("Remarques"),
}
SPARE_CLASSES = 2
"""Empty lines offered below the classes there are; sending a draft offers as many again."""


async def form(request: Request) -> Response:
    """The form as the school left it."""
    scope = auth.school_of(request)
    return _show(request, await ask(request, GetRegistrationForm(scope.edition_id, scope.school_id)))


async def send(request: Request) -> Response:
    """Register the school, or keep a draft; a form with a fault keeps what was typed and registers nothing."""
    sent, _, scope = form_of(request), words_of(request), auth.school_of(request)
    if sent.text("school") != scope.school_id:
        return go(
            request, "registration_form", _("Vous avez ouvert entre-temps le lien d’une autre école : voici sa page.")
        )
    fields = _fields(sent)
    if sent.text("action") == "draft":
        await ask(request, SaveDraft(scope.edition_id, scope.school_id, fields))
        return go(request, "registration_form", _("Le brouillon est gardé. Il n’est pas encore envoyé."))
    where, before = (scope.edition_id, scope.school_id), sent.text("before") or None
    try:
        await ask(request, RegisterSchool(*where, fields, sent.text("key"), before))
    except Refused as refusal:
        kept = await ask(request, GetRegistrationForm(scope.edition_id, scope.school_id))
        return _show(request, replace(kept, fields=fields), _errors(request, refusal))
    return go(request, "school", _("Votre inscription est enregistrée. Vous pouvez la corriger à tout moment."))


def _fields(sent: Form) -> dict[str, str]:
    own = ("csrf", "key", "school", "action", "before")
    return {name: sent.text(name, 1000) for name in sent.names() if name not in own}


def _errors(request: Request, refusal: Refused) -> list[FieldError]:
    """Tie each problem to its field; the sentence begins with the field's label, as a summary stands far from it."""
    return [_error(request, problem) for problem in refusal.problems]


def _error(request: Request, problem: Problem) -> FieldError:
    _ = words_of(request)
    sentence = _.sentence(replace(problem, column="", value=""))
    label = f"{_label(request, problem.column)}{_(' : ')}" if problem.column else ""
    return FieldError(f"{label}{sentence}", problem.column)


def _label(request: Request, field: str) -> str:
    """Return the label of a field of the form."""
    _ = words_of(request)
    kind, _dash, rest = field.partition("-")
    if kind == "class":
        number, _dash, part = rest.partition("-")
        return _("Classe {n}", n=int(number) + 1) + ", " + _.label(CLASS_PARTS, part.split("-")[0])
    if kind == "hours":
        return _.weekday(int(rest))
    return _.label(FIELDS, field)


def _show(request: Request, kept: RegistrationForm, errors: Sequence[FieldError] = ()) -> Response:
    used = [
        i for i in range(MOST_CLASSES) if kept.fields.get(f"class-{i}-name") or kept.fields.get(f"class-{i}-pupils")
    ]
    lines = min(MOST_CLASSES, max(used, default=-1) + 1 + SPARE_CLASSES)
    return show(
        request,
        "registration_form.html",
        422 if errors else 200,
        errors,
        form=kept,
        lines=range(lines),
        off={(half_day.day, half_day.half) for half_day in kept.without_class},
        key=secrets.token_urlsafe(16),
    )
