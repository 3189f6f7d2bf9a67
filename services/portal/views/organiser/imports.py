"""Files that describe an edition and register its schools. A file with a fault changes nothing and stays on screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Refused
from services.contracts.rpc import ImportFile, ImportSchools, OpenEdition
from services.portal.forms import MAX_FILE, FieldError, Form, form_of
from services.portal.pages import ask, go, sentences, show, words_of
from services.portal.views.organiser.editions import edition_of

SHOWN = 40_000
"""Characters of a faulty file that are shown for mending; a longer one is mended where it comes from."""


@dataclass(frozen=True)
class Given:
    """A file as it was given: chosen on disk, or mended on screen."""

    name: str
    text: str
    flaw: Literal["", "too_large", "not_utf8"] = ""


async def new_edition(request: Request) -> Response:
    """Where a new edition begins."""
    return show(request, "organiser/new_edition.html", given=_shown({}))


async def open_edition(request: Request) -> Response:
    """Create an edition from its description, or replace its description."""
    _ = words_of(request)
    given = await _given(form_of(request), "edition", "edition.toml")
    errors = _missing(request, {"edition": given})
    if not errors and given:
        try:
            opened = await ask(request, OpenEdition(given.name, given.text))
        except Refused as refusal:
            errors = sentences(request, refusal, lambda problem: "edition")
        else:
            done = _("L’édition « {name} » est enregistrée.", name=opened.name)
            return go(request, "edition", done, edition=opened.id)
    return show(request, "organiser/new_edition.html", 422, errors, given=_shown({"edition": given}))


async def files(request: Request) -> Response:
    """Where schools and classes are imported."""
    return await _show_files(request)


async def import_schools(request: Request) -> Response:
    """Register schools and classes, or list every fault of the files and change nothing."""
    form, _ = form_of(request), words_of(request)
    given = {
        "schools": await _given(form, "schools", "schools.csv"),
        "classes": await _given(form, "classes", "classes.csv"),
    }
    errors = _missing(request, given)
    schools, classes = given["schools"], given["classes"]
    if errors or not schools or not classes:
        return await _show_files(request, errors, given)
    question = ImportSchools(
        request.path_params["edition"],
        ImportFile(schools.name, schools.text),
        ImportFile(classes.name, classes.text),
    )
    try:
        report = await ask(request, question)
    except Refused as refusal:
        fields = {schools.name: "schools", classes.name: "classes"}
        errors = sentences(request, refusal, lambda problem: fields.get(problem.file, ""))
        return await _show_files(request, errors, given)
    done = _(
        "Import terminé : {created} nouvelles écoles, {changed} modifiées, {unchanged} inchangées ; {groups} groupes.",
        created=report.created,
        changed=report.changed,
        unchanged=report.unchanged,
        groups=report.groups,
    )
    return go(request, "registrations", done, edition=request.path_params["edition"])


async def _show_files(
    request: Request, errors: Sequence[FieldError] = (), given: dict[str, Given | None] | None = None
) -> Response:
    edition = await edition_of(request)
    status = 422 if errors else 200
    return show(request, "organiser/import.html", status, errors, edition=edition, given=_shown(given or {}))


async def _given(form: Form, field: str, name: str) -> Given | None:
    """Return the file chosen, else the text on screen, else None."""
    if chosen := await form.file(field):
        return _read(*chosen)
    text = form.whole(f"{field}-text")
    return Given(form.text(f"{field}-name", 120) or name, text) if text.strip() else None


def _read(name: str, content: bytes) -> Given:
    if len(content) > MAX_FILE:
        return Given(name, "", "too_large")
    try:
        return Given(name, content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return Given(name, "", "not_utf8")


def _missing(request: Request, given: dict[str, Given | None]) -> list[FieldError]:
    _ = words_of(request)
    errors = []
    for field, file in given.items():
        if file is None:
            errors.append(FieldError(_("Choisissez un fichier."), field))
        elif file.flaw == "too_large":
            errors.append(FieldError(_("« {name} » dépasse 1 Mio.", name=file.name), field))
        elif file.flaw:
            sentence = _(
                "« {name} » n’est pas un texte en UTF-8 : enregistrez-le en UTF-8 et recommencez.", name=file.name
            )
            errors.append(FieldError(sentence, field))
    return errors


def _shown(given: dict[str, Given | None]) -> dict[str, Given | None]:
    """Return the files to mend on screen, by field of the form."""
    short = {field: file for field, file in given.items() if file and 0 < len(file.text) <= SHOWN}
    return {"edition": None, "schools": None, "classes": None, **short}
