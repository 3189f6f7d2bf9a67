"""Files as offices keep them, and files that mean harm."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import zipfile
from collections.abc import Callable

import pytest
from openpyxl import Workbook

from services.portal.files.sheets import Unreadable, text_of


def read(content: bytes) -> str:
    return asyncio.run(text_of(content))


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def archive(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name.replace("__", "/").replace("_", "."), content)
    return out.getvalue()


# Files as they are ----------------------------------------------------------------------------------------

TEXT = "école;élèves\nL’Œuvre;25\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_text_in_every_usual_encoding(encoding: str) -> None:
    assert read(TEXT.encode(encoding)) == TEXT


def test_a_workbook_is_read_as_its_first_sheet() -> None:
    rows: list[list[object]] = [
        ["école", "élèves", "le"],
        ["Acy", 25.0, dt.date(2020, 11, 3)],
        ["L’une; l’autre", None, 1.5],
    ]
    assert read(workbook(*rows)) == 'école;élèves;le\nAcy;25;2020-11-03\n"L’une; l’autre";;1.5\n'


def test_a_formula_is_not_read() -> None:
    assert read(workbook(["a", '=HYPERLINK("http://evil.example","x")'])) == "a\n"


# Files that mean harm -------------------------------------------------------------------------------------

SHEET = (
    b'<?xml version="1.0"?>%s<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/>'
)
LAUGHS = b'<!DOCTYPE a [<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 100) for i in range(8)
)


def with_part(name: str, content: bytes) -> bytes:
    """Return a workbook one part of which is replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(["a"]))) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, content if part == name else old.read(part))
    return out.getvalue()


FIRST = "xl/worksheets/sheet1.xml"
HOSTILE: dict[str, Callable[[], bytes]] = {
    "zip bomb": lambda: with_part(FIRST, b"0" * 20_000_000),
    "many entities": lambda: with_part(FIRST, LAUGHS + b"]><a>&i;</a>"),
    "entity to a file": lambda: with_part(
        FIRST, b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet>&x;</worksheet>'
    ),
    "too many rows": lambda: workbook(*[["a"]] * 2_001),
    "damaged sheet": lambda: with_part(FIRST, b"<worksheet"),
    "no sheets": lambda: with_part("xl/workbook.xml", b"<workbook/>"),
    "empty archive": lambda: archive(),
    "not a workbook": lambda: archive(word__document_xml=b"<document/>"),
    "archive in an archive": lambda: archive(inner_zip=archive(a_txt=b"a")),
    "cut short": lambda: workbook(["a"])[:-200],
    "paths that climb": lambda: archive(______etc__passwd=b"x"),
    "binary sheet": lambda: with_part(FIRST, bytes(range(256)) * 100),
    "old excel": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "zero bytes": lambda: b"\x00" * 100,
    "text with zero bytes": lambda: b"a;b\n1;\x002\n",
    "a picture": lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(32)),
    "a program": lambda: b"\x7fELF\x02\x01\x01" + bytes(50),
    "utf-16 cut short": lambda: b"\xff\xfea\x00b",
    "terminal commands": lambda: b"a;\x1b[2Jb\n",
    "deep xml": lambda: with_part(FIRST, b"<a>" * 200_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused(name: str) -> None:
    with pytest.raises(Unreadable):
        read(HOSTILE[name]())


def test_there_are_twenty_of_them() -> None:
    assert len(HOSTILE) == 20
