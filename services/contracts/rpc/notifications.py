"""What notifications is asked: parties, feeds, mails sent and received."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

from services.contracts.rpc.request import Query, Request
from services.contracts.rpc.scheduling import ProviderAnswer
from services.contracts.values import (
    Contact,
    School,
    Session,
)


@dataclass(frozen=True)
class ProviderScope:
    """What a provider's link opens."""

    edition_id: str
    provider_id: str


@dataclass(frozen=True)
class OpenProviderLink(Query[ProviderScope]):
    """Say what a link opens. Refused when it is unknown, revoked or expired. Changes nothing.

    ``link``: SHA-256 of its token, so that no message holds one.
    """

    service = "notifications"
    answer = ProviderScope
    link: str


@dataclass(frozen=True)
class ProviderSession:
    """A session as its provider sees it. ``cancelled`` ones stay visible."""

    session: Session
    activity_name: str
    school_name: str
    school_contact: Contact
    group_name: str
    pupils: int
    answer: ProviderAnswer
    school_confirmed: bool
    cancelled: bool = False


@dataclass(frozen=True)
class ProviderPage:
    """Everything a provider sees on its page. ``feed_token``: last part of its feed's address."""

    edition_id: str
    edition_name: str
    organiser: Contact
    provider_name: str
    sessions: tuple[ProviderSession, ...]
    feed_token: str


@dataclass(frozen=True)
class GetProviderPage(Query[ProviderPage]):
    """A provider's page."""

    service = "notifications"
    answer = ProviderPage
    edition_id: str
    provider_id: str


PartyKind = Literal["provider", "school"]
Style = Literal["both", "feed", "invitations", "letter"]
"""How a party wants its calendar: an address to subscribe to, invitations by mail, or both."""


@dataclass(frozen=True)
class Party:
    """Someone who receives calendars: a provider or a school. ``page_token``: of a provider's page, else empty.

    ``style``: how it wants them.
    """

    kind: PartyKind
    id: str
    name: str
    email: str
    feed_token: str
    page_token: str = ""
    style: Style = "both"


@dataclass(frozen=True)
class ListParties(Query[tuple[Party, ...]]):
    """Providers and schools of an edition with their feeds."""

    service = "notifications"
    answer = tuple[Party, ...]
    edition_id: str


@dataclass(frozen=True)
class ChooseStyle(Request[Party]):
    """Choose how a party gets its calendar. Whoever was invited to a session still hears what becomes of it.

    ``letter``: what a school would get by mail is printed and posted instead; no one else can choose it.
    """

    service = "notifications"
    answer = Party
    edition_id: str
    kind: PartyKind
    id: str
    style: Style


FeedKind = Literal["provider", "team", "school", "venue", "edition", "public"]
"""Whose sessions a feed shows. ``public``: those of the edition without anything about people."""


@dataclass(frozen=True)
class FeedAddress:
    """A feed and who reads it. ``token``: last part of its address. ``id``: of a team, its provider's and its own.

    ``name``: of its reader, empty for the edition's own. ``read_at``/``client``: when it was read last, and by what.
    ``style``: how its party wants its calendar, None for a feed nobody is invited with.
    ``phone``: the mobile that its party has texted; None where this house sends no texts.
    """

    kind: FeedKind
    id: str
    name: str
    token: str
    read_at: dt.datetime | None = None
    client: str = ""
    style: Style | None = None
    phone: str | None = None


@dataclass(frozen=True)
class SetTexts(Request[None]):
    """Text a party's urgent changes and its reminders to a mobile, as it typed the number; empty: no more.

    Refused when the number is no mobile's, or this house sends no texts.
    """

    service = "notifications"
    answer = type(None)
    edition_id: str
    kind: PartyKind
    id: str
    phone: str


@dataclass(frozen=True)
class ListFeeds(Query[tuple[FeedAddress, ...]]):
    """Feeds of an edition; those of one party when it is named: its own, and of a provider those of its teams."""

    service = "notifications"
    answer = tuple[FeedAddress, ...]
    edition_id: str
    kind: PartyKind | None = None
    id: str = ""


@dataclass(frozen=True)
class RotateFeed(Request[FeedAddress]):
    """Give a feed a new address; the old one is unknown from then on, the others stay."""

    service = "notifications"
    answer = FeedAddress
    edition_id: str
    kind: FeedKind
    id: str


@dataclass(frozen=True)
class NoteFeedRead(Request[None]):
    """Note that a feed was read just now, and by which program. Unknown tokens are nothing to note."""

    service = "notifications"
    answer = type(None)
    token: str
    client: str


@dataclass(frozen=True)
class RevokeProviderLink(Request[Party]):
    """Close a provider's link at once, wherever it is open; ``renew``: a new one takes its place."""

    service = "notifications"
    answer = Party
    edition_id: str
    provider_id: str
    renew: bool


@dataclass(frozen=True)
class Feed:
    """A calendar as bytes in UTF-8. ``body`` None: unchanged since ``etag``."""

    etag: str
    last_modified: dt.datetime
    body: str | None


@dataclass(frozen=True)
class GetFeed(Query[Feed]):
    """A feed by its token. ``known_etag``: what the client has. Refused with ``unknown_link``."""

    service = "notifications"
    answer = Feed
    token: str
    known_etag: str = ""
    known_since: dt.datetime | None = None


