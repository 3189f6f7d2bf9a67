"""kill -9 of the process that sends, 300 times: no mail is lost, and a copy is the very same mail.

A mail server of the test takes mails one by one and looks at each for some tenths of a second first; after each kill
the sender begins again on the same queue, until it is empty. A copy has the same Message-ID. It comes of a kill between
the server's taking a mail and our note of it, two milliseconds, or in the milliseconds before: a process that is killed
frees its memory before its lines are cut, and a server may take meanwhile what it looked at. The longer it looks, the
rarer both are.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import smtplib
import time
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.smtp import SMTP

from services.commands.running import free_port
from services.kit.clock import utc_now
from services.kit.database import Database
from services.kit.migrate import migrate
from services.notifications.adapters import smtp
from services.notifications.adapters.queue import Claimed, Mails
from services.notifications.adapters.smtp import Route, Sender
from services.notifications.adapters.tables import mail
from services.notifications.domain.delivery import Draft, Handover, Letter
from tests.unit.notifications.builders import EDITION_ID
from tests.unit.notifications.test_invitation import FIRST

# libraries warn of any fork; those here do nothing but send and be killed
pytestmark = pytest.mark.filterwarnings("ignore")

KILLS = 300
BATCH = 40
LOOKS = 0.2, 0.6
"""Seconds the server may look at a mail before it takes it."""


NOBODYS = Claimed("", "", "", "", "", b"", 0, utc_now(), left_before=False)


class Sink:
    """A mail server in a process of its own: every mail it takes is a file before it says 250."""

    def __init__(self, folder: Path) -> None:
        self.port, self.folder = free_port(), folder
        folder.mkdir()
        self.process = os.fork()
        if not self.process:
            try:
                asyncio.run(self._serve())
            finally:
                os._exit(1)

    async def _serve(self) -> None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what the killed leave behind is no news
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(self, loop=loop), "127.0.0.1", self.port)
        await server.serve_forever()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        await asyncio.sleep(random.uniform(*LOOKS))
        (self.folder / f"{time.monotonic_ns()}.eml").write_bytes(envelope.original_content)
        return "250 OK"

    def taken(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted(self.folder.glob("*.eml"))]


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    sink = Sink(tmp_path / "taken")
    yield sink
    end(sink.process)


def end(process: int) -> None:
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)


def queue(path: Path, first: int) -> None:
    """Queue a batch of mails."""
    database, now = Database(f"sqlite:///{path}"), utc_now()
    with database.begin() as connection:
        for number in range(first, first + BATCH):
            name = f"m{number}"
            draft = Draft(EDITION_ID, "a@b.example", "invitation", "truck", 1, f"u{number}", "s", FIRST)
            raw = f"From: x@y.example\r\nMessage-ID: <{name}@x>\r\n\r\n{name}\r\n".encode()
            Mails(connection).enqueue(name, f"<{name}@x>", draft, Letter("Objet", raw), now, now)
    database.close()


def send(path: Path, port: int, notes_first: bool) -> int:
    """Begin a process that sends what waits, as a service does at its start; return its id."""
    child = os.fork()
    if child:
        return child
    database = Database(f"sqlite:///{path}")
    if notes_first:
        _note_first(database)
    with database.begin_hasty() as connection:
        Mails(connection).release_claims()
        Mails(connection).sent(NOBODYS, utc_now())  # what a sender makes ready once counts here with every kill
    sender = Sender(database, Route(f"smtp://127.0.0.1:{port}", "x@y.example"), utc_now, 100_000)
    while True:
        sender.tick()
        time.sleep(0.001)


def waiting(path: Path) -> int:
    database = Database(f"sqlite:///{path}")
    with database.read() as connection:
        count = len(Mails(connection).of_edition(EDITION_ID, "waiting"))
    database.close()
    return count


def _note_first(database: Database) -> None:
    """Make this process a worse sender: it notes that a mail has left, then lets it leave."""
    deliver = smtp.deliver

    def forgetful(server: smtplib.SMTP, sender: str, recipient: str, raw: bytes) -> Handover:
        with database.begin_hasty() as connection:
            mine = sa.update(mail).where(mail.c.message_id == message_from_bytes(raw)["Message-ID"])
            connection.execute(mine.values(state="sent", claimed_until=None))
        return deliver(server, sender, recipient, raw)

    smtp.deliver = forgetful


def kill_again_and_again(path: Path, sink: Sink, kills: int, notes_first: bool = False) -> int:
    """Kill senders in the middle of their work, let the last one finish, and return how many mails were queued."""
    chance, queued = random.Random(39), 0
    database = Database(f"sqlite:///{path}")
    migrate("notifications", database)
    database.close()
    for _ in range(kills):
        if waiting(path) < BATCH:
            queue(path, queued)
            queued += BATCH
        child = send(path, sink.port, notes_first)
        time.sleep(chance.uniform(0.02, 0.5))
        end(child)
    child = send(path, sink.port, notes_first)
    latest = time.monotonic() + 120
    while waiting(path) and time.monotonic() < latest:
        time.sleep(0.2)
    end(child)
    return queued


def test_scenario_39_three_hundred_kills_lose_nothing_and_copy_little(tmp_path: Path, sink: Sink) -> None:
    queued = kill_again_and_again(tmp_path / "mails.db", sink, KILLS)
    taken = sink.taken()
    copies = Counter(message_from_bytes(raw)["Message-ID"] for raw in taken)
    bodies = {message_from_bytes(raw)["Message-ID"]: raw for raw in taken}
    assert copies.keys() == {f"<m{number}@x>" for number in range(queued)}
    assert all(raw == bodies[message_from_bytes(raw)["Message-ID"]] for raw in taken)
    extra = sum(copies.values()) - len(copies)
    print(f"{KILLS} kills, {queued} mails, {extra} copies")
    assert extra <= KILLS * 0.03


def test_scenario_39_a_sender_that_notes_before_it_sends_would_lose_mails(tmp_path: Path, sink: Sink) -> None:
    """The control: the kills do fall between the two."""
    queued = kill_again_and_again(tmp_path / "mails.db", sink, KILLS // 3, notes_first=True)
    assert len({message_from_bytes(raw)["Message-ID"] for raw in sink.taken()}) < queued
