"""How long the links last that open a page or a calendar without an account."""

from __future__ import annotations

import datetime as dt

LINK_DAYS = 30
"""Days that a link outlives its edition."""


def last_day_of_link(last_day: dt.date, issued_at: dt.datetime) -> dt.date:
    """Return the last day on which a link opens: 30 days after the edition's last, or after its own making if later.

    A link made once the edition is over, for a report or by a demonstration, would else be born dead.
    """
    return max(last_day, issued_at.date()) + dt.timedelta(days=LINK_DAYS)
