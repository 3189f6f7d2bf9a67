"""The service's ports in memory, and a house of handlers around them."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.contracts.events import (
    EditionOpened,
    Event,
    PlanReleased,
    RegistrationSubmitted,
    SlotDeclined,
    SlotsConfirmed,
)
from services.contracts.rpc import IncomingMail, Mail, MailState, MailSummary, Received, ReceiveMail
from services.contracts.values import Edition
from services.notifications.adapters.names import DerivedNames
from services.notifications.adapters.press import HousePress
from services.notifications.domain.delivery import Draft, Letter
from services.notifications.domain.entry import Entry, NotYetKnown, Party, Planned, Registered
from services.notifications.domain.feed import StoredFeed
from services.notifications.domain.invitation import Invitation, Revision, Sent, mailbox_key
from services.notifications.domain.reply import Outcome, ReadMail
from services.notifications.handlers import answers, copies, release
from services.notifications.ports import Desk
from tests.unit.notifications.builders import EDITION_ID, NOW

NAMES = DerivedNames("x" * 32, "agenda@quinzaine.example")
PRESS = HousePress(NAMES, "https://quinzaine.example")
DESK = Desk(PRESS, NAMES)


class FakeEditions:
    def __init__(self) -> None:
        self.kept: dict[str, Edition] = {}
        self.releases: dict[str, int] = {}

    def save(self, edition: Edition) -> None:
        self.kept[edition.id] = edition

    def find(self, edition_id: str) -> Edition | None:
        return self.kept.get(edition_id)

    def lock(self, edition_id: str) -> Edition:
        if edition_id not in self.kept:
            raise NotYetKnown(edition_id)
        return self.kept[edition_id]

    def release(self, edition_id: str) -> int:
        return self.releases.get(edition_id, 0)

    def set_release(self, edition_id: str, release: int) -> None:
        self.releases[edition_id] = release


class FakeSchools:
    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Registered] = {}

    def save(self, edition_id: str, registered: Registered) -> None:
        self.kept[edition_id, registered.school.id] = registered

    def of_edition(self, edition_id: str) -> dict[str, Registered]:
        return {school: kept for (edition, school), kept in sorted(self.kept.items()) if edition == edition_id}


class FakeSessions:
    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Planned]] = {}

    def of_edition(self, edition_id: str) -> dict[str, Planned]:
        return dict(sorted(self.kept.get(edition_id, {}).items()))

    def replace(self, edition_id: str, planned: tuple[Planned, ...]) -> None:
        self.kept[edition_id] = {item.session.id: item for item in planned}

    def save(self, edition_id: str, planned: Planned) -> None:
        self.kept[edition_id][planned.session.id] = planned


class FakeInvitations:
    def __init__(self) -> None:
        self.kept: dict[str, Invitation] = {}

    def latest(self, edition_id: str, school_id: str | None = None) -> tuple[Invitation, ...]:
        newest: dict[tuple[str, Party], Invitation] = {}
        for invitation in sorted(self.kept.values(), key=lambda i: i.generation):
            if invitation.edition_id == edition_id and school_id in (None, invitation.session.school_id):
                newest[invitation.session.id, invitation.party] = invitation
        return tuple(newest.values())

    def of_party(self, edition_id: str, party: Party) -> tuple[Invitation, ...]:
        return tuple(i for i in self.kept.values() if (i.edition_id, i.party) == (edition_id, party))

    def by_uid(self, uid: str) -> Invitation | None:
        return self.kept.get(uid)

    def save(self, invitation: Invitation) -> None:
        self.kept[invitation.uid] = invitation


@dataclass
class QueuedMail:
    """A mail in the queue. ``left``: the recipient may have it."""

    id: str
    draft: Draft
    letter: Letter
    thread: str
    state: MailState = "waiting"
    left: bool = False


class FakeMails:
    def __init__(self) -> None:
        self.queue: list[QueuedMail] = []

    def told(self, edition_id: str) -> dict[str, Sent]:
        told: dict[str, dict[str, Revision]] = {}
        for mail in self.queue:
            if mail.left and isinstance(mail.draft.told, Revision) and mail.draft.edition_id == edition_id:
                told.setdefault(mail.thread, {})[mailbox_key(mail.draft.recipient)] = mail.draft.told
        return dict(told)

    def digest_told(self, edition_id: str, school_id: str) -> Mapping[str, Entry]:
        mine = [m for m in self.queue if m.left and (m.draft.kind, m.draft.party) == ("digest", school_id)]
        return mine[-1].draft.told if mine else {}  # type: ignore[return-value]

    def awaits(self, draft: Draft) -> bool:
        same = (draft.thread, draft.recipient, draft.told)
        return any(same == (m.thread, m.draft.recipient, m.draft.told) for m in self.queue if m.state == "waiting")

    def withdraw(self, thread: str) -> None:
        for mail in self.queue:
            if mail.thread == thread and mail.state == "waiting" and not mail.left:
                mail.state = "superseded"

    def first_message_id(self, thread: str) -> str:
        return next((NAMES.message_id(mail.id) for mail in self.queue if mail.thread == thread), "")

    def count(self, draft: Draft) -> int:
        def about(other: Draft) -> tuple[str, ...]:
            return other.edition_id, other.kind, other.party, other.session_id

        return sum(about(mail.draft) == about(draft) for mail in self.queue)

    def enqueue(self, mail_id: str, message_id: str, draft: Draft, letter: Letter, now: dt.datetime) -> None:
        thread = draft.thread or mail_id
        for mail in self.queue:
            if (mail.thread, mail.draft.recipient, mail.state) == (thread, draft.recipient, "waiting"):
                mail.state = "superseded"
        self.queue.append(QueuedMail(mail_id, draft, letter, thread))

    def of_edition(self, edition_id: str, state: MailState | None) -> tuple[MailSummary, ...]:
        raise NotImplementedError

    def find(self, mail_id: str) -> Mail | None:
        raise NotImplementedError


class FakeIncoming:
    def __init__(self) -> None:
        self.kept: dict[bytes, tuple[ReadMail, Outcome, str]] = {}

    def seen(self, raw: bytes) -> bool:
        return raw in self.kept

    def add(self, raw: bytes, read: ReadMail, outcome: Outcome, session_id: str, now: dt.datetime) -> None:
        self.kept[raw] = (read, outcome, session_id)

    def latest(self, limit: int) -> tuple[IncomingMail, ...]:
        raise NotImplementedError


class FakeParties:
    def __init__(self) -> None:
        self.feeds: dict[str, StoredFeed] = {}
        self.pages: dict[str, tuple[str, str]] = {}

    def put(
        self, edition_id: str, party: Party, feed_hash: str, page_hash: str | None, body: bytes, now: dt.datetime
    ) -> None:
        known = self.feeds.get(feed_hash)
        if known is None or known.body != body:
            self.feeds[feed_hash] = StoredFeed(body, hashlib.sha256(body).hexdigest(), now)
        if page_hash:
            self.pages[page_hash] = edition_id, party.id

    def feed(self, feed_hash: str) -> StoredFeed | None:
        return self.feeds.get(feed_hash)

    def page(self, page_hash: str) -> tuple[str, str] | None:
        return self.pages.get(page_hash)


class FakeHistory:
    def __init__(self) -> None:
        self.rows: list[tuple[str, dict[str, str]]] = []

    def add(self, edition_id: str, code: str, **facts: str) -> None:
        self.rows.append((code, facts))


class FakeTransaction:
    """A transaction whose rows stay in memory from one handler to the next."""

    def __init__(self) -> None:
        self.now = NOW
        self.sequence = 1
        self.editions = FakeEditions()
        self.schools = FakeSchools()
        self.sessions = FakeSessions()
        self.invitations = FakeInvitations()
        self.mails = FakeMails()
        self.incoming = FakeIncoming()
        self.parties = FakeParties()
        self.history = FakeHistory()
        self.emitted: list[Event] = []

    def emit(self, event: Event) -> None:
        self.emitted.append(event)


HANDLERS: dict[type[Event], Any] = {
    EditionOpened: copies.edition_opened,
    RegistrationSubmitted: copies.registration_submitted,
    PlanReleased: release.plan_released,
    SlotsConfirmed: answers.slots_confirmed,
    SlotDeclined: answers.slot_declined,
}


def handle(event: Event, tx: Any) -> None:
    HANDLERS[type(event)](event, tx, desk=DESK)


class Bureau:
    """The handlers on one fake transaction: events told one after the other, an hour apart."""

    def __init__(self) -> None:
        self.tx = FakeTransaction()

    def hear(self, *events: Event) -> None:
        for event in events:
            handle(event, self.tx)
            self.tx.now += dt.timedelta(hours=1)

    def receive(self, raw: bytes) -> Received:
        received = answers.receive_mail(ReceiveMail(base64.b64encode(raw).decode()), self.tx, press=PRESS)
        self.tx.now += dt.timedelta(hours=1)
        return received

    def send(self) -> list[QueuedMail]:
        """Let everything that waits leave, and return it."""
        waiting = [mail for mail in self.tx.mails.queue if mail.state == "waiting"]
        for mail in waiting:
            mail.state, mail.left = "sent", True
        return waiting

    def feed(self, kind: Any, id_: str) -> StoredFeed:
        return self.tx.parties.feeds[NAMES.digest_of(NAMES.feed_token(EDITION_ID, Party(kind, id_)))]
