"""Thunderbird under Xvfb follows a feed as it changes, driven over its own door for automation (Marionette).

Debian's thunderbird and xvfb (make test-clients installs them); without them the test fails.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.commands.running import free_port
from tests.subscribed import Shown, followed, until

PREFERENCES = {
    "app.update.enabled": False,
    "calendar.timezone.local": "Europe/Paris",
    "calendar.timezone.useSystemTimezone": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "mail.provider.suppress_dialog_on_startup": True,
    "mail.shell.checkDefaultClient": False,
    "mailnews.start_page.enabled": False,
}
CALENDARS = 'const { cal } = ChromeUtils.importESModule("resource:///modules/calendar/calUtils.sys.mjs");'
SUBSCRIBE = """
const calendar = cal.manager.createCalendar("ics", Services.io.newURI(arguments[0]));
calendar.id = "quinzaine";
calendar.name = "Quinzaine";
cal.manager.registerCalendar(calendar);
"""
SHOWN = """
const calendar = cal.manager.getCalendars().find(one => one.id == "quinzaine");
calendar.refresh();
const paris = cal.timezoneService.getTimezone("Europe/Paris");
return calendar.getItemsAsArray(Ci.calICalendar.ITEM_FILTER_ALL_ITEMS, 0, null, null).then(items =>
  items.map(item => [item.startDate.getInTimezone(paris).icalString, item.title, item.status]).sort());
"""


class Marionette:
    """The door: length-prefixed JSON, one command at a time."""

    def __init__(self, port: int) -> None:
        self._socket = until(lambda: self._opened(port), "Thunderbird opens no door")
        self._stream = self._socket.makefile("rb")
        self._numbers = itertools.count(1)
        self._read()
        self("WebDriver:NewSession")
        self("Marionette:SetContext", value="chrome")

    @staticmethod
    def _opened(port: int) -> socket.socket | None:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=120)
        except OSError:
            return None

    def _read(self) -> Any:
        length = b"".join(iter(lambda: self._stream.read(1), b":"))
        return json.loads(self._stream.read(int(length)))

    def __call__(self, command: str, **parameters: Any) -> Any:
        message = json.dumps([0, next(self._numbers), command, parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(message), message))
        _, _, error, result = self._read()
        assert error is None, error
        return result

    def run(self, script: str, *arguments: str) -> Any:
        """Run a script inside Thunderbird and return what it returns, or what its promise becomes."""
        return self("WebDriver:ExecuteScript", script=CALENDARS + script, args=arguments, sandbox="system")["value"]

    def close(self) -> None:
        self("Marionette:Quit", flags=["eForceQuit"])
        self._stream.close()
        self._socket.close()


class Thunderbird:
    """Thunderbird with a new profile, on a screen that nobody sees."""

    def __init__(self, folder: Path) -> None:
        for name in ("Xvfb", "thunderbird"):
            if not shutil.which(name):
                pytest.fail(f"{name} is missing: run `make test-clients`, which installs Debian's.")
        profile, port = folder / "profile", free_port()
        profile.mkdir()
        preferences = PREFERENCES | {"marionette.port": port}
        lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in preferences.items())
        (profile / "user.js").write_text("".join(lines))
        reads, writes = os.pipe()
        self._screen = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writes), "-screen", "0", "1280x800x24"],
            pass_fds=[writes],
            stderr=subprocess.DEVNULL,
        )
        os.close(writes)
        with os.fdopen(reads) as answer:
            display = f":{answer.readline().strip()}"
        command = ["thunderbird", "--marionette", "--remote-allow-system-access", "--no-remote", "--profile"]
        with (folder / "thunderbird.log").open("wb") as log:
            environment = os.environ | {"HOME": str(folder), "DISPLAY": display, "MOZ_CRASHREPORTER_DISABLE": "1"}
            self._process = subprocess.Popen([*command, str(profile)], env=environment, stdout=log, stderr=log)
        self._door = Marionette(port)

    def subscribe(self, address: str) -> None:
        self._door.run(SUBSCRIBE, address)

    def refresh(self) -> Shown:
        """Let it fetch the feed again and return what it shows."""
        found = self._door.run(SHOWN)
        return [[f"{s[:4]}-{s[4:6]}-{s[6:8]} {s[9:11]}:{s[11:13]}", title, status] for s, title, status in found]

    def stop(self) -> None:
        self._door.close()
        self._process.wait(timeout=60)
        self._screen.terminate()
        self._screen.wait(timeout=60)


@pytest.fixture
def thunderbird(tmp_path: Path) -> Iterator[Thunderbird]:
    program = Thunderbird(tmp_path)
    yield program
    program.stop()


def test_scenario_41_thunderbird_follows_a_move_a_cancellation_and_a_removal(thunderbird: Thunderbird) -> None:
    with followed() as (address, steps):
        thunderbird.subscribe(address)
        for expected in steps:
            until(lambda: thunderbird.refresh() == expected, f"not shown: {expected}")  # noqa: B023
