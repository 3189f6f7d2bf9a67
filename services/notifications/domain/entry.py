"""What a calendar says of a session: an entry for one party, and the facts its words are made from."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, replace
from typing import Literal

from services.contracts.values import Activity, Contact, Edition, Group, Provider, School, SchoolAnswer, Session

PartyKind = Literal["provider", "school", "edition", "team", "venue", "public", "account"]


@dataclass(frozen=True, order=True)
class Party:
    """Someone whose calendar we keep. Providers and schools may be invited; the edition has entries of its own.

    Teams, venues and the public only read: see ``feed.readers``. A team's id begins with its provider's and a slash.
    """

    kind: PartyKind
    id: str


@dataclass(frozen=True)
class Entry:
    """A session as one party's calendar shows it, in that party's language, whatever its revision.

    ``where``: identity of the place, ``by``: who comes (for a provider its team, for a school the provider);
    a change of either matters beyond its wording. ``start``/``end`` in UTC, ``lat``/``lon`` in degrees.
    ``parts``: into how many sessions the class is cut for this activity; 0 when not known.
    """

    start: dt.datetime
    end: dt.datetime
    where: str
    by: str
    summary: str
    description: str
    location: str
    lat: float
    lon: float
    parts: int = 0

    def moved_from(self, other: Entry) -> bool:
        """Whether the time or the place differs."""
        return (self.start, self.end, self.where) != (other.start, other.end, other.where)

    def asks_again(self, other: Entry) -> bool:
        """Whether an answer to ``other`` is void: it moved, or the class is cut otherwise (RFC 5546 2.1.4)."""
        recut = bool(self.parts and other.parts) and self.parts != other.parts
        return recut or self.moved_from(other)


@dataclass(frozen=True)
class Planned:
    """A session of the current release and what its school answered.

    ``since``: the release that gave it its present time, place and provider.
    ``pupils``: the head count the school gave. ``answered``: number of the school's answer, the last one holds.
    ``parts``: into how many sessions the release cuts the class for this activity; 0 when not known.
    """

    session: Session
    since: int
    answer: SchoolAnswer = "offered"
    pupils: int | None = None
    answered: int = 0
    parts: int = 0


@dataclass(frozen=True)
class Registered:
    """A school as registered, with every group it ever formed: sessions planned before a change still name theirs.

    ``link``: seed of the link to its page. ``declared``: the school registered by its own form.
    """

    school: School
    groups: tuple[Group, ...]
    link: str = "1"
    declared: bool = False

    def with_groups_of(self, earlier: Registered) -> Registered:
        """Return this registration with the groups that only the earlier one has."""
        mine = {group.id for group in self.groups}
        return replace(self, groups=self.groups + tuple(group for group in earlier.groups if group.id not in mine))


class NotYetKnown(Exception):
    """A fact that arrived before another it builds on; to be tried again once that one is here."""


@dataclass(frozen=True)
class Facts:
    """All that is known of a planned session at a moment."""

    edition: Edition
    session: Session
    activity: Activity
    group: Group
    school: School
    provider: Provider
    pupils: int
    answer: SchoolAnswer
    parts: int = 0

    def reader(self, party: Party) -> Contact:
        """Return who reads the calendar of that party; nobody is invited to the edition's own."""
        if party.kind == "edition":
            return Contact("", "", language=self.edition.organiser.language)
        return self.provider.contact if party.kind == "provider" else self.school.contact

    @property
    def team_name(self) -> str:
        """The name of the team that comes, empty when its provider no longer has it."""
        return next((team.name for team in self.provider.teams if team.id == self.session.team_id), "")

    @property
    def where(self) -> str:
        """Identity of the place: the school or common venue, and its commune (two decimals: about a kilometre)."""
        place = self.session.place
        return f"{self.session.venue_id or self.session.school_id}@{place.lat:.2f},{place.lon:.2f}"


def gather(edition: Edition, registered: dict[str, Registered], planned: Planned) -> Facts:
    """Collect the facts of a session. Raises NotYetKnown while its school, group or provider has not been heard of."""
    session = planned.session
    group = _group(session, registered)
    try:
        school = registered[session.school_id]
        activity = edition.programme(session.programme_id).activity(session.activity_id)
        provider = edition.provider(session.provider_id)
    except KeyError as missing:
        raise NotYetKnown(f"session {session.id}: {missing}") from None
    pupils = group.pupils if planned.pupils is None else planned.pupils
    return Facts(edition, session, activity, group, school.school, provider, pupils, planned.answer, planned.parts)


def carry_over(
    before: dict[str, Planned], sessions: tuple[Session, ...], registered: dict[str, Registered], release: int
) -> tuple[Planned, ...]:
    """Return the sessions of a release; one that kept its time, place and provider keeps what its school answered.

    Raises NotYetKnown while a school or group has not been heard of.
    """
    cuts = {session.id: _cut(session, registered) for session in sessions}
    parts = Counter(cuts.values())
    return tuple(_carried(before.get(s.id), s, parts[cuts[s.id]], release) for s in sessions)


def _carried(before: Planned | None, session: Session, parts: int, release: int) -> Planned:
    recut = before is not None and before.parts not in (0, parts)
    if before is None or recut or _offer(before.session) != _offer(session):
        return Planned(session, since=release, parts=parts)
    return replace(before, session=session, parts=parts)


def _cut(session: Session, registered: dict[str, Registered]) -> tuple[object, ...]:
    """Return what the parts of one class, or of several taught together, have in common."""
    group = _group(session, registered)
    return session.school_id, session.programme_id, session.activity_id, group.class_ids


def _group(session: Session, registered: dict[str, Registered]) -> Group:
    groups = registered[session.school_id].groups if session.school_id in registered else ()
    for group in groups:
        if group.id == session.group_id:
            return group
    raise NotYetKnown(f"session {session.id}: {session.group_id}")


def _offer(session: Session) -> tuple[object, ...]:
    return session.start, session.end, session.place, session.provider_id
