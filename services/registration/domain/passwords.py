"""What a new password must be: long enough, and none that is tried first. No rule on its letters (NIST SP 800-63B)."""

from __future__ import annotations

import re
import unicodedata

from services.contracts.errors import Problem

SHORTEST, LONGEST = 12, 200

ROWS = ("abcdefghijklmnopqrstuvwxyz", "0123456789", "azertyuiopqsdfghjklmwxcvbn", "qwertyuiopasdfghjklzxcvbnm")
"""Letters as the alphabet and keyboards have them, forwards; backwards counts as well."""

COMMON = {
    "adminadmin", "administrateur", "administrator", "bienvenue", "bonjour", "changeme", "changezmoi",
    "correcthorsebatterystaple", "football", "iloveyou", "jetaime", "letmein", "loulou", "marseille",
    "monmotdepasse", "motdepasse", "motdepassefort", "numerique", "organisateur", "password",
    "passwordpassword", "princess", "quinzaine", "quinzainedunumerique", "secret", "soleil", "sunshine",
    "superman", "thisisapassword", "welcome",
}  # fmt: skip
"""What many choose; figures and signs around them change nothing."""


def faults(password: str, email: str, name: str) -> tuple[Problem, ...]:
    """Return what is wrong with a new password of this person; nothing: it may be kept."""
    if len(password) < SHORTEST:
        return (Problem("password_short", {"shortest": str(SHORTEST)}),)
    if len(password) > LONGEST:
        return (Problem("password_long", {"longest": str(LONGEST)}),)
    return (Problem("password_common"),) if _guessed(password, email, name) else ()


def _guessed(password: str, email: str, name: str) -> bool:
    plain = _plain(password)
    words = re.sub(r"[^a-z]", "", plain)
    own = {_plain(word) for word in (email, email.partition("@")[0], name, *re.split(r"\W+", f"{email} {name}"))}
    is_own = plain in own or (len(words) > 2 and words in own)
    return _repeats(plain) or _follows(plain) or words in COMMON or is_own


def _plain(text: str) -> str:
    """Return letters and figures without accents or case."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in decomposed if letter.isalnum())


def _repeats(text: str) -> bool:
    """Whether it is one short piece again and again, such as ``abcabcabcabc``."""
    return any(text == (text[:size] * len(text))[: len(text)] for size in range(1, 5))


def _follows(text: str) -> bool:
    """Whether it only runs along the alphabet, the figures or a keyboard."""
    rows = [row + row for row in ROWS]
    return any(text in row or text[::-1] in row for row in rows)
