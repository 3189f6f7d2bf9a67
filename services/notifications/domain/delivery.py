"""How a mail leaves: what is queued, when it is tried again, when it is given up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from services.contracts.values import Place
from services.notifications.domain.entry import Entry
from services.notifications.domain.invitation import Revision

MailKind = Literal[
    "invitation",
    "cancellation",
    "digest",
    "receipt",
    "notice",
    "refusal",
    "place",
    "wishes",
    "webhook",
    "welcome",
    "reminder",
    "sign_in",
    "text",
]
UNHURRIED: frozenset[MailKind] = frozenset({"invitation", "cancellation", "digest"})
"""Kinds that wait for the end of the quiet period, so that several changes become one mail."""

GATHERED: frozenset[MailKind] = frozenset({"wishes"})
GATHERING = dt.timedelta(minutes=15)
"""How long mails of these kinds wait at least: what is decided meanwhile goes with them."""

REVIEWED: frozenset[MailKind] = frozenset({"welcome", "reminder"})
"""Kinds that leave only once the organiser has said so."""
NOT_BEFORE_REVIEW = dt.datetime(9999, 12, 31, tzinfo=dt.timezone.utc)
"""When a mail leaves that nobody has reviewed."""

CAPPED: frozenset[MailKind] = frozenset({"digest", "receipt", "place", "welcome", "reminder"})
"""Kinds of which one person gets only so many in a day; calendars must hear of every invitation."""
CAP_PERIOD = dt.timedelta(days=1)

ON_PAPER: frozenset[MailKind] = CAPPED | GATHERED
"""Kinds that a school can get as letters; the others answer a mail, or open an account."""

MailState = Literal["waiting", "held", "to_print", "sent", "superseded", "failed"]


@dataclass(frozen=True)
class Letter:
    """A composed mail: its subject for lists, and the bytes that leave, whatever happens."""

    subject: str
    raw: bytes


@dataclass(frozen=True)
class Draft:
    """A mail to queue, without its letter.

    In one ``thread`` (a UID, a school's summaries) a recipient only ever gets the newest; empty: a thread of its own.
    ``told``: what the recipient knows once it has left: a revision, or a school's entries by session id.
    ``on_paper``: it is printed and posted to ``recipient``, which is no mail address then.
    ``leaves_at``: not before then, whatever its kind; ``until``: no longer of use after that.
    """

    edition_id: str
    recipient: str
    kind: MailKind
    party: str
    release: int
    thread: str = ""
    session_id: str = ""
    told: Revision | Mapping[str, Entry] | None = None
    on_paper: bool = False
    leaves_at: dt.datetime | None = None
    until: dt.datetime | None = None


@dataclass(frozen=True)
class Handover:
    """How a try to hand something over ended.

    ``may_have_left``: the line broke, so that the other side may have taken it all the same.
    """

    kind: Literal["sent", "passing", "final", "broken"]
    error: str = ""

    @property
    def may_have_left(self) -> bool:
        """Whether it may have reached its recipient."""
        return self.kind in ("sent", "broken")


PAUSES = tuple(dt.timedelta(seconds=s) for s in (5, 30, 120, 600, 1800, 3600))
"""Pauses before each new try; the last one repeats."""

GIVE_UP_AFTER = dt.timedelta(days=1)


def next_try(created: dt.datetime, attempts: int, now: dt.datetime) -> dt.datetime | None:
    """Return when to try again after ``attempts`` passing failures; None once a day has passed."""
    if now - created >= GIVE_UP_AFTER:
        return None
    return now + PAUSES[min(attempts, len(PAUSES)) - 1]


def postal(place: Place) -> str:
    """Return where a letter goes, on one line."""
    return ", ".join(part for part in (place.name, place.address.replace("\n", ", ")) if part)[:320]
