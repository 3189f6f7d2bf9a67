"""Content lines of iCalendar (RFC 5545 3.1): folded to leave; read as written, with nothing mended, to be checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple


@dataclass(frozen=True, order=True)
class Fault:
    """A rule a calendar breaks."""

    line: int
    text: str
    source: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text} ({self.source})"


class Property(NamedTuple):
    """A content line: name in upper case, parameters, value as written."""

    line: int
    name: str
    params: Mapping[str, str]
    value: str


@dataclass
class Component:
    """What stands between BEGIN and END."""

    name: str
    line: int
    properties: list[Property] = field(default_factory=list)
    components: list[Component] = field(default_factory=list)

    def all(self, name: str) -> list[Property]:
        """Return the properties of that name."""
        return [prop for prop in self.properties if prop.name == name]

    def value(self, name: str) -> str:
        """Return the value of a property, empty when there is none."""
        return next((prop.value for prop in self.properties if prop.name == name), "")

    def named(self, name: str) -> list[Component]:
        """Return the components of that name."""
        return [component for component in self.components if component.name == name]


WIDTH = 74
"""Octets of a line before it is folded, one less than allowed: a space begins each line but the first."""


def fold(line: str) -> bytes:
    """Return a content line with its line break, folded between characters and never inside an escape."""
    rest, parts = line.encode(), []
    while len(rest) > WIDTH:
        cut = WIDTH
        while 0x80 <= rest[cut] < 0xC0:  # inside a character of several octets
            cut -= 1
        cut -= rest[cut - 1] in b"\\^"
        parts.append(rest[:cut])
        rest = rest[cut:]
    return b"\r\n ".join((*parts, rest)) + b"\r\n"


_PARAM = re.compile(r';([A-Za-z0-9-]+)=((?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)')
_HEAD = re.compile(rf"([A-Za-z0-9-]+)((?:{_PARAM.pattern})*)")


def parse(text: str, root: Component) -> Iterator[Fault]:
    """Fill ``root`` with the components of a calendar; yield what cannot be read."""
    stack = [root]
    for number, line in _unfold(text):
        prop = _read(number, line)
        if prop is None:
            yield Fault(number, f"not a content line: {line[:40]!r}", "RFC 5545 3.1")
        elif prop.name in ("BEGIN", "END"):
            yield from _turn(prop, stack)
        else:
            stack[-1].properties.append(prop)
    if len(stack) != 1:
        yield Fault(stack[-1].line, f"{stack[-1].name} is not closed", "RFC 5545 3.4")


def _read(number: int, line: str) -> Property | None:
    head, colon, value = line.partition(":")
    if '"' in head and (quoted := _HEAD.match(line)):  # a colon may stand in quotes
        head, rest = quoted[0], line[quoted.end() :]
        colon, value = rest[:1], rest[1:]
    read = _read_head(head) if colon == ":" else None
    return Property(number, *read, value) if read else None


@lru_cache(maxsize=256)
def _read_head(head: str) -> tuple[str, Mapping[str, str]] | None:
    """Return name and parameters, the same object for the same head: a calendar repeats a dozen of them."""
    found = _HEAD.fullmatch(head)
    if found is None:
        return None
    return found[1].upper(), {name.upper(): value.strip('"') for name, value in _PARAM.findall(found[2])}


def _unfold(text: str) -> Iterator[tuple[int, str]]:
    start, whole = 1, ""
    for number, line in enumerate(re.split(r"\r?\n", text), 1):
        if line[:1] in (" ", "\t") and number > 1:
            whole += line[1:]
            continue
        if whole:
            yield start, whole
        start, whole = number, line
    if whole:
        yield start, whole


def _turn(prop: Property, stack: list[Component]) -> Iterator[Fault]:
    """Open or close a component."""
    if prop.name == "BEGIN":
        component = Component(prop.value.upper(), prop.line)
        stack[-1].components.append(component)
        stack.append(component)
    elif len(stack) == 1 or stack[-1].name != prop.value.upper():
        yield Fault(prop.line, f"END:{prop.value} closes nothing", "RFC 5545 3.4")
    else:
        stack.pop()
