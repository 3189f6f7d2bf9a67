"""The days themselves: where each team goes, and what became of each session."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from services.contracts import rpc
from services.contracts.errors import refused
from services.contracts.events import OutcomeRecorded
from services.contracts.outcomes import Outcome
from services.contracts.values import Activity, Place, Provider, School, Session, Team
from services.scheduling.domain.demand import Basis, build
from services.scheduling.domain.names import Names
from services.scheduling.domain.outcomes import check_outcome
from services.scheduling.domain.plan import Release
from services.scheduling.domain.team_days import arrival, days_of_teams, departure, road, stays
from services.scheduling.handlers.editions import basis_of
from services.scheduling.handlers.plans import planned, said_of
from services.scheduling.ports import Transaction


def list_team_days(request: rpc.ListTeamDays, tx: Transaction) -> tuple[rpc.TeamDay, ...]:
    """The days of all teams, or of one provider, or of one day."""
    itinerary = Itinerary(tx, _release(tx, request.edition_id))
    return tuple(
        itinerary.team_day(day, provider, team, held)
        for day, provider, team, held in itinerary.days()
        if request.provider_id in ("", provider.id) and request.day in (None, day)
    )


def record_outcome(request: rpc.RecordOutcome, tx: Transaction) -> Outcome:
    """Keep what became of a session and tell it."""
    tx.editions.lock(request.edition_id)
    session = _session(_release(tx, request.edition_id), request)
    known = tx.outcomes.of(request.edition_id).of(session)
    outcome = _outcome(request, tx.now if known is None else known.recorded_at)
    if outcome == known:
        return known
    outcome = _outcome(request, tx.now)
    check_outcome(outcome, session, known)
    tx.outcomes.save(request.edition_id, outcome)
    tx.emit(OutcomeRecorded(request.edition_id, outcome))
    return outcome


def _release(tx: Transaction, edition_id: str) -> Release:
    tx.editions.get(edition_id)
    release = tx.releases.current(edition_id)
    if release is None:
        raise refused("no_release")
    return release


def _session(release: Release, request: rpc.RecordOutcome) -> Session:
    """Return the session spoken of. Raises Refused (``unknown_session``), also for another provider's."""
    for session in release.sessions:
        if session.id == request.session_id and request.provider_id in ("", session.provider_id):
            return session
    raise refused("unknown_session")


def _outcome(request: rpc.RecordOutcome, at: dt.datetime) -> Outcome:
    """Return what was told, without what has no meaning for its state."""
    came = request.state != "cancelled"
    return Outcome(
        session_id=request.session_id,
        start=request.start,
        state=request.state,
        recorded_by="provider" if request.provider_id else "organiser",
        recorded_at=at,
        pupils=request.pupils if came else 0,
        minutes=request.minutes if request.state == "shortened" else None,
        cancelled_by=None if came else request.cancelled_by,
        published=came and request.published,
    )


class Itinerary:
    """The ways of the teams by a release; people, premises and material as they are known today."""

    def __init__(self, tx: Transaction, release: Release) -> None:
        self._release = release
        basis, now = tx.proposals.get(release.edition_id, release.proposal_id).basis, basis_of(tx, release.edition_id)
        self._edition = basis.edition
        names, said = Names(basis), said_of(tx, release)
        self._planned = {session.id: planned(session, names, said) for session in release.sessions}
        self._schools = _schools(basis, now)
        self._contacts = {one.id: one.contact for at in (basis, now) for one in at.edition.providers}
        self._earlier = {demand.id: demand.after for demand in build(basis).demands}
        self._planned_as, self._today = _activities(basis), _activities(basis) | _activities(now)

    def days(self) -> list[tuple[dt.date, Provider, Team, list[Session]]]:
        """Return the sessions of each day and team."""
        return days_of_teams(self._edition, self._release.sessions)

    def team_day(self, day: dt.date, provider: Provider, team: Team, held: list[Session]) -> rpc.TeamDay:
        """Return a team's day."""
        stops = tuple(self._stops(team.depot, held))
        home = rpc.Road(*road(stops[-1].place, team.depot))
        leaves = stops[0].arrives - dt.timedelta(minutes=stops[0].road.minutes)
        back = stops[-1].leaves + dt.timedelta(minutes=home.minutes)
        return rpc.TeamDay(
            day, provider.id, provider.name, self._contacts[provider.id], team, leaves, stops, home, back
        )

    def _stops(self, depot: Place, held: list[Session]) -> Iterator[rpc.Stop]:
        here = depot
        for stay in stays(held):
            place = stay[0].place
            visits = tuple(self._visit(session) for session in stay)
            arrives, leaves = arrival(stay, self._activity), departure(stay, self._activity)
            yield rpc.Stop(place, rpc.Road(*road(here, place)), arrives, leaves, visits)
            here = place

    def _activity(self, session: Session) -> Activity:
        return self._planned_as[session.activity_id]

    def _visit(self, session: Session) -> rpc.Visit:
        earlier = self._found(self._earlier[session.id])
        later = self._found(id_ for id_, before in self._earlier.items() if session.id in before)
        handed = dict.fromkeys(self._today[one.session.activity_id].hands_on for one in earlier)
        school = self._schools[session.school_id]
        return rpc.Visit(
            planned=self._planned[session.id],
            activity=self._today[session.activity_id],
            host=rpc.Host(school.id, school.name, school.commune, school.contact, school.reception),
            receives=", ".join(filter(None, handed)),
            earlier=earlier,
            later=later,
        )

    def _found(self, ids: Iterable[str]) -> tuple[rpc.PlannedSession, ...]:
        """Return the sessions that the release holds, in the order of time."""
        found = (self._planned[id_] for id_ in ids if id_ in self._planned)
        return tuple(sorted(found, key=lambda one: (one.session.start, one.session.id)))


def _schools(then: Basis, now: Basis) -> dict[str, School]:
    """Return the schools of a plan as they are now; one that has left since as it was."""
    return {one.school.id: one.school for one in (*then.registered, *now.registered)}


def _activities(basis: Basis) -> dict[str, Activity]:
    return {activity.id: activity for programme in basis.edition.programmes for activity in programme.activities}
