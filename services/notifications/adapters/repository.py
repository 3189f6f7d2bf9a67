"""The service's tables as the handlers see them: copies, invitations, feeds, history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from services.contracts.codec import dumps, loads
from services.contracts.values import PARIS, Edition
from services.kit.application import Context, Transaction
from services.kit.clock import Clock
from services.kit.database import put
from services.kit.messages import MessageTables
from services.notifications.adapters import tables
from services.notifications.adapters.busy import BusyCalendars
from services.notifications.adapters.incoming import Incoming
from services.notifications.adapters.links import Links
from services.notifications.adapters.queue import Mails
from services.notifications.adapters.webhooks import Webhooks
from services.notifications.domain.choice import Choice
from services.notifications.domain.entry import NotYetKnown, Party, Planned, Registered
from services.notifications.domain.feed import StoredFeed, rendered
from services.notifications.domain.invitation import Invitation
from services.notifications.domain.texting import Texted
from services.notifications.domain.wording import Wording, WordingKind


class NotificationsTransaction(Transaction):
    """A transaction with the service's repositories."""

    def __init__(self, connection: sa.Connection, messages: MessageTables, clock: Clock, context: Context) -> None:
        super().__init__(connection, messages, clock, context)
        self.editions = Editions(connection)
        self.schools = Schools(connection)
        self.sessions = Sessions(connection)
        self.invitations = Invitations(connection)
        self.mails = Mails(connection)
        self.incoming = Incoming(connection)
        self.parties = Parties(connection)
        self.links = Links(connection)
        self.webhooks = Webhooks(connection)
        self.wordings = Wordings(connection)
        self.busy = BusyCalendars(connection)
        self.history = History(connection, self.now, context.traceid)


class Editions:
    """Copies of editions."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def save(self, edition: Edition) -> None:
        """Keep the newest description."""
        table, values = tables.edition, {"body": dumps(edition), "last_day": edition.last_day}
        if not self._connection.execute(sa.update(table).where(table.c.id == edition.id).values(values)).rowcount:
            self._connection.execute(sa.insert(table).values(id=edition.id, release=0, **values))

    def find(self, edition_id: str) -> Edition | None:
        """The edition, if known."""
        body = self._connection.execute(self._select(edition_id)).scalar()
        return loads(Edition, body) if body else None

    def lock(self, edition_id: str) -> Edition:
        """The edition, held until the end of the transaction. Raises NotYetKnown."""
        body = self._connection.execute(self._select(edition_id).with_for_update()).scalar()
        if body is None:
            raise NotYetKnown(f"edition {edition_id}")
        return loads(Edition, body)

    def ids(self) -> tuple[str, ...]:
        """The id of every edition."""
        return tuple(self._connection.execute(sa.select(tables.edition.c.id).order_by(tables.edition.c.id)).scalars())

    def release(self, edition_id: str) -> int:
        """The release that calendars follow."""
        table = tables.edition
        return self._connection.execute(sa.select(table.c.release).where(table.c.id == edition_id)).scalar() or 0

    def set_release(self, edition_id: str, release: int) -> None:
        """Note that calendars follow this release now."""
        table = tables.edition
        self._connection.execute(sa.update(table).where(table.c.id == edition_id).values(release=release))

    def deadline(self, edition_id: str) -> dt.date | None:
        """The last day on which schools are asked to answer."""
        table = tables.edition
        return self._connection.execute(sa.select(table.c.answer_by).where(table.c.id == edition_id)).scalar()

    def set_deadline(self, edition_id: str, day: dt.date | None) -> None:
        """Note by when schools are asked to answer."""
        table = tables.edition
        self._connection.execute(sa.update(table).where(table.c.id == edition_id).values(answer_by=day))

    @staticmethod
    def _select(edition_id: str) -> sa.Select[Any]:
        return sa.select(tables.edition.c.body).where(tables.edition.c.id == edition_id)


class Schools:
    """Copies of registrations."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def save(self, edition_id: str, registered: Registered) -> None:
        """Keep the newest registration."""
        key = {"edition_id": edition_id, "id": registered.school.id}
        _save(self._connection, tables.school, key, {"body": dumps(registered)})

    def of_edition(self, edition_id: str, school_id: str | None = None) -> dict[str, Registered]:
        """Registrations by school, of one school when given."""
        table = tables.school
        query = sa.select(table).where(table.c.edition_id == edition_id)
        if school_id is not None:
            query = query.where(table.c.id == school_id)
        return {row.id: loads(Registered, row.body) for row in self._connection.execute(query.order_by(table.c.id))}


