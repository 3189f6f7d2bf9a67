"""The ports of notifications behave the same in memory and in SQL: the same history makes the same mails and feeds."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from email import message_from_bytes
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from services.contracts.events import Event
from services.contracts.values import Contact
from services.kit.database import Database
from services.kit.migrate import migrate
from services.notifications.adapters.tables import metadata
from services.portal.mail.mailroom import reply_to_invitation
from tests.ports.bureau import SqlBureau
from tests.unit.notifications.builders import (
    NOW,
    a_bounce,
    a_provider,
    a_session,
    confirmed,
    declined,
    edition_opened,
    registered,
    released,
    sessions,
)
from tests.unit.notifications.fakes import Bureau


def as_method(raw: bytes, method: bytes) -> bytes:
    """Return a reply as another method, its calendar readable."""
    message = message_from_bytes(raw)
    (part,) = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    body = part.get_payload(decode=True)
    assert isinstance(body, bytes)
    return b"Content-Type: text/calendar\r\n\r\n" + body.replace(b"METHOD:REPLY", b"METHOD:" + method)


def play(bureau: Any) -> list[Any]:
    """A history with every kind of turn; what left at each step, and the feeds at the end."""
    seen: list[Any] = []

    def step(*events: Event) -> list[tuple[str, bytes]]:
        bureau.hear(*events)
        left = sorted((mail.id, mail.letter.raw) if hasattr(mail, "letter") else mail for mail in bureau.send())
        seen.append(left)
        return left

    step(edition_opened(), registered(), registered("belleu", "École de Belleu"))
    (first, *_) = [raw for id_, raw in step(released(1, *sessions())) if id_.startswith("invitation")]
    seen.append(bureau.receive(reply_to_invitation(first, "ACCEPTED", NOW).as_bytes()))
    step(confirmed(), declined(session=sessions()[2]))
    step(released(2, a_session(hour=10), *sessions()[2:]))
    seen.append(bureau.receive(reply_to_invitation(first, "DECLINED", NOW + dt.timedelta(days=1)).as_bytes()))
    step(released(3, a_session(hour=11), *sessions()[1:]), released(4, a_session(hour=10), *sessions()[1:]))
    contact = Contact("Équipe", "nouveau@truck.example")
    step(edition_opened(providers=(a_provider(contact=contact), a_provider("studio", "Studio Pixel", "video"))))
    step(released(5))
    bureau.choose_style("school", "belleu", "both")
    (again, *_) = [raw for id_, raw in step(released(6, sessions()[2])) if b"To: Direction" in raw and id_[:3] == "inv"]
    seen.append(replace(bureau.rotate_feed("school", "belleu"), token=""))
    asked = reply_to_invitation(again, "TENTATIVE", NOW).as_bytes()
    seen.append(bureau.receive(as_method(asked, b"COUNTER")))
    settled = bureau.settle("refuse", "Impossible.")
    seen.append((settled.session_id, settled.outcome, settled.note, settled.proposed, settled.settled))
    seen.append(bureau.receive(as_method(asked, b"REFRESH")))
    step()
    lost = message_from_bytes(again)["Message-ID"]
    seen.append(bureau.receive(a_bounce(lost)))
    step(released(7))
    parties = (("provider", "truck"), ("provider", "studio"), ("school", "acy"), ("school", "belleu"))
    return [*seen, *(bureau.feed(*party) for party in parties)]


def test_a_history_makes_the_same_mails_and_feeds_in_memory_and_in_sql(database: Database) -> None:
    in_memory, in_sql = play(Bureau()), play(SqlBureau(database))
    assert [len(step) for step in in_memory if isinstance(step, list)] == [0, 6, 3, 3, 2, 4, 6, 3, 2, 3]
    assert in_sql == in_memory


def test_migrating_and_declaring_give_the_same_tables(database: Database) -> None:
    migrate("notifications", database)
    migrate("notifications", database)
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []
