"""From an edition and what schools registered to the problem the planner solves."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from services.contracts.values import Activity, Edition, Group, HalfDay, School, SchoolClass, Team, Venue, Window
from services.scheduling.domain.problem import Crew, Demand, Problem, Site, Task

HALVES = {"am": 0, "pm": 1}


@dataclass(frozen=True)
class Registered:
    """What one school registered for an edition, whole."""

    school: School
    classes: tuple[SchoolClass, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Basis:
    """Everything a plan depends on, as it was at one moment. ``registered`` in the order of the schools' ids."""

    edition: Edition
    registered: tuple[Registered, ...]

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups to plan: of programmes the edition has, without an exception that waits for the organiser."""
        programmes = {programme.id for programme in self.edition.programmes}
        every = (group for one in self.registered for group in one.groups)
        return tuple(group for group in every if group.plannable and group.programme_id in programmes)


def attended(edition: Edition, group: Group) -> tuple[Activity, ...]:
    """Return the activities of the edition that a group attends, in the order of the chain."""
    return tuple(a for a in edition.programme(group.programme_id).activities if a.id in group.activities)


def session_id(group: Group, activity_id: str) -> str:
    """Return the id of a session, the same for the life of the pair (group, activity)."""
    return f"{group.id}:{activity_id}"


def venue_site(venue_id: str) -> str:
    """Return the planner's id of a common venue, which no school can have."""
    return f"venue:{venue_id}"


def build(basis: Basis) -> Problem:
    """Return the problem: a demand for each plannable group and activity. Schools with nothing to plan are left out."""
    edition, groups = basis.edition, basis.groups
    homes = {group.school_id for group in groups}
    activities = [activity for programme in edition.programmes for activity in programme.activities]
    schools = [one.school for one in basis.registered if one.school.id in homes]
    return Problem(
        days=edition.action_days,
        noon=edition.noon,
        lunch=edition.lunch,
        tasks=tuple(_task(activity) for activity in activities),
        sites=tuple([*(_school_site(edition, school) for school in schools), *_venue_sites(edition)]),
        crews=tuple(
            _crew(edition, provider.id, provider.kinds, team)
            for provider in edition.providers
            for team in provider.teams
        ),
        demands=tuple(_demands(basis)),
        weights=edition.weights,
    )


def fingerprint(problem: Problem) -> str:
    """Return a hash of everything a plan depends on; the baseline, which a plan only prefers, is left out.

    So are the busy stretches of teams, which calendars change all day: of those a plan meets, their rule speaks.
    """
    crews = tuple(dataclasses.replace(crew, busy={}) for crew in problem.crews)
    return question(dataclasses.replace(problem, baseline=None, crews=crews))


