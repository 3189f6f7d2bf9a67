"""What the handlers need from outside: the service's tables, the press that words and renders, the names of things."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from services.contracts.events import Event, SignInAsked
from services.contracts.rpc import Delivery, IncomingMail, Mail, MailState, MailSummary
from services.contracts.values import Busy, Edition, School, SettledWish
from services.notifications.domain.busy import BusyCalendar, Given, Reading
from services.notifications.domain.choice import Choice
from services.notifications.domain.delivery import Draft, Handover, Letter
from services.notifications.domain.digest import Item
from services.notifications.domain.entry import Entry, Facts, Party, Planned, Registered
from services.notifications.domain.feed import FeedContent, StoredFeed
from services.notifications.domain.invitation import Attendee, Invitation, Message, Sent
from services.notifications.domain.link import Link, Purpose
from services.notifications.domain.reminders import Asked
from services.notifications.domain.reply import Outcome, ReadMail, Reply
from services.notifications.domain.texting import Texted
from services.notifications.domain.webhook import Subscription
from services.notifications.domain.wording import Wording, WordingKind


@dataclass(frozen=True)
class Postmark:
    """What makes a mail itself. ``first``: Message-ID of the first mail of its thread, empty when it is the first."""

    message_id: str
    date: dt.datetime
    first: str = ""


class Numbers(Protocol):
    """Telephone numbers as people type them."""

    def e164(self, typed: str) -> str | None:
        """The mobile number that was typed, in E.164; None when it is none."""
        ...

    def readable(self, phone: str) -> str:
        """A number in E.164 as people read it."""
        ...


class Texts(Protocol):
    """The way of short texts to mobiles (SMS)."""

    def send(self, text_id: str, phone: str, words: str) -> Handover:
        """Hand a text over, at least once: tries of one text have the same id. ``phone`` in E.164."""
        ...


class Names(Protocol):
    """Names that nobody can guess; all but seeds come out the same when asked again."""

    def uid(self, edition_id: str, session_id: str, party: Party, generation: int) -> str:
        """UID of an invitation."""
        ...

    def new_seed(self) -> str:
        """What makes a new link unlike every other."""
        ...

    def token(self, edition_id: str, party: Party, purpose: Purpose, seed: str) -> str:
        """Last part of a link's address."""
        ...

    def digest_of(self, token: str) -> str:
        """What is stored of a token."""
        ...

    def organiser(self, edition: Edition) -> Attendee:
        """The mailbox that invites and receives the answers."""
        ...

    def mail_id(self, draft: Draft, number: int) -> str:
        """Id of the mail that is the ``number``-th of its kind about its party and session."""
        ...

    def message_id(self, mail_id: str) -> str:
        """Message-ID of that mail."""
        ...


class Press(Protocol):
    """Words and renders what people receive, in their language, and reads what they send.

    Raises InvalidCalendar rather than return a calendar that breaks a rule.
    """

    def entry(self, facts: Facts, party: Party) -> Entry:
        """A session as that party's calendar shows it."""
        ...

    def feed(self, content: FeedContent) -> bytes:
        """A calendar to subscribe to; the same content gives the same bytes."""
        ...

    def feed_name(self, edition: Edition, party: Party, name: str) -> str:
        """What the calendar of a party of that name is called where it is subscribed to."""
        ...

    def in_words_of(self, own: Mapping[tuple[WordingKind, str], Wording]) -> Press:
        """The same press with the organiser's own words, by kind of mail and language."""
        ...

    def wording(self, kind: WordingKind, language: str) -> Wording:
        """The words of a kind of mail: the organiser's own, or the usual ones."""
        ...

    def invitation(self, edition: Edition, invitation: Invitation, message: Message, mark: Postmark) -> Letter:
        """The mail that invites, changes or cancels."""
        ...

    def digest(
        self,
        edition: Edition,
        school: School,
        release: int,
        items: tuple[Item, ...],
        deadline: dt.date | None,
        mark: Postmark,
    ) -> Letter:
        """The summary of a release for a school."""
        ...

    def receipt(
        self, edition: Edition, school: School, entries: tuple[Entry, ...], reason: str, mark: Postmark
    ) -> Letter:
        """Tell a school what it confirmed, or with a ``reason`` what it declined."""
        ...

    def place(
        self, edition: Edition, school: School, programme: str, group: str, until: dt.datetime, mark: Postmark
    ) -> Letter:
        """Offer a group that waited a place in a programme; the offer stands ``until`` then."""
        ...

    def wishes(
        self,
        edition: Edition,
        school: School,
        wishes: tuple[SettledWish, ...],
        deadline: dt.date | None,
        mark: Postmark,
    ) -> Letter:
        """Tell a school what was decided about the other slots it wishes for."""
        ...

    def welcome(self, edition: Edition, school: School, deadline: dt.date | None, mark: Postmark) -> Letter:
        """Invite a school to register. ``deadline``: the last day to answer."""
        ...

    def reminder(
        self, edition: Edition, school: School, unanswered: int, deadline: dt.date | None, mark: Postmark
    ) -> Letter:
        """Remind a school of its sessions without an answer, or with none of registering."""
        ...

    def text_changes(self, edition: Edition, language: str, items: tuple[Item, ...]) -> Letter:
        """The short text about sessions that changed at short notice."""
        ...

    def text_reminder(self, edition: Edition, language: str, entries: tuple[Entry, ...]) -> Letter:
        """The short text about sessions of the next weekday, in their order."""
        ...

    def notice(self, edition: Edition, school: School, entry: Entry, reason: str, mark: Postmark) -> Letter:
        """Tell the organiser that a school declined."""
        ...

    def refusal(self, edition: Edition, invitation: Invitation, reply: Reply, words: str, mark: Postmark) -> Letter:
        """Say no to the time that ``reply`` proposes, with the organiser's ``words``."""
        ...

    def sign_in(self, event: SignInAsked, mark: Postmark) -> Letter:
        """Give a person who organises a link that signs in."""
        ...

    def read(self, raw: bytes) -> ReadMail:
        """Read a mail that came in, however broken."""
        ...


