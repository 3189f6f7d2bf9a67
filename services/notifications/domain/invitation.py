"""Invitations by iTIP (RFC 5546): one UID per session, party and generation, its revisions, the messages they call for.

``revise`` says what the calendar of a party shows now; ``plan`` says what must be mailed, given what was mailed last.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from services.contracts.values import Session
from services.notifications.domain.entry import Entry, Party

Method = Literal["REQUEST", "CANCEL"]
Partstat = Literal["NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED"]


def mailbox_key(address: str) -> str:
    """Return an address for comparing: mailboxes that differ only in case are one."""
    return address.strip().casefold()


_SECOND = dt.timedelta(seconds=1)  # iCalendar's instants have no finer grain


@dataclass(frozen=True)
class Attendee:
    """The mailbox that is invited, the name people know it by, the language it is written to in."""

    email: str
    name: str
    language: str = "fr"

    @property
    def key(self) -> str:
        """The address for comparing, whatever its case."""
        return mailbox_key(self.email)


@dataclass(frozen=True)
class Wanted:
    """What a party's calendar should say, and who is invited."""

    entry: Entry
    attendee: Attendee


@dataclass(frozen=True)
class Revision:
    """A state of an invitation.

    ``modified``: LAST-MODIFIED and DTSTAMP, in whole seconds, later than that of the revision before.
    """

    sequence: int
    modified: dt.datetime
    entry: Entry
    attendee: Attendee
    cancelled: bool = False


@dataclass(frozen=True)
class Answer:
    """What the attendee answered to one SEQUENCE; ``stamp`` is the DTSTAMP of its reply (RFC 5546 2.1.5).

    ``delegate``: who comes in its place, and then answers for it (RFC 5546 2.1.2).
    """

    partstat: Partstat
    sequence: int
    stamp: dt.datetime
    comment: str = ""
    delegate: str = ""


@dataclass(frozen=True)
class Invitation:
    """One party's invitation to one session. The UID is never reused: after a cancellation comes a new generation.

    ``organiser`` stays the same for the life of the UID: some calendars refuse every change otherwise.
    ``session`` is the session as last wanted, for those who look at a cancelled one.
    """

    edition_id: str
    party: Party
    session: Session
    generation: int
    uid: str
    organiser: Attendee
    revision: Revision
    answer: Answer | None = None

    @property
    def live(self) -> bool:
        """Whether it is not cancelled."""
        return not self.revision.cancelled


Sent = Mapping[str, Revision]
"""Address (as ``Attendee.key``) -> the last revision that may have reached it."""


@dataclass(frozen=True)
class Message:
    """A mail that must leave to ``revision.attendee``.

    ``before``: what it was told last, None for a first invitation.
    """

    method: Method
    revision: Revision
    before: Entry | None = None
    partstat: Partstat = "NEEDS-ACTION"


def first(wanted: Wanted, now: dt.datetime) -> Revision:
    """Return the first revision of a new invitation."""
    return Revision(0, now.replace(microsecond=0), wanted.entry, wanted.attendee)


def revise(known: Revision, sent: Sent, wanted: Wanted | None, now: dt.datetime) -> Revision:
    """Return what the calendar shows next: ``known`` itself when nothing changed; ``wanted`` None cancels.

    SEQUENCE rises above what was ``sent`` when the time, place or attendee changed, always at a cancellation
    (RFC 5546 2.1.4, 3.2.5), and never falls. A minor change only moves ``modified``.
    """
    later = max(now.replace(microsecond=0), known.modified + _SECOND)
    if wanted is None:
        return known if known.cancelled else replace(known, sequence=known.sequence + 1, modified=later, cancelled=True)
    if (known.entry, known.attendee) == (wanted.entry, wanted.attendee):
        return known
    asked = max((revision.sequence for revision in sent.values()), default=-1)
    sequence = max(known.sequence, asked + 1) if _asks_again(sent, wanted) else known.sequence
    return Revision(sequence, later, wanted.entry, wanted.attendee)


def _asks_again(sent: Sent, wanted: Wanted) -> bool:
    told = sent.get(wanted.attendee.key)
    if told is None:
        return any(not revision.cancelled for revision in sent.values())
    return told.cancelled or wanted.entry.asks_again(told.entry)


def plan(sent: Sent, new: Revision, partstat: Partstat = "NEEDS-ACTION") -> tuple[Message, ...]:
    """Return what must be mailed so that everyone who was told something knows ``new``.

    Whoever is no longer invited gets a cancellation, whatever they answered; what never left is not cancelled.
    Nothing for a minor change: the feed shows it. Another team at the same time is told without asking again:
    same SEQUENCE, the answer echoed as ``partstat``.
    """
    live = [sent[key] for key in sorted(sent) if not sent[key].cancelled]
    gone = [last for last in live if new.cancelled or last.attendee.key != new.attendee.key]
    cancellations = tuple(
        Message("CANCEL", replace(new, attendee=last.attendee, entry=last.entry, cancelled=True), last.entry)
        for last in gone
    )
    request = None if new.cancelled else _request(sent.get(new.attendee.key), new, partstat)
    return (*cancellations, request) if request else cancellations


def _request(told: Revision | None, new: Revision, partstat: Partstat) -> Message | None:
    if told is None or told.cancelled:
        return Message("REQUEST", new)
    if new.entry.asks_again(told.entry):
        return Message("REQUEST", new, told.entry)
    if new.entry.by != told.entry.by:
        return Message("REQUEST", new, told.entry, partstat)
    return None


def standing(invitation: Invitation, sent: Sent) -> Partstat:
    """Return the answer that counts: one given to the revision the attendee knows, as long as it did not move since."""
    answer, told = invitation.answer, sent.get(invitation.revision.attendee.key)
    if answer is None or told is None or invitation.revision.entry.asks_again(told.entry):
        return "NEEDS-ACTION"
    return answer.partstat if answer.sequence == told.sequence else "NEEDS-ACTION"
