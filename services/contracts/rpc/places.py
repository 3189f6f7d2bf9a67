"""What registration is asked about places: how many groups a programme takes, and who waits for one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from services.contracts.rpc.request import Query, Request
from services.contracts.values import AnsweredBy

PlaceState = Literal["held", "waiting", "offered", "declined"]
"""What a group has of a place: the place, a rank on the waiting list, an offer to answer, or nothing any more."""


@dataclass(frozen=True)
class GroupPlace:
    """A group and its place in a programme that has not enough of them for everyone.

    ``position``: on the waiting list, from 1; 0 for a group that does not wait. ``until``: when its offer ends.
    ``by_telephone``: the organiser typed the school's last word about it.
    """

    group_id: str
    group_name: str
    pupils: int
    school_id: str
    school_name: str
    programme_id: str
    programme_name: str
    state: PlaceState
    asked_at: dt.datetime
    position: int = 0
    until: dt.datetime | None = None
    by_telephone: bool = False


@dataclass(frozen=True)
class ProgrammePlaces:
    """The places of a programme. ``places`` None: as many as groups come. ``taken``: held or on offer.

    ``answer_hours``: how long an offer stands. ``queue``: groups on offer or waiting, in the order in which they are
    served: by the edition's priorities, then first come.
    """

    programme_id: str
    name: str
    places: int | None
    taken: int
    answer_hours: int
    queue: tuple[GroupPlace, ...]


@dataclass(frozen=True)
class GetPlaces(Query[tuple[ProgrammePlaces, ...]]):
    """The places of each programme of an edition."""

    service = "registration"
    answer = tuple[ProgrammePlaces, ...]
    edition_id: str


@dataclass(frozen=True)
class SetPlaces(Request[tuple[ProgrammePlaces, ...]]):
    """Say how many groups a programme takes. None: as many as come.

    Places that become free are offered at once. Refused below the number of places taken.
    """

    service = "registration"
    answer = tuple[ProgrammePlaces, ...]
    edition_id: str
    programme_id: str
    places: int | None
    answer_hours: int = 72


PlaceWord = Literal["accept", "give_up", "ask"]


@dataclass(frozen=True)
class AnswerPlace(Request[tuple[GroupPlace, ...]]):
    """Accept the place a group is offered, give up a place, a rank or an offer, or ask for a place again.

    ``pupils``: the group's head count, which a person types. The same ``key`` again changes nothing. Answered with
    all the school's places.
    """

    service = "registration"
    answer = tuple[GroupPlace, ...]
    edition_id: str
    school_id: str
    group_id: str
    word: PlaceWord
    pupils: int
    key: str
    by: AnsweredBy = "school"
