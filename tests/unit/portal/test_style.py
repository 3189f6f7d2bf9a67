"""The style sheet: enough contrast in both schemes (WCAG 2.2, 1.4.3 and 1.4.11), and a place for every bar."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

SHEET = (files("services.portal") / "static" / "portal.css").read_text(encoding="utf-8")
LIGHT, DARK = re.findall(r":root \{(.*?)\}", SHEET, re.DOTALL)[:2]
TEXT = [
    ("ink", "paper"), ("ink", "card"), ("ink", "tint"), ("ink", "ok-tint"), ("ink", "warn-tint"),
    ("soft", "paper"), ("soft", "card"), ("soft", "ok-tint"), ("soft", "bad-tint"),
    ("accent", "paper"), ("accent", "card"), ("accent", "tint"), ("accent-strong", "tint"), ("on-accent", "accent"),
    ("on-accent", "accent-strong"), ("ok", "ok-tint"), ("warn", "warn-tint"), ("bad", "bad-tint"), ("bad", "card"),
    ("warn", "paper"),
]  # fmt: skip
SIGNS = [
    ("edge", "card"),
    ("edge", "paper"),
    ("focus", "paper"),
    ("focus", "card"),
    *((f"p{n}", "card") for n in range(6)),
]


def colours(scheme: str) -> dict[str, str]:
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]+)", LIGHT))
    return found | dict(re.findall(r"--([\w-]+): (#[0-9a-f]+)", DARK)) if scheme == "dark" else found


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_the_standard_says() -> None:
    assert (contrast("#fff", "#000000"), contrast("#777777", "#777")) == (21.0, 1.0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out(scheme: str) -> None:
    names = colours(scheme)
    faint = {pair: round(contrast(names[pair[0]], names[pair[1]]), 2) for pair in TEXT}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_signs_and_fields_stand_out(scheme: str) -> None:
    names = colours(scheme)
    faint = {pair: round(contrast(names[pair[0]], names[pair[1]]), 2) for pair in SIGNS}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 3} == {}


def test_every_five_minutes_has_its_place() -> None:
    classes = set(re.findall(r"\.((?:at|for)-[hm]\d+|span-\d+)", SHEET))
    minutes = {f"{name}-m{m}" for name in ("at", "for") for m in range(0, 60, 5)}
    hours = {f"at-h{h}" for h in range(17)} | {f"for-h{h}" for h in range(9)} | {f"span-{n}" for n in range(8, 17)}
    assert classes == minutes | hours
