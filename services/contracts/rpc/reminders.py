"""What notifications is asked about schools that have not registered or not answered."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from services.contracts.rpc.request import Query, Request

ReminderNeed = Literal["welcome", "register", "answer"]
ReminderReason = Literal["due", "over", "no_address", "nothing_to_ask", "in_review", "three_already", "too_soon"]


@dataclass(frozen=True)
class Reminder:
    """A school, what it is to be asked for (None: nothing) and whether a mail may do so now.

    ``reason``: ``due``, or why not. ``reminders``: how many it got. ``again``: when the next may leave at the earliest.
    """

    school_id: str
    school_name: str
    need: ReminderNeed | None
    reason: ReminderReason
    unanswered: int
    reminders: int
    again: dt.datetime | None = None


@dataclass(frozen=True)
class ListReminders(Query[tuple[Reminder, ...]]):
    """Every school of an edition by name: who would be reminded now and why, who not and why."""

    service = "notifications"
    answer = tuple[Reminder, ...]
    edition_id: str


@dataclass(frozen=True)
class PrepareReminders(Request[int]):
    """Write the mails to those of these schools that are due. None leaves before ``SendNow``. Answers how many."""

    service = "notifications"
    answer = int
    edition_id: str
    school_ids: tuple[str, ...]
