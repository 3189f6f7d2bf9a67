"""Notifications alone in the embedded house, with a real mail door: events told by hand, mails through SMTP."""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
import smtplib
import uuid
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest
import sqlalchemy as sa
from icalendar import Calendar

from services.contracts import rpc
from services.contracts.codec import decode, encode
from services.contracts.events import Envelope, Event, InvitationAnswered
from services.embedded import House
from services.kit.links import token_hash
from services.kit.settings import SettingError, Settings
from services.notifications.adapters import tables
from services.notifications.domain import reply as notes
from services.notifications.service import NotificationsService
from services.portal.mail.mailbox import Mailbox
from services.portal.mail.mailroom import reply_to_invitation
from tests.integration.mail_door import MailDoor
from tests.unit.notifications.builders import (
    EDITION_ID,
    NOW,
    a_session,
    confirmed,
    edition_opened,
    registered,
    released,
    sessions,
)

ROBOTICS, VIDEO, *_ = sessions()
MOVED = a_session(hour=10)
SECRET = "x" * 32


class Lone:
    """The notifications service, its mail door and its mailbox."""

    def __init__(self, folder: Path) -> None:
        settings = MailDoor.settings(data_dir=folder, secret=SECRET)
        self.house = House([NotificationsService], settings)
        self.application = self.house.applications["notifications"]
        self.ask = self.house.ask
        self.mailbox = Mailbox(folder / "mailbox")
        self.door = MailDoor(self.house.ask, settings, self.mailbox)

    def hear(self, *events: Event, sequence: int = 1) -> None:
        for event in events:
            id_ = str(uuid.uuid4())
            envelope = Envelope(
                id_, event.source, event.type(), NOW, 1, "trace", event.subject, sequence, encode(event)
            )
            self.application.receive(type(event), encode(envelope))
        assert self.ask(rpc.GetHealth("notifications")).retrying == 0

    def send(self) -> list[bytes]:
        """Let the sender work and return what newly is in the mailbox, oldest first."""
        before = {letter.id for letter in self.mailbox.letters()}
        sender = next(loop for loop in self.application.loops if loop.name == "sender")
        while sender.tick():
            pass
        assert {mail.state for mail in self.mails()} <= {"sent", "superseded"}
        fresh = [letter.id for letter in reversed(self.mailbox.letters()) if letter.id not in before]
        return [raw for id_ in fresh if (raw := self.mailbox.get(id_)) is not None]

    def reply(self, invitation: bytes, partstat: str, now: dt.datetime | None = None) -> rpc.IncomingMail:
        """Answer an invitation by mail and return what became of it."""
        with smtplib.SMTP(*self.door.address, timeout=10) as server:
            server.send_message(reply_to_invitation(invitation, partstat, now))
        return self.ask(rpc.ListIncoming(limit=1))[0]

    def mails(self) -> tuple[rpc.MailSummary, ...]:
        return self.ask(rpc.ListMails(EDITION_ID))

    def emitted(self) -> list[InvitationAnswered]:
        with self.application.database.read() as connection:
            bodies = connection.execute(sa.select(tables.messages.outbox.c.body)).scalars()
            return [decode(InvitationAnswered, json.loads(body)["data"]) for body in bodies]

    def close(self) -> None:
        self.door.close()
        self.house.stop()


@pytest.fixture
def lone(tmp_path: Path) -> Iterator[Lone]:
    lone = Lone(tmp_path)
    lone.hear(edition_opened(), registered(), registered("belleu", "École de Belleu"))
    yield lone
    lone.close()


def told(raw: bytes) -> tuple[str, str, int]:
    """Method, recipient and SEQUENCE of a mail; a mail without a calendar has no method."""
    message = message_from_bytes(raw)
    recipient = message["To"].partition("<")[2].rstrip(">")
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            calendar = Calendar.from_ical(part.get_payload(decode=True))  # type: ignore[arg-type]
            return str(calendar["METHOD"]), recipient, int(calendar.walk("VEVENT")[0]["SEQUENCE"])
    return "", recipient, 0


def test_a_release_reaches_providers_and_schools(lone: Lone) -> None:
    lone.hear(released(1, *sessions()))
    assert Counter(map(told, lone.send())) == {
        ("REQUEST", "contact@truck.example", 0): 2,
        ("REQUEST", "contact@studio.example", 0): 2,
        ("", "direction@acy.example", 0): 1,
        ("", "direction@belleu.example", 0): 1,
    }


