"""Plain pictures as SVG: bars to compare planners, steps to follow one over time, curves of growth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

WIDTH, LEFT, ROW, FONT = 760, 210, 26, 'font-family="sans-serif" font-size="13"'


class Bar(NamedTuple):
    """One planner: how long its bar is, what stands beside it, whether its plan is whole and valid."""

    name: str
    value: float
    note: str
    whole: bool


def bars(path: Path, title: str, rows: Sequence[Bar], mark: float | None, mark_name: str) -> None:
    """Draw one bar a row and a vertical line at ``mark``, if there is one."""
    longest = max([mark or 0.0, *(row.value for row in rows)])
    scale = (WIDTH - LEFT - 190) / longest
    height = ROW * (len(rows) + 3)
    drawn = [_text(8, 20, title)]
    for i, row in enumerate(rows):
        y = ROW * (i + 1.6)
        drawn.append(_text(8, y + 14, row.name))
        length = row.value * scale
        colour = "#2a6f97" if row.whole else "#c9a227"
        drawn.append(f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{ROW - 8}" fill="{colour}"/>')
        drawn.append(_text(LEFT + length + 6, y + 14, row.note))
    if mark is not None:
        x, bottom = LEFT + mark * scale, ROW * (len(rows) + 1.6)
        drawn.append(f'<path d="M{x:.1f} {ROW} V{bottom}" stroke="#b00020" stroke-dasharray="4 3"/>')
        drawn.append(_text(x - 60, bottom + 16, mark_name))
    _write(path, drawn, height)


def steps(path: Path, title: str, values: Sequence[tuple[float, float]], bounds: Sequence[tuple[float, float]]) -> None:
    """Draw the best value (blue) and the bound (red, dashed) over CPU seconds."""
    height, low, high = 320, 40.0, 270.0
    end = max(x for x, _ in [*values, *bounds])
    least, most = (f(y for _, y in [*values, *bounds]) for f in (min, max))
    span = (most - least) or 1.0

    def at(point: tuple[float, float]) -> tuple[float, float]:
        return 70 + point[0] / end * (WIDTH - 100), low + (most - point[1]) / span * (high - low)

    drawn = [_text(8, 20, title), _text(70, 305, "0 s"), _text(WIDTH - 80, 305, f"{end:.0f} s CPU")]
    drawn += [_text(8, low + 5, f"{most:.0f}"), _text(8, high + 5, f"{least:.0f}")]
    for points, style in ((values, 'stroke="#2a6f97"'), (bounds, 'stroke="#b00020" stroke-dasharray="4 3"')):
        if points:
            x0, y0 = at(points[0])
            path_to = "".join(f"H{x:.1f}V{y:.1f}" for x, y in map(at, points[1:]))
            drawn.append(f'<path d="M{x0:.1f} {y0:.1f}{path_to}H{WIDTH - 30}" fill="none" stroke-width="2" {style}/>')
    _write(path, drawn, height)


def curve(path: Path, title: str, lines: Sequence[tuple[str, str, Sequence[tuple[float, float]]]]) -> None:
    """Draw lines of (name, colour, points) over two logarithmic axes, each point with its value."""
    low, high, left, right = 320.0, 60.0, 70.0, WIDTH - 60.0
    every = [point for _, _, points in lines for point in points]
    across, up = ([math.log10(point[axis]) for point in every] for axis in (0, 1))
    least_x, most_x, least_y, most_y = min(across), max(across), min(up), max(up)

    def at(point: tuple[float, float]) -> tuple[float, float]:
        x, y = map(math.log10, point)
        return (
            left + (x - least_x) / ((most_x - least_x) or 1) * (right - left),
            low - (y - least_y) / ((most_y - least_y) or 1) * (low - high),
        )

    drawn = [_text(8, 20, title)]
    for schools in sorted({x for _, _, points in lines for x, _ in points}):
        drawn.append(_text(at((schools, 10**least_y))[0] - 10, low + 26, f"{schools:,.0f}"))
    for i, (name, colour, points) in enumerate(lines):
        places = [at(point) for point in points]
        drawn.append(f'<path d="M{" L".join(f"{x:.1f} {y:.1f}" for x, y in places)}" fill="none" stroke="{colour}"/>')
        for (x, y), (_, value) in zip(places, points, strict=True):
            drawn += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>', _text(x + 5, y - 5, f"{value:g}")]
        drawn += [
            f'<rect x="{8 + 250 * i}" y="32" width="12" height="12" fill="{colour}"/>',
            _text(26 + 250 * i, 43, name),
        ]
    _write(path, drawn, 360)


def _text(x: float, y: float, text: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {FONT}>{escape(text)}</text>'


def _write(path: Path, drawn: Sequence[str], height: float) -> None:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height:.0f}">'
    white = '<rect width="100%" height="100%" fill="#fff"/>'
    path.write_text("\n".join([head, white, *drawn, "</svg>", ""]), encoding="utf-8")