class Sessions:
    """Sessions of the current release."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of_edition(self, edition_id: str, school_id: str | None = None) -> dict[str, Planned]:
        """Sessions by id, of one school when given."""
        table = tables.planned_session
        query = sa.select(table).where(table.c.edition_id == edition_id)
        if school_id is not None:
            query = query.where(table.c.school_id == school_id)
        return {row.id: loads(Planned, row.body) for row in self._connection.execute(query.order_by(table.c.id))}

    def replace(self, edition_id: str, planned: tuple[Planned, ...]) -> None:
        """Put a release's sessions in the place of all before."""
        table = tables.planned_session
        self._connection.execute(sa.delete(table).where(table.c.edition_id == edition_id))
        if planned:
            self._connection.execute(
                sa.insert(table), [{"edition_id": edition_id, **_session(item)} for item in planned]
            )

    def save(self, edition_id: str, planned: Planned) -> None:
        """Keep what a school answered."""
        put(self._connection, tables.planned_session, edition_id=edition_id, **_session(planned))


class Invitations:
    """Invitations of every generation."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def latest(self, edition_id: str, school_id: str | None = None) -> tuple[Invitation, ...]:
        """The newest generation for each session and party."""
        table = tables.invitation
        query = sa.select(table).where(table.c.edition_id == edition_id)
        if school_id is not None:
            query = query.where(table.c.school_id == school_id)
        newest = {(row.session_id, row.party_kind, row.party_id): row for row in self._rows(query)}
        return tuple(_invitation(row) for row in newest.values())

    def of_party(self, edition_id: str, party: Party) -> tuple[Invitation, ...]:
        """Every generation of a party."""
        table = tables.invitation
        of_party = (table.c.edition_id == edition_id, table.c.party_kind == party.kind, table.c.party_id == party.id)
        return tuple(_invitation(row) for row in self._rows(sa.select(table).where(*of_party)))

    def by_uid(self, uid: str) -> Invitation | None:
        """The invitation of that UID."""
        row = self._connection.execute(sa.select(tables.invitation).where(tables.invitation.c.uid == uid)).first()
        return _invitation(row) if row else None

    def save(self, invitation: Invitation) -> None:
        """Add or replace, by UID."""
        values = {
            "edition_id": invitation.edition_id,
            "session_id": invitation.session.id,
            "school_id": invitation.session.school_id,
            "party_kind": invitation.party.kind,
            "party_id": invitation.party.id,
            "generation": invitation.generation,
            "body": dumps(invitation),
        }
        _save(self._connection, tables.invitation, {"uid": invitation.uid}, values)

    def _rows(self, query: sa.Select[Any]) -> Iterable[Any]:
        table = tables.invitation
        return self._connection.execute(query.order_by(table.c.session_id, table.c.generation, table.c.uid))


class Parties:
    """Rendered feeds, and what their readers chose."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def shows(self, edition_id: str, party: Party, content: str) -> bool:
        """Whether a feed was rendered from the content with this digest."""
        key = {"edition_id": edition_id, "kind": party.kind, "id": party.id, "content": content}
        row = self._connection.execute(sa.select(sa.func.length(tables.party.c.body)).filter_by(**key)).first()
        return row is not None and row[0] > 0  # emptied when a person was erased

    def put(self, edition_id: str, party: Party, content: str, body: bytes, now: dt.datetime) -> None:
        """Keep a rendered feed; its date moves only when the body changed, and never back."""
        key = {"edition_id": edition_id, "kind": party.kind, "id": party.id}
        row = self._connection.execute(sa.select(tables.party).filter_by(**key)).first()
        feed = rendered(_feed(row) if row else None, body, now)
        values = {"body": body, "content": content, "etag": feed.etag, "modified_at": feed.modified}
        _save(self._connection, tables.party, key, values)

    def choices(self, edition_id: str) -> dict[Party, Choice]:
        """What those parties chose that chose something."""
        table = tables.party
        chosen = sa.select(table).where(table.c.edition_id == edition_id, table.c.style.is_not(None))
        rows = self._connection.execute(chosen)
        return {Party(row.kind, row.id): Choice(row.style) for row in rows}

    def choose(self, edition_id: str, party: Party, choice: Choice) -> None:
        """Keep what a party chose."""
        key = {"edition_id": edition_id, "kind": party.kind, "id": party.id}
        _save(self._connection, tables.party, key, {"style": choice.style})

    def numbers(self, edition_id: str) -> dict[Party, Texted]:
        """Who asked for short texts."""
        table = tables.party
        asked = sa.select(table.c.kind, table.c.id, table.c.texts)
        rows = self._connection.execute(asked.where(table.c.edition_id == edition_id, table.c.texts.is_not(None)))
        found = {Party(row.kind, row.id): loads(Texted, row.texts) for row in rows}
        return {party: texted for party, texted in found.items() if texted.phone}  # none once its person was erased

    def set_number(self, edition_id: str, party: Party, texted: Texted | None) -> None:
        """Keep to which number a party's texts go."""
        key = {"edition_id": edition_id, "kind": party.kind, "id": party.id}
        _save(self._connection, tables.party, key, {"texts": dumps(texted) if texted else None})

    def forget_numbers(self, now: dt.datetime) -> None:
        """Take out the numbers of editions that are over."""
        table, edition = tables.party, tables.edition
        over = sa.select(edition.c.id).where(edition.c.last_day < now.astimezone(PARIS).date())
        old = (table.c.edition_id.in_(over), table.c.texts.is_not(None))
        self._connection.execute(sa.update(table).where(*old).values(texts=None))

    def feed(self, edition_id: str, party: Party) -> StoredFeed:
        """A party's feed; it must have been rendered."""
        key = {"edition_id": edition_id, "kind": party.kind, "id": party.id}
        return _feed(self._connection.execute(sa.select(tables.party).filter_by(**key)).one())


