"""Every French sentence that can be shown has its English, and the catalogue holds no sentence that nobody says."""

from __future__ import annotations

import ast
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from services.contracts.errors import SENTENCES

SERVICES = Path(__file__).parents[2] / "services"
KEYWORDS = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2), "plural": (1, 2), "Rule": (2,), "_wish": (2,)}
SYNTAX = {"trim_blocks": "True", "lstrip_blocks": "True"}

Message = str | tuple[str, ...]


@pytest.fixture(scope="module")
def said() -> set[Message]:
    """Return every sentence of the code, the templates and the errors; a pair where there is a plural."""
    files = sorted(SERVICES.rglob("*"))
    written_down = {text for path in files if path.suffix == ".py" for text in constants_in(path)}
    return {message for path in files for message in said_in(path)} | written_down | set(SENTENCES.values())


def constants_in(path: Path) -> Iterator[str]:
    """Yield the constants of a module that are whole sentences, such as the notes kept beside a mail."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        value = node.value.value if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) else None
        if isinstance(value, str) and re.fullmatch(r"[A-ZÀ-Ý«].* .*[^ ]\.", value):
            yield value


def said_in(path: Path) -> Iterator[Message]:
    method = {".py": "python", ".html": "jinja2.ext:babel_extract", ".txt": "jinja2.ext:babel_extract"}.get(path.suffix)
    if method is None:
        return
    with path.open("rb") as file:
        for _, message, _, _ in extract(method, file, KEYWORDS, options=SYNTAX if path.suffix != ".py" else {}):
            yield message


@pytest.fixture(scope="module")
def english() -> Catalog:
    return read_po(io.BytesIO((SERVICES / "kit" / "locale" / "en.po").read_bytes()))


def test_every_sentence_has_its_english(english: Catalog, said: set[Message]) -> None:
    translated = {message.id for message in english if message.id and all(_texts(message.string))}
    assert sorted(map(str, said - translated)) == []


def test_the_catalogue_holds_no_sentence_that_nobody_says(english: Catalog, said: set[Message]) -> None:
    assert sorted(str(message.id) for message in english if message.id and message.id not in said) == []


def test_the_catalogue_holds_each_sentence_once() -> None:
    text = (SERVICES / "kit" / "locale" / "en.po").read_text(encoding="utf-8")
    found = Counter(re.findall(r'^msgid (?!""$).*$', text, re.MULTILINE))
    assert [line for line, times in found.items() if times > 1] == []


def test_english_fills_the_same_braces_as_the_french(english: Catalog) -> None:
    different = [
        message.id
        for message in english
        if message.id
        and any(_braces(text) - {"n"} != _braces(_texts(message.id)[-1]) - {"n"} for text in _texts(message.string))
    ]
    assert different == []


def _texts(value: Message) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _braces(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}
