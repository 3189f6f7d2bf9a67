"""Other slots that schools wish for: asked for with their price, then accepted or refused by the organiser."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Literal

from services.contracts.errors import Problem
from services.contracts.values import AnsweredBy, HalfDay, Session
from services.registration.domain.answers import text_problem

State = Literal["open", "accepted", "refused", "granted", "outdated"]


@dataclass(frozen=True)
class Price:
    """What it would take, as scheduling said it: sessions moved, parties told, kilometres more."""

    moves: int
    told: int
    kilometres: int
    exact: bool


@dataclass(frozen=True)
class Wish:
    """A school's wish for one session; a later one takes its place."""

    session_id: str
    half_day: HalfDay
    starts_at: dt.datetime
    provider_id: str
    price: Price
    comment: str
    made_at: dt.datetime
    made_by: AnsweredBy = "school"
    state: State = "open"
    words: str = ""

    def after(self, session: Session | None, moved: bool, noon: int) -> Wish:
        """Return the wish after a release; ``session`` None: it is no longer held. ``noon`` in minutes."""
        if self.state not in ("open", "accepted") or (session and not moved):
            return self
        granted = session is not None and HalfDay.of(session.start, noon) == self.half_day
        return replace(self, state="granted" if granted else "outdated")


def settled(wish: Wish, decision: Literal["accept", "refuse"], words: str) -> Wish | Problem:
    """Return the wish as decided, or why it cannot be."""
    if wish.state != "open":
        return Problem("wish_settled")
    if decision == "accept":
        return replace(wish, state="accepted")
    if not words:
        return Problem("wish_without_words")
    return text_problem(words, no_names=True) or replace(wish, state="refused", words=words)
