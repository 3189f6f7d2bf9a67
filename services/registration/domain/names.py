"""Ids made from names, the same each time."""

from __future__ import annotations

import hashlib
import re
import unicodedata

LONGEST_SCHOOL, LONGEST_GROUP = 130, 250
"""Characters of an id, as the tables have room for: a session's adds its activity's to that of its group."""


def slug(text: str) -> str:
    """Return ``text`` in lower case, without accents, hyphens between words: ``ecole-du-centre-1``.

    A text in other letters than ours gives the numbers of its letters; one without any gives nothing.
    """
    plain = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "Oe"))
    ours = re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode().lower()).strip("-")
    return ours or "".join(f"{ord(letter):x}" for letter in text.casefold() if letter.isalnum())


def bounded(id_: str, longest: int) -> str:
    """Return an id as it is while it is short enough, else its beginning and a digest of the whole."""
    return id_ if len(id_) <= longest else f"{id_[: longest - 17]}-{hashlib.sha256(id_.encode()).hexdigest()[:16]}"


def school_slug(name: str, commune: str) -> str:
    """Return the id of a school: its name, with the commune where the name does not say it."""
    short, place = slug(name), slug(commune)
    return bounded(short if f"-{place}-" in f"-{short}-" else f"{short}-{place}", LONGEST_SCHOOL)


def class_slug(school_id: str, name: str) -> str:
    """Return the id of a class: that of its school and its name."""
    return f"{school_id}/{slug(name)}"


def school_of(class_id: str) -> str:
    """Return the id of the school that has a class."""
    return class_id.rpartition("/")[0]
