"""What registration is asked about other slots that schools wish for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from services.contracts.rpc.request import Query, Request
from services.contracts.rpc.scheduling import Alternative

WishState = Literal["open", "accepted", "refused", "granted", "outdated"]
"""``accepted``: a plan with it waits to be released; ``granted``: it was; ``outdated``: the session moved elsewhere."""


@dataclass(frozen=True)
class Wish:
    """The other slot that a school wishes for a session, with the price it was told, and what became of the wish.

    ``words``: the organiser's, where it was refused. ``by_telephone``: the organiser typed it.
    """

    session_id: str
    alternative: Alternative
    comment: str
    made_at: dt.datetime
    by_telephone: bool = False
    state: WishState = "open"
    words: str = ""


@dataclass(frozen=True)
class SchoolWish:
    """A wish with the names the organiser reads. ``now``: when the session starts as it is released."""

    school_id: str
    school_name: str
    group_name: str
    activity_name: str
    now: dt.datetime
    wish: Wish


@dataclass(frozen=True)
class ListWishes(Query[tuple[SchoolWish, ...]]):
    """The wishes of an edition's schools, those that wait for the organiser first, then latest first."""

    service = "registration"
    answer = tuple[SchoolWish, ...]
    edition_id: str


@dataclass(frozen=True)
class SettleWish(Request[Wish]):
    """Accept a wish for which a plan was made, or refuse it with a sentence for the school."""

    service = "registration"
    answer = Wish
    edition_id: str
    school_id: str
    session_id: str
    decision: Literal["accept", "refuse"]
    words: str = ""