class Wordings:
    """The organiser's own words of mails."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of_edition(self, edition_id: str) -> dict[tuple[WordingKind, str], Wording]:
        """By kind of mail and language."""
        table = tables.wording
        rows = self._connection.execute(sa.select(table).where(table.c.edition_id == edition_id))
        return {(row.kind, row.language): loads(Wording, row.body) for row in rows}

    def save(self, edition_id: str, kind: WordingKind, language: str, wording: Wording | None) -> None:
        """Keep them in place of what was there; None: nothing of one's own."""
        key, table = {"edition_id": edition_id, "kind": kind, "language": language}, tables.wording
        if wording:
            _save(self._connection, table, key, {"body": dumps(wording)})
        else:
            self._connection.execute(sa.delete(table).filter_by(**key))


class History:
    """One row for each effect."""

    def __init__(self, connection: sa.Connection, now: dt.datetime, traceid: str) -> None:
        self._connection = connection
        self._now = now
        self._traceid = traceid

    def add(self, edition_id: str, code: str, **facts: str) -> None:
        """Note an effect."""
        row = {"at": self._now, "edition_id": edition_id, "code": code, "facts": dumps(facts)}
        self._connection.execute(sa.insert(tables.history).values(traceid=self._traceid, **row))


def _save(connection: sa.Connection, table: sa.Table, key: dict[str, str], values: dict[str, Any]) -> None:
    changed = sa.update(table).where(*(table.c[name] == value for name, value in key.items())).values(values)
    if not connection.execute(changed).rowcount:
        connection.execute(sa.insert(table).values(**key, **values))


def _feed(row: Any) -> StoredFeed:
    return StoredFeed(row.body, row.etag, row.modified_at)


def _session(planned: Planned) -> dict[str, str]:
    return {"id": planned.session.id, "school_id": planned.session.school_id, "body": dumps(planned)}


def _invitation(row: Any) -> Invitation:
    return loads(Invitation, row.body)
