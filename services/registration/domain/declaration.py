"""What a school says of itself by its link: the fields of its form, read into values and written out again.

The fields of a form are texts by name; ``class-0-...`` to ``class-11-...`` are the classes.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.contracts.errors import Problem
from services.contracts.values import (
    MOST_CLASSES,
    MOST_PUPILS,
    Contact,
    Edition,
    HalfDay,
    Reception,
    School,
    SchoolClass,
    Window,
)
from services.registration.domain import cells
from services.registration.domain.csvfile import Row, Wrong
from services.registration.domain.names import class_slug, slug
from services.registration.domain.pupils import looks_like_names

WEEKDAYS = range(1, 7)
ON = "on"

_NAME, _TEXT, _LONG = cells.words(60), cells.words(200), cells.words(1000)

_FIELD = re.compile(r"[a-z0-9-]{1,80}")


@dataclass(frozen=True)
class Declaration:
    """A school's own word, which stands in place of what the organiser's file said of it."""

    contact: Contact
    hours: dict[int, tuple[Window, ...]]
    rooms: int
    closed: tuple[HalfDay, ...]
    disliked: tuple[HalfDay, ...]
    mix_classes: bool
    reception: Reception
    classes: tuple[SchoolClass, ...]


@dataclass(frozen=True)
class Draft:
    """What a school has typed so far, not yet sent."""

    fields: dict[str, str]
    saved_at: dt.datetime


def tidy(fields: dict[str, str]) -> dict[str, str]:
    """Return the fields that a form of ours has, each cut to what it may hold."""
    return {name: text[:1000] for name, text in sorted(fields.items())[:400] if _FIELD.fullmatch(name)}


# From values to fields ------------------------------------------------------------------------------------


def fields_of(school: School, classes: tuple[SchoolClass, ...]) -> dict[str, str]:
    """Return the fields of a school's form as it stands registered."""
    reception = school.reception
    sockets = {None: "", True: "oui", False: "non"}[reception.sockets]
    return {
        "contact-name": school.contact.name,
        "contact-email": school.contact.email,
        "contact-phone": school.contact.phone,
        "day-contact": reception.day_contact,
        "day-phone": reception.day_phone,
        **{f"hours-{day}": " ".join(_clock(w) for w in school.hours.get(day, ())) for day in WEEKDAYS},
        "rooms": str(school.rooms),
        "sockets": sockets,
        "parking": reception.parking,
        "access-needs": str(reception.access_needs or ""),
        "remarks": reception.remarks,
        "mix-classes": ON if school.mix_classes else "",
        **{_half_field(half_day): "closed" for half_day in school.closed},
        **{_half_field(half_day): "avoid" for half_day in school.disliked if half_day not in school.closed},
        **{name: text for i, one in enumerate(classes) for name, text in _class_fields(i, one)},
    }


def _class_fields(i: int, one: SchoolClass) -> Iterator[tuple[str, str]]:
    yield f"class-{i}-id", one.id
    yield f"class-{i}-name", one.name
    yield f"class-{i}-level", one.level
    yield f"class-{i}-pupils", str(one.pupils)
    for programme in one.programmes:
        yield f"class-{i}-in-{programme}", ON


def _clock(window: Window) -> str:
    return "-".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in (window.start, window.end))


def _half_field(half_day: HalfDay) -> str:
    return f"half-{half_day.day.isoformat()}-{half_day.half}"


# From fields to values ------------------------------------------------------------------------------------


def without_class(fields: dict[str, str], edition: Edition) -> tuple[HalfDay, ...]:
    """Return the half-days of the edition without class by the hours of a form; none while it gives no hours."""
    hours = {day: _readable_hours(fields.get(f"hours-{day}", "")) for day in WEEKDAYS}
    if not any(hours.values()):
        return ()
    return tuple(
        one
        for one in edition.half_days
        if not any(window.reaches(one.half, edition.noon) for window in hours.get(one.day.isoweekday(), ()))
    )


def _readable_hours(text: str) -> tuple[Window, ...]:
    """Return the hours of a day; the whole day where they cannot be read yet."""
    try:
        return cells.hours(text)
    except Wrong:
        return (Window(0, 24 * 60),)


