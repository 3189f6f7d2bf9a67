"""Read schools, and classes, from CSV files; every fault found is reported at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.contracts.errors import Problem
from services.contracts.values import MOST_PUPILS, Contact, Edition, Place, School, SchoolClass, Window
from services.registration.domain import cells
from services.registration.domain.csvfile import Column, Row, Wrong, read_rows
from services.registration.domain.names import class_slug, school_slug, slug

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi")

SCHOOL_COLUMNS = (
    Column("école", aliases=("nom_etablissement", "nom de l’école", "établissement", "appellation_officielle", "nom")),
    Column("commune", aliases=("nom_commune", "libelle_commune", "ville", "localité")),
    Column("uai", required=False, aliases=("identifiant_de_l_etablissement", "numero_uai", "code uai", "rne")),
    Column("adresse", required=False, aliases=("adresse_1", "adresse_uai", "rue")),
    Column("latitude", aliases=("lat",)),
    Column("longitude", aliases=("lon", "long", "lng")),
    Column("contact", required=False, aliases=("directeur", "directrice", "direction")),
    Column("courriel", aliases=("mail", "e-mail", "adresse mail", "adresse électronique")),
    Column("téléphone", required=False, aliases=("tel", "tél.", "numéro de téléphone")),
    *(Column(day, required=False) for day in DAYS),
    Column("salles", required=False, aliases=("nombre de salles",)),
    Column("fermetures", required=False),
    Column("à éviter", required=False),
    Column("mélange de classes", required=False),
    Column("quartier prioritaire", required=False, aliases=("qpv",)),
    Column("rurale", required=False, aliases=("école rurale", "zone rurale")),
    Column("jamais servie", required=False, aliases=("nouvelle école",)),
    Column("source", required=False),
)
"""Of the file of schools. ``source`` is for people: where the row comes from, what is assumed."""

CLASS_COLUMNS = (
    Column("école", aliases=("nom de l’école", "établissement", "nom_etablissement")),
    Column("commune", aliases=("nom_commune", "ville", "localité")),
    Column("classe", aliases=("nom de la classe", "libellé classe", "division")),
    Column("niveau", required=False, aliases=("cours", "niveaux")),
    Column("élèves", aliases=("effectif", "effectifs", "nombre d’élèves", "nb élèves")),
    Column("programmes", required=False),
    Column("source", required=False),
)
"""Of the file of classes. ``programmes`` empty: all of the edition's."""

_NAME, _TEXT = cells.words(60), cells.words(200)


@dataclass(frozen=True)
class Entry:
    """What the files say of one school. ``classes`` None: no file says any."""

    school: School
    classes: tuple[SchoolClass, ...] | None


@dataclass(frozen=True)
class File:
    """A CSV text under the name its owner knows it by; ``columns``: the header each column stands under, if chosen."""

    name: str
    text: str
    columns: Mapping[str, str] | None = None

    def rows(self, columns: tuple[Column, ...], problems: list[Problem]) -> list[Row]:
        """Return the rows; faults are added to ``problems``."""
        return read_rows(self.name, self.text, columns, problems, self.columns)


def read_entries(
    schools: File, classes: File | None, edition: Edition, known: Iterable[School]
) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
    """Read the files: what they say of each school, in their order, and all their faults.

    A school is ``known`` by its UAI, else its name and commune, and keeps its id. With faults, entries are of no use.
    """
    problems: list[Problem] = []
    read = _read_schools(schools.rows(SCHOOL_COLUMNS, problems), edition, _Known(tuple(known)))
    if classes is None:
        return tuple(Entry(school, None) for school in read), tuple(problems)
    found = _read_classes(classes.rows(CLASS_COLUMNS, problems), edition, read, schools.name)
    return tuple(Entry(school, tuple(found[school.id])) for school in read), tuple(problems)


# Schools --------------------------------------------------------------------------------------------------


class _Known:
    """Schools registered before, found by UAI or by id."""

    def __init__(self, schools: tuple[School, ...]) -> None:
        self._by_uai = {school.uai: school for school in schools if school.uai}
        self._by_id = {school.id: school for school in schools}

    def id_of(self, uai: str, own: str) -> str:
        """Return the id of the school with this UAI, else ``own``. Raises Wrong when ``own`` belongs to another UAI."""
        if uai in self._by_uai:
            return self._by_uai[uai].id
        other = self._by_id.get(own)
        if other and other.uai and uai:
            raise Wrong("uai_differs", uai=other.uai)
        return own


