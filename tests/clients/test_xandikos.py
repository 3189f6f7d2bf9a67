"""A whole loop with a real calendar server: Xandikos gets our mails by LMTP, its user answers, its reply is applied.

``QUINZAINE_TEST_XANDIKOS`` names its program (``xandikos`` with its extra ``imip-listen``); without it the test fails.
"""

from __future__ import annotations

import os
import smtplib
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from icalendar import Calendar, Component

from services.commands.running import free_port
from services.contracts import rpc
from tests.unit.notifications.builders import a_session, edition_opened, registered, released, sessions
from tests.unit.notifications.fakes import Bureau

PROGRAM = os.environ.get("QUINZAINE_TEST_XANDIKOS", "")
ROBOTICS, VIDEO, *_ = sessions()
P = "contact@truck.example"


def until(look: Callable[[], Any], what: str) -> Any:
    end = time.monotonic() + 30
    while not (found := look()):
        assert time.monotonic() < end, what
        time.sleep(0.1)
    return found


class Server:
    """Xandikos for one user, and the mail server it sends its replies to."""

    def __init__(self, folder: Path) -> None:
        if not PROGRAM:
            pytest.fail("QUINZAINE_TEST_XANDIKOS names no program: install xandikos[imip-listen].")
        self.folder, self.replies = folder / "calendars", list[bytes]()
        self.web, self.lmtp, mail = free_port(), free_port(), free_port()
        self.mail = Controller(self, hostname="127.0.0.1", port=mail)
        self.mail.start()
        command = [PROGRAM, "serve", "-d", str(self.folder), "--defaults", "-p", str(self.web), "--no-detect-systemd"]
        command += ["--imip-send", "smtp", "--smtp-from", "calendar@server.example", "--smtp-host", "127.0.0.1"]
        command += ["--smtp-port", str(mail), "--imip-listen", f"127.0.0.1:{self.lmtp}"]
        with (folder / "xandikos.log").open("wb") as log:
            self.process = subprocess.Popen(command, env=os.environ | {"EMAIL": P}, stdout=log, stderr=log)
        until(self.answers, "Xandikos does not start")

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.web}/", timeout=2):
                return True
        except OSError:
            return False

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.replies.append(bytes(envelope.original_content))
        return "250 OK"

    def take(self, raw: bytes) -> None:
        """Deliver a mail to the user."""
        with smtplib.LMTP("127.0.0.1", self.lmtp) as door:
            assert door.sendmail("agenda@quinzaine.example", [P], raw) == {}

    def events(self) -> list[tuple[Path, Component]]:
        paths = sorted((self.folder / "user" / "calendars").rglob("*.ics"))
        return [(path, Calendar.from_ical(path.read_bytes()).walk("VEVENT")[0]) for path in paths]

    def accept(self) -> None:
        """Accept everything that waits, as a program of the user does by CalDAV."""
        for path, _ in self.events():
            body = path.read_bytes().replace(b"\r\n ", b"").replace(b"PARTSTAT=NEEDS-ACTION", b"PARTSTAT=ACCEPTED")
            address = f"http://127.0.0.1:{self.web}/{path.relative_to(self.folder)}"
            kind = {"Content-Type": "text/calendar; charset=utf-8"}
            with urllib.request.urlopen(urllib.request.Request(address, body, kind, method="PUT"), timeout=10):
                pass

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)
        self.mail.stop()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    yield server
    server.stop()


def test_scenario_22_an_invitation_is_accepted_moved_and_cancelled(server: Server) -> None:
    bureau = Bureau()
    bureau.hear(edition_opened(), registered(), released(1, ROBOTICS, VIDEO))

    def deliver() -> None:
        for mail in bureau.send():
            if mail.draft.recipient == P:
                server.take(mail.letter.raw)

    deliver()
    ((_, event),) = until(server.events, "no event")
    assert (event["DTSTART"].dt, str(event["STATUS"])) == (ROBOTICS.start, "CONFIRMED")
    server.accept()
    until(lambda: server.replies, "no reply")
    assert bureau.receive(server.replies.pop()) == rpc.Received("applied", "", ROBOTICS.id)
    assert bureau.answer(ROBOTICS.id) == "accepted"
    moved = a_session(hour=14)
    bureau.hear(released(2, moved, VIDEO))
    deliver()
    until(lambda: [e["DTSTART"].dt for _, e in server.events()] == [moved.start], "the move is not followed")
    bureau.hear(released(3, VIDEO))
    deliver()
    until(lambda: [str(e["STATUS"]) for _, e in server.events()] in ([], ["CANCELLED"]), "the end is not followed")
    assert bureau.answer(ROBOTICS.id) == "pending"
