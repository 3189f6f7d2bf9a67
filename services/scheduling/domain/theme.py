"""The look of all pages: a colour and a logo, read with care."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode

from services.contracts.errors import refused

LARGEST_LOGO = 40
"""Kilobytes: a page with all it needs stays below a hundred."""
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_KINDS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


def read_colour(text: str) -> str:
    """Return a colour as ``#rrggbb``, empty for none. Raises Refused (``bad_colour``)."""
    colour = text.strip().lower()
    if colour and not _COLOUR.fullmatch(colour):
        raise refused("bad_colour", colour=text)
    return colour


def type_of_logo(logo: str) -> str:
    """Return the media type of a picture in base64, empty for none. Raises Refused (``large_logo``, ``unknown_logo``).

    Told by the first bytes, since names of files lie. No SVG: it may hold scripts.
    """
    if not logo:
        return ""
    try:
        picture = b64decode(logo, validate=True)
    except binascii.Error:
        raise refused("unknown_logo") from None
    if len(picture) > LARGEST_LOGO * 1000:
        raise refused("large_logo", size=-(-len(picture) // 1000), limit=LARGEST_LOGO)
    if picture[:4] == b"RIFF" and picture[8:12] == b"WEBP":
        return "image/webp"
    kind = next((kind for start, kind in _KINDS.items() if picture.startswith(start)), None)
    if kind is None:
        raise refused("unknown_logo")
    return kind
