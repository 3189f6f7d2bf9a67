"""The outgoing queue: mails with their final bytes, each thread and recipient only ever moving forward."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from services.contracts.codec import dumps, loads
from services.contracts.rpc import Mail, MailState, MailSummary
from services.contracts.values import deliverable
from services.notifications.adapters.tables import mail as table
from services.notifications.domain.delivery import (
    CAP_PERIOD,
    CAPPED,
    ON_PAPER,
    REVIEWED,
    Draft,
    Letter,
)
from services.notifications.domain.entry import Entry
from services.notifications.domain.invitation import Revision, mailbox_key
from services.notifications.domain.reminders import ASKING, Asked
from services.notifications.domain.texting import segments

BAD_ADDRESS = "Adresse manquante ou mal formée : corrigez-la, le courriel suivant partira."
NO_SERVER = (
    "Le serveur de courriel ne répond pas, ou refuse nos identifiants : les courriels attendent et partiront "
    "d’eux-mêmes. Le détail est dans le journal du service."
)
LINE_BROKE = "Le serveur de courriel s’est tu pendant l’envoi : nouvel essai dans un moment."
WEB = "webhook"
"""Kind of what leaves by HTTP and not by SMTP: it waits, is claimed and is tried again like a mail."""
TEXT = "text"
"""Kind of what leaves for a mobile: see ``adapters/texts.py``."""
TOO_LATE = "Trop tard : la séance avait commencé, ce SMS n’est pas parti."
LEASE = dt.timedelta(seconds=60)
"""How long a worker may take over one mail before another takes it for dead; longer than all its timeouts together."""


@dataclass(frozen=True)
class Claimed:
    """A mail that a worker holds. ``left_before``: an earlier try may already have delivered it."""

    id: str
    edition_id: str
    recipient: str
    kind: str
    party: str
    raw: bytes
    attempts: int
    created_at: dt.datetime
    left_before: bool


class Mails:
    """What handlers ask of the queue."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def told(self, edition_id: str) -> dict[str, dict[str, Revision]]:
        """By UID: for each address the last revision that may have left."""
        query = sa.select(table.c.thread, table.c.recipient, table.c.told).where(
            table.c.edition_id == edition_id, table.c.kind.in_(("invitation", "cancellation")), table.c.may_have_left
        )
        told: dict[str, dict[str, Revision]] = {}
        for row in self._connection.execute(query.order_by(table.c.position)):
            told.setdefault(row.thread, {})[mailbox_key(row.recipient)] = loads(Revision, row.told)
        return told

    def digest_told(self, edition_id: str, school_id: str) -> Mapping[str, Entry]:
        """What the last summary that may have left said to a school."""
        mine = (table.c.edition_id == edition_id, table.c.kind == "digest", table.c.party == school_id)
        query = sa.select(table.c.told).where(*mine, table.c.may_have_left)
        told = self._connection.execute(query.order_by(table.c.position.desc()).limit(1)).scalar()
        return loads(dict[str, Entry], told) if told else {}

    def awaits(self, draft: Draft) -> bool:
        """Whether a mail that tells the very same is waiting to leave, or held back."""
        same = (table.c.recipient == draft.recipient, table.c.told == dumps(draft.told))
        query = sa.select(table.c.id).where(*_unsent(draft.thread), *same)
        return self._connection.execute(query).first() is not None

    def withdraw(self, thread: str) -> None:
        """Supersede the mails of a thread that certainly have not left."""
        unsent = (*_unsent(thread), sa.not_(table.c.may_have_left))
        self._connection.execute(sa.update(table).where(*unsent).values(state="superseded"))

    def asked(self, edition_id: str) -> dict[str, Asked]:
        """By school: the mails that asked it for something."""
        query = sa.select(table).where(table.c.edition_id == edition_id, table.c.kind.in_(ASKING))
        asked: dict[str, Asked] = {}
        for row in self._connection.execute(query):
            left_at = row.sent_at or (row.next_at if row.may_have_left else None)
            waits = row.state in ("waiting", "to_print") and not row.may_have_left
            asked[row.party] = asked.get(row.party, Asked()).with_mail(row.kind, left_at, waits)
        return asked

    def first_message_id(self, thread: str) -> str:
        """Message-ID of the first mail of a thread."""
        query = sa.select(table.c.message_id).where(table.c.thread == thread).order_by(table.c.position).limit(1)
        return self._connection.execute(query).scalar() or ""

    def count(self, draft: Draft) -> int:
        """How many mails of that kind there were about that party and session."""
        alike = {name: getattr(draft, name) for name in ("edition_id", "kind", "party", "session_id")}
        query = sa.select(sa.func.count()).select_from(table).filter_by(**alike)
        return self._connection.execute(query).scalar() or 0

    def enqueue(
        self, mail_id: str, message_id: str, draft: Draft, letter: Letter, now: dt.datetime, leaves_at: dt.datetime
    ) -> None:
        """Queue a mail; whatever of its thread has not left for its recipient is superseded."""
        thread = draft.thread or mail_id
        older = (*_unsent(thread), table.c.recipient == draft.recipient)
        self._connection.execute(sa.update(table).where(*older).values(state="superseded"))
        fits = draft.kind in (WEB, TEXT) or draft.on_paper or deliverable(draft.recipient)
        ready = "to_print" if draft.on_paper else "waiting"
        row = {
            "id": mail_id,
            "message_id": message_id,
            "edition_id": draft.edition_id,
            "thread": thread,
            "recipient": draft.recipient,
            "kind": draft.kind,
            "party": draft.party,
            "session_id": draft.session_id,
            "release": draft.release,
            "subject": letter.subject,
            "raw": letter.raw,
            "told": dumps(draft.told),
            "state": ready if fits else "failed",
            "error": "" if fits else BAD_ADDRESS,
            "may_have_left": False,
            "attempts": 0,
            "created_at": now,
            "next_at": leaves_at,
            "on_paper": draft.on_paper,
            "until": draft.until,
        }
        self._connection.execute(sa.insert(table).values(row))

    def hasten(self, edition_id: str, mail_ids: tuple[str, ...], now: dt.datetime) -> int:
        """Let mails leave now: those named that wait or were held back, or all that wait. Return how many."""
        waits = sa.and_(table.c.state == "waiting", table.c.next_at > now)
        which = sa.and_(table.c.id.in_(mail_ids), sa.or_(waits, _HELD)) if mail_ids else waits
        # what waited for a person is as good as queued now: its tries end a day after
        created_at = sa.case((sa.or_(table.c.kind.in_(REVIEWED), _HELD), now), else_=table.c.created_at)
        change = sa.update(table).where(table.c.edition_id == edition_id, which)
        ready = sa.case((table.c.on_paper, "to_print"), else_="waiting")
        change = change.values(state=ready, next_at=now, created_at=created_at)
        return self._connection.execute(change).rowcount

    def withhold(self, edition_id: str, mail_ids: tuple[str, ...]) -> int:
        """Hold back mails that certainly have not left. Return how many."""
        leaves = table.c.state.in_(("waiting", "to_print"))
        unsent = (table.c.edition_id == edition_id, leaves, sa.not_(table.c.may_have_left))
        held = sa.update(table).where(*unsent, table.c.id.in_(mail_ids))
        return self._connection.execute(held.values(state="held")).rowcount

    def to_print(self, edition_id: str) -> tuple[Mail, ...]:
        """Letters that wait for the printer, in the order they were written."""
        query = sa.select(table).where(table.c.edition_id == edition_id, table.c.state == "to_print")
        return tuple(_mail(row) for row in self._connection.execute(query.order_by(table.c.position)))

    def printed(self, edition_id: str, mail_ids: tuple[str, ...], now: dt.datetime) -> int:
        """Note that letters went to the post, those that still were to be printed. Return how many."""
        mine = (table.c.edition_id == edition_id, table.c.state == "to_print", table.c.id.in_(mail_ids))
        posted = sa.update(table).where(*mine).values(state="sent", sent_at=now, may_have_left=True)
        return self._connection.execute(posted).rowcount

    def redirect(self, edition_id: str, school_id: str, recipient: str, on_paper: bool) -> None:
        """Let what certainly has not left for a school go to this mail address, or to this one by post."""
        mine = (table.c.edition_id == edition_id, table.c.party == school_id, table.c.kind.in_(ON_PAPER))
        other_way = (table.c.state.in_(("waiting", "held", "to_print")), table.c.on_paper != on_paper)
        fits = on_paper or deliverable(recipient)
        ready = ("to_print" if on_paper else "waiting") if fits else "failed"
        values = {"recipient": recipient, "on_paper": on_paper, "error": "" if fits else BAD_ADDRESS}
        state = sa.case((_HELD, "held"), else_=ready) if fits else ready
        change = sa.update(table).where(*mine, *other_way, sa.not_(table.c.may_have_left))
        self._connection.execute(change.values(**values, state=state))

    def waiting_told(self, thread: str) -> Mapping[str, Entry]:
        """What calendars said before a text of the thread that waits, empty when none does."""
        query = sa.select(table.c.told).where(*_unsent(thread), sa.not_(table.c.may_have_left))
        told = self._connection.execute(query.order_by(table.c.position.desc()).limit(1)).scalar()
        return loads(dict[str, Entry], told) if told else {}

    def texted_since(self, recipient: str, then: dt.datetime) -> int:
        """How many texts someone got since then, or will get."""
        mine = (table.c.kind == TEXT, table.c.recipient == recipient, table.c.created_at > then)
        counted = sa.select(sa.func.count()).select_from(table)
        return self._connection.execute(counted.where(*mine, table.c.state.in_(("waiting", "sent")))).scalar() or 0

    def drop_without_address(self) -> None:
        """Take mails out of the queue whose recipient was erased."""
        nobody = (table.c.state.in_(("waiting", "held")), table.c.recipient == "")
        self._connection.execute(sa.update(table).where(*nobody).values(state="superseded"))

    def bounced(self, message_id: str, reason: str) -> str | None:
        """Note that a mail came back; return the session it was about (or empty), None when it is none of ours."""
        row = self._connection.execute(sa.select(table).where(table.c.message_id == message_id)).first()
        if row is None:
            return None
        returned = {"state": "failed", "error": reason or BAD_ADDRESS, "may_have_left": False}
        self._connection.execute(sa.update(table).where(table.c.id == row.id).values(returned))
        return str(row.session_id)

    def last_queued(self, thread: str, recipient: str) -> dt.datetime | None:
        """When the last mail of a thread to a recipient was queued."""
        mine = (table.c.thread == thread, table.c.recipient == recipient)
        return self._connection.execute(sa.select(sa.func.max(table.c.created_at)).where(*mine)).scalar()

    def of_edition(self, edition_id: str, state: MailState | None) -> tuple[MailSummary, ...]:
        """Mails, latest first."""
        query = sa.select(*_SUMMARY).where(table.c.edition_id == edition_id, table.c.kind != WEB)
        if state is not None:
            query = query.where(table.c.state == state)
        return tuple(_summary(row) for row in self._connection.execute(query.order_by(table.c.position.desc())))

    def full(self, per_person: int, now: dt.datetime) -> dict[str, dt.datetime]:
        """The addresses that got as many capped mails within a day as one person may, and until when."""
        lately = sa.select(table.c.recipient, table.c.sent_at).where(*_capped_lately(now)).order_by(table.c.sent_at)
        sent: dict[str, list[dt.datetime]] = {}
        for row in self._connection.execute(lately):
            sent.setdefault(row.recipient, []).append(row.sent_at)
        return {to: at[-per_person] + CAP_PERIOD for to, at in sent.items() if len(at) >= per_person}

    def find(self, mail_id: str) -> Mail | None:
        """One mail whole."""
        row = self._connection.execute(sa.select(table).where(table.c.id == mail_id)).first()
        return _mail(row) if row else None

    def trouble(self) -> str:
        """Return why mails wait that are due, when the mail server is to blame; else nothing."""
        stuck = sa.select(table.c.error).where(table.c.state == "waiting", table.c.error.in_((NO_SERVER, LINE_BROKE)))
        return self._connection.execute(stuck.order_by(table.c.next_at.desc()).limit(1)).scalar() or ""

    # What the sender asks ----------------------------------------------------------------------------------

    def claim(self, now: dt.datetime, per_person: int = 1000) -> Claimed | None:
        """Take the mail that is due first, unless another of its thread is being sent right now.

        ``per_person``: mails of the kinds in CAPPED that one address gets within a day at most.
        """
        other = table.alias()
        busy = sa.exists().where(
            other.c.thread == table.c.thread, other.c.id != table.c.id, other.c.claimed_until > now
        )
        lately = sa.select(table.c.recipient).where(*_capped_lately(now))
        full = lately.group_by(table.c.recipient).having(sa.func.count() >= per_person)
        welcome = sa.or_(table.c.kind.not_in(CAPPED), table.c.recipient.not_in(full))
        return self._claim(now, table.c.kind.not_in((WEB, TEXT)), ~busy, welcome)

    def claim_text(self, now: dt.datetime) -> Claimed | None:
        """Take the text that is due first; give up those that are no longer of use."""
        late = (table.c.kind == TEXT, table.c.state == "waiting", table.c.until <= now)
        self._connection.execute(sa.update(table).where(*late).values(state="failed", error=TOO_LATE))
        return self._claim(now, table.c.kind == TEXT)

    def claim_for_web(self, now: dt.datetime) -> Claimed | None:
        """Take the message that is due first among the first of each receiver, unless one is on its way there."""
        other = table.alias()
        same = (other.c.kind == WEB, other.c.edition_id == table.c.edition_id, other.c.party == table.c.party)
        before = sa.tuple_(other.c.next_at, other.c.position) < sa.tuple_(table.c.next_at, table.c.position)
        # The one that is first stays so while a worker holds it: no second worker finds another to take.
        behind = sa.exists().where(*same, other.c.state == "waiting", before)
        busy = sa.exists().where(*same, other.c.id != table.c.id, other.c.claimed_until > now)
        return self._claim(now, table.c.kind == WEB, ~behind, ~busy)

    def _claim(self, now: dt.datetime, *mine: sa.ColumnElement[bool]) -> Claimed | None:
        free = sa.or_(table.c.claimed_until.is_(None), table.c.claimed_until <= now)
        due = sa.select(table).where(table.c.state == "waiting", table.c.next_at <= now, free, *mine)
        row = self._connection.execute(
            due.order_by(table.c.next_at, table.c.position).limit(1).with_for_update(skip_locked=True, of=table)
        ).first()
        if row is None:
            return None
        taken = {"claimed_until": now + LEASE, "attempts": row.attempts + 1, "may_have_left": True}
        self._connection.execute(sa.update(table).where(table.c.id == row.id).values(taken))
        return Claimed(
            row.id,
            row.edition_id,
            row.recipient,
            row.kind,
            row.party,
            row.raw,
            row.attempts + 1,
            row.created_at,
            row.may_have_left,
        )

    def sent_since(self, then: dt.datetime) -> int:
        """How many mails left after an instant."""
        by_mail = (table.c.kind.not_in((WEB, TEXT)), sa.not_(table.c.on_paper))
        left = sa.select(sa.func.count()).select_from(table).where(table.c.sent_at > then, *by_mail)
        return self._connection.execute(left).scalar() or 0

    def sent(self, mail: Claimed, now: dt.datetime) -> None:
        """Note that the server took it."""
        self._connection.execute(_SENT, {"mail_id": mail.id, "now": now})

    def postpone(self, mail: Claimed, error: str, next_at: dt.datetime, may_have_left: bool) -> None:
        """Note a passing failure; a mail superseded meanwhile stays superseded."""
        self._settle(mail, {"error": error, "next_at": next_at, "may_have_left": may_have_left or mail.left_before})

    def hold_back(self, mail: Claimed, until: dt.datetime) -> None:
        """Let what else waits for the receiver of this message wait as long as it does."""
        line = (table.c.kind == WEB, table.c.edition_id == mail.edition_id, table.c.party == mail.party)
        sooner = (*line, table.c.state == "waiting", table.c.next_at < until)
        self._connection.execute(sa.update(table).where(*sooner).values(next_at=until))

    def fail(self, mail: Claimed, error: str, may_have_left: bool) -> None:
        """Give it up, visibly."""
        self._settle(
            mail, {"state": _UNLESS_SUPERSEDED, "error": error, "may_have_left": may_have_left or mail.left_before}
        )

    def release_claims(self) -> None:
        """Free what a worker held that certainly is dead."""
        held = table.c.claimed_until.is_not(None)
        self._connection.execute(sa.update(table).where(held).values(claimed_until=None))

    def _settle(self, mail: Claimed, values: dict[str, Any]) -> None:
        self._connection.execute(sa.update(table).where(table.c.id == mail.id).values(claimed_until=None, **values))