MailState = Literal["waiting", "held", "to_print", "sent", "superseded", "failed"]


@dataclass(frozen=True)
class MailSummary:
    """A mail in a list. ``kind``: invitation, cancellation, digest, receipt, notice, welcome, reminder, text.

    A text (SMS) has its words as ``subject`` and makes so many ``segments``.
    ``session_id``: of the session an invitation or cancellation is about, else empty.
    ``leaves_at``: when one that waits leaves at the earliest. ``capped_until``: until when it waits beyond that: its
    recipient got as many in a day as one person may.
    """

    id: str
    recipient: str
    party: str
    kind: str
    subject: str
    state: MailState
    created_at: dt.datetime
    sent_at: dt.datetime | None
    attempts: int
    release: int
    error: str = ""
    session_id: str = ""
    leaves_at: dt.datetime | None = None
    capped_until: dt.datetime | None = None
    segments: int = 0


@dataclass(frozen=True)
class ListMails(Query[tuple[MailSummary, ...]]):
    """Mails of an edition, latest first."""

    service = "notifications"
    answer = tuple[MailSummary, ...]
    edition_id: str
    state: MailState | None = None


@dataclass(frozen=True)
class SendNow(Request[int]):
    """Let mails leave now: those named that wait or were held back, or all of the edition that wait.

    A letter that was held back is to be printed again. Answers how many there were.
    """

    service = "notifications"
    answer = int
    edition_id: str
    mail_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class WithholdMails(Request[int]):
    """Hold back these mails that wait, until they are sent after all or newer ones replace them. Answers how many.

    The next change is told by what was really sent.
    """

    service = "notifications"
    answer = int
    edition_id: str
    mail_ids: tuple[str, ...]


@dataclass(frozen=True)
class PaperLetter:
    """A letter to print: a mail whole, its links filled in, and the school it is posted to."""

    summary: MailSummary
    raw: str
    school: School


@dataclass(frozen=True)
class ListLetters(Query[tuple[PaperLetter, ...]]):
    """The letters of an edition that are to be printed, by school."""

    service = "notifications"
    answer = tuple[PaperLetter, ...]
    edition_id: str


@dataclass(frozen=True)
class MarkPrinted(Request[int]):
    """Note that letters were printed: the schools know what they say. Answers how many still were to be printed.

    One that was replaced or held back meanwhile stays so.
    """

    service = "notifications"
    answer = int
    edition_id: str
    mail_ids: tuple[str, ...]


@dataclass(frozen=True)
class Mail:
    """A mail whole: its raw form in base64."""

    summary: MailSummary
    raw: str


@dataclass(frozen=True)
class GetMail(Query[Mail]):
    """One mail."""

    service = "notifications"
    answer = Mail
    mail_id: str


@dataclass(frozen=True)
class PreviewedRelease:
    """What a release would send. ``mail``: the one asked for, whole."""

    mails: tuple[MailSummary, ...]
    mail: Mail | None = None


@dataclass(frozen=True)
class PreviewRelease(Query[PreviewedRelease]):
    """The mails that releasing these sessions would queue, with the ids they will have; nothing is kept or sent.

    Refused while something of these sessions has not been heard of yet.
    """

    service = "notifications"
    answer = PreviewedRelease
    edition_id: str
    release: int
    sessions: tuple[Session, ...]
    mail_id: str = ""


ReceivedOutcome = Literal[
    "applied", "duplicate", "stale", "ignored", "for_a_person", "to_confirm", "countered", "resent", "bounced"
]


@dataclass(frozen=True)
class Received:
    """What became of an incoming mail, and why (``note``)."""

    outcome: ReceivedOutcome
    note: str = ""
    session_id: str = ""


@dataclass(frozen=True)
class ReceiveMail(Request[Received]):
    """Hand over a mail that came in for the answer address: raw form in base64. The same mail twice counts once."""

    service = "notifications"
    answer = Received
    raw: str
    sender: str = ""


@dataclass(frozen=True)
class IncomingMail:
    """An incoming mail kept for the organiser.

    ``proposed``: start and end that it proposes instead. ``settled``: what the organiser decided, empty until then.
    ``words``: what its sender wrote, where a person must read it.
    """

    id: str
    received_at: dt.datetime
    sender: str
    subject: str
    outcome: str
    note: str = ""
    session_id: str = ""
    proposed: tuple[dt.datetime, dt.datetime] | None = None
    settled: str = ""
    words: str = ""


@dataclass(frozen=True)
class SettleIncoming(Request[IncomingMail]):
    """Decide what becomes of an incoming mail.

    ``apply``: count an answer that waits for confirmation. ``refuse``: say no to a proposed time, in ``words``.
    ``accept``: a plan with the proposed time is made, whose release sends the new invitation.
    ``dismiss``: it needs nothing more. Settling what is settled is refused.
    """

    service = "notifications"
    answer = IncomingMail
    mail_id: str
    decision: Literal["apply", "refuse", "accept", "dismiss"]
    words: str = ""


@dataclass(frozen=True)
class ListIncoming(Query[tuple[IncomingMail, ...]]):
    """Mails that came in, latest first."""

    service = "notifications"
    answer = tuple[IncomingMail, ...]
    limit: int = field(default=200)
