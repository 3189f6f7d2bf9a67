"""The words of calendars and mails: templates in French, the other languages from the catalogues."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from services.kit.i18n import PARIS, day_in_words, hour_in_words, translations
from services.notifications.domain.entry import Entry


@dataclass(frozen=True)
class Words:
    """A text with the title that is its first line."""

    title: str
    text: str


def write(template: str, language: str, **facts: object) -> Words:
    """Return what a text template says in a language; its first line is the title."""
    text = _TEMPLATES.get_template(f"{template}.txt").render(_language(language) | facts)
    title, _, body = text.strip().partition("\n")
    return Words(title.strip(), _tidy(body))


def write_html(template: str, language: str, **facts: object) -> str:
    """Return the same as a page of HTML."""
    return _TEMPLATES.get_template(f"{template}.html").render(_language(language) | facts)


def when(entry: Entry, language: str) -> str:
    """Return day and hours in words: ``jeudi 5 novembre 2020, de 9 h 00 à 10 h 15``."""
    day, start, end = _moments(entry, language)
    return translations(language).gettext("{day}, de {start} à {end}").format(day=day, start=start, end=end)


def begins(entry: Entry, language: str) -> str:
    """Return day and hour of the start in words, for titles."""
    return moment(entry.start, language)


def moment(instant: dt.datetime, language: str) -> str:
    """Return a day and hour in words."""
    day = day_in_words(instant.astimezone(PARIS).date(), language)
    return translations(language).gettext("{day} à {start}").format(day=day, start=hour_in_words(instant, language))


def _moments(entry: Entry, language: str) -> tuple[str, str, str]:
    day = day_in_words(entry.start.astimezone(PARIS).date(), language)
    return day, hour_in_words(entry.start, language), hour_in_words(entry.end, language)


def _language(language: str) -> dict[str, Any]:
    gettext = translations(language).gettext

    def say(message: str, **facts: object) -> str:
        return gettext(message).format(**facts)

    return {
        "_": say,
        "language": language,
        "when": partial(when, language=language),
        "begins": partial(begins, language=language),
        "moment": partial(moment, language=language),
        "day": partial(day_in_words, language=language),
    }


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in text.strip().splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


_TEMPLATES = Environment(
    loader=PackageLoader("services.notifications.adapters"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
