"""Words for people: French is written in the code, the other languages in ``locale/<language>.po``."""

from __future__ import annotations

import datetime as dt
import functools
import gettext
import io
from importlib.resources import files
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from services.contracts.errors import SENTENCES, Problem

LANGUAGES = ("fr", "en")
PARIS = ZoneInfo("Europe/Paris")


def N_(text: str) -> str:
    """Mark a French sentence for the catalogues where it is written; it is translated where it is said."""
    return text


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


def sentence(problem: Problem, language: str) -> str:
    """Return what a problem says to a person, with the place in the file when it has one."""
    text = translations(language).gettext(SENTENCES[problem.code]).format(**problem.facts)
    return f"{_where(problem, language)}{text}"


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
    return format_date(day, "EEEE d MMMM y", locale=language)


def hour_in_words(instant: dt.datetime, language: str) -> str:
    """Return the hour in Paris: ``9 h 00`` in French, ``09:00`` elsewhere."""
    local = instant.astimezone(PARIS)
    return f"{local.hour} h {local.minute:02d}" if language == "fr" else f"{local:%H:%M}"
