"""Ids made from names, the same each time."""

from __future__ import annotations

import re
import unicodedata


def slug(text: str) -> str:
    """Return ``text`` in lower case, without accents, hyphens between words: ``ecole-du-centre-1``."""
    plain = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "Oe"))
    return re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode().lower()).strip("-")


def school_slug(name: str, commune: str) -> str:
    """Return the id of a school: its name, with the commune where the name does not say it."""
    short, place = slug(name), slug(commune)
    return short if f"-{place}-" in f"-{short}-" else f"{short}-{place}"


def class_slug(school_id: str, name: str) -> str:
    """Return the id of a class: that of its school and its name."""
    return f"{school_id}/{slug(name)}"


def school_of(class_id: str) -> str:
    """Return the id of the school that has a class."""
    return class_id.rpartition("/")[0]