class Editions(Protocol):
    """Copies of editions."""

    def save(self, edition: Edition) -> None:
        """Keep the newest description."""
        ...

    def find(self, edition_id: str) -> Edition | None:
        """The edition, if known."""
        ...

    def lock(self, edition_id: str) -> Edition:
        """The edition, held against other changes until the end of the transaction. Raises NotYetKnown."""
        ...

    def ids(self) -> tuple[str, ...]:
        """The id of every edition."""
        ...

    def release(self, edition_id: str) -> int:
        """The release that calendars follow; 0 before the first."""
        ...

    def set_release(self, edition_id: str, release: int) -> None:
        """Note that calendars follow this release now."""
        ...

    def deadline(self, edition_id: str) -> dt.date | None:
        """The last day on which schools are asked to answer; None when there is no deadline."""
        ...

    def set_deadline(self, edition_id: str, day: dt.date | None) -> None:
        """Note by when schools are asked to answer."""
        ...


class Schools(Protocol):
    """Copies of registrations."""

    def save(self, edition_id: str, registered: Registered) -> None:
        """Keep the newest registration of a school."""
        ...

    def of_edition(self, edition_id: str, school_id: str | None = None) -> dict[str, Registered]:
        """Registrations by school, of one school when given."""
        ...


class Sessions(Protocol):
    """Sessions of the current release."""

    def of_edition(self, edition_id: str, school_id: str | None = None) -> dict[str, Planned]:
        """Sessions by id, of one school when given."""
        ...

    def replace(self, edition_id: str, planned: tuple[Planned, ...]) -> None:
        """Put a release's sessions in the place of all before."""
        ...

    def save(self, edition_id: str, planned: Planned) -> None:
        """Keep what a school answered."""
        ...


class Invitations(Protocol):
    """Invitations of both kinds of party; those of schools only feed their calendars."""

    def latest(self, edition_id: str, school_id: str | None = None) -> tuple[Invitation, ...]:
        """The newest generation for each session and party, of one school's sessions when given."""
        ...

    def of_party(self, edition_id: str, party: Party) -> tuple[Invitation, ...]:
        """Every generation of a party."""
        ...

    def by_uid(self, uid: str) -> Invitation | None:
        """The invitation of that UID."""
        ...

    def save(self, invitation: Invitation) -> None:
        """Add or replace, by UID."""
        ...


