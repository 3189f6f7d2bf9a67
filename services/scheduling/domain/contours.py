"""Lines to draw under maps, read from GeoJSON (RFC 7946) with care: bounded, every fault said."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from services.contracts.errors import refused

LONGEST = 1_000_000
"""Characters of the text."""
MOST_POINTS = 50_000
DIGITS = 5
"""Decimals of a degree that are kept: about a metre."""
DEEPEST = 8
"""Collections inside collections."""

_Line = tuple[tuple[float, float], ...]
_LISTS = {"LineString": 0, "MultiLineString": 1, "Polygon": 1, "MultiPolygon": 2}
"""How many lists of lines stand around the points of each geometry."""


def read_contours(text: str) -> tuple[_Line, ...]:
    """Return the lines of a GeoJSON text; none for an empty one. Raises Refused with what is wrong."""
    if not text.strip():
        return ()
    if len(text) > LONGEST:
        raise refused("contours_too_long", size=len(text), limit=LONGEST)
    try:
        lines = tuple(_lines(json.loads(text), DEEPEST))
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise refused("contours_not_geojson") from None
    if not lines:
        raise refused("contours_empty")
    if sum(map(len, lines)) > MOST_POINTS:
        raise refused("contours_too_many", limit=MOST_POINTS)
    if not all(abs(lon) <= 180 and abs(lat) <= 90 for line in lines for lon, lat in line):
        raise refused("contours_outside")
    return lines


def _lines(thing: Any, depth: int) -> Iterator[_Line]:
    """Yield the lines of an object; points are no lines. Raises for anything else."""
    kind = thing["type"]
    if not depth:
        raise ValueError(kind)
    if kind in ("FeatureCollection", "GeometryCollection"):
        for part in thing["features" if kind == "FeatureCollection" else "geometries"]:
            yield from _lines(part, depth - 1)
    elif kind == "Feature":
        if thing["geometry"] is not None:
            yield from _lines(thing["geometry"], depth - 1)
    elif kind in _LISTS:
        yield from _unpacked(thing["coordinates"], _LISTS[kind])
    elif kind not in ("Point", "MultiPoint"):
        raise ValueError(kind)


def _unpacked(lists: Any, around: int) -> Iterator[_Line]:
    if around:
        for one in lists:
            yield from _unpacked(one, around - 1)
    else:
        yield tuple((_degrees(point[0]), _degrees(point[1])) for point in lists)


def _degrees(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(value)
    return round(float(value), DIGITS)
