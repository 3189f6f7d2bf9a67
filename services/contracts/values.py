"""Values that several services share: the words of the glossary as frozen dataclasses.

Units: minutes after local midnight for hours of the day (``int``), minutes for durations,
degrees (WGS84) for coordinates, ``datetime`` aware in UTC for instants, ``date`` for days.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeVar
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
"""Where people read the hours; instants are kept in UTC."""

Half = Literal["am", "pm"]
GroupKind = Literal["whole", "half", "split"]
VenueKind = Literal["school", "common", "either"]
Mixing = Literal["forbid", "avoid", "allow"]
Role = Literal["administrator", "organiser", "reader"]

ROLES: tuple[Role, ...] = ("reader", "organiser", "administrator")
"""Of the people who organise: each may do all that those before it may."""
MOST_PUPILS = 40
"""Of a class or at a session: a higher head count is a slip of the finger."""
MOST_CLASSES = 12
"""Of one school: more than any école élémentaire registers for one edition."""


_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+(?=..){_LABEL}")


def deliverable(address: str) -> bool:
    """Whether a mail can be addressed to it: words of ASCII between dots, one at sign, a domain with a dot.

    At most 254 characters (RFC 5321 4.1.2 and 4.5.3.1, RFC 5322 3.4.1; without quoted words and comments).
    """
    return len(address) <= 254 and _ADDRESS.fullmatch(address) is not None


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


_T = TypeVar("_T", bound=_Identified)


def _by_id(items: tuple[_T, ...], wanted: str) -> _T:
    for item in items:
        if item.id == wanted:
            return item
    raise KeyError(wanted)


@dataclass(frozen=True, order=True)
class HalfDay:
    """A morning or an afternoon; noon is the edition's ``noon``."""

    day: dt.date
    half: Half

    @classmethod
    def of(cls, instant: dt.datetime, noon: int) -> HalfDay:
        """Return the half-day of an instant."""
        local = instant.astimezone(PARIS)
        return cls(local.date(), "am" if local.hour * 60 + local.minute < noon else "pm")


@dataclass(frozen=True, order=True)
class Window:
    """An open stretch of a day, ``start`` included, ``end`` excluded, in minutes after local midnight."""

    start: int
    end: int

    def reaches(self, half: Half, noon: int) -> bool:
        """Whether some of it lies in this half of the day."""
        return self.start < noon if half == "am" else self.end > noon


@dataclass(frozen=True)
class Place:
    """A point people drive to."""

    name: str
    lat: float
    lon: float
    address: str = ""


@dataclass(frozen=True)
class Contact:
    """A grown-up who acts for a school or a provider. Pupils never appear here."""

    name: str
    email: str
    phone: str = ""
    language: str = "fr"


@dataclass(frozen=True)
class GroupRule:
    """How a class is cut for an activity.

    ``whole``: the class stays together. ``half``: two halves, whatever the size.
    ``split``: as few groups as possible with ``min_size`` to ``max_size`` pupils each.
    """

    kind: GroupKind
    min_size: int = 1
    max_size: int = 40


@dataclass(frozen=True)
class Delay:
    """Time between an activity and the one before it in the chain, for the same pupils.

    ``min_half_days``: 1 means a later half-day. ``min_days``/``max_days``: calendar days; ``max_days`` None: no limit.
    """

    min_half_days: int = 1
    min_days: int = 0
    max_days: int | None = None


@dataclass(frozen=True)
class Activity:
    """One workshop of a chain. All durations in minutes.

    For the sheets of the day, free text: ``material`` the team brings, what the school ``prepares``, what it gives on
    to the next activity (``hands_on``). ``video``: it makes a video that is published on the ENT.
    """

    id: str
    name: str
    provider_kind: str
    duration: int
    setup: int
    packing: int
    turnover: int
    group: GroupRule
    venue: VenueKind = "school"
    delay: Delay = Delay()
    material: str = ""
    prepares: str = ""
    hands_on: str = ""
    video: bool = False


@dataclass(frozen=True)
class Programme:
    """An ordered chain of activities that each enrolled class lives through."""

    id: str
    name: str
    activities: tuple[Activity, ...]
    mix_classes: Mixing = "forbid"

    def activity(self, activity_id: str) -> Activity:
        """Return the activity with this id; KeyError when the programme has none."""
        return _by_id(self.activities, activity_id)


