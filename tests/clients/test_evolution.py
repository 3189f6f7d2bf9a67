"""evolution-data-server, the engine of Evolution and of GNOME's calendar: it follows a feed, and is invited.

Debian's evolution-data-server and gir1.2-ecal-2.0 (make test-clients installs them); without them the test fails.
"""

from __future__ import annotations

import json
import os
import smtplib
import subprocess
from contextlib import closing
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from services.contracts.events import Event
from tests.clients.invited import ROBOTICS, TRUCK, Invited, invited
from tests.subscribed import followed, until
from tests.unit.notifications.builders import a_session, edition_opened, registered, released

SCRIPT = Path(__file__).with_name("evolution.py")


class Evolution:
    """The engine in a session of its own, with nothing of this machine's user; ``address``: a calendar from the web."""

    def __init__(self, folder: Path, *address: str) -> None:
        places = {name: str(folder / name) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
        environment = os.environ | places | {"XDG_RUNTIME_DIR": str(folder), "GSETTINGS_BACKEND": "memory"}
        command = ["dbus-run-session", "--", "/usr/bin/python3", str(SCRIPT), *address]
        with (folder / "evolution.log").open("wb") as log:
            self._process = subprocess.Popen(
                command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )

    def __call__(self, *command: str) -> Any:
        """Give it a command of ``evolution.py`` and return what it answers."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate(timeout=60)


def test_scenario_41_evolution_follows_a_move_a_cancellation_and_a_removal(tmp_path: Path) -> None:
    with followed() as (address, steps), closing(Evolution(tmp_path, address)) as evolution:
        for expected in steps:
            until(lambda: evolution("refresh") == expected, f"not shown: {expected}")  # noqa: B023


def calendar(raw: bytes) -> str:
    """Return the calendar part of a mail."""
    (part,) = (part for part in message_from_bytes(raw).walk() if part.get_content_type() == "text/calendar")
    body = part.get_payload(decode=True)
    assert isinstance(body, bytes)
    return body.decode()


def follows(evolution: Evolution, truck: Invited, *events: Event) -> list[list[Any]]:
    """Return what the engine shows of the mails that the truck gets when the bureau hears of something."""
    for raw in truck.gets(*events):
        evolution("take", calendar(raw))
    return list(evolution("shows"))


def answers(evolution: Evolution, truck: Invited, partstat: str) -> str:
    """Let it answer by a mail that is a calendar, as Evolution's are; return what the bureau then knows."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = TRUCK, "agenda@quinzaine.example", "Robotique"
    reply = evolution("answer", partstat).encode()
    mail.set_content(reply, "text", "calendar", cte="quoted-printable", params={"charset": "utf-8", "METHOD": "REPLY"})
    with smtplib.SMTP("127.0.0.1", truck.port) as door:
        door.send_message(mail)
    return truck.answered()


def test_scenario_22_evolution_accepts_says_perhaps_to_a_move_and_no_to_what_is_planned_anew(tmp_path: Path) -> None:
    nine, two = "2020-11-03 09:00", "2020-11-03 14:00"
    with invited(tmp_path) as truck, closing(Evolution(tmp_path)) as evolution:
        asked = follows(evolution, truck, edition_opened(), registered(), released(1, ROBOTICS))
        assert (asked, answers(evolution, truck, "ACCEPTED")) == ([[nine, "CONFIRMED", 0, "NEEDS-ACTION"]], "accepted")
        assert evolution("shows") == [[nine, "CONFIRMED", 0, "ACCEPTED"]]

        other_team = released(2, a_session(team_id="truck-2"))
        assert follows(evolution, truck, other_team) == [[nine, "CONFIRMED", 0, "ACCEPTED"]]

        moved = follows(evolution, truck, released(3, a_session(hour=14)))
        assert (moved, answers(evolution, truck, "TENTATIVE")) == ([[two, "CONFIRMED", 1, "NEEDS-ACTION"]], "tentative")

        assert follows(evolution, truck, released(4)) == []
        anew = follows(evolution, truck, released(5, ROBOTICS))
        assert (anew, answers(evolution, truck, "DECLINED")) == ([[nine, "CONFIRMED", 0, "NEEDS-ACTION"]], "declined")
