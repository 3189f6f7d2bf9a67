"""What became of the sessions, and what can be told of one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from services.contracts.errors import refused
from services.contracts.outcomes import Outcome
from services.contracts.values import MOST_PUPILS, PARIS, Session


class Outcomes:
    """What became of the sessions of an edition."""

    def __init__(self, told: Iterable[Outcome] = ()) -> None:
        self._told = {outcome.session_id: outcome for outcome in told}

    def of(self, session: Session) -> Outcome | None:
        """Return what became of a session; what was told of it at another time says nothing of this one."""
        outcome = self._told.get(session.id)
        return outcome if outcome and outcome.start == session.start else None


def check_outcome(outcome: Outcome, session: Session, known: Outcome | None) -> None:
    """Raise Refused when this cannot be told of the session now."""
    if outcome.start != session.start:
        raise refused("outcome_moved")
    if outcome.recorded_at.astimezone(PARIS).date() < session.start.astimezone(PARIS).date():
        raise refused("outcome_early")
    if known and known.recorded_by == "organiser" and outcome.recorded_by == "provider":
        raise refused("outcome_settled")
    _check_counts(outcome, planned=session.end - session.start)


def _check_counts(outcome: Outcome, planned: dt.timedelta) -> None:
    if outcome.state == "cancelled":
        if outcome.cancelled_by is None:
            raise refused("outcome_cancelled_by")
        return
    if not 1 <= outcome.pupils <= MOST_PUPILS:
        raise refused("outcome_pupils", most=MOST_PUPILS)
    longest = int(planned.total_seconds()) // 60 - 1
    if outcome.state == "shortened" and not 1 <= (outcome.minutes or 0) <= longest:
        raise refused("outcome_minutes", most=longest)