@dataclass(frozen=True, order=True)
class Busy:
    """A stretch of a day on which a team is taken by something else; ``start``/``end`` as in Window."""

    day: dt.date
    start: int
    end: int


@dataclass(frozen=True)
class Team:
    """People and vehicle that travel together.

    ``leave``/``back``: earliest departure from, latest return to, the depot. ``busy``: no session, nor its set-up or
    packing, meets these stretches.
    """

    id: str
    name: str
    depot: Place
    leave: int
    back: int
    max_sessions: int
    absences: tuple[HalfDay, ...] = ()
    busy: tuple[Busy, ...] = ()


@dataclass(frozen=True)
class Provider:
    """An organisation that gives activities. ``kinds``: the kinds of provider it can act as."""

    id: str
    name: str
    kinds: tuple[str, ...]
    contact: Contact
    teams: tuple[Team, ...]


@dataclass(frozen=True)
class Venue:
    """A common place to which classes travel. ``hours``: ISO weekday (1 Monday) -> open windows."""

    id: str
    place: Place
    rooms: int
    hours: dict[int, tuple[Window, ...]]
    closed: tuple[HalfDay, ...] = ()


@dataclass(frozen=True)
class Weights:
    """Prices of the planner's objective, as in the rotation-1 format (points; ``gap_max`` in calendar days)."""

    unplaced: int = 100_000
    team_day: int = 150
    visit: int = 40
    drive: int = 1
    same_day: int = 30
    late_gap: int = 10
    gap_max: int = 5
    fair: int = 5
    end: int = 3
    disliked: int = 25
    again: int = 100
    priority: int = 500


RuleLevel = Literal["block", "release", "warn", "off"]
"""What breaking a rule does to a plan: it is not kept, it cannot be released, it is said, nothing."""


@dataclass(frozen=True)
class Edition:
    """One fortnight: dates, programmes, providers, venues.

    ``action_days``: the days on which sessions may be held, already without weekends,
    public holidays, school holidays and ``closed_days``.
    ``rules``: levels of rules, by name, where they are not the usual ones. ``priorities``: which schools come
    first on waiting lists, and whose sessions are the last to be left out of a plan; the most important first.
    """

    id: str
    name: str
    organiser: Contact
    territory: str
    first_day: dt.date
    last_day: dt.date
    school_zone: str
    closed_days: tuple[dt.date, ...]
    action_days: tuple[dt.date, ...]
    noon: int
    lunch: int
    programmes: tuple[Programme, ...]
    providers: tuple[Provider, ...]
    venues: tuple[Venue, ...] = ()
    weights: Weights = Weights()
    notes: str = ""
    rules: dict[str, RuleLevel] = field(default_factory=dict)
    priorities: tuple[Priority, ...] = ()

    @property
    def half_days(self) -> tuple[HalfDay, ...]:
        """Every half-day of its action days."""
        halves: tuple[Half, ...] = ("am", "pm")
        return tuple(HalfDay(day, half) for day in self.action_days for half in halves)

    def programme(self, programme_id: str) -> Programme:
        """Return the programme with this id; KeyError when the edition has none."""
        return _by_id(self.programmes, programme_id)

    def provider(self, provider_id: str) -> Provider:
        """Return the provider with this id; KeyError when the edition has none."""
        return _by_id(self.providers, provider_id)


@dataclass(frozen=True)
class Reception:
    """How a school receives the workshops, in its own words. Nothing here names a pupil.

    ``sockets``: whether there are electric sockets where the workshop is held, None when it was not said;
    ``access_needs``: how many pupils need an adapted access; ``day_contact``: who opens the door.
    """

    parking: str = ""
    sockets: bool | None = None
    access_needs: int = 0
    day_contact: str = ""
    day_phone: str = ""
    remarks: str = ""


@dataclass(frozen=True)
class School:
    """A school as registered for an edition.

    ``hours``: ISO weekday (1 Monday) -> windows in which a session must lie whole.
    ``rooms``: sessions it can host at the same time. ``priority_district``: serves youths of a QPV.
    ``never_served``: was in no edition before.
    """

    id: str
    name: str
    commune: str
    place: Place
    contact: Contact
    hours: dict[int, tuple[Window, ...]]
    rooms: int
    uai: str = ""
    closed: tuple[HalfDay, ...] = ()
    disliked: tuple[HalfDay, ...] = ()
    mix_classes: bool = False
    priority_district: bool = False
    rural: bool = False
    never_served: bool = False
    reception: Reception = Reception()

    def precedence(self, order: tuple[Priority, ...]) -> int:
        """Return how much it comes before others: each priority it meets outweighs all later ones together."""
        met = {"never_served": self.never_served, "rural": self.rural, "qpv": self.priority_district}
        return sum(2**i for i, priority in enumerate(reversed(order)) if met[priority])


