"""Whom to invite to register and whom to remind: three times at most, a week or more after the last mail that asked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

ASKING = ("welcome", "reminder", "digest")
"""Kinds of mail that ask a school for something."""
MOST = 3
"""Reminders that a school gets in an edition."""
APART = dt.timedelta(days=7)
"""Least time between two mails that ask a school for something."""

Need = Literal["welcome", "register", "answer"]
"""What a mail would ask: to register for the first time, to register at last, to answer for sessions."""

Reason = Literal["due", "over", "no_address", "nothing_to_ask", "in_review", "three_already", "too_soon"]


@dataclass(frozen=True)
class Asked:
    """The mails of an edition that asked a school for something.

    ``reminders``: how many reminders may have left; ``last``: when the last mail that asked did; ``in_review``: one
    waits to leave; ``welcomed``: its first invitation to register may have left.
    """

    reminders: int = 0
    last: dt.datetime | None = None
    in_review: bool = False
    welcomed: bool = False

    def with_mail(self, kind: str, left_at: dt.datetime | None, waits: bool) -> Asked:
        """Return this with one more mail. ``left_at``: when it may have left; None: it certainly has not."""
        return Asked(
            reminders=self.reminders + (kind == "reminder" and left_at is not None),
            last=max((moment for moment in (self.last, left_at) if moment), default=None),
            in_review=self.in_review or waits,
            welcomed=self.welcomed or (kind == "welcome" and left_at is not None),
        )


@dataclass(frozen=True)
class Standing:
    """Where a school stands. ``unanswered`` of ``sessions``; ``declared``: it registered by its own form."""

    declared: bool
    sessions: int
    unanswered: int
    reachable: bool


@dataclass(frozen=True)
class Verdict:
    """What is asked of a school, and whether now: ``reason`` is ``due``, or why not. ``again``: not before then."""

    need: Need | None
    reason: Reason
    again: dt.datetime | None = None


def judge(standing: Standing, asked: Asked, now: dt.datetime, over: bool) -> Verdict:
    """Say whether a school is to be asked. ``over``: the edition has ended."""
    need = _need(standing, asked)
    if need is None:
        return Verdict(None, "nothing_to_ask")
    soon = asked.last is not None and now < asked.last + APART
    against: tuple[tuple[Reason, bool], ...] = (
        ("over", over),
        ("no_address", not standing.reachable),
        ("in_review", asked.in_review),
        ("three_already", need != "welcome" and asked.reminders >= MOST),
        ("too_soon", soon),
    )
    reason: Reason = next((reason for reason, holds in against if holds), "due")
    return Verdict(need, reason, asked.last + APART if asked.last and reason == "too_soon" else None)


def _need(standing: Standing, asked: Asked) -> Need | None:
    if standing.unanswered:
        return "answer"
    if standing.declared or standing.sessions:
        return None
    return "register" if asked.welcomed else "welcome"
