"""A TOML file read strictly: every fault is noted with its line, its key and what is expected there."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from services.contracts.errors import Problem, Refused

T = TypeVar("T")

LONGEST_FILE = 1_000_000
LONGEST_SHOWN = 60


@dataclass(frozen=True)
class Kind(Generic[T]):
    """What is expected of a value. ``read`` raises ValueError or TypeError for anything else.

    ``facts`` fill the sentence of ``code``; ``stand_in`` takes the place of a faulty value, so that reading goes on.
    """

    code: str
    stand_in: T
    read: Callable[[Any], T]
    facts: dict[str, object] = field(default_factory=dict)


@dataclass
class Faults:
    """The faults of one file, gathered while it is read."""

    file: str
    lines: dict[str, int]
    problems: list[Problem] = field(default_factory=list)
    paths: set[str] = field(default_factory=set)

    def add(self, code: str, path: str, value: object = "", **facts: object) -> None:
        """Note a fault at a key such as ``providers[1].teams[2].leave`` (the first is 1)."""
        shown = "" if isinstance(value, (dict, list)) else str(value)[:LONGEST_SHOWN]
        as_text = {name: str(fact) for name, fact in facts.items()}
        self.paths.add(path)
        self.problems.append(Problem(code, as_text, self.file, self._line(path), path, shown))

    def sound(self, *paths: str) -> bool:
        """Whether nothing was wrong at these keys, so that they can be compared."""
        return self.paths.isdisjoint(paths)

    def refuse_if_any(self) -> None:
        """Raise Refused with all faults, in the order of the file."""
        if self.problems:
            raise Refused(*sorted(self.problems, key=lambda problem: problem.line or 0))

    def _line(self, path: str) -> int | None:
        while path and path not in self.lines:
            path = re.sub(r"(\[\d+\]|\.?[^.\[\]]+)$", "", path)
        return self.lines.get(path)


class Table:
    """A table of the file: its keys are taken one by one; ``done`` notes those that nobody asked for."""

    def __init__(self, data: dict[str, Any], path: str, faults: Faults) -> None:
        self.path = path
        self.faults = faults
        self._data = data
        self._asked: list[str] = []

    def at(self, key: str) -> str:
        """Return the whole path of a key of this table."""
        return f"{self.path}.{key}" if self.path else key

    def take(self, key: str, kind: Kind[T], default: T | None = None) -> T:
        """Return the value at ``key``; a missing one is a fault unless there is a default."""
        self._asked.append(key)
        if key not in self._data and default is not None:
            return default
        return self._read(kind, self._data.get(key, ""), self.at(key))

    def take_all(self, key: str, kind: Kind[T], required: bool = False) -> tuple[T, ...]:
        """Return the values of the list at ``key``; an absent list is empty."""
        values = self._list(key, "edition_list", required)
        return tuple(self._read(kind, value, f"{self.at(key)}[{i}]") for i, value in enumerate(values, 1))

    def table(self, key: str, required: bool = True) -> Table:
        """Return the table at ``key``; one fault when it is missing, none for each of its keys."""
        self._asked.append(key)
        data = self._data.get(key)
        if isinstance(data, dict):
            return Table(data, self.at(key), self.faults)
        if required or data is not None:
            self.faults.add("edition_table", self.at(key), data or "", table=_without_numbers(self.at(key)))
        return Table({}, self.at(key), Faults(self.faults.file, {}))

    def tables(self, key: str, required: bool = True) -> list[Table]:
        """Return the tables of the list at ``key``, such as ``[[providers]]``."""
        found = []
        for i, data in enumerate(self._list(key, "edition_tables", required), 1):
            path = f"{self.at(key)}[{i}]"
            if isinstance(data, dict):
                found.append(Table(data, path, self.faults))
            else:
                self.faults.add("edition_tables", path, data, table=_without_numbers(self.at(key)))
        return found

    def done(self) -> None:
        """Note every key that has no meaning here, with the nearest one that has."""
        for key in sorted(self._data.keys() - set(self._asked)):
            near = difflib.get_close_matches(key, self._asked, n=1)
            if near:
                self.faults.add("edition_key_near", self.at(key), near=near[0])
            else:
                self.faults.add("edition_key_unknown", self.at(key), known=", ".join(self._asked))

    def _list(self, key: str, code: str, required: bool) -> list[Any]:
        self._asked.append(key)
        values = self._data.get(key, [])
        if not isinstance(values, list) or (required and not values):
            self.faults.add(code, self.at(key), values, table=_without_numbers(self.at(key)))
            return []
        return values

    def _read(self, kind: Kind[T], value: Any, path: str) -> T:
        try:
            return kind.read(value)
        except (ValueError, TypeError):
            self.faults.add(kind.code, path, value, **kind.facts)
            return kind.stand_in


def _without_numbers(path: str) -> str:
    return re.sub(r"\[\d+\]", "", path)


def read_toml(file: str, text: str) -> Table:
    """Return the top table of a TOML text. Raises Refused when it is not TOML."""
    faults = Faults(file, {})
    if len(text) > LONGEST_FILE:
        faults.add("edition_too_long", "", size=len(text), limit=LONGEST_FILE)
    else:
        try:
            data = tomllib.loads(text)
        except (ValueError, RecursionError) as error:
            place = re.search(r" \(at line (\d+), column \d+\)$", str(error))
            line = int(place[1]) if place else None
            shown = (text.splitlines() or [""])[line - 1 if line else -1].strip()
            faults.lines = {"": line} if line else {}
            faults.problems.append(Problem("edition_not_toml", {"text": shown[:LONGEST_SHOWN]}, file, line))
    faults.refuse_if_any()
    return Table(data, "", Faults(file, key_lines(text)))


HEADER = re.compile(r"\s*(\[{1,2})\s*([^\[\]]+?)\s*\]{1,2}\s*(#.*)?$")
KEY = re.compile(r"""\s*([A-Za-z0-9_\-"'. ]+?)\s*=""")


def key_lines(text: str) -> dict[str, int]:
    """Return the line (from 1) of each key and table header that stands at the start of a line of valid TOML."""
    lines: dict[str, int] = {}
    counts: dict[str, int] = {}
    prefix = ""
    quoted = False
    for number, line in enumerate(text.split("\n"), 1):
        if not quoted and (header := HEADER.match(line)):
            prefix = _header_path(header[2], header[1] == "[[", counts)
            lines.setdefault(prefix, number)
        elif not quoted and (key := KEY.match(line)):
            lines.setdefault(f"{prefix}.{key[1]}" if prefix else key[1], number)
        quoted ^= (line.count('"""') + line.count("'''")) % 2 == 1
    return lines


def _header_path(name: str, is_item: bool, counts: dict[str, int]) -> str:
    path = ""
    parts = [part.strip().strip("\"'") for part in name.split(".")]
    for i, part in enumerate(parts):
        path = f"{path}.{part}" if path else part
        if is_item and i == len(parts) - 1:
            counts[path] = counts.get(path, 0) + 1
        if path in counts:
            path = f"{path}[{counts[path]}]"
    return path