def question(problem: Problem) -> str:
    """Return a hash of all that a solver is asked, the baseline too."""
    text = json.dumps(_plain(problem), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def free_windows(windows: Sequence[Window], noon: int, closed: set[str]) -> tuple[Window, ...]:
    """Return what closed halves of a day (``am``, ``pm``) leave of its windows; one that crosses noon is cut there."""
    opens = noon if "am" in closed else 0
    closes = noon if "pm" in closed else 24 * 60
    kept = (Window(max(window.start, opens), min(window.end, closes)) for window in windows)
    return tuple(window for window in kept if window.start < window.end)


def _task(activity: Activity) -> Task:
    return Task(
        id=activity.id,
        provider_kind=activity.provider_kind,
        duration=activity.duration,
        setup=activity.setup,
        packing=activity.packing,
        turnover=activity.turnover,
        min_half_days=activity.delay.min_half_days,
        min_days=activity.delay.min_days,
        max_days=activity.delay.max_days,
    )


def _school_site(edition: Edition, school: School) -> Site:
    points, shy = edition.weights.disliked, set(school.disliked)
    days = {half_day.day for half_day in shy} & set(edition.action_days)
    disliked = {
        day: (points * (HalfDay(day, "am") in shy), points * (HalfDay(day, "pm") in shy)) for day in sorted(days)
    }
    return Site(school.id, school.place, school.rooms, _windows(edition, school.hours, school.closed), disliked)


def _venue_sites(edition: Edition) -> Iterator[Site]:
    """Common venues, when an activity may be held there."""
    if any(activity.venue != "school" for programme in edition.programmes for activity in programme.activities):
        for venue in edition.venues:
            yield venue_as_site(edition, venue)


def venue_as_site(edition: Edition, venue: Venue) -> Site:
    """Return a common venue as the planner sees it."""
    return Site(venue_site(venue.id), venue.place, venue.rooms, _windows(edition, venue.hours, venue.closed))


def _windows(
    edition: Edition, hours: Mapping[int, tuple[Window, ...]], closed: tuple[HalfDay, ...]
) -> dict[dt.date, tuple[Window, ...]]:
    found = {
        day: free_windows(hours.get(day.isoweekday(), ()), edition.noon, _halves(closed, day))
        for day in edition.action_days
    }
    return {day: windows for day, windows in found.items() if windows}


def _crew(edition: Edition, provider_id: str, kinds: tuple[str, ...], team: Team) -> Crew:
    shift = (Window(team.leave, team.back),)
    days = {day: free_windows(shift, edition.noon, _halves(team.absences, day)) for day in edition.action_days}
    available = {day: windows[0] for day, windows in days.items() if windows}
    busy: dict[dt.date, tuple[Window, ...]] = {}
    for taken in sorted(team.busy):
        busy[taken.day] = (*busy.get(taken.day, ()), Window(taken.start, taken.end))
    return Crew(team.id, provider_id, kinds, team.depot, available, team.max_sessions, busy)


def _halves(half_days: tuple[HalfDay, ...], day: dt.date) -> set[str]:
    return {half_day.half for half_day in half_days if half_day.day == day}


def _demands(basis: Basis) -> Iterator[Demand]:
    edition, groups = basis.edition, basis.groups
    precedence = {one.school.id: one.school.precedence(edition.priorities) for one in basis.registered}
    of_class: dict[str, list[int]] = defaultdict(list)
    for i, group in enumerate(groups):
        for class_id in group.class_ids:
            of_class[class_id].append(i)
    for group in groups:
        kin = [groups[i] for i in sorted({i for class_id in group.class_ids for i in of_class[class_id]})]
        chain = edition.programme(group.programme_id).activities
        for position, activity in enumerate(chain):
            if activity.id in group.activities:
                yield Demand(
                    id=session_id(group, activity.id),
                    task_id=activity.id,
                    group_id=group.id,
                    pupils=group.pupils,
                    home=group.school_id,
                    sites=_sites(edition, activity, group.school_id),
                    after=_after(group, kin, chain[:position]),
                    excludes=_excludes(edition, group, kin),
                    priority=edition.weights.priority * precedence[group.school_id],
                )


def _sites(edition: Edition, activity: Activity, school_id: str) -> tuple[str, ...]:
    venues = tuple(venue_site(venue.id) for venue in edition.venues)
    return {"school": (school_id,), "common": venues, "either": (school_id, *venues)}[activity.venue]


def _after(group: Group, kin: Sequence[Group], earlier: Sequence[Activity]) -> tuple[str, ...]:
    """Sessions of the nearest earlier activity that these pupils attend: the group's own, else those of all its kin."""
    for activity in reversed(earlier):
        if activity.id in group.activities:
            return (session_id(group, activity.id),)
        before = [
            other for other in kin if other.programme_id == group.programme_id and activity.id in other.activities
        ]
        if before:
            return tuple(session_id(other, activity.id) for other in before)
    return ()


def _excludes(edition: Edition, group: Group, kin: Sequence[Group]) -> tuple[str, ...]:
    """Sessions of other programmes that may hold the same pupils. Inside one programme the chain keeps them apart."""
    others = (other for other in kin if other.programme_id != group.programme_id)
    return tuple(session_id(other, activity.id) for other in others for activity in attended(edition, other))


def _plain(value: Any) -> Any:
    """Return problem values as JSON types in a canonical order."""
    if isinstance(value, (str, int, float)):
        return value
    kind: Any = type(value)
    if names := _fields(kind):
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted(_plain(item) for item in value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value


@cache
def _fields(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else ()
