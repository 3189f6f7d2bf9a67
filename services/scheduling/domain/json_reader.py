"""A JSON file read strictly: every fault is noted with the path to it, and reading goes on with a stand-in."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from services.contracts.errors import Problem, Refused

LONGEST_FILE = 25_000_000
"""Bytes of a file at most: an instance of 5,000 schools has about 7 million."""
MOST_VALUES = 1_000_000
"""Values of a file at most, counted by its commas before any is read: 5,000 schools have some 760,000."""
MOST_FAULTS = 100
"""Faults told; what follows is not read."""
MOST_ITEMS = 200_000
"""Items of a list at most."""

_MISSING: Any = object()


def read_json(file: str, raw: bytes) -> Any:
    """Return what a JSON file says. Raises Refused when it is too long, holds too much, is no UTF-8 or no JSON."""
    if len(raw) > LONGEST_FILE:
        raise too_long(file, len(raw))
    if (commas := raw.count(b",")) >= MOST_VALUES:
        raise Refused(Problem("json_too_much", {"count": str(commas + 1), "limit": str(MOST_VALUES)}, file))
    try:
        return json.loads(raw.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise Refused(
            Problem("json_malformed", {"detail": error.msg, "at": str(error.colno)}, file, error.lineno)
        ) from None
    except UnicodeDecodeError:
        raise Refused(Problem("json_encoding", file=file)) from None
    except RecursionError:
        raise Refused(Problem("json_too_deep", file=file)) from None
    except ValueError as error:  # a whole number of thousands of digits
        raise Refused(Problem("json_malformed", {"detail": str(error), "at": "1"}, file)) from None


def too_long(file: str, size: int) -> Refused:
    """Return the refusal of a file of so many bytes."""
    return Refused(Problem("json_too_long", {"size": str(size), "limit": str(LONGEST_FILE)}, file))


@dataclass
class Faults:
    """The faults of one file, gathered while it is read."""

    problems: list[Problem] = field(default_factory=list)

    def add(self, code: str, where: str, **facts: object) -> None:
        """Note a fault. Raises Refused with all of them once there are ``MOST_FAULTS``: no need to read on."""
        self.problems.append(Problem(code, {"where": where, **{name: str(fact) for name, fact in facts.items()}}))
        if len(self.problems) == MOST_FAULTS:
            raise Refused(*self.problems, Problem("json_more_faults"))

    def refuse_if_any(self) -> None:
        """Raise Refused with all faults."""
        if self.problems:
            raise Refused(*self.problems)


class Node:
    """A value of the file and the path to it, such as ``sites[3].windows["4"]``; lists count from 0.

    What is missing or of another type is noted once; whatever is asked of it afterwards is quiet.
    """

    def __init__(self, value: Any, path: str, faults: Faults) -> None:
        self.value, self.path, self.faults = value, path, faults

    @property
    def is_there(self) -> bool:
        """Whether there is a value."""
        return self.value is not _MISSING

    def fault(self, code: str, **facts: object) -> None:
        """Note a fault here; ``found`` is filled with the value, cut short."""
        if self.is_there:
            self.faults.add(code, self.path, **{"found": _shown(self.value), **facts})

    def field(self, name: str, *, required: bool = True) -> Node:
        """Return the value of a key of this object."""
        path = f"{self.path}.{name}" if self.path else name
        if isinstance(self.value, dict):
            found = self.value.get(name, _MISSING)
            if found is _MISSING and required:
                self.faults.add("json_missing", path)
            return Node(found, path, self.faults)
        self.fault("json_object")
        self.value = _MISSING
        return Node(_MISSING, path, self.faults)

    def items(self) -> Iterator[tuple[str, Node]]:
        """Yield the keys and values of this object."""
        if not isinstance(self.value, dict):
            self.fault("json_object")
            return
        for key, value in self.value.items():
            yield key, Node(value, f"{self.path}[{json.dumps(key, ensure_ascii=False)[:40]}]", self.faults)

    def each(self) -> Iterator[Node]:
        """Yield the values of this list."""
        if not isinstance(self.value, list):
            self.fault("json_list")
            return
        if len(self.value) > MOST_ITEMS:
            self.fault("json_too_many", most=MOST_ITEMS)
            return
        for i, value in enumerate(self.value):
            yield Node(value, f"{self.path}[{i}]", self.faults)

    def pair(self) -> tuple[Node, Node] | None:
        """Return the two values of this list of two."""
        if isinstance(self.value, list) and len(self.value) == 2:
            first, second = self.each()
            return first, second
        self.fault("json_pair")
        return None

    def whole(self, low: int, high: int) -> int | None:
        """Return a whole number within limits."""
        if isinstance(self.value, int) and not isinstance(self.value, bool) and low <= self.value <= high:
            return self.value
        self.fault("json_whole", low=low, high=high)
        return None

    def number(self, low: float, high: float) -> float | None:
        """Return a finite number within limits."""
        value = self.value
        if isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high:
            return float(value)  # no comparison holds for NaN, nor within limits for infinity
        self.fault("json_number", low=f"{low:g}", high=f"{high:g}")
        return None

    def text(self, longest: int = 200) -> str | None:
        """Return a text."""
        if isinstance(self.value, str) and len(self.value) <= longest:
            return self.value
        self.fault("json_text", longest=longest)
        return None

    def day(self) -> dt.date | None:
        """Return a day written as 2020-11-02."""
        if isinstance(self.value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", self.value, re.ASCII):
            try:
                return dt.date.fromisoformat(self.value)
            except ValueError:
                pass
        self.fault("json_day")
        return None


def _shown(value: Any) -> str:
    """Return a value as JSON, cut short; only short lists of plain values are written out."""
    if isinstance(value, dict):
        return "{…}" if value else "{}"
    if isinstance(value, list):
        plain = len(value) <= 3 and not any(isinstance(item, (dict, list)) for item in value)
        return f"[{', '.join(_shown(item) for item in value)}]" if plain else "[…]"
    if isinstance(value, str):
        return json.dumps(value[:40], ensure_ascii=False) + ("…" if len(value) > 40 else "")
    return json.dumps(value) if not isinstance(value, int) or abs(value) < 10**20 else "…"
