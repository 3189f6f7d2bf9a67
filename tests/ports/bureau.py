"""The handlers of notifications on a real database, driven as the unit tests drive them on fakes."""

from __future__ import annotations

import base64
import datetime as dt
from functools import partial
from typing import Any

from services.contracts import rpc
from services.contracts.events import Event
from services.contracts.rpc import ReceiveMail
from services.kit.application import Context
from services.kit.database import Database
from services.kit.migrate import migrate
from services.notifications.adapters.queue import Mails
from services.notifications.adapters.repository import NotificationsTransaction
from services.notifications.adapters.tables import messages
from services.notifications.domain.entry import Party
from services.notifications.handlers import choices, incoming, links
from tests.unit.notifications.builders import EDITION_ID, NOW
from tests.unit.notifications.fakes import DESK, handle


class SqlBureau:
    """The same as Bureau on a database."""

    def __init__(self, database: Database) -> None:
        migrate("notifications", database)
        self.database = database
        self.now = NOW

    def hear(self, *events: Event) -> None:
        for event in events:
            self.do(partial(handle, event))

    def receive(self, raw: bytes) -> Any:
        request = ReceiveMail(base64.b64encode(raw).decode())
        return self.do(lambda tx: incoming.receive_mail(request, tx, desk=DESK))

    def send(self) -> list[tuple[str, bytes]]:
        left = []
        with self.database.begin() as connection:
            mails = Mails(connection)
            while (mail := mails.claim(self.now)) is not None:
                mails.sent(mail, self.now)
                left.append((mail.id, mail.raw))
        return left

    def feed(self, kind: Any, id_: str) -> Any:
        with self.database.read() as connection:
            tx = NotificationsTransaction(connection, messages, lambda: self.now, Context("trace", 1))
            return tx.parties.feed(EDITION_ID, Party(kind, id_))

    def choose_style(self, kind: Any, id_: str, style: Any) -> Any:
        request = rpc.ChooseStyle(EDITION_ID, kind, id_, style)
        return self.do(lambda tx: choices.choose_style(request, tx, desk=DESK))

    def rotate_feed(self, kind: Any, id_: str) -> Any:
        request = rpc.RotateFeed(EDITION_ID, kind, id_)
        return self.do(lambda tx: links.rotate_feed(request, tx, desk=DESK))

    def settle(self, decision: Any, words: str = "") -> Any:
        def work(tx: Any) -> Any:
            (last,) = tx.incoming.latest(1)
            return incoming.settle_incoming(rpc.SettleIncoming(last.id, decision, words), tx, desk=DESK)

        return self.do(work)

    def do(self, work: Any) -> Any:
        with self.database.begin() as connection:
            result = work(NotificationsTransaction(connection, messages, lambda: self.now, Context("trace", 1)))
        self.now += dt.timedelta(hours=1)
        return result
