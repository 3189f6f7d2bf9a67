"""School lists as offices send them: from the bytes of a file to the schools it names, or to the cell that is wrong."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable

import pytest
from openpyxl import Workbook

from services.portal.files.sheets import text_of
from services.registration.domain.csvfile import guess, header_of
from services.registration.domain.imports import SCHOOL_COLUMNS, File, read_entries
from tests.unit.registration.builders import an_edition, classes_csv

HEADER = ["école", "commune", "uai", "latitude", "longitude", "courriel"]
CENTRE = ["École du Centre 1", "Soissons", "0951099D", "49.381", "3.323", "ce.0951099d@ac.example"]
OEUVRE = ["L’Œuvre", "Acy", "", "49.345", "3.412", "direction@acy.example"]
ROWS = [HEADER, CENTRE, OEUVRE]


def csv(*rows: list[str], by: str = ";", end: str = "\n") -> str:
    return "".join(by.join(row) + end for row in rows)


def workbook(*rows: list[str], hidden: bool = False, title: str = "") -> bytes:
    """Return a workbook; with a merged title over the rows, or behind a hidden sheet, where asked."""
    book = Workbook()
    sheet = book.worksheets[0]
    if hidden:
        sheet.append(["brouillon"])
        sheet.sheet_state = "hidden"
        sheet = book.create_sheet("Écoles")
    if title:
        sheet.append([title])
        sheet.merge_cells("A1:F1")
        sheet.append([])
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def shuffled(row: list[str]) -> list[str]:
    return [row[i] for i in (5, 3, 1, 0, 4, 2)]


def decimal_commas() -> str:
    with_commas = [[cell.replace(".", ",") if i in (3, 4) else cell for i, cell in enumerate(row)] for row in ROWS]
    return csv(*with_commas)


def official() -> str:
    """The Annuaire de l'éducation: its own headers, many more columns than are needed."""
    header = "Identifiant_de_l_etablissement;Nom_etablissement;Statut;Nom_commune;Mail;latitude;longitude;SIREN"
    rows = ([c[2], c[0], "Public", c[1], c[5], c[3], c[4], "210207227"] for c in (CENTRE, OEUVRE))
    return header + "\n" + csv(*rows)


MESSY: dict[str, Callable[[], bytes]] = {
    "a byte order mark and Windows lines": lambda: csv(*ROWS, end="\r\n").encode("utf-8-sig"),
    "commas in Windows-1252": lambda: csv(*ROWS, by=",").encode("cp1252"),
    "the Unicode text of Excel: UTF-16, tabs": lambda: csv(*ROWS, by="\t").encode("utf-16"),
    "columns in another order": lambda: csv(*map(shuffled, ROWS)).encode(),
    "headers in capitals without accents": lambda: csv(
        [c.upper().replace("É", "E") for c in HEADER], *ROWS[1:]
    ).encode(),
    "decimal commas": lambda: decimal_commas().encode(),
    "the official directory of schools": lambda: official().encode("utf-8-sig"),
    "a title and an empty line above the header": lambda: ("Liste 2020;;;;;\n;;;;;\n" + csv(*ROWS)).encode(),
    "a merged title in a workbook": lambda: workbook(*ROWS, title="Écoles de la Quinzaine, 2020"),
    "a hidden sheet before the one that is seen": lambda: workbook(*ROWS, hidden=True),
    "empty lines between and after": lambda: csv(HEADER, [], CENTRE, [""] * 6, OEUVRE, [], []).encode(),
    "empty columns on the right": lambda: csv(*([*row, "", ""] for row in ROWS)).encode(),
    "spaces around and no-break spaces": lambda: csv(*([f" {c}\u00a0 " for c in row] for row in ROWS)).encode(),
    "quotes around everything": lambda: csv(*([f'"{c}"' for c in row] for row in ROWS)).encode(),
    "lines of remarks": lambda: ("# envoyé par mail\n" + csv(HEADER, CENTRE) + "# à vérifier\n" + csv(OEUVRE)).encode(),
}

WRONG: dict[str, tuple[Callable[[], bytes], tuple[str, int, str]]] = {
    "one UAI twice": (lambda: csv(*ROWS, ["Autre", "Soissons", *CENTRE[2:]]).encode(), ("school_twice", 4, "école")),
    "a formula without its value": (
        lambda: workbook(HEADER, ['=HYPERLINK("http://x.example","Acy")', *OEUVRE[1:]]),
        ("value_missing", 2, "école"),
    ),
    "a mail that is none": (
        lambda: csv(HEADER, [*CENTRE[:5], "secrétariat"]).encode(),
        ("email_malformed", 2, "courriel"),
    ),
    "a column too many": (lambda: csv(HEADER, [*CENTRE, "x"]).encode(), ("csv_cells", 2, "")),
}


def read(content: bytes) -> tuple[list[tuple[str, ...]], list[tuple[str, int | None, str]]]:
    text = asyncio.run(text_of(content))
    file = File("écoles", text, guess(header_of(text, SCHOOL_COLUMNS), SCHOOL_COLUMNS))
    entries, problems = read_entries(file, File("classes.csv", classes_csv()), an_edition(), ())
    schools = [entry.school for entry in entries]
    return (
        [(s.name, s.commune, s.uai, str(s.place.lat), str(s.place.lon), s.contact.email) for s in schools],
        [(problem.code, problem.line, problem.column or "") for problem in problems],
    )


@pytest.mark.parametrize("name", MESSY)
def test_a_messy_file_names_the_same_schools(name: str) -> None:
    assert read(MESSY[name]()) == ([tuple(CENTRE), tuple(OEUVRE)], [])


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_cell_is_found_where_it_stands(name: str) -> None:
    content, problem = WRONG[name]
    assert read(content())[1] == [problem]
