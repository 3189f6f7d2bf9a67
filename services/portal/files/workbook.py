"""Tables as files: a plan as a workbook (XLSX) with its sessions, what is not placed and what it costs; CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from services.contracts import rpc
from services.contracts.values import PARIS
from services.kit.i18n import N_
from services.portal.web.labels import COSTS, PROVIDER_ANSWERS, SCHOOL_ANSWERS
from services.portal.web.words import Words

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

SESSION_COLUMNS = (
    N_("Jour"),
    N_("Début"),
    N_("Fin"),
    N_("École"),
    N_("Groupe"),
    N_("Élèves"),
    N_("Activité"),
    N_("Prestataire"),
    N_("Équipe"),
    N_("Lieu"),
    N_("Réponse de l’école"),
    N_("Réponse du prestataire"),
)
UNPLACED_COLUMNS = (N_("École"), N_("Groupe"), N_("Activité"))
COST_COLUMNS = (N_("Poste"), N_("Points"))

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def plan_workbook(plan: rpc.Plan, language: str) -> bytes:
    """Return the plan as an XLSX file with three sheets, in ``language``.

    A text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP ASVS 5.0, 1.2.10).
    """
    words = Words(language)
    book = _empty_book()
    _fill(
        book.create_sheet(words(N_("Séances"))), words, SESSION_COLUMNS, (_session(one, words) for one in plan.sessions)
    )
    left_out = ((one.school_name, one.group_name, one.activity_name) for one in plan.unplaced)
    _fill(book.create_sheet(words(N_("Séances non placées"))), words, UNPLACED_COLUMNS, left_out)
    costs = [(words.label(COSTS, term), points) for term, points in plan.cost.items()]
    _fill(
        book.create_sheet(words(N_("Coût"))),
        words,
        COST_COLUMNS,
        [*costs, (words(N_("Total")), sum(plan.cost.values()))],
    )
    return _saved(book)


def table_workbook(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], words: Words) -> bytes:
    """Return a table as an XLSX file; its texts are as harmless as those of a plan."""
    book = _empty_book()
    _fill(book.create_sheet(words(title)), words, columns, rows)
    return _saved(book)


def csv_file(columns: Sequence[str], rows: Iterable[Sequence[object]], words: Words) -> bytes:
    """Return a table as CSV in UTF-8 with semicolons and a mark of the encoding, as French spreadsheets open it.

    Texts that a spreadsheet would take for a formula get an apostrophe, as in a workbook.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([words(column) for column in columns])
    writer.writerows([[_harmless(value) for value in row] for row in rows])
    return text.getvalue().encode("utf-8-sig")


def _empty_book() -> Workbook:
    book = Workbook()
    if book.active is not None:
        book.remove(book.active)
    return book


def _saved(book: Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _session(one: rpc.PlannedSession, words: Words) -> Sequence[object]:
    start, end = (instant.astimezone(PARIS) for instant in (one.session.start, one.session.end))
    return (
        start.date(),
        start.time(),
        end.time(),
        one.school_name,
        one.group_name,
        one.pupils,
        one.activity_name,
        one.provider_name,
        one.team_name,
        one.session.place.name,
        words.label(SCHOOL_ANSWERS, one.school_answer) if one.school_answer else "",
        words.label(PROVIDER_ANSWERS, one.provider_answer),
    )


def _fill(sheet: Worksheet, words: Words, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    titles = [words(column) for column in columns]
    widths = [len(title) for title in titles]
    sheet.append(titles)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in rows:
        values = [_harmless(value) for value in row]
        sheet.append(values)
        widths = [max(width, len(str(value))) for width, value in zip(widths, values, strict=True)]
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = min(width + 2, 60)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions


def _harmless(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
