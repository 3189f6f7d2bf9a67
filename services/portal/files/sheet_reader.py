"""The process that reads one workbook: XLSX on standard input, its first sheet as CSV on standard output.

It ends with 1 for anything it will not read: more than 10 MiB unpacked, more than 2,000 rows, or no workbook at all.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import resource
import sys
import zipfile
from typing import Any

MEMORY = 512 * 1024 * 1024
UNPACKED = 10 * 1024 * 1024
ROWS, COLUMNS = 2_000, 200
CPU_SECONDS = 8
"""What one workbook may cost: bytes of address space, bytes unpacked, rows, columns, seconds."""


def main() -> int:
    """Read, convert, write."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    content = sys.stdin.buffer.read()
    try:
        sys.stdout.write(first_sheet(content))
    except Exception:  # whatever a hostile file makes the library raise, it is not a workbook for us
        return 1
    return 0


def first_sheet(content: bytes) -> str:
    """Return the first sheet not hidden as CSV. Raises ValueError when too large, else what the library raises."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(part.file_size for part in archive.infolist()) > UNPACKED:
            raise ValueError("too large unpacked")
        if any(b"<!DOCTYPE" in archive.read(part) for part in archive.infolist()):
            raise ValueError("entities of its own, which no workbook needs")
    sheet = next(sheet for sheet in _open(content).worksheets if sheet.sheet_state == "visible")
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    for number, row in enumerate(sheet.iter_rows(max_col=COLUMNS, values_only=True), start=1):
        if number > ROWS:
            raise ValueError("too many rows")
        writer.writerow(_cells(row))
    return out.getvalue()


def _open(content: bytes) -> Any:
    """Open a workbook to stream its values; formulas are never seen. Imported late: a bomb is refused before that."""
    sys.modules["numpy"] = None  # type: ignore[assignment]  # openpyxl would import it, which takes longer than the rest
    from openpyxl import load_workbook

    return load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)


def _cells(row: tuple[object, ...]) -> list[str]:
    cells = [_cell(value) for value in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


if __name__ == "__main__":
    sys.exit(main())
