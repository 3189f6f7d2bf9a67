"""What calendars of providers say of their teams, taken into account: times in which nothing new is planned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import accumulate

from services.contracts.values import PARIS, Busy, Provider, Session, Team, Window
from services.scheduling.domain.demand import Basis
from services.scheduling.domain.problem import Crew, Problem, Task

BusyTeams = Mapping[str, Mapping[str, tuple[Busy, ...]]]
"""Stretches by provider and team; empty id of a team: every team of the provider."""


def with_busy(basis: Basis, busy: BusyTeams, released: Iterable[Session], open_from: dt.date | None) -> Basis:
    """Return the basis with teams taken when their calendars say so.

    Days before ``open_from`` are over. A time that is just that of a released session of the team is that session,
    which someone copied into the calendar by hand.
    """
    copies = {(session.provider_id, session.team_id, _stretch(session)) for session in released}

    def taken(provider: Provider, team: Team) -> Team:
        told = busy.get(provider.id, {})
        stretches = {
            one
            for one in (*told.get("", ()), *told.get(team.id, ()))
            if (open_from is None or one.day >= open_from) and (provider.id, team.id, one) not in copies
        }
        return replace(team, busy=(*team.busy, *sorted(stretches)))

    providers = (replace(p, teams=tuple(taken(p, t) for t in p.teams)) for p in basis.edition.providers)
    return replace(basis, edition=replace(basis.edition, providers=tuple(providers)))


def with_absences(problem: Problem) -> Problem:
    """Return the problem with teams away when their calendars leave at most one stretch of a day for sessions.

    They are then at their depots until it begins and once it ends, so every plan of this problem is one of the other.
    A day with several such stretches stays as it is.
    """
    crews = tuple(_away(problem, crew) if crew.busy else crew for crew in problem.crews)
    return problem if crews == problem.crews else replace(problem, crews=crews)


def _away(problem: Problem, crew: Crew) -> Crew:
    tasks = [task for task in problem.tasks if task.provider_kind in crew.kinds]
    available, busy = dict(crew.available), dict(crew.busy)
    for day in crew.busy:
        free = _free(available[day], busy[day], tasks) if day in available else []
        if len(free) < 2:
            del busy[day]
            available.pop(day, None)
            available.update((day, gap) for gap in free)
    return replace(crew, available=available, busy=busy)


def _free(hours: Window, busy: Iterable[Window], tasks: Iterable[Task]) -> list[Window]:
    """Return the stretches between busy ones in which a session of a task can be held, set-up and packing included."""
    taken = sorted(window for window in busy if window.start < hours.end and hours.start < window.end)
    starts = [hours.start, *accumulate((window.end for window in taken), max)]
    ends = [*(window.start for window in taken), hours.end]
    gaps = [Window(start, end) for start, end in zip(starts, ends, strict=True) if start < end]
    least = min((task.setup + task.duration + task.packing for task in tasks), default=0)
    return [gap for gap in gaps if gap.end - gap.start >= least]


def _stretch(session: Session) -> Busy:
    start, end = session.start.astimezone(PARIS), session.end.astimezone(PARIS)
    return Busy(start.date(), start.hour * 60 + start.minute, end.hour * 60 + end.minute)
