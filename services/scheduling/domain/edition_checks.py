"""What must agree from one place of an edition to another: ids, days, kinds of provider, venues."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from services.contracts.values import Activity, Edition, HalfDay, Team
from services.scheduling.domain.toml_file import Faults

LONGEST_EDITION = 400
"""Days from the first to the last."""


def check_references(edition: Edition, faults: Faults) -> None:
    """Note everything that does not agree; what was already found faulty is not compared."""
    for check in (_check_ids, _check_priorities, _check_days, _check_kinds, _check_venues):
        check(edition, faults)


def _check_ids(edition: Edition, faults: Faults) -> None:
    """Sessions, links and mails name things by id: each kind of thing has its own, once in the whole file."""
    for named in (_programme_ids, _activity_ids, _provider_ids, _team_ids, _venue_ids):
        seen: set[str] = set()
        for path, id_ in named(edition):
            if id_ in seen and faults.sound(path):
                faults.add("edition_twice", path, id_)
            seen.add(id_)


def _check_priorities(edition: Edition, faults: Faults) -> None:
    for i, priority in enumerate(edition.priorities):
        if priority in edition.priorities[:i] and faults.sound(f"priorities[{i + 1}]"):
            faults.add("edition_twice", f"priorities[{i + 1}]", priority)


def _programme_ids(edition: Edition) -> Iterator[tuple[str, str]]:
    return ((f"programmes[{i}].id", programme.id) for i, programme in enumerate(edition.programmes, 1))


def _activity_ids(edition: Edition) -> Iterator[tuple[str, str]]:
    return ((f"{path}.id", activity.id) for path, activity in _activities(edition))


def _provider_ids(edition: Edition) -> Iterator[tuple[str, str]]:
    return ((f"providers[{i}].id", provider.id) for i, provider in enumerate(edition.providers, 1))


def _team_ids(edition: Edition) -> Iterator[tuple[str, str]]:
    return ((f"{path}.id", team.id) for path, team in _teams(edition))


def _venue_ids(edition: Edition) -> Iterator[tuple[str, str]]:
    return ((f"venues[{i}].id", venue.id) for i, venue in enumerate(edition.venues, 1))


def _activities(edition: Edition) -> Iterator[tuple[str, Activity]]:
    for i, programme in enumerate(edition.programmes, 1):
        for j, activity in enumerate(programme.activities, 1):
            yield f"programmes[{i}].activities[{j}]", activity


def _teams(edition: Edition) -> Iterator[tuple[str, Team]]:
    for i, provider in enumerate(edition.providers, 1):
        for j, team in enumerate(provider.teams, 1):
            yield f"providers[{i}].teams[{j}]", team


def _check_days(edition: Edition, faults: Faults) -> None:
    first, last = edition.first_day, edition.last_day
    if not faults.sound("first_day", "last_day"):
        return
    if last < first:
        faults.add("edition_last_before_first", "last_day", last, first=first)
        return
    if (last - first).days >= LONGEST_EDITION:
        faults.add("edition_lasts_too_long", "last_day", last, days=LONGEST_EDITION)
    for path, day in _days_named(edition):
        if faults.sound(path) and not first <= day <= last:
            faults.add("edition_day_outside", path, day, first=first, last=last)


def _days_named(edition: Edition) -> Iterator[tuple[str, dt.date]]:
    for i, day in enumerate(edition.closed_days, 1):
        yield f"closed_days[{i}]", day
    for path, team in _teams(edition):
        yield from _half_days(f"{path}.absences", team.absences)
        yield from ((f"{path}.busy[{i}]", taken.day) for i, taken in enumerate(team.busy, 1))
    for i, venue in enumerate(edition.venues, 1):
        yield from _half_days(f"venues[{i}].closed", venue.closed)


def _half_days(path: str, half_days: tuple[HalfDay, ...]) -> Iterator[tuple[str, dt.date]]:
    return ((f"{path}[{i}]", half_day.day) for i, half_day in enumerate(half_days, 1))


def _check_kinds(edition: Edition, faults: Faults) -> None:
    """A kind of provider that only one side names is a slip of the pen."""
    asked = {path: activity.provider_kind for path, activity in _activities(edition)}
    given = {
        f"providers[{i}].kinds[{j}]": kind
        for i, provider in enumerate(edition.providers, 1)
        for j, kind in enumerate(provider.kinds, 1)
    }
    if not faults.sound("programmes", "providers", *given, *_places_of_kinds(edition)):
        return
    for path, kind in asked.items():
        if kind not in given.values():
            known = ", ".join(sorted(set(given.values())))
            faults.add("edition_nobody_gives", f"{path}.provider_kind", kind, known=known)
    for path, kind in given.items():
        if kind not in asked.values():
            faults.add("edition_kind_unused", path, kind, known=", ".join(sorted(set(asked.values()))))


def _places_of_kinds(edition: Edition) -> Iterator[str]:
    yield from (f"{path}.provider_kind" for path, _ in _activities(edition))
    yield from (f"programmes[{i}].activities" for i in range(1, len(edition.programmes) + 1))
    yield from (f"providers[{i}].kinds" for i in range(1, len(edition.providers) + 1))


def _check_venues(edition: Edition, faults: Faults) -> None:
    for path, activity in _activities(edition):
        if activity.venue == "common" and not edition.venues and faults.sound("venues"):
            faults.add("edition_no_venue", f"{path}.venue", activity.venue)
