"""Schools come in, and the organiser decides about them."""

from __future__ import annotations

from services.contracts import rpc
from services.contracts.errors import Refused, refused
from services.contracts.events import EditionOpened
from services.contracts.values import Edition
from services.registration.domain.csvfile import Column, guess, header_of
from services.registration.domain.enrolment import Enrolment, check_half_days
from services.registration.domain.imports import CLASS_COLUMNS, SCHOOL_COLUMNS, Entry, File, read_entries
from services.registration.domain.names import school_of, slug
from services.registration.handlers.common import (
    by_name,
    find_edition,
    form_groups,
    keep,
    lock_edition,
    lock_enrolment,
    registration_of,
    registrations_of,
)
from services.registration.ports import Transaction


def edition_opened(event: EditionOpened, tx: Transaction) -> None:
    """Keep a copy of the edition and form all groups anew by its rules."""
    tx.editions.save(event.edition)
    for enrolment in tx.enrolments.lock_all(event.edition.id):
        if keep(enrolment, enrolment, event.edition, tx):
            tx.history.add(event.edition.id, enrolment.school.id, "regrouped")


def import_schools(request: rpc.ImportSchools, tx: Transaction) -> rpc.ImportReport:
    """Register the schools and classes of files; what the organiser decided about a known school stays."""
    edition = lock_edition(request.edition_id, tx)
    known = {enrolment.school.id: enrolment for enrolment in tx.enrolments.lock_all(edition.id)}
    imported = (enrolment.imported for enrolment in known.values())
    classes = _file(request.classes) if request.classes else None
    entries, problems = read_entries(_file(request.schools), classes, edition, imported)
    if problems:
        raise Refused(*problems)
    read = {entry.school.id: _enrolled(entry, known.get(entry.school.id), edition, tx) for entry in entries}
    report = _report(known, read, edition)
    if not request.preview:
        for entry in entries:
            _register(entry, known.get(entry.school.id), read[entry.school.id], edition, tx)
        for kind, file in (("schools", request.schools), ("classes", request.classes)):
            if file and file.columns:
                tx.headers.save(kind, file.columns)
    return report


def _file(file: rpc.ImportFile) -> File:
    return File(file.name, file.text, file.columns)


def _enrolled(entry: Entry, before: Enrolment | None, edition: Edition, tx: Transaction) -> Enrolment:
    """Return the school with what the files say of it, its groups formed."""
    first = before or Enrolment(edition.id, entry.school, ())
    return form_groups(first.update(entry.school, entry.classes), edition, tx)


def _report(known: dict[str, Enrolment], read: dict[str, Enrolment], edition: Edition) -> rpc.ImportReport:
    after = {**known, **read}
    unchanged = sum(known.get(school_id) == enrolment for school_id, enrolment in read.items())
    created = len(read.keys() - known.keys())
    return rpc.ImportReport(
        created=created,
        changed=len(read) - created - unchanged,
        unchanged=unchanged,
        groups=sum(len(enrolment.groups) for enrolment in after.values()),
        open_exceptions=sum(len(enrolment.open_questions(edition)) for enrolment in after.values()),
    )


def _register(entry: Entry, before: Enrolment | None, after: Enrolment, edition: Edition, tx: Transaction) -> None:
    if keep(before, after, edition, tx):
        pupils = sum(school_class.pupils for school_class in after.imported_classes)
        facts = {"classes": str(len(after.imported_classes)), "pupils": str(pupils)}
        tx.history.add(edition.id, entry.school.id, "changed" if before else "registered", **facts)


def read_columns(request: rpc.ReadColumns, tx: Transaction) -> rpc.ImportColumns:
    """Recognise the columns of the files."""
    return rpc.ImportColumns(
        _columns(request.schools, SCHOOL_COLUMNS, tx.headers.get("schools")),
        _columns(request.classes, CLASS_COLUMNS, tx.headers.get("classes")) if request.classes else None,
    )


def _columns(file: rpc.ImportFile, columns: tuple[Column, ...], last: dict[str, str]) -> rpc.FileColumns:
    header = header_of(file.text, columns)
    found = last if last and set(last.values()) <= {*header, ""} else guess(header, columns)
    own = {slug(column.name) for column in columns}
    missing = any(column.required and slug(column.name) not in {slug(cell) for cell in header} for column in columns)
    return rpc.FileColumns(
        headers=tuple(dict.fromkeys(cell for cell in header if cell)),
        columns=tuple(rpc.ColumnChoice(c.name, c.required, found.get(c.name, "")) for c in columns),
        certain=not missing and all(slug(cell) in own for cell in header if cell),
    )


def settle_exception(request: rpc.SettleException, tx: Transaction) -> rpc.Registration:
    """Record what becomes of a class that the group rule cannot cut."""
    edition = lock_edition(request.edition_id, tx)
    before = tx.enrolments.lock(edition.id, school_of(request.class_id))
    if before is None:
        raise refused("nothing_to_settle", name=request.class_id)
    after = before.settle(request.class_id, request.programme_id, request.choice, edition, request.before)
    if keep(before, after, edition, tx):
        facts = {"class_id": request.class_id, "programme_id": request.programme_id, "choice": request.choice}
        tx.history.add(edition.id, before.school.id, "settled", **facts)
    return registration_of(before.school.id, edition, tx)


def close_school(request: rpc.CloseSchool, tx: Transaction) -> rpc.Registration:
    """Record half-days on which a school cannot receive anyone."""
    edition = lock_edition(request.edition_id, tx)
    check_half_days(request.half_days, edition)
    before = lock_enrolment(edition.id, request.school_id, tx)
    _change_closures(before, before.close(request.half_days), "closed", edition, tx)
    return registration_of(request.school_id, edition, tx)


def reopen_school(request: rpc.ReopenSchool, tx: Transaction) -> rpc.Registration:
    """Take back a closure."""
    edition = lock_edition(request.edition_id, tx)
    before = lock_enrolment(edition.id, request.school_id, tx)
    _change_closures(before, before.reopen(request.half_days), "reopened", edition, tx)
    return registration_of(request.school_id, edition, tx)


def _change_closures(before: Enrolment, after: Enrolment, code: str, edition: Edition, tx: Transaction) -> None:
    if keep(before, after, edition, tx):
        changed = sorted(set(before.school.closed) ^ set(after.school.closed))
        half_days = ", ".join(f"{half_day.day} {half_day.half}" for half_day in changed)
        tx.history.add(edition.id, after.school.id, code, half_days=half_days)


def list_registrations(request: rpc.ListRegistrations, tx: Transaction) -> tuple[rpc.Registration, ...]:
    """Every school of an edition, by name."""
    edition = find_edition(request.edition_id, tx)
    return registrations_of(by_name(edition.id, tx), edition, tx)
