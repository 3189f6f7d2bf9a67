"""The words of calendars and mails: templates in French, the other languages from the catalogues."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from babel.dates import format_skeleton
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from services.contracts.values import PARIS
from services.kit.i18n import day_in_words, first_in_words, hour_in_words, translations, unbroken
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


def write_mail(template: str, language: str, **facts: object) -> tuple[str, str]:
    """Return a mail as text and as a page of HTML; both say the same. ``said``: its words, already filled."""
    known = _language(language) | facts
    text, html = (_TEMPLATES.get_template(f"{template}.{form}").render(known) for form in ("txt", "html"))
    return unbroken(_tidy(text), language), _OUTSIDE_TAGS.sub(lambda found: unbroken(found[0], language), html)


def line(template: str, language: str, **facts: object) -> str:
    """Return what a text template says on one line."""
    return " ".join(_TEMPLATES.get_template(f"{template}.txt").render(_language(language) | facts).split())


def values(language: str, facts: Mapping[str, Any]) -> dict[str, str]:
    """Return what the names in braces stand for, of those that these facts have."""
    contact = facts["edition"].organiser
    known: dict[str, str] = {
        "edition": facts["edition"].name,
        "organiser": contact.name,
        "contact": ", ".join(part for part in (contact.name, contact.phone, contact.email) if part),
        "first": day_in_words(facts["edition"].first_day, language),
        "last": day_in_words(facts["edition"].last_day, language),
    }
    if entry := facts.get("entry"):
        known |= {"what": entry.summary, "begins": begins(entry, language)}
        known |= {"when": when(entry, language), "where": entry.location}
    if school := facts.get("school"):
        known["school"] = school.name
    if "deadline" in facts:
        known["deadline"] = _deadline(facts["deadline"], language)
    if until := facts.get("until"):
        known["moment"] = moment(until, language)
    return known | {
        name: str(facts[name]) for name in ("release", "reason", "programme", "group", "n") if name in facts
    }


def _deadline(day: dt.date | None, language: str) -> str:
    said = translations(language).gettext("Merci de répondre au plus tard le {day}.")
    return said.format(day=day_in_words(day, language)) if day else ""


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


def briefly(instant: dt.datetime, language: str) -> str:
    """Return day and hour of Paris in few letters: ``jeu. 5 nov. 9 h 00``."""
    day = first_in_words(format_skeleton("MMMEd", instant.astimezone(PARIS), locale=language), language)
    return f"{day} {hour_in_words(instant, language)}"


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
        "briefly": partial(briefly, language=language),
        "day": partial(day_in_words, language=language),
    }


_OUTSIDE_TAGS = re.compile(r"(?<=>)[^<]+")


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