class Mails(Protocol):
    """The outgoing queue."""

    def told(self, edition_id: str) -> Mapping[str, Sent]:
        """By UID: for each address the last revision that may have left."""
        ...

    def digest_told(self, edition_id: str, school_id: str) -> Mapping[str, Entry]:
        """What the last summary that may have left said to a school."""
        ...

    def awaits(self, draft: Draft) -> bool:
        """Whether a mail that tells the very same is waiting to leave, or held back."""
        ...

    def withdraw(self, thread: str) -> None:
        """Supersede the mails of a thread that certainly have not left."""
        ...

    def asked(self, edition_id: str) -> Mapping[str, Asked]:
        """By school: the mails that asked it for something."""
        ...

    def first_message_id(self, thread: str) -> str:
        """Message-ID of the first mail of a thread, empty when there is none."""
        ...

    def count(self, draft: Draft) -> int:
        """How many mails of that kind there were about that party and session."""
        ...

    def enqueue(
        self, mail_id: str, message_id: str, draft: Draft, letter: Letter, now: dt.datetime, leaves_at: dt.datetime
    ) -> None:
        """Queue a mail to be sent; older ones of its thread to its recipient never leave after it."""
        ...

    def hasten(self, edition_id: str, mail_ids: tuple[str, ...], now: dt.datetime) -> int:
        """Let mails leave now: those named that wait or were held back, or all that wait. Return how many."""
        ...

    def withhold(self, edition_id: str, mail_ids: tuple[str, ...]) -> int:
        """Hold back mails that certainly have not left. Return how many."""
        ...

    def to_print(self, edition_id: str) -> tuple[Mail, ...]:
        """Letters that wait for the printer, in the order they were written."""
        ...

    def printed(self, edition_id: str, mail_ids: tuple[str, ...], now: dt.datetime) -> int:
        """Note that letters went to the post, those that still were to be printed. Return how many."""
        ...

    def redirect(self, edition_id: str, school_id: str, recipient: str, on_paper: bool) -> None:
        """Let what certainly has not left for a school go to this mail address, or to this one by post."""
        ...

    def waiting_told(self, thread: str) -> Mapping[str, Entry]:
        """What calendars said before a text of the thread that waits, empty when none does."""
        ...

    def texted_since(self, recipient: str, then: dt.datetime) -> int:
        """How many texts someone got since then, or will get."""
        ...

    def drop_without_address(self) -> None:
        """Take mails out of the queue whose recipient was erased."""
        ...

    def bounced(self, message_id: str, reason: str) -> str | None:
        """Note that a mail came back; return the session it was about (or empty), None when it is none of ours."""
        ...

    def last_queued(self, thread: str, recipient: str) -> dt.datetime | None:
        """When the last mail of a thread to a recipient was queued."""
        ...

    def of_edition(self, edition_id: str, state: MailState | None) -> tuple[MailSummary, ...]:
        """Mails, latest first."""
        ...

    def full(self, per_person: int, now: dt.datetime) -> Mapping[str, dt.datetime]:
        """The addresses that got as many capped mails within a day as one person may, and until when."""
        ...

    def find(self, mail_id: str) -> Mail | None:
        """One mail whole."""
        ...


@dataclass(frozen=True)
class Kept:
    """A mail that came in, and the reply it carried if any."""

    summary: IncomingMail
    reply: Reply | None


class Incoming(Protocol):
    """Mails that came in."""

    def seen(self, raw: bytes) -> bool:
        """Whether these very bytes came in before."""
        ...

    def add(self, raw: bytes, read: ReadMail, outcome: Outcome, session_id: str, now: dt.datetime) -> None:
        """Keep a mail and what became of it."""
        ...

    def find(self, mail_id: str) -> Kept | None:
        """A mail that came in."""
        ...

    def settle(self, mail_id: str, decision: str) -> None:
        """Note what the organiser decided."""
        ...

    def latest(self, limit: int) -> tuple[IncomingMail, ...]:
        """Mails, latest first."""
        ...


class Links(Protocol):
    """What opens pages and feeds; only hashes of tokens are kept."""

    def of_edition(self, edition_id: str, party: Party | None = None) -> Mapping[tuple[Party, Purpose], Link]:
        """Every link of an edition, of one party when given."""
        ...

    def save(self, edition_id: str, party: Party, purpose: Purpose, link: Link, token_sha256: str) -> None:
        """Keep a link in place of the party's last one for this purpose."""
        ...

    def find(self, purpose: Purpose, token_sha256: str) -> tuple[str, Party, Link, dt.date] | None:
        """The edition, party and link with this hash, and the edition's last day."""
        ...

    def filled(self, edition_id: str, party: str, raw: bytes, tokens: Names) -> bytes:
        """A kept mail with the links its reader has now."""
        ...

    def note_read(self, token_sha256: str, now: dt.datetime, client: str) -> None:
        """Note who read a feed, and when."""
        ...