def _read_schools(rows: list[Row], edition: Edition, known: _Known) -> list[School]:
    first: dict[str, int] = {}
    schools = []
    for row in rows:
        school = _school(row, edition, known)
        keys = [key for key in (school.id, school_slug(school.name, school.commune), school.uai) if key]
        lines = [first.setdefault(key, row.line) for key in keys]
        if min(lines) != row.line:
            row.note(Wrong("school_twice", first=min(lines)), "école")
        schools.append(school)
    return schools


def _school(row: Row, edition: Edition, known: _Known) -> School:
    name, commune = row.read("école", _NAME, ""), row.read("commune", _NAME, "")
    uai = row.read("uai", cells.uai, "")
    half_days = cells.half_days(edition.first_day, edition.last_day)
    return School(
        id=_id(row, known, uai, school_slug(name, commune)),
        name=name,
        commune=commune,
        place=_place(row, name),
        contact=_contact(row),
        hours=_hours(row),
        rooms=row.read("salles", cells.whole(1, 20), 1),
        uai=uai,
        closed=row.read("fermetures", half_days, ()),
        disliked=row.read("à éviter", half_days, ()),
        mix_classes=row.read("mélange de classes", cells.yes_no, False),
        priority_district=row.read("quartier prioritaire", cells.yes_no, False),
        rural=row.read("rurale", cells.yes_no, False),
        never_served=row.read("jamais servie", cells.yes_no, False),
    )


def _id(row: Row, known: _Known, uai: str, own: str) -> str:
    try:
        return known.id_of(uai, own)
    except Wrong as wrong:
        row.note(wrong, "uai")
        return own


def _place(row: Row, name: str) -> Place:
    latitude, longitude = row.read("latitude", cells.degrees(90), 0.0), row.read("longitude", cells.degrees(180), 0.0)
    return Place(name, latitude, longitude, row.read("adresse", _TEXT, ""))


def _contact(row: Row) -> Contact:
    return Contact(
        row.read("contact", _TEXT, "Direction"), row.read("courriel", cells.email, ""), row.read("téléphone", _TEXT, "")
    )


def _hours(row: Row) -> dict[int, tuple[Window, ...]]:
    if any(day in row.cells for day in DAYS) and not any(row.cells.get(day) for day in DAYS):
        row.note(Wrong("school_without_hours"), DAYS[0])
    no_hours: tuple[Window, ...] = ()
    days = {weekday: row.read(day, cells.hours, no_hours) for weekday, day in enumerate(DAYS, start=1)}
    return {weekday: windows for weekday, windows in days.items() if windows}


# Classes --------------------------------------------------------------------------------------------------


def _read_classes(rows: list[Row], edition: Edition, schools: list[School], file: str) -> dict[str, list[SchoolClass]]:
    """Return the classes by the id of their school. An unreadable file of schools is no fault of the classes."""
    ids = {school_slug(school.name, school.commune): school.id for school in schools}
    first: dict[str, int] = {}
    classes: dict[str, list[SchoolClass]] = defaultdict(list)
    for row in rows:
        owner = ids.get(school_slug(row.read("école", _NAME, ""), row.read("commune", _NAME, "")), "")
        school_class = _class(row, edition, owner)
        if schools and not owner:
            row.note(Wrong("class_without_school", file=file), "école")
        elif owner and first.setdefault(school_class.id, row.line) != row.line:
            row.note(Wrong("class_twice", first=first[school_class.id]), "classe")
        classes[owner].append(school_class)
    return classes


def _class(row: Row, edition: Edition, owner: str) -> SchoolClass:
    name = row.read("classe", _NAME, "")
    every = tuple(programme.id for programme in edition.programmes)
    return SchoolClass(
        id=class_slug(owner, name),
        name=name,
        level=row.read("niveau", _NAME, name),
        pupils=row.read("élèves", cells.whole(1, MOST_PUPILS), 1),
        programmes=row.read("programmes", lambda text: _programmes(text, edition), every),
    )


def _programmes(text: str, edition: Edition) -> tuple[str, ...]:
    """Programmes by id or name, separated by ``,`` or ``;``, in the order of the edition."""
    known = {slug(word): p.id for p in edition.programmes for word in (p.id, p.name)}
    wanted = {slug(part): part.strip() for part in text.replace(";", ",").split(",") if part.strip()}
    for part, written in wanted.items():
        if part not in known:
            raise Wrong("programme_unknown", programme=written, known=", ".join(p.id for p in edition.programmes))
    return tuple(p.id for p in edition.programmes if p.id in {known[part] for part in wanted})
