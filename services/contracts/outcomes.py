"""What became of a session: held, shortened or cancelled, with how many pupils came. Nobody is named."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

OutcomeState = Literal["held", "shortened", "cancelled"]
CancelledBy = Literal["school", "provider", "organiser"]
RecordedBy = Literal["provider", "organiser"]


@dataclass(frozen=True)
class Outcome:
    """What became of a session that was to begin at ``start``; it says nothing of the session at another time.

    ``pupils``: how many came, 0 when it was cancelled. ``minutes``: how long a shortened one lasted. ``published``: the
    video made in it is on the ENT.
    """

    session_id: str
    start: dt.datetime
    state: OutcomeState
    recorded_by: RecordedBy
    recorded_at: dt.datetime
    pupils: int = 0
    minutes: int | None = None
    cancelled_by: CancelledBy | None = None
    published: bool = False