def read_declaration(
    fields: dict[str, str], school: School, edition: Edition
) -> tuple[Declaration, tuple[Problem, ...]]:
    """Read a form. Each problem names its field in ``column``; with problems, the declaration is of no use."""
    form = Row("", 0, {name: " ".join(text.split()) for name, text in fields.items()}, [])
    for name in ("contact-name", "contact-email", "rooms"):
        _require(form, name)
    declaration = Declaration(
        contact=_contact(form, school),
        hours=_hours(form),
        rooms=form.read("rooms", cells.whole(1, 20), 1),
        closed=_half_days(form, edition, "closed"),
        disliked=_half_days(form, edition, "avoid"),
        mix_classes=form.cells.get("mix-classes") == ON,
        reception=_reception(form, fields.get("remarks", "")),
        classes=tuple(_classes(form, school.id, edition)),
    )
    if not declaration.classes:
        form.note(Wrong("no_class"), "class-0-name")
    return declaration, tuple(form.problems)


def _require(form: Row, name: str) -> None:
    if not form.cells.get(name):
        form.note(Wrong("value_missing"), name)


def _contact(form: Row, school: School) -> Contact:
    name, phone = form.read("contact-name", _TEXT, ""), form.read("contact-phone", _TEXT, "")
    return Contact(name, form.read("contact-email", cells.email, ""), phone, school.contact.language)


def _hours(form: Row) -> dict[int, tuple[Window, ...]]:
    if not any(form.cells.get(f"hours-{day}") for day in WEEKDAYS):
        form.note(Wrong("school_without_hours"), "hours-1")
    no_hours: tuple[Window, ...] = ()
    days = {day: form.read(f"hours-{day}", cells.hours, no_hours) for day in WEEKDAYS}
    return {day: windows for day, windows in days.items() if windows}


def _reception(form: Row, remarks: str) -> Reception:
    if looks_like_names(remarks) and form.cells.get("no-names") != ON:
        form.note(Wrong("looks_like_names"), "remarks")
    sockets = form.read("sockets", cells.yes_no, False) if form.cells.get("sockets") else None
    return Reception(
        parking=form.read("parking", _TEXT, ""),
        sockets=sockets,
        access_needs=form.read("access-needs", cells.whole(0, 99), 0),
        day_contact=form.read("day-contact", _TEXT, ""),
        day_phone=form.read("day-phone", _TEXT, ""),
        remarks=form.read("remarks", lambda _: _paragraphs(remarks), ""),
    )


def _paragraphs(text: str) -> str:
    """Keep the lines of a text, each made of readable words."""
    return "\n".join(_LONG(" ".join(line.split())) for line in text.splitlines() if line.strip())


def _half_days(form: Row, edition: Edition, state: str) -> tuple[HalfDay, ...]:
    return tuple(half_day for half_day in edition.half_days if form.cells.get(_half_field(half_day)) == state)


def _classes(form: Row, school_id: str, edition: Edition) -> Iterator[SchoolClass]:
    """Yield the classes whose name or head count was filled in; an emptied line takes its class away."""
    first: dict[str, int] = {}
    for i in range(MOST_CLASSES):
        name, pupils = f"class-{i}-name", f"class-{i}-pupils"
        if not form.cells.get(name) and not form.cells.get(pupils):
            continue
        _require(form, name)
        _require(form, pupils)
        one = _class(form, i, school_id, edition)
        if first.setdefault(slug(one.name), i) != i:
            form.note(Wrong("class_named_twice"), name)
        yield one


def _class(form: Row, i: int, school_id: str, edition: Edition) -> SchoolClass:
    name = form.read(f"class-{i}-name", _NAME, "")
    chosen = tuple(p.id for p in edition.programmes if form.cells.get(f"class-{i}-in-{p.id}") == ON)
    if not chosen:
        form.note(Wrong("no_programme"), f"class-{i}-in-{edition.programmes[0].id}")
    known = form.cells.get(f"class-{i}-id", "")
    own = known if known.startswith(f"{school_id}/") else class_slug(school_id, name)
    level, pupils = (
        form.read(f"class-{i}-level", _NAME, name),
        form.read(f"class-{i}-pupils", cells.whole(1, MOST_PUPILS), 1),
    )
    return SchoolClass(own, name, level, pupils, chosen)