def test_a_moved_session_reaches_those_concerned_alone(lone: Lone) -> None:
    lone.hear(released(1, *sessions()))
    lone.send()
    lone.hear(released(2, MOVED, *sessions()[1:]), sequence=2)
    assert sorted(map(told, lone.send())) == [
        ("", "direction@acy.example", 0),
        ("REQUEST", "contact@truck.example", 1),
    ]


def test_a_dropped_session_is_cancelled(lone: Lone) -> None:
    lone.hear(released(1, *sessions()))
    lone.send()
    lone.hear(released(2, *sessions()[1:]), sequence=2)
    assert sorted(map(told, lone.send())) == [
        ("", "direction@acy.example", 0),
        ("CANCEL", "contact@truck.example", 1),
    ]


def test_an_older_release_that_comes_late_changes_nothing(lone: Lone) -> None:
    lone.hear(released(2, *sessions()[1:]), sequence=2)
    lone.send()
    lone.hear(released(1, *sessions()), sequence=1)
    assert lone.send() == []


def test_an_answer_comes_back_through_the_mail_door(lone: Lone) -> None:
    lone.hear(released(1, ROBOTICS))
    (invitation, *_) = lone.send()
    assert lone.reply(invitation, "ACCEPTED", NOW).outcome == "applied"
    assert lone.reply(invitation, "ACCEPTED", NOW).outcome == "applied", "the very same mail is not even kept twice"
    assert len(lone.ask(rpc.ListIncoming())) == 1
    assert lone.emitted() == [InvitationAnswered(EDITION_ID, ROBOTICS.id, "truck", "accepted")]
    (shown,) = lone.ask(rpc.GetProviderPage(EDITION_ID, "truck")).sessions
    assert shown.answer == "accepted"


def test_an_answer_to_the_old_time_is_kept_for_the_organiser(lone: Lone) -> None:
    lone.hear(released(1, ROBOTICS))
    (invitation, *_) = lone.send()
    lone.hear(released(2, MOVED), sequence=2)
    lone.send()
    kept = lone.reply(invitation, "ACCEPTED")
    assert (kept.outcome, kept.note) == ("stale", notes.OLD_DATE)
    assert lone.emitted() == []


def test_feeds_and_pages_open_by_their_tokens_alone(lone: Lone) -> None:
    lone.hear(released(1, *sessions()), confirmed())
    parties = lone.ask(rpc.ListParties(EDITION_ID))
    feeds = {party.id: lone.ask(rpc.GetFeed(party.feed_token)) for party in parties}
    counts = {id_: len(Calendar.from_ical(feed.body or "").walk("VEVENT")) for id_, feed in feeds.items()}
    assert counts == {"truck": 2, "studio": 2, "acy": 2, "belleu": 2}
    again = lone.ask(rpc.GetFeed(parties[0].feed_token, known_etag=feeds["truck"].etag))
    assert again == rpc.Feed(feeds["truck"].etag, feeds["truck"].last_modified, None)
    page = parties[0].page_token
    assert lone.ask(rpc.OpenProviderLink(token_hash(page))) == rpc.ProviderScope(EDITION_ID, "truck")
    with lone.application.database.read() as connection:
        kept = [repr(connection.execute(sa.select(table)).all()) for table in tables.metadata.sorted_tables]
    assert [text for text in kept if page in text or parties[0].feed_token in text] == []


def test_an_answer_address_that_cannot_be_right_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="QUINZAINE_ANSWER_ADDRESS is 'agenda'"):
        House([NotificationsService], Settings(data_dir=tmp_path, secret=SECRET, answer_address="agenda"))


def _without_links(raw: bytes) -> bytes:
    """Return a mail without what is only written into it when it leaves."""
    return re.sub(rb"/(ecole|prestataire|feeds)/[\w-]+", b"", raw.replace(b"=\r\n", b"")).rstrip()


def test_mails_are_listed_and_shown_whole(lone: Lone) -> None:
    lone.hear(released(1, *sessions()))
    sent = lone.send()
    mails = lone.mails()
    raws = [base64.b64decode(lone.ask(rpc.GetMail(mail.id)).raw) for mail in reversed(mails)]
    assert [_without_links(raw) for raw in sent] == [_without_links(raw) for raw in raws]
    assert Counter((mail.kind, mail.party, mail.release) for mail in mails)["invitation", "truck", 1] == 2
    assert lone.ask(rpc.ListMails(EDITION_ID, "failed")) == ()
