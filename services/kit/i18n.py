"""Words for people: French is written in the code, the other languages in ``locale/<language>.po``."""

from __future__ import annotations

import datetime as dt
import functools
import gettext
import io
import re
from collections.abc import Mapping
from importlib.resources import files

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from services.contracts.errors import SENTENCES, Problem
from services.contracts.values import PARIS, Violation

LANGUAGES = ("fr", "en")
_UNBROKEN = re.compile(r" (?=[:;?!»%])|(?<=«) |(?<=\d) (?=h \d\d\b)|(?<=\d h) (?=\d\d\b)")


def N_(text: str) -> str:
    """Mark a French sentence for the catalogues where it is written; it is translated where it is said."""
    return text


HALVES = {"am": N_("matin"), "pm": N_("après-midi")}


@functools.cache
def translations(language: str) -> gettext.NullTranslations:
    """Return the catalogue of a language; French, being the source, and unknown languages have none."""
    if language == "fr" or language not in LANGUAGES:
        return gettext.NullTranslations()
    catalogue = read_po(io.BytesIO((files("services.kit") / "locale" / f"{language}.po").read_bytes()))
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def unbroken(text: str, language: str) -> str:
    """Return French with spaces that must not break a line: before high punctuation, in guillemets and hours."""
    return _UNBROKEN.sub("\u00a0", text) if language == "fr" else text


def sentence(problem: Problem, language: str) -> str:
    """Return what a problem says to a person, with the place in the file when it has one."""
    text = translations(language).gettext(SENTENCES[problem.code]).format(**in_words(problem.facts, language))
    return f"{_where(problem, language)}{text}"


def violation_in_words(violation: Violation, language: str) -> str:
    """Return what a broken rule says to a person."""
    return translations(language).gettext(violation.sentence).format(**in_words(violation.facts, language))


def in_words(facts: Mapping[str, str], language: str) -> dict[str, str]:
    """Return facts with days (``2020-11-05``), half-days, lists of them, and hours (``08:30``) as people say them."""
    return {name: _in_words(value, language) for name, value in facts.items()}


def _in_words(text: str, language: str) -> str:
    if re.fullmatch(r"\d\d:\d\d", text, re.ASCII):
        return clock_in_words(int(text[:2]), int(text[3:]), language)
    return _days_in_words(text, language)


def _days_in_words(text: str, language: str) -> str:
    parts = text.split(", ")
    if not all(re.fullmatch(r"\d{4}-\d\d-\d\d( am| pm)?", part, re.ASCII) for part in parts):
        return text
    if len(parts) == 1 and len(text) == len("2020-11-05"):
        return day_in_words(dt.date.fromisoformat(text), language)
    return ", ".join(_half_day_in_words(part, language) for part in parts)


def _half_day_in_words(text: str, language: str) -> str:
    """Return ``jeudi 5 novembre matin``."""
    day, _, half = text.partition(" ")
    words = first_in_words(format_date(dt.date.fromisoformat(day), "EEEE d MMMM", locale=language), language)
    return " ".join([words, translations(language).gettext(HALVES[half])] if half else [words])


def _where(problem: Problem, language: str) -> str:
    _ = translations(language).gettext
    parts = [problem.file] if problem.file else []
    if problem.line is not None:
        parts.append(_("ligne {line}").format(line=problem.line))
    if problem.column:
        parts.append(_("colonne « {column} »").format(column=problem.column))
    if problem.value:
        parts.append(_("valeur « {value} »").format(value=problem.value))
    return ", ".join(parts) + (_(" : ") if parts else "")


def day_in_words(day: dt.date, language: str) -> str:
    """Return a day as people say it: ``jeudi 5 novembre 2020``, ``Thursday 5 November 2020``."""
    return first_in_words(format_date(day, "EEEE d MMMM y", locale=language), language)


def first_in_words(date: str, language: str) -> str:
    """Return a date with the first of a month as French writes it, ``1er mars``, where CLDR has ``1 mars``."""
    return re.sub(r"\b1(?= [a-zéû])", "1er", date) if language == "fr" else date


def hour_in_words(instant: dt.datetime, language: str) -> str:
    """Return the hour in Paris: ``9 h 00`` in French, ``09:00`` elsewhere."""
    local = instant.astimezone(PARIS)
    return clock_in_words(local.hour, local.minute, language)


def clock_in_words(hour: int, minute: int, language: str) -> str:
    """Return a time of day as ``hour_in_words`` does."""
    return f"{hour} h {minute:02d}" if language == "fr" else f"{hour:02d}:{minute:02d}"
