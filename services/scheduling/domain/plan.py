"""Plans as they are kept: proposals, releases and the answers to them; and sessions in the words of the contracts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, cast

from services.contracts.values import PARIS, Activity, Edition, Group, Place, SchoolAnswer, Session
from services.scheduling.domain.demand import Basis, attended, session_id, venue_site
from services.scheduling.domain.problem import Placement

ProviderAnswer = Literal["pending", "accepted", "declined", "tentative"]

SCHOOL = ":school"
"""The party of an answer that a school gave; no provider has this id."""


@dataclass(frozen=True)
class Proposal:
    """A plan the solver found and the checker passed. ``inputs``: hash of the problem built from ``basis``.

    ``question``: hash of all the solver was asked, its baseline too; with ``seed``, ``steps`` and ``made_by``, the
    solver and its version, it says how to find the same plan again; without ``steps`` that depends on the time it took.
    ``made_from``: the proposal that was changed by hand to make this draft, ``moved`` the session that was, both empty
    for a plan of the solver.
    """

    id: str
    edition_id: str
    made_at: dt.datetime
    inputs: str
    basis: Basis
    placements: tuple[Placement, ...]
    status: Literal["optimal", "feasible"]
    cost: dict[str, int]
    bound: float | None
    question: str = ""
    seed: int = 0
    steps: int | None = None
    made_by: str = ""
    made_from: str = ""
    moved: str = ""


@dataclass(frozen=True)
class Listed:
    """A proposal in a list, without what it was made on. ``points``: what it costs."""

    id: str
    made_at: dt.datetime
    inputs: str
    placed: int
    points: int
    optimal: bool
    made_from: str


@dataclass(frozen=True)
class Release:
    """A proposal that was sent out. ``changes``: how many sessions changed since the release before, by kind."""

    edition_id: str
    number: int
    proposal_id: str
    released_at: dt.datetime
    sessions: tuple[Session, ...]
    changes: dict[str, int]


@dataclass(frozen=True)
class Pin:
    """A session that the organiser fixed where it is, and why."""

    placement: Placement
    comment: str
    at: dt.datetime


@dataclass(frozen=True)
class Answer:
    """What one party (``SCHOOL``, or a provider's id) last said of a session, and for which start and place.

    It holds as long as the session stays there. ``offered``: a school took its answer back.
    ``pupils``: the head count a school gave. ``sequence``: number of the answer among those of its party; the last
    one holds.
    """

    edition_id: str
    session_id: str
    party: str
    release: int
    answer: Literal["confirmed", "declined", "offered", "accepted", "tentative"]
    start: dt.datetime
    venue_id: str | None
    pupils: int | None = None
    reason: str = ""
    sequence: int = 0

    def holds_for(self, session: Session) -> bool:
        """Whether the session is still when and where it was answered."""
        return (self.start, self.venue_id) == (session.start, session.venue_id)


@dataclass(frozen=True)
class Refusal:
    """A slot that one party (``SCHOOL``, or a provider's id) refused for a session."""

    session_id: str
    start: dt.datetime
    party: str


class Answers:
    """Answers to the sessions of an edition."""

    def __init__(self, given: Iterable[Answer] = ()) -> None:
        self._given = {(answer.session_id, answer.party): answer for answer in given}

    def of(self, session: Session, party: str) -> Answer | None:
        """Return what a party said of this session, None when nothing that still holds."""
        answer = self._given.get((session.id, party))
        return answer if answer and answer.holds_for(session) else None

    def school(self, session: Session) -> SchoolAnswer:
        """Return the school's answer to a released session."""
        answer = self.of(session, SCHOOL)
        return cast(SchoolAnswer, answer.answer) if answer else "offered"

    def provider(self, session: Session) -> ProviderAnswer:
        """Return the provider's answer."""
        answer = self.of(session, session.provider_id)
        return cast(ProviderAnswer, answer.answer) if answer else "pending"


def instant(day: dt.date, minute: int) -> dt.datetime:
    """Return a minute after local midnight in Paris as an aware instant in UTC."""
    local = dt.datetime.combine(day, dt.time(minute // 60, minute % 60), PARIS)
    return local.astimezone(dt.timezone.utc)


def sessions(basis: Basis, placements: Iterable[Placement]) -> tuple[Session, ...]:
    """Return placements of a plan made on ``basis`` as sessions, in the order of time."""
    return saying(basis)(placements)


def saying(basis: Basis) -> Callable[[Iterable[Placement]], tuple[Session, ...]]:
    """Return ``sessions`` for one basis, to be used often: what it looks things up in is made once."""
    places = {one.school.id: one.school.place for one in basis.registered}
    owners = {team.id: provider.id for provider in basis.edition.providers for team in provider.teams}
    demanded = {session_id(g, a.id): (g, a) for g in basis.groups for a in attended(basis.edition, g)}

    def said(placements: Iterable[Placement]) -> tuple[Session, ...]:
        found = (_session(basis.edition, *demanded[p.demand_id], p, places, owners) for p in placements)
        return tuple(sorted(found, key=lambda session: (session.start, session.id)))

    return said


def _session(
    edition: Edition,
    group: Group,
    activity: Activity,
    placement: Placement,
    places: dict[str, Place],
    owners: dict[str, str],
) -> Session:
    venues = {venue_site(venue.id): venue for venue in edition.venues}
    venue = venues.get(placement.site_id)
    start = instant(placement.day, placement.start)
    return Session(
        id=placement.demand_id,
        group_id=group.id,
        activity_id=activity.id,
        programme_id=group.programme_id,
        school_id=group.school_id,
        provider_id=owners[placement.crew_id],
        team_id=placement.crew_id,
        start=start,
        end=start + dt.timedelta(minutes=activity.duration),
        place=venue.place if venue else places[group.school_id],
        venue_id=venue.id if venue else None,
    )
