"""Files that describe an edition and register its schools. A file with a fault changes nothing and stays on screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import Refused
from services.contracts.rpc import (
    FileColumns,
    ImportColumns,
    ImportFile,
    ImportReport,
    ImportSchools,
    OpenEdition,
    ReadColumns,
)
from services.kit.i18n import N_
from services.portal.files.sheets import Unreadable, text_of
from services.portal.views.organiser.editions import edition_of
from services.portal.web.forms import MAX_FILE, FieldError, Form, form_of
from services.portal.web.pages import ask, go, sentences, show, words_of

SHOWN = 40_000
"""Characters of a faulty file that are shown for mending; a longer one is mended where it comes from."""


FLAWS = {
    "too_large": N_("« {name} » dépasse 1 Mio."),
    "not_text": N_("« {name} » n’est ni un texte ni un classeur : enregistrez-le au format CSV ou XLSX."),
    "not_toml": N_("« {name} » n’est pas un texte : donnez la description de l’édition, edition.toml."),
    "old_excel": N_("« {name} » est un classeur d’un ancien format : enregistrez-le au format XLSX ou CSV."),
    "workbook": N_(
        "« {name} » n’est pas un classeur lisible de 2 000 lignes au plus : enregistrez sa première feuille en CSV."
    ),
}


@dataclass(frozen=True)
class Given:
    """A file as it was given: chosen on disk, or mended on screen. ``flaw``: why it could not be read."""

    name: str
    text: str
    flaw: str = ""


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
    """Register schools and classes in three steps: recognise the columns, show what would change, do it.

    Every fault of the files is listed, and nothing is written before the last step.
    """
    form = form_of(request)
    given = {
        "schools": await _given(form, "schools", "schools.csv"),
        "classes": await _given(form, "classes", "classes.csv"),
    }
    errors = _missing(request, {field: file for field, file in given.items() if file or field != "classes"})
    schools, classes = given["schools"], given["classes"]
    if errors or not schools:
        return await _show_files(request, errors, given)
    found = await ask(request, ReadColumns(_file(schools), _file(classes) if classes else None))
    chosen = {"schools": form.starting("schools-column-"), "classes": form.starting("classes-column-")}
    if _doubtful(found) and not any(chosen.values()):
        return await _show(request, "organiser/import_columns.html", given=given, found=found)
    step = ImportSchools(
        request.path_params["edition"],
        _file(schools, chosen["schools"]),
        _file(classes, chosen["classes"]) if classes else None,
        preview=form.text("action") != "import",
    )
    try:
        report = await ask(request, step)
    except Refused as refusal:
        fields = {schools.name: "schools"} | ({classes.name: "classes"} if classes else {})
        errors = sentences(request, refusal, lambda problem: fields.get(problem.file, ""))
        if any(chosen.values()):
            return await _show(
                request, "organiser/import_columns.html", errors, given=given, found=_as_chosen(found, chosen)
            )
        return await _show_files(request, errors, given)
    if step.preview:
        return await _show(request, "organiser/import_preview.html", given=given, chosen=chosen, report=report)
    return _imported(request, report)


def _doubtful(found: ImportColumns) -> bool:
    """Whether a person has to say which column is which; a file without any is refused by the import itself."""
    known = [file for file in (found.schools, found.classes) if file]
    return all(file.headers for file in known) and not all(file.certain for file in known)


def _file(given: Given, columns: dict[str, str] | None = None) -> ImportFile:
    return ImportFile(given.name, given.text, columns or None)


def _as_chosen(found: ImportColumns, chosen: dict[str, dict[str, str]]) -> ImportColumns:
    """Return the columns with the headers that the person chose."""

    def own(file: FileColumns, kind: str) -> FileColumns:
        columns = tuple(replace(c, header=chosen[kind].get(c.name, "")) for c in file.columns)
        return replace(file, columns=columns)

    return ImportColumns(own(found.schools, "schools"), own(found.classes, "classes") if found.classes else None)


def _imported(request: Request, report: ImportReport) -> Response:
    _ = words_of(request)
    done = _(
        "Import fait. Écoles créées : {created}, modifiées : {changed}, inchangées : {unchanged}. Groupes : {groups}.",
        created=report.created,
        changed=report.changed,
        unchanged=report.unchanged,
        groups=report.groups,
    )
    return go(request, "registrations", done, edition=request.path_params["edition"])


async def _show_files(
    request: Request, errors: Sequence[FieldError] = (), given: dict[str, Given | None] | None = None
) -> Response:
    return await _show(request, "organiser/import.html", errors, given=_shown(given or {}))


async def _show(request: Request, template: str, errors: Sequence[FieldError] = (), **context: object) -> Response:
    edition = await edition_of(request)
    return show(request, template, 422 if errors else 200, errors, edition=edition, **context)


async def _given(form: Form, field: str, name: str) -> Given | None:
    """Return the file chosen, else the text on screen, else None."""
    if chosen := await form.file(field):
        return await _read(*chosen)
    text = form.whole(f"{field}-text")
    return Given(form.text(f"{field}-name", 120) or name, text) if text.strip() else None


async def _read(name: str, content: bytes) -> Given:
    if len(content) > MAX_FILE:
        return Given(name, "", "too_large")
    try:
        return Given(name, await text_of(content))
    except Unreadable as fault:
        return Given(name, "", fault.flaw)


def _missing(request: Request, given: dict[str, Given | None]) -> list[FieldError]:
    _ = words_of(request)
    errors = []
    for field, file in given.items():
        if file is None:
            errors.append(FieldError(_("Choisissez un fichier."), field))
        elif file.flaw:
            flaw = "not_toml" if field == "edition" and file.flaw != "too_large" else file.flaw
            errors.append(FieldError(_(FLAWS[flaw], name=file.name), field))
    return errors


def _shown(given: dict[str, Given | None]) -> dict[str, Given | None]:
    """Return the files to mend on screen, by field of the form."""
    short = {field: file for field, file in given.items() if file and 0 < len(file.text) <= SHOWN}
    return {"edition": None, "schools": None, "classes": None, **short}
