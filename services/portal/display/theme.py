"""A territory's colour made into a style sheet in which everything stays legible, in light and in dark.

Contrast as WCAG 2.1 defines it (relative luminance, success criterion 1.4.3).
"""

from __future__ import annotations

WHITE, BLACK = (255, 255, 255), (0, 0, 0)
PAPER, DARK_CARD = (250, 249, 245), (26, 35, 39)
"""What stands behind text, beside the tint: ``--paper`` in light, ``--card`` in dark (portal.css)."""
LEGIBLE = 4.5
"""Least contrast of text (WCAG 2.1, 1.4.3, level AA)."""
STEPS = 50

Rgb = tuple[int, int, int]


def style_of(colour: str) -> str:
    """Return the style sheet of a colour given as ``#rrggbb``; an empty one changes nothing."""
    if not colour:
        return ""
    chosen = _read(colour)
    light, dark = _light(chosen), _dark(chosen)
    return f":root {{ {light} }}\n@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"


def shown_as(colour: str) -> str:
    """Return the colour that light pages use for a chosen one: the same, or as much darker as reading needs."""
    return _write(_light_accent(_read(colour)))


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _light(chosen: Rgb) -> str:
    accent = _light_accent(chosen)
    return _properties(accent, _mix(accent, BLACK, 0.25), WHITE, _mix(chosen, WHITE, 0.9))


def _light_accent(chosen: Rgb) -> Rgb:
    return _legible(chosen, BLACK, _mix(chosen, WHITE, 0.9), PAPER)


def _dark(chosen: Rgb) -> str:
    tint = _mix(DARK_CARD, chosen, 0.2)
    accent = _legible(chosen, WHITE, tint, DARK_CARD)
    return _properties(accent, _mix(accent, WHITE, 0.35), _mix(chosen, BLACK, 0.85), tint)


def _legible(colour: Rgb, towards: Rgb, *grounds: Rgb) -> Rgb:
    """Return the colour, mixed with black or white no more than it takes to be read on its grounds."""
    mixes = (_mix(colour, towards, step / STEPS) for step in range(STEPS + 1))
    return next(mixed for mixed in mixes if all(contrast(mixed, ground) >= LEGIBLE for ground in grounds))


def _mix(one: Rgb, other: Rgb, share: float) -> Rgb:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _luminance(colour: Rgb) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _properties(accent: Rgb, strong: Rgb, on_accent: Rgb, tint: Rgb) -> str:
    names = {"accent": accent, "accent-strong": strong, "on-accent": on_accent, "tint": tint}
    return " ".join(f"--{name}: {_write(colour)};" for name, colour in names.items())


def _read(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _write(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