@dataclass(frozen=True)
class SchoolClass:
    """A class counted, never named pupil by pupil. ``programmes``: ids of the programmes it takes part in."""

    id: str
    name: str
    level: str
    pupils: int
    programmes: tuple[str, ...]


GroupException = Literal["too_small", "too_large"]

Priority = Literal["never_served", "rural", "qpv"]
"""What may put a school before others where places are short."""


@dataclass(frozen=True)
class Group:
    """Pupils who live the same sessions together: ``activities`` are the ids it attends, in chain order.

    ``exception`` says why the size breaks the rule; ``accepted`` that the organiser agreed to it.
    ``without_place``: its programme takes fewer groups than want to come, and it is not among them.
    A group with an open exception, or without a place, is not planned.
    """

    id: str
    school_id: str
    programme_id: str
    class_ids: tuple[str, ...]
    name: str
    pupils: int
    activities: tuple[str, ...]
    exception: GroupException | None = None
    accepted: bool = False
    without_place: bool = False

    @property
    def undecided(self) -> bool:
        """Whether it waits for the organiser to settle its exception."""
        return self.exception is not None and not self.accepted

    @property
    def plannable(self) -> bool:
        """Whether scheduling may place this group."""
        return not self.undecided and not self.without_place


SchoolAnswer = Literal["offered", "confirmed", "declined"]

AnsweredBy = Literal["school", "organiser"]
"""Who typed a school's answer: the school on its page, or the organiser who had it on the telephone."""


PermissionKind = Literal["director", "inspector", "erun", "convention"]
"""The director's agreement, the inspector told, the digital teacher (ERUN) told, the agreement with the employer."""
PermissionLevel = Literal["off", "warn", "block"]
"""Not watched; shown where it is missing; needed before a plan is released and before a school may confirm."""


def permission_levels(chosen: Mapping[PermissionKind, PermissionLevel]) -> dict[PermissionKind, PermissionLevel]:
    """Return the level of every kind: the organiser's, else the usual: the director's agreement is always asked."""
    usual: dict[PermissionKind, PermissionLevel] = {
        "director": "warn",
        "inspector": "off",
        "erun": "off",
        "convention": "off",
    }
    return usual | dict(chosen)


@dataclass(frozen=True)
class GivenPermission:
    """A permission that a school has for a programme."""

    kind: PermissionKind
    programme_id: str


@dataclass(frozen=True)
class Session:
    """One activity given to one group: where, when and by whom. ``start``/``end`` aware, in UTC.

    ``id`` stays the same for the life of the pair (group, activity); ``place`` is the school or the common venue.
    """

    id: str
    group_id: str
    activity_id: str
    programme_id: str
    school_id: str
    provider_id: str
    team_id: str
    start: dt.datetime
    end: dt.datetime
    place: Place
    venue_id: str | None = None


@dataclass(frozen=True)
class SettledWish:
    """A wish for another slot as the organiser decided. ``now``, ``asked``: starts; ``words``: why it was refused."""

    session_id: str
    activity_name: str
    group_name: str
    now: dt.datetime
    asked: dt.datetime
    accepted: bool
    words: str = ""


ChangeKind = Literal["added", "moved", "reassigned", "dropped", "updated"]


@dataclass(frozen=True)
class Change:
    """What became of a session from one release to the next.

    ``moved``: other time or place. ``reassigned``: other team, same time. ``updated``: only wording or head count.
    """

    kind: ChangeKind
    session_id: str
    before: Session | None
    after: Session | None


@dataclass(frozen=True)
class Violation:
    """A rule a plan breaks: the rule's name, the sessions concerned, facts for the sentence.

    ``sentence``: French, the facts fill its braces. ``level``: what the edition makes of it.
    """

    rule: str
    session_ids: tuple[str, ...]
    facts: dict[str, str] = field(default_factory=dict)
    sentence: str = ""
    level: RuleLevel = "block"
