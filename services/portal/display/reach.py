"""Figures of an edition, and the sessions behind each: a figure is counted from its list. Pupils are counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from services.contracts.order import alphabetical
from services.contracts.rpc import PlannedSession, Unplaced
from services.contracts.values import School
from services.kit.i18n import N_
from services.portal.display.agenda import day_of

Test = Callable[[PlannedSession], bool]
Count = Callable[[Sequence[PlannedSession]], int]


@dataclass(frozen=True)
class Choice:
    """What a list is narrowed to: a day, a team's id, a school's id; empty for all."""

    day: str = ""
    team: str = ""
    school: str = ""

    def holds(self, one: PlannedSession) -> bool:
        """Whether a session stays on the list."""
        has = (day_of(one).isoformat(), one.session.team_id, one.session.school_id)
        return all(asked in ("", found) for asked, found in zip((self.day, self.team, self.school), has, strict=True))

    def holds_unplaced(self, one: Unplaced) -> bool:
        """Whether a session that has neither day nor team stays on the list."""
        return not self.day and not self.team and self.school in ("", one.school_id)


@dataclass(frozen=True)
class Figure:
    """A figure and the sessions it is counted from. ``key`` stands in addresses; ``unplaced``: those with no place."""

    key: str
    name: str
    count: Count
    sessions: tuple[PlannedSession, ...]
    unplaced: tuple[Unplaced, ...] = ()

    @property
    def number(self) -> int:
        """How many there are."""
        return self.count(self.sessions) + len(self.unplaced)

    def narrowed(self, choice: Choice) -> Figure:
        """Return the same figure of fewer sessions."""
        return replace(
            self,
            sessions=tuple(filter(choice.holds, self.sessions)),
            unplaced=tuple(filter(choice.holds_unplaced, self.unplaced)),
        )


@dataclass(frozen=True)
class Tally:
    """What a list holds of one school, or of all. ``expected``: places at sessions; ``came``: places taken."""

    school_id: str
    name: str
    sessions: int
    expected: int
    came: int
    different: int


def figures_of(
    sessions: Sequence[PlannedSession],
    schools: Mapping[str, School],
    wanted: Sequence[Unplaced] = (),
    unplaced: Sequence[Unplaced] = (),
) -> list[Figure]:
    """Return what is planned, answered and held, then who was reached.

    ``schools``: by id; ``wanted``: every session to place; ``unplaced``: what the plan found no place for.
    """
    given = tuple(one for one in sessions if was_given(one))
    kinds = (
        ("rural", N_("écoles rurales atteintes"), [s for s in schools.values() if s.rural]),
        ("qpv", N_("écoles de quartiers prioritaires (QPV) atteintes"), _qpv(schools)),
        ("new", N_("écoles jamais servies auparavant, atteintes"), [s for s in schools.values() if s.never_served]),
    )
    figures = [_wanted(sessions, wanted)]
    figures += [Figure(key, name, len, tuple(filter(test, sessions))) for key, name, test in _STATES]
    figures += [
        Figure("unplaced", N_("séances non placées"), len, (), tuple(unplaced)),
        Figure("pupils", N_("élèves différents atteints, au moins"), at_least, given),
        Figure("pupils-qpv", N_("dont élèves d’écoles en QPV"), at_least, _at(given, _qpv(schools))),
        Figure("attendances", N_("participations"), attendances, given),
        Figure("schools", N_("écoles atteintes"), schools_in, given),
    ]
    return figures + [Figure(key, name, schools_in, _at(given, among)) for key, name, among in kinds]


def tallies(figure: Figure) -> tuple[list[Tally], Tally]:
    """Return what a figure's sessions are by school, by name, and in all."""
    names = {one.session.school_id: one.school_name for one in figure.sessions}
    names |= {one.school_id: one.school_name for one in figure.unplaced}
    schools = sorted(names.items(), key=lambda item: (alphabetical(item[1]), item[0]))
    return [_tally(figure.narrowed(Choice(school=id_)), id_, name) for id_, name in schools], _tally(figure)


def _tally(figure: Figure, school_id: str = "", name: str = "") -> Tally:
    held = figure.sessions
    expected = sum(one.pupils for one in held)
    return Tally(school_id, name, len(held) + len(figure.unplaced), expected, attendances(held), at_least(held))


def was_given(one: PlannedSession) -> bool:
    """Whether a session was held, shortened or not."""
    return one.outcome is not None and one.outcome.state != "cancelled"


def came(one: PlannedSession) -> int:
    """Return how many pupils came."""
    return one.outcome.pupils if one.outcome else 0


def attendances(sessions: Sequence[PlannedSession]) -> int:
    """Return how many pupils came, each as often as they came."""
    return sum(map(came, sessions))


def schools_in(sessions: Sequence[PlannedSession]) -> int:
    """Return how many schools there are in a list."""
    return len({one.session.school_id for one in sessions})


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
    ("answered", N_("séances confirmées ou refusées"), lambda one: one.school_answer in ("confirmed", "declined")),
    ("accepted", N_("séances acceptées par les prestataires"), lambda one: one.provider_answer == "accepted"),
    ("held", N_("séances tenues"), was_given),
    ("shortened", N_("dont écourtées"), lambda one: one.outcome is not None and one.outcome.state == "shortened"),
    ("cancelled-school", N_("séances annulées par l’école"), _cancelled_by("school")),
    ("cancelled-provider", N_("séances annulées par le prestataire"), _cancelled_by("provider")),
    ("cancelled-organiser", N_("séances annulées par l’organisateur"), _cancelled_by("organiser")),
    ("told", N_("séances dont le bilan est noté"), lambda one: one.outcome is not None),
    ("untold", N_("séances sans bilan"), lambda one: one.outcome is None),
    ("videos", N_("vidéos publiées sur l’ENT"), lambda one: one.outcome is not None and one.outcome.published),
)


def _wanted(sessions: Sequence[PlannedSession], wanted: Sequence[Unplaced]) -> Figure:
    """Return every session to place: those with a place in the plan, and the others."""
    ids, placed = {one.session_id for one in wanted}, {one.session.id for one in sessions}
    found = tuple(one for one in sessions if one.session.id in ids)
    return Figure("demand", N_("séances à placer"), len, found, tuple(w for w in wanted if w.session_id not in placed))


def _at(given: Sequence[PlannedSession], schools: Sequence[School]) -> tuple[PlannedSession, ...]:
    ids = {school.id for school in schools}
    return tuple(one for one in given if one.session.school_id in ids)


def _qpv(schools: Mapping[str, School]) -> list[School]:
    return [school for school in schools.values() if school.priority_district]
