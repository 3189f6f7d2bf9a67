"""The national number of a school (UAI, formerly RNE): seven digits and a key letter."""

from __future__ import annotations

import re

LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
"""The alphabet without I, O and Q."""


def key_letter(digits: str) -> str:
    """Return the letter that follows the seven digits: their number modulo 23 in LETTERS.

    Source: répertoire national des établissements, as explained by J. Delmas, « Qu’est-ce que le code RNE ou UAI ? »
    (blog.juliendelmas.fr), whose example is 0951099D.
    """
    return LETTERS[int(digits) % len(LETTERS)]


def is_uai(text: str) -> bool:
    """Whether ``text`` has the form of a UAI; says nothing of its key."""
    return re.fullmatch(r"[0-9]{7}[A-Z]", text) is not None
