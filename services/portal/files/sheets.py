"""Files as offices keep them: CSV in any usual encoding, or a workbook, read as CSV text.

A workbook is read in a process of its own with little memory and time: a hostile one ends that process and no other.
"""

from __future__ import annotations

import asyncio
import sys
import unicodedata

SECONDS = 30.0
"""Wall time the reader of a workbook may take: more than its CPU seconds, as a busy machine is no hostile file."""

_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


class Unreadable(Exception):
    """A file that is none of these. ``flaw``: ``old_excel``, ``workbook`` (damaged or too large) or ``not_text``."""

    def __init__(self, flaw: str) -> None:
        super().__init__(flaw)
        self.flaw = flaw


async def text_of(content: bytes) -> str:
    """Return the text of a CSV file, or the first sheet of a workbook as CSV. Raises Unreadable."""
    if content.startswith(_ZIP):
        return await _workbook(content)
    if content.startswith(_OLD_EXCEL):
        raise Unreadable("old_excel")
    return decoded(content)


def decoded(content: bytes) -> str:
    """Return text written in UTF-8, in UTF-16 with its mark, or as Windows does in French. Raises Unreadable."""
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if all(c in "\r\n\t" or unicodedata.category(c) != "Cc" for c in text):
            return text
    raise Unreadable("not_text")


async def _workbook(content: bytes) -> str:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.portal.files.sheet_reader",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        text, _ = await asyncio.wait_for(child.communicate(content), SECONDS)
    except TimeoutError:
        child.kill()
        await child.wait()
        raise Unreadable("workbook") from None
    if child.returncode:
        raise Unreadable("workbook")
    return text.decode()
