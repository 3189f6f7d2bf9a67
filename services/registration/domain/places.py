"""Places of a programme that cannot take every group: who holds one, who waits, and who is served first.

A group is counted once, by the programme's first activity; where activities cut classes in different ways, the other
groups follow those of their classes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from services.contracts.values import AnsweredBy, Edition, Group, School

MOST_PLACES = 10_000
MOST_ANSWER_HOURS = 30 * 24

ClaimState = Literal["held", "waiting", "offered", "declined"]


@dataclass(frozen=True)
class Capacity:
    """How many groups a programme takes. ``taken``: places held or offered; ``answer_hours``: an offer stands."""

    edition_id: str
    programme_id: str
    places: int
    taken: int = 0
    answer_hours: int = 72

    def offer_until(self, now: dt.datetime) -> dt.datetime:
        """Return when an offer made now ends."""
        return now + dt.timedelta(hours=self.answer_hours)


@dataclass(frozen=True)
class Claim:
    """What a group has of a place. Those who wait are served by ``rank``, then ``number`` (of asking).

    ``until``: when its offer ends. ``answered_by``: who typed the school's last word about it.
    """

    edition_id: str
    programme_id: str
    group_id: str
    school_id: str
    state: ClaimState
    asked_at: dt.datetime
    rank: int = 0
    number: int = 0
    until: dt.datetime | None = None
    answered_by: AnsweredBy = "school"

    @property
    def takes_a_place(self) -> bool:
        """Whether a place is kept for it."""
        return self.state in ("held", "offered")

    def outranked(self, rank: int) -> bool:
        """Whether it waits by another rank than its school has now."""
        return self.state == "waiting" and self.rank != rank

    def is_over(self, now: dt.datetime) -> bool:
        """Whether it is an offer whose time has run out."""
        return self.state == "offered" and self.until is not None and self.until <= now

    def offer(self, until: dt.datetime) -> Claim:
        """Return it with an offer that stands until then."""
        return replace(self, state="offered", number=0, until=until, answered_by="school")

    def hold(self) -> Claim:
        """Return it with its place."""
        return replace(self, state="held", number=0, until=None)

    def give_up(self) -> Claim:
        """Return it without place, rank or offer."""
        return replace(self, state="declined", number=0, until=None)

    def as_of(self, now: dt.datetime) -> Claim:
        """Return it as it stands by now: an offer whose time has run out is given up."""
        return self.give_up() if self.is_over(now) else self


def rank(school: School, edition: Edition) -> int:
    """Return the rank by which a school's groups wait, the lowest first: the edition's priorities make it."""
    return -school.precedence(edition.priorities)


def counted(groups: Iterable[Group], programme_id: str, edition: Edition) -> tuple[Group, ...]:
    """Return the groups that take a place each in a programme."""
    first = [p.activities[0].id for p in edition.programmes if p.id == programme_id]
    return tuple(g for g in groups if g.programme_id == programme_id and set(first) & set(g.activities))


def seated(groups: Iterable[Group], without_place: Collection[str]) -> tuple[Group, ...]:
    """Return the groups, those marked that have no place, and with them the other groups of their classes."""
    groups = tuple(groups)
    lacking = [group for group in groups if group.id in without_place]
    return tuple(replace(group, without_place=any(_waits_with(group, one) for one in lacking)) for group in groups)


def _waits_with(group: Group, lacking: Group) -> bool:
    if group.activities == lacking.activities:
        return group.id == lacking.id
    return group.programme_id == lacking.programme_id and bool(set(group.class_ids) & set(lacking.class_ids))
