"""What scheduling is asked about the board: what each cell costs, and what teams do between their sessions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from services.contracts.rpc.request import Query, Request
from services.contracts.values import HalfDay, Violation


@dataclass(frozen=True)
class Cell:
    """A half-day of a team on the board, and the plan with one session put there, from ``starts_at`` on.

    The sessions of that team and half-day are timed anew, all others stay. ``points`` and ``minutes`` (of road): more
    than now, for the whole plan; ``told``: schools and providers whose sessions change; ``shifted``: other sessions
    that change; ``exchange``: whose session takes the present place in return, empty when none must. ``broken``: what
    the sessions so changed break.
    """

    team_id: str
    half_day: HalfDay
    starts_at: dt.datetime
    points: int
    minutes: int
    told: int
    shifted: int
    exchange: str = ""
    broken: tuple[Violation, ...] = ()


@dataclass(frozen=True)
class PriceCells(Query[tuple[Cell, ...]]):
    """Every cell of the board for a session of a plan, by today's inputs; the cell where it is now is left out.

    ``days``: those wanted, empty for all. Refused when the session is no longer to be held.
    """

    service = "scheduling"
    answer = tuple[Cell, ...]
    edition_id: str
    proposal_id: str
    session_id: str
    days: tuple[dt.date, ...] = ()


@dataclass(frozen=True)
class PriceTime(Query[Cell]):
    """A session of the current release at another minute with its present team, by today's inputs.

    Where that holds, nothing else changes; else the team's later sessions of that day follow. Refused when nothing was
    released, or the session is not in the release or no longer to be held.
    """

    service = "scheduling"
    answer = Cell
    edition_id: str
    session_id: str
    starts_at: dt.datetime


@dataclass(frozen=True)
class MoveToTime(Request[str]):
    """Keep the plan behind the price of a time as a proposal, and answer with its id. Nothing is released.

    Refused as ``PriceTime``, and when such a plan could not be released.
    """

    service = "scheduling"
    answer = str
    edition_id: str
    session_id: str
    starts_at: dt.datetime


@dataclass(frozen=True)
class RestoreRelease(Request[str]):
    """Keep a release as a draft, less what can no longer be held, and answer with its id. Nothing is released."""

    service = "scheduling"
    answer = str
    edition_id: str
    number: int


Doing = Literal["road", "setup", "packing"]


@dataclass(frozen=True)
class Stretch:
    """What a team does before and after its sessions."""

    team_id: str
    doing: Doing
    start: dt.datetime
    end: dt.datetime


@dataclass(frozen=True)
class ListStretches(Query[tuple[Stretch, ...]]):
    """The roads, set-ups and packings of a plan on some days, in the order of time within each team's day."""

    service = "scheduling"
    answer = tuple[Stretch, ...]
    edition_id: str
    proposal_id: str
    days: tuple[dt.date, ...]


@dataclass(frozen=True)
class Pin:
    """A session that the organiser fixed where it is, and why. Every plan to come keeps it there."""

    session_id: str
    team_id: str
    start: dt.datetime
    comment: str
    pinned_at: dt.datetime


@dataclass(frozen=True)
class PinSession(Request[Pin]):
    """Fix a session where a plan has it, in place of where it was fixed before. Refused when the plan leaves it out."""

    service = "scheduling"
    answer = Pin
    edition_id: str
    proposal_id: str
    session_id: str
    comment: str = ""


@dataclass(frozen=True)
class UnpinSession(Request[None]):
    """Let a session move again; one that is free already stays so."""

    service = "scheduling"
    answer = type(None)
    edition_id: str
    session_id: str


@dataclass(frozen=True)
class ListPins(Query[tuple[Pin, ...]]):
    """The sessions fixed, in the order of time."""

    service = "scheduling"
    answer = tuple[Pin, ...]
    edition_id: str
