"""Reading an ``edition.toml``: data only, checked whole, every fault listed at once.

The form is described in docs/reference/edition-file.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import fields, replace
from typing import get_args

from services.contracts.errors import Refused
from services.contracts.values import (
    Activity,
    Contact,
    Delay,
    Edition,
    GroupRule,
    Place,
    Priority,
    Programme,
    Provider,
    RuleLevel,
    Team,
    Venue,
    Weights,
    Window,
)
from services.scheduling.domain import kinds
from services.scheduling.domain.constraints.rule import Rule
from services.scheduling.domain.edition_checks import LONGEST_EDITION, check_references
from services.scheduling.domain.rules import EVERY
from services.scheduling.domain.toml_file import Faults, Kind, Table, read_toml

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DaysOff = Callable[[dt.date, dt.date, str], frozenset[dt.date]]
"""Public and school holidays from one day to another in a school zone. Raises Refused when they are not known."""


def read_edition(file: str, text: str, days_off: DaysOff) -> Edition:
    """Return the edition a text describes. Raises Refused with every fault: its line, key and what is expected."""
    table = read_toml(file, text)
    edition = _edition(table)
    check_references(edition, table.faults)
    edition = _with_action_days(edition, days_off, table.faults)
    table.faults.refuse_if_any()
    return edition


def action_days(first: dt.date, last: dt.date, off: frozenset[dt.date]) -> tuple[dt.date, ...]:
    """Return the weekdays that are not off, in order. Wednesdays count: the schools' own hours decide."""
    days = (first + dt.timedelta(days=i) for i in range((last - first).days + 1))
    return tuple(day for day in days if day.isoweekday() <= 5 and day not in off)


def _edition(table: Table) -> Edition:
    edition = Edition(
        id=table.take("id", kinds.IDENTIFIER),
        name=table.take("name", kinds.TEXT),
        organiser=_contact(table.table("organiser")),
        territory=table.take("territory", kinds.TEXT),
        first_day=table.take("first_day", kinds.DAY),
        last_day=table.take("last_day", kinds.DAY),
        school_zone=table.take("school_zone", kinds.choice("A", "B", "C")),
        closed_days=table.take_all("closed_days", kinds.DAY),
        action_days=(),
        noon=table.take("noon", kinds.HOUR),
        lunch=table.take("lunch", kinds.minutes(0, 180)),
        programmes=tuple(_programme(item) for item in table.tables("programmes")),
        providers=tuple(_provider(item) for item in table.tables("providers")),
        venues=tuple(_venue(item) for item in table.tables("venues", required=False)),
        weights=_weights(table.table("weights", required=False)),
        notes=table.take("notes", kinds.NOTES, ""),
        rules=_rules(table.table("rules", required=False)),
        priorities=table.take_all("priorities", kinds.choice(*get_args(Priority))),
    )
    table.done()
    return edition


def _contact(table: Table) -> Contact:
    contact = Contact(
        name=table.take("name", kinds.TEXT),
        email=table.take("email", kinds.EMAIL),
        phone=table.take("phone", kinds.TEXT, ""),
        language=table.take("language", kinds.choice("fr", "en"), "fr"),
    )
    table.done()
    return contact


def _place(table: Table) -> Place:
    place = Place(
        name=table.take("name", kinds.TEXT),
        lat=table.take("lat", kinds.number(-90, 90)),
        lon=table.take("lon", kinds.number(-180, 180)),
        address=table.take("address", kinds.TEXT, ""),
    )
    table.done()
    return place


def _programme(table: Table) -> Programme:
    programme = Programme(
        id=table.take("id", kinds.IDENTIFIER),
        name=table.take("name", kinds.TEXT),
        activities=tuple(_activity(item) for item in table.tables("activities")),
        mix_classes=table.take("mix_classes", kinds.MIXING, "forbid"),
    )
    table.done()
    return programme


def _activity(table: Table) -> Activity:
    activity = Activity(
        id=table.take("id", kinds.IDENTIFIER),
        name=table.take("name", kinds.TEXT),
        provider_kind=table.take("provider_kind", kinds.IDENTIFIER),
        duration=table.take("duration", kinds.minutes(1, 480)),
        setup=table.take("setup", kinds.minutes(0, 240)),
        packing=table.take("packing", kinds.minutes(0, 240)),
        turnover=table.take("turnover", kinds.minutes(0, 240)),
        group=_group_rule(table.table("group")),
        venue=table.take("venue", kinds.VENUE, "school"),
        delay=_delay(table.table("delay", required=False)),
        material=table.take("material", kinds.TEXT, ""),
        prepares=table.take("prepares", kinds.TEXT, ""),
        hands_on=table.take("hands_on", kinds.TEXT, ""),
        video=table.take("video", kinds.YES_OR_NO, False),
    )
    table.done()
    return activity


