"""How far an edition has reached: figures, and the sessions behind each. Pupils are counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from services.contracts.rpc import PlannedSession
from services.contracts.values import School
from services.kit.i18n import N_

Test = Callable[[PlannedSession], bool]


@dataclass(frozen=True)
class Figure:
    """A figure and the sessions it was counted from. ``key`` stands in addresses."""

    key: str
    name: str
    number: int
    sessions: tuple[PlannedSession, ...]


def figures_of(sessions: Sequence[PlannedSession], schools: Mapping[str, School]) -> list[Figure]:
    """Return what is planned, answered and held, then who was reached. ``schools``: by id."""
    given = [one for one in sessions if was_given(one)]
    kinds = (
        ("rural", N_("écoles rurales atteintes"), [s for s in schools.values() if s.rural]),
        ("qpv", N_("écoles de quartiers prioritaires (QPV) atteintes"), _qpv(schools)),
        ("new", N_("écoles jamais servies auparavant, atteintes"), [s for s in schools.values() if s.never_served]),
    )
    figures = [_sessions(key, name, sessions, test) for key, name, test in _STATES]
    figures += [
        _pupils("pupils", N_("élèves différents atteints, au moins"), given),
        _pupils("pupils-qpv", N_("dont élèves d’écoles en QPV"), _at(given, _qpv(schools))),
        Figure("attendances", N_("participations"), sum(came(one) for one in given), tuple(given)),
        _schools("schools", N_("écoles atteintes"), given),
    ]
    return figures + [_schools(key, name, _at(given, among)) for key, name, among in kinds]


def was_given(one: PlannedSession) -> bool:
    """Whether a session was held, shortened or not."""
    return one.outcome is not None and one.outcome.state != "cancelled"


def came(one: PlannedSession) -> int:
    """Return how many pupils came."""
    return one.outcome.pupils if one.outcome else 0


def at_least(given: Sequence[PlannedSession]) -> int:
    """Return how many different pupils were reached for certain.

    A pupil lives an activity once, so those of one activity at one school all differ; those of another may be the same.
    """
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in given:
        counts[one.session.school_id][one.session.activity_id] += came(one)
    return sum(max(by_activity.values()) for by_activity in counts.values())


def _cancelled_by(who: str) -> Test:
    return lambda one: one.outcome is not None and one.outcome.cancelled_by == who


_STATES: tuple[tuple[str, str, Test], ...] = (
    ("planned", N_("séances publiées"), lambda one: True),
    ("confirmed", N_("séances confirmées par les écoles"), lambda one: one.school_answer == "confirmed"),
    ("declined", N_("séances refusées par les écoles"), lambda one: one.school_answer == "declined"),
    ("unanswered", N_("séances sans réponse des écoles"), lambda one: one.school_answer == "offered"),
    ("accepted", N_("séances acceptées par les prestataires"), lambda one: one.provider_answer == "accepted"),
    ("held", N_("séances tenues"), was_given),
    ("shortened", N_("dont écourtées"), lambda one: one.outcome is not None and one.outcome.state == "shortened"),
    ("cancelled-school", N_("séances annulées par l’école"), _cancelled_by("school")),
    ("cancelled-provider", N_("séances annulées par le prestataire"), _cancelled_by("provider")),
    ("cancelled-organiser", N_("séances annulées par l’organisateur"), _cancelled_by("organiser")),
    ("untold", N_("séances sans bilan"), lambda one: one.outcome is None),
    ("videos", N_("vidéos publiées sur l’ENT"), lambda one: one.outcome is not None and one.outcome.published),
)


def _sessions(key: str, name: str, sessions: Sequence[PlannedSession], test: Test) -> Figure:
    found = tuple(one for one in sessions if test(one))
    return Figure(key, name, len(found), found)


def _pupils(key: str, name: str, given: Sequence[PlannedSession]) -> Figure:
    return Figure(key, name, at_least(given), tuple(given))


def _schools(key: str, name: str, given: Sequence[PlannedSession]) -> Figure:
    return Figure(key, name, len({one.session.school_id for one in given}), tuple(given))


def _at(given: Sequence[PlannedSession], schools: Sequence[School]) -> list[PlannedSession]:
    ids = {school.id for school in schools}
    return [one for one in given if one.session.school_id in ids]


def _qpv(schools: Mapping[str, School]) -> list[School]:
    return [school for school in schools.values() if school.priority_district]
