"""Words of the pages: French in the code, other languages from the catalogue, days and hours as people say."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from babel.dates import format_date, format_skeleton, get_day_names
from babel.numbers import format_decimal

from services.contracts.errors import Problem
from services.contracts.values import PARIS, HalfDay, Violation
from services.kit.i18n import (
    HALVES,
    LANGUAGES,
    clock_in_words,
    day_in_words,
    first_in_words,
    hour_in_words,
    sentence,
    translations,
    unbroken,
    violation_in_words,
)
from services.portal.web.labels import PERMISSIONS, RULES


class Words:
    """Says things in one language. Called with a French sentence, gives it in that language, its braces filled."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._catalogue = translations(language)

    def __call__(self, french: str, **facts: object) -> str:
        return self._bind(self._catalogue.gettext(french).format(**facts))

    def stored(self, french: str) -> str:
        """Return a sentence that a service wrote down in French, such as why a mail failed; braces stay."""
        return self._bind(self._catalogue.gettext(french) if french else "")

    def plural(self, one: str, many: str, n: float, **facts: object) -> str:
        """Return the form for ``n``, which fills the brace of that name. French says zero in the singular."""
        french = one if abs(n) < 2 else many
        text = french if self.language == "fr" else self._catalogue.ngettext(one, many, math.ceil(n))
        return self._bind(text.format(n=self.number(n), **facts))

    def label(self, labels: Mapping[str, str], key: str) -> str:
        """Return the word for a value of the contracts; a value without one stands for itself."""
        return self(labels[key]) if key in labels else key

    def sentence(self, problem: Problem) -> str:
        """Return what a problem says, its days and rules in words."""
        facts = dict(problem.facts)
        for name in ("day", "first", "last"):
            with suppress(KeyError, ValueError):
                facts[name] = self.day(dt.date.fromisoformat(facts[name]))
        if "permission" in facts:
            facts["permission"] = self.label(PERMISSIONS, facts["permission"])
        if "rules" in facts:
            facts["rules"] = ", ".join(self.label(RULES, rule) for rule in facts["rules"].split(", "))
        return self._bind(sentence(replace(problem, facts=facts), self.language))

    def violation(self, violation: Violation) -> str:
        """Return what a broken rule says."""
        return self._bind(violation_in_words(violation, self.language))

    def day(self, day: dt.date) -> str:
        """Return ``jeudi 5 novembre 2020``."""
        return day_in_words(day, self.language)

    def short_day(self, day: dt.date) -> str:
        """Return ``jeu. 5 nov.``."""
        return first_in_words(format_date(day, "EEE d MMM", locale=self.language), self.language)

    def weekday(self, number: int) -> str:
        """Return ``Lundi`` for 1."""
        return get_day_names("wide", locale=self.language)[number - 1].capitalize()

    def hour(self, instant: dt.datetime) -> str:
        """Return the hour in Paris, which no line end may cut."""
        return self._bind(hour_in_words(instant, self.language))

    def hours(self, start: dt.datetime, end: dt.datetime) -> str:
        """Return ``9 h 00 – 10 h 15``."""
        return f"{self.hour(start)} – {self.hour(end)}"

    def minutes(self, minutes: int) -> str:
        """Return an hour of the day given in minutes after midnight."""
        return self._bind(clock_in_words(*divmod(minutes, 60), self.language))

    def instant(self, instant: dt.datetime) -> str:
        """Return a day and hour, short: ``5 nov. 2020, 9 h 00``."""
        day = first_in_words(format_skeleton("yMMMd", instant.astimezone(PARIS), locale=self.language), self.language)
        return f"{day}, {self.hour(instant)}"

    def half_day(self, half_day: HalfDay) -> str:
        """Return ``jeu. 5 nov. matin``."""
        return f"{self.short_day(half_day.day)} {self(HALVES[half_day.half])}"

    def _bind(self, text: str) -> str:
        return unbroken(text, self.language)

    def number(self, number: float) -> str:
        """Return a number with the separators of the language, and a minus sign as long as a plus."""
        return str(format_decimal(number, locale=self.language)).replace("-", "−")


def language_of(asked: str | None, remembered: str | None, accepted: str) -> str:
    """Choose among what the address asks, what the cookie remembers and what the browser accepts; else French."""
    for wish in (asked, remembered):
        if wish in LANGUAGES:
            return wish
    return next((wish for wish in _by_preference(accepted) if wish in LANGUAGES), LANGUAGES[0])


def _by_preference(accepted: str) -> list[str]:
    """Return the languages of an Accept-Language header, dearest first (RFC 9110 section 12.5.4)."""
    wishes = []
    for position, part in enumerate(accepted[:200].split(",")):
        name, _, parameter = part.strip().partition(";")
        wishes.append((-_quality(parameter), position, name.split("-")[0].lower()))
    return [name for quality, _, name in sorted(wishes) if quality]


def _quality(parameter: str) -> float:
    try:
        return float(parameter.strip().removeprefix("q=")) if parameter else 1.0
    except ValueError:
        return 0.0
