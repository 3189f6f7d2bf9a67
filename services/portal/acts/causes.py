"""The forms in which an organiser says why a plan has to change, and incidents said in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import singledispatch

from services.contracts.causes import (
    Cause,
    HealthRule,
    Lockdown,
    SchoolCancels,
    SchoolClosed,
    SnowDay,
    TeamAway,
    VehicleDown,
)
from services.contracts.values import HalfDay
from services.kit.i18n import N_
from services.portal.web.forms import FieldError, Form, read_day
from services.portal.web.words import Words

NO_DAY = HalfDay(dt.date.min, "am")


class Given:
    """What a form says, read field by field; ``errors`` collects what is missing or cannot be read."""

    def __init__(self, form: Form, words: Words) -> None:
        self._form, self._words = form, words
        self.errors: list[FieldError] = []

    def choice(self, field: str) -> str:
        """Return what was chosen from a list."""
        _, chosen = self._words, self._form.text(field)
        return chosen or self._wrong(field, _("Choisissez dans la liste."))

    def half_days(self) -> tuple[HalfDay, ...]:
        """Return the half-days ticked, in order."""
        found = {half_day for text in self._form.all("half_days") if (half_day := half_day_in(text))}
        if not found:
            _ = self._words
            self._wrong("half_days", _("Cochez au moins une demi-journée."))
            return (NO_DAY,)
        return tuple(sorted(found))

    def half_day(self, field: str) -> HalfDay:
        """Return a half-day chosen from a list."""
        _, found = self._words, half_day_in(self._form.text(field))
        if found is None:
            self._wrong(field, _("Choisissez une demi-journée dans la liste."))
        return found or NO_DAY

    def half_day_or_none(self, field: str) -> HalfDay | None:
        """Return a half-day chosen from a list, None when none was."""
        return self.half_day(field) if self._form.text(field) else None

    def listed_day(self, field: str) -> dt.date:
        """Return a day chosen from a list."""
        _ = self._words
        return self._day(field, _("Choisissez un jour dans la liste."))

    def day(self, field: str) -> dt.date:
        """Return a day."""
        _ = self._words
        return self._day(field, _("Indiquez un jour, par exemple 2026-11-06."))

    def minutes(self, field: str) -> int:
        """Return a number of minutes, 0 when none was given."""
        _ = self._words
        return self._number(field, _("Indiquez un nombre de minutes, en chiffres."))

    def pupils(self, field: str) -> int:
        """Return a number of pupils, 0 when none was given."""
        _ = self._words
        return self._number(field, _("Indiquez un nombre d’élèves, en chiffres."))

    def ticked(self, field: str) -> bool:
        """Return whether a box is ticked."""
        return bool(self._form.text(field))

    def _day(self, field: str, sentence: str) -> dt.date:
        found = read_day(self._form.text(field))
        if found is None:
            self._wrong(field, sentence)
        return found or dt.date.min

    def _number(self, field: str, sentence: str) -> int:
        text = self._form.text(field) or "0"
        if text.isascii() and text.isdigit() and len(text) < 4:
            return int(text)
        self._wrong(field, sentence)
        return 0

    def _wrong(self, field: str, sentence: str) -> str:
        self.errors.append(FieldError(sentence, field))
        return ""


@dataclass(frozen=True)
class CauseForm:
    """A cause as people choose it: ``slug`` in addresses, what it is called and does, the fields of its form."""

    slug: str
    name: str
    hint: str
    fields: tuple[str, ...]
    read: Callable[[Given], Cause]


CAUSES = (
    CauseForm(
        "ecole-fermee",
        N_("Une école est fermée"),
        N_("Grève, travaux, élections… sur certaines demi-journées."),
        ("school", "half_days"),
        lambda given: SchoolClosed(given.choice("school"), given.half_days()),
    ),
    CauseForm(
        "ecole-annule",
        N_("Une école annule"),
        N_("Elle ne participe plus ; ce que ses groupes ont déjà vécu compte."),
        ("school", "since"),
        lambda given: SchoolCancels(given.choice("school"), given.half_day("since")),
    ),
    CauseForm(
        "equipe-absente",
        N_("Un prestataire est absent"),
        N_("Maladie ou empêchement d’un prestataire entier, ou d’une de ses équipes."),
        ("team", "half_days"),
        lambda given: _team_away(given.choice("team"), given.half_days()),
    ),
    CauseForm(
        "vehicule-en-panne",
        N_("Un véhicule est en panne"),
        N_("L’équipe ne vient plus à partir d’un moment, jusqu’à un autre ou jusqu’à la fin."),
        ("vehicle", "since", "until"),
        lambda given: VehicleDown(given.choice("vehicle"), given.half_day("since"), given.half_day_or_none("until")),
    ),
    CauseForm(
        "neige",
        N_("Neige ou intempéries"),
        N_("Aucune école ni aucun lieu commun n’ouvre."),
        ("half_days",),
        lambda given: SnowDay(given.half_days()),
    ),
    CauseForm(
        "interruption",
        N_("Confinement ou interruption"),
        N_("Tout s’arrête un jour donné et reprend plus tard : les parcours commencés continuent alors."),
        ("since_day", "resumes", "ends"),
        lambda given: Lockdown(given.listed_day("since_day"), given.day("resumes"), given.day("ends")),
    ),
    CauseForm(
        "regle-sanitaire",
        N_("Nouvelle règle sanitaire"),
        N_("Temps de nettoyage entre deux séances, groupes plus petits ou plus aucun déplacement de classe."),
        ("since_day", "cleaning", "largest", "at_school"),
        lambda given: HealthRule(
            given.listed_day("since_day"), given.minutes("cleaning"), given.ticked("at_school"), given.pupils("largest")
        ),
    ),
)

FIELDS = {
    "incident_school": ("school",),
    "incident_provider": ("team",),
    "incident_team": ("team", "vehicle"),
    "incident_no_half_day": ("half_days",),
    "incident_not_action_day": ("half_days", "since", "since_day"),
    "incident_order": ("until", "resumes"),
    "incident_no_new_day": ("resumes",),
    "school_calendar_unknown": ("resumes",),
    "incident_cleaning": ("cleaning",),
    "incident_largest": ("largest",),
    "incident_no_rule": ("cleaning",),
    "incident_why": ("why",),
    "job_frozen_day": ("frozen_before",),
}
"""Code of a problem -> the fields it may be about; the first that the form has is meant."""


def field_of(code: str, fields: Iterable[str]) -> str:
    """Return the field of a form that a problem is about, empty for the whole of it."""
    return next((field for field in FIELDS.get(code, ()) if field in (*fields, "why", "frozen_before")), "")


def half_day_in(text: str) -> HalfDay | None:
    """Return the half-day that a form writes ``2020-11-02 am``, None when it is something else."""
    written, _, half = text.partition(" ")
    day = read_day(written)
    return HalfDay(day, "am" if half == "am" else "pm") if day and half in ("am", "pm") else None


@singledispatch
def in_words(cause: Cause, _: Words, names: dict[str, str]) -> str:
    """Say a cause in one line. ``names``: of schools, providers and teams by id."""
    raise TypeError(f"no words for {type(cause).__name__}")


@in_words.register
def _closed(cause: SchoolClosed, _: Words, names: dict[str, str]) -> str:
    return _("{who} : école fermée, {when}", who=_name(names, cause.school_id), when=_when(cause.half_days, _))


@in_words.register
def _cancels(cause: SchoolCancels, _: Words, names: dict[str, str]) -> str:
    who = _name(names, cause.school_id)
    return _("{who} : ne participe plus à partir du {when}", who=who, when=_.half_day(cause.since))


@in_words.register
def _away(cause: TeamAway, _: Words, names: dict[str, str]) -> str:
    who = _name(names, cause.team_id or cause.provider_id)
    return _("{who} : absence, {when}", who=who, when=_when(cause.half_days, _))


@in_words.register
def _down(cause: VehicleDown, _: Words, names: dict[str, str]) -> str:
    who, since = _name(names, cause.team_id), _.half_day(cause.since)
    if cause.until is None:
        return _("{who} : véhicule en panne à partir du {since}", who=who, since=since)
    return _("{who} : véhicule en panne du {since} au {until}", who=who, since=since, until=_.half_day(cause.until))


@in_words.register
def _snow(cause: SnowDay, _: Words, names: dict[str, str]) -> str:
    return _("Neige ou intempéries : rien n’ouvre, {when}", when=_when(cause.half_days, _))


@in_words.register
def _lockdown(cause: Lockdown, _: Words, names: dict[str, str]) -> str:
    days = {name: _.short_day(getattr(cause, name)) for name in ("since", "resumes", "ends")}
    return _("Interruption à partir du {since} ; reprise du {resumes} au {ends}", **days)


@in_words.register
def _health(cause: HealthRule, _: Words, names: dict[str, str]) -> str:
    rules = []
    if cause.cleaning:
        rules.append(_("{n} min de nettoyage entre deux séances", n=cause.cleaning))
    if cause.largest:
        rules.append(_("groupes de {n} élèves au plus", n=cause.largest))
    if cause.at_school:
        rules.append(_("ateliers à l’école seulement"))
    return _("Règle sanitaire à partir du {since} : {what}", since=_.short_day(cause.since), what=", ".join(rules))


def _when(half_days: Iterable[HalfDay], _: Words) -> str:
    """Return half-days; those that make a whole day are said as the day."""
    halves: dict[dt.date, list[HalfDay]] = {}
    for half_day in sorted(half_days):
        halves.setdefault(half_day.day, []).append(half_day)
    return ", ".join(_.short_day(d) if len(each) == 2 else _.half_day(each[0]) for d, each in halves.items())


def _name(names: dict[str, str], id_: str) -> str:
    return names.get(id_, id_)


def _team_away(chosen: str, half_days: tuple[HalfDay, ...]) -> TeamAway:
    provider, _, team = chosen.partition("/")
    return TeamAway(provider, half_days, team)
