"""The order in which people look for names in a list."""

from __future__ import annotations

import re
import unicodedata


def alphabetical(name: str) -> str:
    """Return the key that sorts names as a dictionary does: accents, capitals and signs aside, 2 before 10."""
    letters = unicodedata.normalize("NFKD", name.casefold().replace("œ", "oe"))
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub(r"\d+", lambda number: number[0].zfill(9), re.sub(r"\W+", " ", bare))