# Made once: building it anew would double the time in which a crash leaves a mail in doubt.
_SENT = (
    sa.update(table)
    .where(table.c.id == sa.bindparam("mail_id"))
    .values(state="sent", sent_at=sa.bindparam("now"), error="", may_have_left=True, claimed_until=None)
)


def _capped_lately(now: dt.datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.kind.in_(CAPPED), table.c.sent_at > now - CAP_PERIOD


def _unsent(thread: str) -> tuple[Any, ...]:
    return table.c.thread == thread, table.c.state.in_(("waiting", "held", "to_print"))


_HELD = table.c.state == "held"


_UNLESS_SUPERSEDED = sa.case((table.c.state == "superseded", "superseded"), else_="failed")

_SUMMARY = (
    table.c.id,
    table.c.recipient,
    table.c.party,
    table.c.kind,
    table.c.subject,
    table.c.state,
    table.c.created_at,
    table.c.sent_at,
    table.c.attempts,
    table.c.release,
    table.c.error,
    table.c.session_id,
    table.c.next_at,
)


def _mail(row: Any) -> Mail:
    return Mail(_summary(row), base64.b64encode(row.raw).decode())


def _summary(row: Any) -> MailSummary:
    facts = {column.name: getattr(row, column.name) for column in _SUMMARY}
    leaves_at = facts.pop("next_at")
    return MailSummary(
        **facts,
        leaves_at=leaves_at if row.state == "waiting" else None,
        segments=segments(row.subject) if row.kind == TEXT else 0,
    )