def _group_rule(table: Table) -> GroupRule:
    kind = table.take("kind", kinds.GROUP)
    default = {"min_size": None, "max_size": None} if kind == "split" else {"min_size": 1, "max_size": 40}
    smallest = table.take("min_size", kinds.whole(1, 60), default["min_size"])
    largest = table.take("max_size", kinds.whole(1, 60), default["max_size"])
    _check_at_least(table, "min_size", smallest, "max_size", largest)
    table.done()
    return GroupRule(kind, smallest, largest)


def _delay(table: Table) -> Delay:
    half_days = table.take("min_half_days", kinds.whole(0, 100), Delay.min_half_days)
    shortest = table.take("min_days", kinds.whole(0, 400), Delay.min_days)
    longest = table.take("max_days", kinds.whole(0, 400), LONGEST_EDITION + 1)
    _check_at_least(table, "min_days", shortest, "max_days", longest)
    table.done()
    return Delay(half_days, shortest, None if longest > LONGEST_EDITION else longest)


def _provider(table: Table) -> Provider:
    provider = Provider(
        id=table.take("id", kinds.IDENTIFIER),
        name=table.take("name", kinds.TEXT),
        kinds=table.take_all("kinds", kinds.IDENTIFIER, required=True),
        contact=_contact(table.table("contact")),
        teams=tuple(_team(item) for item in table.tables("teams")),
    )
    table.done()
    return provider


def _team(table: Table) -> Team:
    team = Team(
        id=table.take("id", kinds.IDENTIFIER),
        name=table.take("name", kinds.TEXT),
        depot=_place(table.table("depot")),
        leave=table.take("leave", kinds.HOUR),
        back=table.take("back", kinds.HOUR),
        max_sessions=table.take("max_sessions", kinds.whole(1, 20)),
        absences=table.take_all("absences", kinds.HALF_DAY),
        busy=table.take_all("busy", kinds.BUSY),
    )
    if table.faults.sound(table.at("leave"), table.at("back")) and team.back <= team.leave:
        table.faults.add("edition_later", table.at("back"), kinds.clock(team.back), start=kinds.clock(team.leave))
    table.done()
    return team


def _venue(table: Table) -> Venue:
    venue = Venue(
        id=table.take("id", kinds.IDENTIFIER),
        place=_place(table.table("place")),
        rooms=table.take("rooms", kinds.whole(1, 50)),
        hours=_hours(table.table("hours")),
        closed=table.take_all("closed", kinds.HALF_DAY),
    )
    table.done()
    return venue


def _hours(table: Table) -> dict[int, tuple[Window, ...]]:
    hours = {}
    for number, weekday in enumerate(WEEKDAYS, 1):
        windows = table.take_all(weekday, kinds.WINDOW)
        if windows:
            hours[number] = windows
        for i in range(1, len(windows)):
            if windows[i].start < windows[i - 1].end:
                path = f"{table.at(weekday)}[{i + 1}]"
                table.faults.add("edition_later", path, kinds.span(windows[i]), start=kinds.clock(windows[i - 1].end))
    table.done()
    return hours


def _weights(table: Table) -> Weights:
    known = {weight.name: getattr(Weights(), weight.name) for weight in fields(Weights)}
    given = {name: table.take(name, kinds.whole(0, 10_000_000), default) for name, default in known.items()}
    table.done()
    return Weights(**given)


def _rules(table: Table) -> dict[str, RuleLevel]:
    """Return the levels that are not the usual ones."""
    levels = {rule.name: table.take(rule.name, _levels(rule), rule.usual_level) for rule in EVERY}
    table.done()
    return {rule.name: levels[rule.name] for rule in EVERY if levels[rule.name] != rule.usual_level}


def _levels(rule: Rule) -> Kind[RuleLevel]:
    """Return the levels a rule can have: a wish never keeps a plan out, a fixed rule always does."""
    if rule.fixed:
        return kinds.nothing("edition_rule_fixed", rule.usual_level)
    return kinds.LEVEL if rule.kind == "hard" else kinds.LEVEL_OF_WISH


def _check_at_least(table: Table, low_key: str, low: int, high_key: str, high: int) -> None:
    if table.faults.sound(table.at(low_key), table.at(high_key)) and high < low:
        table.faults.add("edition_at_least", table.at(high_key), high, low=low)


def _with_action_days(edition: Edition, days_off: DaysOff, faults: Faults) -> Edition:
    if not faults.sound("first_day", "last_day", "school_zone"):
        return edition
    first, last = edition.first_day, edition.last_day
    try:
        off = days_off(first, last, edition.school_zone)
    except Refused as refusal:
        for problem in refusal.problems:
            faults.add(problem.code, "first_day", first, **problem.facts)
        return edition
    days = action_days(first, last, off | set(edition.closed_days))
    if not days:
        faults.add("edition_no_action_day", "last_day", last, first=first, last=last)
    return replace(edition, action_days=days)
