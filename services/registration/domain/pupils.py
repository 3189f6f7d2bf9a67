"""Pupils are counted, never named: texts that seem to name some."""

from __future__ import annotations

import re

_ADULT = r"(?!(?:M|Mr|Mme|Mlle|Madame|Monsieur|Maître|Maîtresse|Dr)\b)"
_PERSON = re.compile(rf"{_ADULT}[A-ZÀ-Ý][\w’'-]+[ \t]+[A-ZÀ-Ý][\w’'-]*")
_FIRST_NAME = re.compile(r"(?!(?:Lundi|Mardi|Mercredi|Jeudi|Vendredi|Samedi)$)[A-ZÀ-Ý][a-zà-ÿ’-]{2,}")


def looks_like_names(text: str) -> bool:
    """Whether a text reads like a list of pupils: three or more entries that are a first name, or begin or end with a
    first and a last name. Numbers and remarks in brackets do not hide them; « Mme Petit » is an adult.
    """
    entries = re.split(r"[,;\n]|\. |\bet\b", re.sub(r"\(.*?\)|^.*?:", "", text, flags=re.MULTILINE))
    return sum(map(_is_named, (re.sub(r"^[\W\d_]+|\W+$", "", entry) for entry in entries))) >= 3


def _is_named(entry: str) -> bool:
    persons = list(_PERSON.finditer(entry))
    return bool(_FIRST_NAME.fullmatch(entry)) or any(p.start() == 0 or p.end() == len(entry) for p in persons)
