"""Content lines and components of iCalendar as written (RFC 5545 3.1), for the linter: nothing is mended on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class Fault:
    """A rule a calendar breaks."""

    line: int
    text: str
    source: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text} ({self.source})"


@dataclass(frozen=True)
class Property:
    """A content line: name in upper case, parameters, value as written."""

    line: int
    name: str
    params: dict[str, str]
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


_PARAM = r';([A-Za-z0-9-]+)=((?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)'
_LINE = re.compile(rf"(?P<name>[A-Za-z0-9-]+)(?P<params>(?:{_PARAM})*):(?P<value>.*)")


def parse(text: str, root: Component) -> Iterator[Fault]:
    """Fill ``root`` with the components of a calendar; yield what cannot be read."""
    stack = [root]
    for number, line in _unfold(text):
        match = _LINE.fullmatch(line)
        if match is None:
            yield Fault(number, f"not a content line: {line[:40]!r}", "RFC 5545 3.1")
            continue
        params = {name.upper(): value.strip('"') for name, value in re.findall(_PARAM, match["params"])}
        prop = Property(number, match["name"].upper(), params, match["value"])
        yield from _place(prop, stack)
    if len(stack) != 1:
        yield Fault(stack[-1].line, f"{stack[-1].name} is not closed", "RFC 5545 3.4")


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


def _place(prop: Property, stack: list[Component]) -> Iterator[Fault]:
    if prop.name == "BEGIN":
        component = Component(prop.value.upper(), prop.line)
        stack[-1].components.append(component)
        stack.append(component)
    elif prop.name == "END" and (len(stack) == 1 or stack[-1].name != prop.value.upper()):
        yield Fault(prop.line, f"END:{prop.value} closes nothing", "RFC 5545 3.4")
    elif prop.name == "END":
        stack.pop()
    else:
        stack[-1].properties.append(prop)