class Parties(Protocol):
    """Rendered feeds, and what their readers chose."""

    def shows(self, edition_id: str, party: Party, content: str) -> bool:
        """Whether a feed was rendered from the content with this digest."""
        ...

    def put(self, edition_id: str, party: Party, content: str, body: bytes, now: dt.datetime) -> None:
        """Keep a rendered feed; its date moves only when the body changed, and never back."""
        ...

    def choices(self, edition_id: str) -> dict[Party, Choice]:
        """What those parties chose that chose something."""
        ...

    def choose(self, edition_id: str, party: Party, choice: Choice) -> None:
        """Keep what a party chose; its feed must be known."""
        ...

    def numbers(self, edition_id: str) -> dict[Party, Texted]:
        """Who asked for short texts."""
        ...

    def set_number(self, edition_id: str, party: Party, texted: Texted | None) -> None:
        """Keep to which number a party's texts go; its feed must be known."""
        ...

    def forget_numbers(self, now: dt.datetime) -> None:
        """Take out the numbers of editions that are over."""
        ...

    def feed(self, edition_id: str, party: Party) -> StoredFeed:
        """A party's feed; it must have been rendered."""
        ...


class Wordings(Protocol):
    """The organiser's own words of mails."""

    def of_edition(self, edition_id: str) -> Mapping[tuple[WordingKind, str], Wording]:
        """By kind of mail and language."""
        ...

    def save(self, edition_id: str, kind: WordingKind, language: str, wording: Wording | None) -> None:
        """Keep them in place of what was there; None: nothing of one's own."""
        ...


class History(Protocol):
    """One row for each effect, never changed."""

    def add(self, edition_id: str, code: str, **facts: str) -> None:
        """Note an effect."""
        ...


class Webhooks(Protocol):
    """Addresses of software that is told of registrations and answers."""

    def of_edition(self, edition_id: str) -> tuple[Subscription, ...]:
        """Those of an edition, oldest first."""
        ...

    def made_at(self, hook: Subscription) -> dt.datetime:
        """When it was added."""
        ...

    def add(self, hook: Subscription, at: dt.datetime) -> None:
        """Keep a new one."""
        ...

    def remove(self, edition_id: str, webhook_id: str) -> bool:
        """Forget it and drop what waits for it; say whether there was one."""
        ...

    def deliveries(self, hook: Subscription) -> tuple[Delivery, ...]:
        """The last messages, latest first."""
        ...

    def send_again(self, edition_id: str, delivery_id: str, now: dt.datetime) -> bool:
        """Queue a message anew; say whether there is one whose webhook stands."""
        ...


class BusyCalendars(Protocol):
    """Calendars of providers that are read."""

    def of_provider(self, edition_id: str, provider_id: str) -> tuple[Given, ...]:
        """Those it gave."""
        ...

    def put(self, edition_id: str, provider_id: str, team_id: str, url: str, now: dt.datetime) -> None:
        """Read this address in place of the one before, whose times are forgotten; empty: none."""
        ...

    def claim(self, now: dt.datetime) -> BusyCalendar | None:
        """The one that is due first; it is due again a while later."""
        ...

    def forget(self, now: dt.datetime) -> set[tuple[str, str]]:
        """Take out the calendars of editions that are over; return whose they were: editions and providers."""
        ...

    def note(self, calendar: BusyCalendar, reading: Reading, now: dt.datetime) -> bool:
        """Keep what was read, unless another address took its place meanwhile; say whether its times changed."""
        ...

    def stretches(self, edition_id: str, provider_id: str) -> dict[str, tuple[Busy, ...]]:
        """When a provider is taken, by team; empty id: every team."""
        ...


class Tx(Protocol):
    """The transaction a handler works in. ``sequence``: number of the event among those of its subject."""

    @property
    def now(self) -> dt.datetime: ...
    @property
    def sequence(self) -> int: ...
    @property
    def editions(self) -> Editions: ...
    @property
    def schools(self) -> Schools: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def invitations(self) -> Invitations: ...
    @property
    def mails(self) -> Mails: ...
    @property
    def incoming(self) -> Incoming: ...
    @property
    def parties(self) -> Parties: ...
    @property
    def links(self) -> Links: ...
    @property
    def webhooks(self) -> Webhooks: ...
    @property
    def wordings(self) -> Wordings: ...
    @property
    def busy(self) -> BusyCalendars: ...
    @property
    def history(self) -> History: ...

    def emit(self, event: Event) -> None:
        """Record a fact that leaves with the transaction."""
        ...


@dataclass(frozen=True)
class Desk:
    """What writing takes: the press, the names, and how long mails wait for further changes.

    ``numbers``: None where this house sends no short texts.
    """

    press: Press
    names: Names
    quiet: dt.timedelta = dt.timedelta()
    numbers: Numbers | None = None
