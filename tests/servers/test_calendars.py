"""Calendars of others: Xandikos takes our invitations, python-caldav answers them, vdirsyncer and khal read our feed.

They come from an environment of their own, var/calendars (make test-servers makes it); without it these tests fail.
"""

from __future__ import annotations

import json
import os
import smtplib
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from services.commands.running import free_port
from services.contracts import rpc
from tests.stage import ROOT
from tests.subscribed import followed, until
from tests.unit.notifications.builders import a_session, edition_opened, registered, released
from tests.unit.notifications.fakes import Bureau

TOOLS = ROOT / "var" / "calendars" / "bin"
ROBOTICS = a_session()
P = "contact@truck.example"


def program(name: str) -> str:
    """Return the path of a program of others; its absence fails the test."""
    if not (TOOLS / name).exists():
        pytest.fail(f"{name} is missing: run `make test-servers`, which makes var/calendars.")
    return str(TOOLS / name)


def run(*command: str) -> str:
    """Run a program to its end and return what it printed."""
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Xandikos:
    """A calendar server for one user, and the mail server it sends its replies to."""

    def __init__(self, folder: Path) -> None:
        self.replies = list[bytes]()
        self.port, self.lmtp, mail = free_port(), free_port(), free_port()
        self.mail = Controller(self, hostname="127.0.0.1", port=mail)
        self.mail.start()
        command = [program("xandikos"), "serve", "-d", str(folder / "calendars"), "--defaults", "-p", str(self.port)]
        command += ["--no-detect-systemd", "--imip-listen", f"127.0.0.1:{self.lmtp}", "--imip-send", "smtp"]
        command += ["--smtp-from", "calendar@server.example", "--smtp-host", "127.0.0.1", "--smtp-port", str(mail)]
        with (folder / "xandikos.log").open("wb") as log:
            self.process = subprocess.Popen(command, env=os.environ | {"EMAIL": P}, stdout=log, stderr=log)
        until(self.answers, "Xandikos does not start")

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=2):
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

    def shows(self, *partstat: str) -> list[list[Any]]:
        """Return start, STATUS, SEQUENCE and PARTSTAT of each event, once the user has answered with ``partstat``."""
        script = str(Path(__file__).with_name("provider.py"))
        return list(json.loads(run(program("python"), script, f"http://127.0.0.1:{self.port}/", P, *partstat)))

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)
        self.mail.stop()


class Reader:
    """A subscriber: vdirsyncer fetches the feed into a folder, khal shows what stands there."""

    def __init__(self, folder: Path, address: str) -> None:
        self._folder, self._events = folder, folder / "events"
        (folder / "vdirsyncer").write_text(f"""
[general]
status_path = "{folder}/status"
[pair agenda]
a = "web"
b = "disk"
collections = null
conflict_resolution = "a wins"
[storage web]
type = "http"
url = "{address}"
[storage disk]
type = "filesystem"
path = "{self._events}"
fileext = ".ics"
""")
        (folder / "khal").write_text(f"""
[calendars]
[[agenda]]
path = {self._events}
readonly = True
[locale]
local_timezone = Europe/Paris
default_timezone = Europe/Paris
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
[sqlite]
path = {folder}/khal.db
""")
        self._sync("discover")

    def _sync(self, step: str) -> None:
        run(program("vdirsyncer"), "-c", str(self._folder / "vdirsyncer"), step)

    def refresh(self) -> list[list[str]]:
        """Fetch the feed and return what a person sees: start, title, and whether it is cancelled."""
        self._sync("sync")
        look = ("--format", "{start}|{title}|{status}", "--day-format", "", "2020-11-01", "30d")
        shown = run(program("khal"), "-c", str(self._folder / "khal"), "list", *look)
        return [line.strip().split("|") for line in shown.splitlines() if line.strip()]


@pytest.fixture
def xandikos(tmp_path: Path) -> Iterator[Xandikos]:
    server = Xandikos(tmp_path)
    yield server
    server.stop()


def test_scenario_22_an_invitation_is_accepted_moved_and_cancelled(xandikos: Xandikos) -> None:
    bureau = Bureau()
    bureau.hear(edition_opened(), registered(), released(1, ROBOTICS))

    def deliver() -> None:
        for mail in bureau.send():
            if mail.draft.recipient == P:
                xandikos.take(mail.letter.raw)

    nine, two = "2020-11-03T09:00:00+01:00", "2020-11-03T14:00:00+01:00"
    deliver()
    assert until(xandikos.shows, "no event") == [[nine, "CONFIRMED", 0, "NEEDS-ACTION"]]
    xandikos.shows("ACCEPTED")
    until(lambda: xandikos.replies, "no reply")
    assert bureau.receive(xandikos.replies.pop()) == rpc.Received("applied", "", ROBOTICS.id)
    assert bureau.answer(ROBOTICS.id) == "accepted"
    bureau.hear(released(2, a_session(hour=14)))
    deliver()
    until(lambda: [event[:3] for event in xandikos.shows()] == [[two, "CONFIRMED", 1]], "the move is not followed")
    bureau.hear(released(3))
    deliver()
    until(lambda: [event[1] for event in xandikos.shows()] in ([], ["CANCELLED"]), "the end is not followed")
    assert bureau.answer(ROBOTICS.id) == "pending"


def test_scenario_41_vdirsyncer_and_khal_follow_a_move_a_cancellation_and_a_removal(tmp_path: Path) -> None:
    with followed() as (address, steps):
        reader = Reader(tmp_path, address)
        for expected in steps:
            assert reader.refresh() == expected
