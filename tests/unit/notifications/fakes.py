"""The service's ports in memory, and a house of handlers around them."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.contracts import rpc
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
from services.notifications.adapters.numbers import MobileNumbers
from services.notifications.adapters.press import HousePress
from services.notifications.domain.choice import Choice
from services.notifications.domain.delivery import ON_PAPER, Draft, Letter
from services.notifications.domain.entry import Entry, NotYetKnown, Party, Planned, Registered
from services.notifications.domain.feed import StoredFeed, rendered
from services.notifications.domain.invitation import Invitation, Revision, Sent, mailbox_key
from services.notifications.domain.link import Link, Purpose
from services.notifications.domain.reminders import ASKING, Asked
from services.notifications.domain.reply import Outcome, ReadMail
from services.notifications.domain.texting import Texted
from services.notifications.domain.webhook import Subscription
from services.notifications.domain.wording import Wording, WordingKind
from services.notifications.handlers import answers, choices, copies, incoming, links, queries, release
from services.notifications.ports import Desk, Kept
from services.portal.mail.mailroom import reply_to_invitation
from tests.unit.notifications.builders import EDITION_ID, NOW

NAMES = DerivedNames("x" * 32, "agenda@quinzaine.example")
PRESS = HousePress(NAMES, "https://quinzaine.example")
DESK = Desk(PRESS, NAMES, numbers=MobileNumbers())


class FakeEditions:
    def __init__(self) -> None:
        self.kept: dict[str, Edition] = {}
        self.releases: dict[str, int] = {}
        self.deadlines: dict[str, dt.date | None] = {}

    def save(self, edition: Edition) -> None:
        self.kept[edition.id] = edition

    def find(self, edition_id: str) -> Edition | None:
        return self.kept.get(edition_id)

    def ids(self) -> tuple[str, ...]:
        return tuple(self.kept)

    def lock(self, edition_id: str) -> Edition:
        if edition_id not in self.kept:
            raise NotYetKnown(edition_id)
        return self.kept[edition_id]

    def release(self, edition_id: str) -> int:
        return self.releases.get(edition_id, 0)

    def set_release(self, edition_id: str, release: int) -> None:
        self.releases[edition_id] = release

    def deadline(self, edition_id: str) -> dt.date | None:
        return self.deadlines.get(edition_id)

    def set_deadline(self, edition_id: str, day: dt.date | None) -> None:
        self.deadlines[edition_id] = day


class FakeSchools:
    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Registered] = {}

    def save(self, edition_id: str, registered: Registered) -> None:
        self.kept[edition_id, registered.school.id] = registered

    def of_edition(self, edition_id: str, school_id: str | None = None) -> dict[str, Registered]:
        of_edition = {school: kept for (edition, school), kept in sorted(self.kept.items()) if edition == edition_id}
        return {school: kept for school, kept in of_edition.items() if school_id in (None, school)}


class FakeSessions:
    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Planned]] = {}

    def of_edition(self, edition_id: str, school_id: str | None = None) -> dict[str, Planned]:
        of_edition = sorted(self.kept.get(edition_id, {}).items())
        return {id_: planned for id_, planned in of_edition if school_id in (None, planned.session.school_id)}

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


UNSENT = ("waiting", "held", "to_print")


@dataclass
class QueuedMail:
    """A mail in the queue. ``left``: the recipient may have it."""

    id: str
    draft: Draft
    letter: Letter
    thread: str
    leaves_at: dt.datetime
    queued_at: dt.datetime
    state: MailState = "waiting"
    left: bool = False
    error: str = ""
    sent_at: dt.datetime | None = None


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
        return any(same == (m.thread, m.draft.recipient, m.draft.told) for m in self.queue if m.state in UNSENT)

    def withdraw(self, thread: str) -> None:
        for mail in self.queue:
            if mail.thread == thread and mail.state in UNSENT and not mail.left:
                mail.state = "superseded"

    def asked(self, edition_id: str) -> dict[str, Asked]:
        asked: dict[str, Asked] = {}
        for mail in self.queue:
            school, waits = mail.draft.party, mail.state in ("waiting", "to_print") and not mail.left
            if mail.draft.edition_id == edition_id and mail.draft.kind in ASKING:
                asked[school] = asked.get(school, Asked()).with_mail(mail.draft.kind, mail.sent_at, waits)
        return asked

    def first_message_id(self, thread: str) -> str:
        return next((NAMES.message_id(mail.id) for mail in self.queue if mail.thread == thread), "")

    def count(self, draft: Draft) -> int:
        def about(other: Draft) -> tuple[str, ...]:
            return other.edition_id, other.kind, other.party, other.session_id

        return sum(about(mail.draft) == about(draft) for mail in self.queue)

    def enqueue(
        self, mail_id: str, message_id: str, draft: Draft, letter: Letter, now: dt.datetime, leaves_at: dt.datetime
    ) -> None:
        thread = draft.thread or mail_id
        for mail in self.queue:
            if (mail.thread, mail.draft.recipient) == (thread, draft.recipient) and mail.state in UNSENT:
                mail.state = "superseded"
        state: MailState = "to_print" if draft.on_paper else "waiting"
        self.queue.append(QueuedMail(mail_id, draft, letter, thread, leaves_at, now, state))

    def hasten(self, edition_id: str, mail_ids: tuple[str, ...], now: dt.datetime) -> int:
        late = [mail for mail in self._named(edition_id, mail_ids) if mail.leaves_at > now]
        late += [mail for mail in self.queue if mail.state == "held" and mail.id in mail_ids]
        for mail in late:
            mail.leaves_at, mail.state = now, "to_print" if mail.draft.on_paper else "waiting"
        return len(late)

    def withhold(self, edition_id: str, mail_ids: tuple[str, ...]) -> int:
        leaving = [*self._named(edition_id, mail_ids), *(m for m in self.queue if m.state == "to_print")]
        held = [mail for mail in leaving if mail.id in mail_ids and not mail.left]
        for mail in held:
            mail.state = "held"
        return len(held)

    def _named(self, edition_id: str, mail_ids: tuple[str, ...]) -> list[QueuedMail]:
        waiting = [mail for mail in self.queue if (mail.draft.edition_id, mail.state) == (edition_id, "waiting")]
        return [mail for mail in waiting if not mail_ids or mail.id in mail_ids]

    def to_print(self, edition_id: str) -> tuple[Mail, ...]:
        letters = [mail for mail in self.queue if (mail.draft.edition_id, mail.state) == (edition_id, "to_print")]
        return tuple(Mail(_summary(mail), base64.b64encode(mail.letter.raw).decode()) for mail in letters)

    def printed(self, edition_id: str, mail_ids: tuple[str, ...], now: dt.datetime) -> int:
        mine = [mail for mail in self.queue if mail.state == "to_print" and mail.id in mail_ids]
        for mail in mine:
            mail.state, mail.left, mail.sent_at = "sent", True, now
        return len(mine)

    def redirect(self, edition_id: str, school_id: str, recipient: str, on_paper: bool) -> None:
        for mail in self.queue:
            mine = (mail.draft.edition_id, mail.draft.party) == (edition_id, school_id) and mail.draft.kind in ON_PAPER
            if mine and mail.state in UNSENT and not mail.left and mail.draft.on_paper != on_paper:
                mail.draft = replace(mail.draft, recipient=recipient, on_paper=on_paper)
                if mail.state != "held":
                    mail.state = "to_print" if on_paper else "waiting"

    def waiting_told(self, thread: str) -> Mapping[str, Entry]:
        mine = [mail for mail in self.queue if mail.thread == thread and mail.state in UNSENT and not mail.left]
        return mine[-1].draft.told if mine else {}  # type: ignore[return-value]

    def texted_since(self, recipient: str, then: dt.datetime) -> int:
        texts = [mail for mail in self.queue if (mail.draft.kind, mail.draft.recipient) == ("text", recipient)]
        return sum(mail.queued_at > then and mail.state in ("waiting", "sent") for mail in texts)

    def bounced(self, message_id: str, reason: str) -> str | None:
        for mail in self.queue:
            if NAMES.message_id(mail.id) == message_id:
                mail.state, mail.left, mail.error = "failed", False, reason
                return mail.draft.session_id
        return None

    def last_queued(self, thread: str, recipient: str) -> dt.datetime | None:
        return max(
            (m.queued_at for m in self.queue if (m.thread, m.draft.recipient) == (thread, recipient)), default=None
        )

    def of_edition(self, edition_id: str, state: MailState | None) -> tuple[MailSummary, ...]:
        return tuple(_summary(mail) for mail in self.queue if state in (None, mail.state))

    def full(self, per_person: int, now: dt.datetime) -> dict[str, dt.datetime]:
        return {}

    def find(self, mail_id: str) -> Mail | None:
        return next((Mail(_summary(mail), "") for mail in self.queue if mail.id == mail_id), None)


def _summary(mail: QueuedMail) -> MailSummary:
    draft, about = mail.draft, (mail.letter.subject, mail.state, mail.queued_at, mail.sent_at, 0, mail.draft.release)
    return MailSummary(mail.id, draft.recipient, draft.party, draft.kind, *about, mail.error, draft.session_id)


class FakeIncoming:
    def __init__(self) -> None:
        self.kept: dict[bytes, tuple[ReadMail, Outcome, str]] = {}
        self.settled: dict[str, str] = {}

    def seen(self, raw: bytes) -> bool:
        return raw in self.kept

    def add(self, raw: bytes, read: ReadMail, outcome: Outcome, session_id: str, now: dt.datetime) -> None:
        self.kept[raw] = (read, outcome, session_id)

    def find(self, mail_id: str) -> Kept | None:
        return next((kept for kept in self._all() if kept.summary.id == mail_id), None)

    def settle(self, mail_id: str, decision: str) -> None:
        self.settled[mail_id] = decision

    def latest(self, limit: int) -> tuple[IncomingMail, ...]:
        return tuple(kept.summary for kept in self._all())[::-1][:limit]

    def _all(self) -> list[Kept]:
        return [self._kept(raw, *facts) for raw, facts in self.kept.items()]

    def _kept(self, raw: bytes, read: ReadMail, outcome: Outcome, session_id: str) -> Kept:
        id_, proposed = hashlib.sha256(raw).hexdigest(), read.reply.proposed if read.reply else None
        decided = self.settled.get(id_, "")
        said = outcome.verdict, outcome.note, session_id, proposed, decided
        return Kept(IncomingMail(id_, NOW, read.sender, read.subject, *said), read.reply)


class FakeParties:
    def __init__(self) -> None:
        self.feeds: dict[tuple[str, Party], StoredFeed] = {}
        self.contents: dict[tuple[str, Party], str] = {}
        self.chosen: dict[str, dict[Party, Choice]] = {}
        self.texted: dict[str, dict[Party, Texted]] = {}

    def shows(self, edition_id: str, party: Party, content: str) -> bool:
        return self.contents.get((edition_id, party)) == content

    def put(self, edition_id: str, party: Party, content: str, body: bytes, now: dt.datetime) -> None:
        self.contents[edition_id, party] = content
        self.feeds[edition_id, party] = rendered(self.feeds.get((edition_id, party)), body, now)

    def choices(self, edition_id: str) -> dict[Party, Choice]:
        return dict(self.chosen.get(edition_id, {}))

    def choose(self, edition_id: str, party: Party, choice: Choice) -> None:
        self.chosen.setdefault(edition_id, {})[party] = choice

    def numbers(self, edition_id: str) -> dict[Party, Texted]:
        return dict(self.texted.get(edition_id, {}))

    def set_number(self, edition_id: str, party: Party, texted: Texted | None) -> None:
        kept = self.texted.setdefault(edition_id, {})
        kept.pop(party, None)
        if texted:
            kept[party] = texted

    def forget_numbers(self, now: dt.datetime) -> None:
        raise NotImplementedError("looked at on a real database")

    def feed(self, edition_id: str, party: Party) -> StoredFeed:
        return self.feeds[edition_id, party]


class FakeLinks:
    def __init__(self, editions: FakeEditions) -> None:
        self.editions = editions
        self.kept: dict[tuple[str, Party, Purpose], tuple[Link, str]] = {}

    def of_edition(self, edition_id: str, party: Party | None = None) -> dict[tuple[Party, Purpose], Link]:
        of_edition = [(whose, to, link) for (id_, whose, to), (link, _) in self.kept.items() if id_ == edition_id]
        return {(whose, to): link for whose, to, link in of_edition if party in (None, whose)}

    def save(self, edition_id: str, party: Party, purpose: Purpose, link: Link, token_sha256: str) -> None:
        self.kept[edition_id, party, purpose] = link, token_sha256

    def find(self, purpose: Purpose, token_sha256: str) -> tuple[str, Party, Link, dt.date] | None:
        for (edition_id, party, to), (link, hashed) in self.kept.items():
            if (to, hashed) == (purpose, token_sha256):
                return edition_id, party, link, self.editions.kept[edition_id].last_day
        return None

    def filled(self, edition_id: str, party: str, raw: bytes, tokens: Any) -> bytes:
        return raw

    def note_read(self, token_sha256: str, now: dt.datetime, client: str) -> None:
        for key, (link, hashed) in self.kept.items():
            if (key[2], hashed) == ("feed", token_sha256):
                self.kept[key] = replace(link, read_at=now, client=client), hashed


class FakeWebhooks:
    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], tuple[Subscription, dt.datetime]] = {}

    def of_edition(self, edition_id: str) -> tuple[Subscription, ...]:
        return tuple(hook for hook, _ in self.kept.values() if hook.edition_id == edition_id)

    def made_at(self, hook: Subscription) -> dt.datetime:
        return self.kept[hook.edition_id, hook.id][1]

    def add(self, hook: Subscription, at: dt.datetime) -> None:
        self.kept[hook.edition_id, hook.id] = (hook, at)

    def remove(self, edition_id: str, webhook_id: str) -> bool:
        return self.kept.pop((edition_id, webhook_id), None) is not None

    def deliveries(self, hook: Subscription) -> tuple[rpc.Delivery, ...]:
        return ()

    def send_again(self, edition_id: str, delivery_id: str, now: dt.datetime) -> bool:
        return False


class FakeWordings:
    def __init__(self) -> None:
        self.kept: dict[tuple[str, WordingKind, str], Wording] = {}

    def of_edition(self, edition_id: str) -> dict[tuple[WordingKind, str], Wording]:
        return {(kind, language): own for (edition, kind, language), own in self.kept.items() if edition == edition_id}

    def save(self, edition_id: str, kind: WordingKind, language: str, wording: Wording | None) -> None:
        self.kept.pop((edition_id, kind, language), None)
        if wording:
            self.kept[edition_id, kind, language] = wording


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
        self.links = FakeLinks(self.editions)
        self.webhooks = FakeWebhooks()
        self.wordings = FakeWordings()
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


def handle(event: Event, tx: Any, desk: Desk = DESK) -> None:
    HANDLERS[type(event)](event, tx, desk=desk)


class Bureau:
    """The handlers on one fake transaction: events told one after the other, an hour apart."""

    def __init__(self, desk: Desk = DESK) -> None:
        self.tx = FakeTransaction()
        self.desk = desk

    def hear(self, *events: Event) -> None:
        for event in events:
            handle(event, self.tx, self.desk)
            self.tx.now += dt.timedelta(hours=1)

    def do(self, work: Callable[[Any], Any]) -> Any:
        """Return what work on the transaction gives."""
        return work(self.tx)

    def choose_style(self, kind: Any, id_: str, style: Any) -> rpc.Party:
        request = rpc.ChooseStyle(EDITION_ID, kind, id_, style)
        return self._later(choices.choose_style(request, self.tx, desk=self.desk))

    def rotate_feed(self, kind: Any, id_: str) -> rpc.FeedAddress:
        return self._later(links.rotate_feed(rpc.RotateFeed(EDITION_ID, kind, id_), self.tx, desk=self.desk))

    def _later(self, answer: Any) -> Any:
        self.tx.now += dt.timedelta(hours=1)
        return answer

    def receive(self, raw: bytes) -> Received:
        received = incoming.receive_mail(ReceiveMail(base64.b64encode(raw).decode()), self.tx, desk=self.desk)
        self.tx.now += dt.timedelta(hours=1)
        return received

    def sent(self, kind: str) -> list[QueuedMail]:
        """Return what left of a kind."""
        return [mail for mail in self.tx.mails.queue if mail.left and mail.draft.kind == kind]

    def accept(self, session_id: str, partstat: str = "ACCEPTED") -> Received:
        """Let the provider's calendar answer the last invitation to a session."""
        asked = [m for m in self.sent("invitation") if m.draft.session_id == session_id and m.draft.party != "acy"]
        return self.receive(reply_to_invitation(asked[-1].letter.raw, partstat, self.tx.now).as_bytes())

    def answer(self, session_id: str, provider_id: str = "truck") -> str:
        """Return what the provider's page says of its answer."""
        page = queries.get_provider_page(rpc.GetProviderPage(EDITION_ID, provider_id), self.tx, desk=self.desk)
        return next(shown.answer for shown in page.sessions if shown.session.id == session_id)

    def settle(self, decision: Any, words: str = "") -> IncomingMail:
        """Decide on the last mail that came in."""
        (last,) = self.tx.incoming.latest(1)
        request = rpc.SettleIncoming(last.id, decision, words)
        return self._later(incoming.settle_incoming(request, self.tx, desk=self.desk))

    def send(self) -> list[QueuedMail]:
        """Let everything leave whose quiet period is over, and return it."""
        waiting = [m for m in self.tx.mails.queue if m.state == "waiting" and m.leaves_at <= self.tx.now]
        for mail in waiting:
            mail.state, mail.left, mail.sent_at = "sent", True, self.tx.now
        return waiting

    def feed(self, kind: Any, id_: str) -> StoredFeed:
        return self.tx.parties.feeds[EDITION_ID, Party(kind, id_)]
