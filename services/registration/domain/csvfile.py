"""A CSV file as a person's spreadsheet writes it: rows with their line, and everything that is wrong with its form.

``;`` or ``,`` between cells, a byte order mark, blank lines and lines that begin with ``#`` are accepted.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from services.contracts.errors import Problem
from services.registration.domain.names import slug

T = TypeVar("T")

Record = tuple[int, list[str]]
"""The line a record begins on, and its cells."""


class Wrong(Exception):
    """A cell that cannot be read: the code and facts of its problem."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = {name: str(fact) for name, fact in facts.items()}


SURE = 3
"""Columns that a line must name to be taken for the header when it is not the first."""


@dataclass(frozen=True)
class Column:
    """A column by its header. A ``required`` one must be there and filled; another may be absent.

    ``aliases``: what other files call it, the official directory of schools (Annuaire de l'éducation) among them.
    """

    name: str
    required: bool = True
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """A line of the file by column name, or the fields of a form (line 0). The whole import shares ``problems``."""

    file: str
    line: int
    cells: dict[str, str]
    problems: list[Problem]

    def read(self, column: str, parse: Callable[[str], T], fallback: T) -> T:
        """Return the parsed cell; ``fallback`` when it is empty, or wrong, which is then noted."""
        value = self.cells.get(column, "")
        if not value:
            return fallback
        try:
            return parse(value)
        except Wrong as wrong:
            self.note(wrong, column)
            return fallback

    def note(self, wrong: Wrong, column: str) -> None:
        """Note that the cell of ``column`` is wrong."""
        value = self.cells.get(column, "")
        self.problems.append(Problem(wrong.code, wrong.facts, self.file, self.line or None, column, value))


def header_of(text: str, columns: tuple[Column, ...]) -> list[str]:
    """Return the headers of a CSV text; none when it is empty or unreadable."""
    try:
        records = _from_header(list(_records(text.removeprefix("\ufeff"))), columns)
    except _Unreadable:
        return []
    return records[0][1] if records else []


def _from_header(records: list[Record], columns: tuple[Column, ...]) -> list[Record]:
    """Leave out titles above the header, which then names the columns better than the first line does."""
    named = [len(guess(cells, columns)) for _, cells in records[:10]]
    best = max(named, default=0)
    return records[named.index(best) :] if best >= SURE else records


def guess(header: list[str], columns: tuple[Column, ...]) -> dict[str, str]:
    """Return which header each column is most likely under: its own name first, then the aliases in their order."""
    by_slug = {slug(cell): cell for cell in reversed(header) if slug(cell)}
    found: dict[str, str] = {}
    for column in columns:
        names = (slug(name) for name in (column.name, *column.aliases))
        match = next((by_slug[name] for name in names if name in by_slug and by_slug[name] not in found.values()), None)
        if match is not None:
            found[column.name] = match
    return found


def read_rows(
    file: str,
    text: str,
    columns: tuple[Column, ...],
    problems: list[Problem],
    chosen: Mapping[str, str] | None = None,
) -> list[Row]:
    """Return the rows of a CSV text. Faults of its form are added to ``problems``; a wrong header gives no rows.

    ``chosen``: the header each column stands under; then other headers do not matter.
    """
    try:
        records = _from_header(list(_records(text.removeprefix("\ufeff"))), columns)
    except _Unreadable as fault:
        problems.append(Problem("csv_unreadable", {}, file, fault.line))
        return []
    if not records:
        problems.append(Problem("csv_empty", {"expected": _names(columns)}, file, 1))
        return []
    names = _header(file, records, columns, chosen, problems)
    return _rows(file, names, records[1:], columns, problems) if names else []


class _Unreadable(Exception):
    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


def _records(text: str) -> Iterator[Record]:
    """Yield each record with the line it begins on, its cells' white space made single."""
    lines = [line if not line.startswith("#") else "\n" for line in io.StringIO(text, newline="").readlines()]
    delimiter = max(";,\t", key=lambda mark: max((line.count(mark) for line in lines[:10]), default=0))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    line = 1
    try:
        for record in reader:
            cells = [" ".join(cell.split()) for cell in record]
            if any(cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error:
        raise _Unreadable(line) from None


def _header(
    file: str,
    records: list[Record],
    columns: tuple[Column, ...],
    chosen: Mapping[str, str] | None,
    problems: list[Problem],
) -> list[str]:
    """Return the header as column names; nothing when it is wrong. Case, accents and hyphens do not matter."""
    line, header = records[0]
    while not header[-1]:
        header.pop()
    known = {slug(under): name for name, under in (chosen or {}).items() if under}
    known = known or {slug(column.name): column.name for column in columns}
    names = [known.get(slug(cell), "") for cell in header]
    expected = _names(columns)
    unknown = [cell for cell, name in zip(header, names, strict=True) if cell and not name and not chosen]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    missing = [column.name for column in columns if column.required and column.name not in names]
    faults = [] if chosen else list(_unnamed(file, records))
    faults += [Problem("csv_column_unknown", {"expected": expected}, file, line, cell) for cell in unknown]
    faults += [Problem("csv_column_twice", {}, file, line, name) for name in twice]
    faults += [Problem("csv_column_missing", {"name": name, "expected": expected}, file, line) for name in missing]
    problems.extend(faults)
    return [] if faults else names


def _unnamed(file: str, records: list[Record]) -> Iterator[Problem]:
    """Yield a problem for each column that has cells and no header: merged cells leave such."""
    line, header = records[0]
    for number in (number for number, cell in enumerate(header) if not cell):
        below = next((cells[number] for _, cells in records[1:] if number < len(cells) and cells[number]), "")
        if below:
            yield Problem("csv_column_unnamed", {"number": str(number + 1), "value": below}, file, line)


def _rows(
    file: str, names: list[str], records: list[Record], columns: tuple[Column, ...], problems: list[Problem]
) -> list[Row]:
    rows = []
    for line, record in records:
        if any(record[len(names) :]):
            facts = {"cells": str(len(record)), "columns": str(len(names))}
            problems.append(Problem("csv_cells", facts, file, line))
        row = Row(file, line, dict(zip(names, record, strict=False)), problems)
        for column in columns:
            if column.required and not row.cells.get(column.name):
                row.note(Wrong("value_missing"), column.name)
        rows.append(row)
    return rows


def _names(columns: tuple[Column, ...]) -> str:
    return ", ".join(column.name for column in columns)
