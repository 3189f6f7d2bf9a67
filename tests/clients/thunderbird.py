"""Thunderbird under Xvfb, driven over its own door for automation (Marionette): its calendar and its mail.

Debian's thunderbird and xvfb (make test-clients installs them); without them the test fails.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from services.commands.running import free_port
from tests.clients.dovecot import PASSWORD, Server
from tests.subscribed import Shown, until

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
LOG_IN = """
const login = Cc["@mozilla.org/login-manager/loginInfo;1"].createInstance(Ci.nsILoginInfo);
login.init("imap://127.0.0.1", null, "imap://127.0.0.1", arguments[0], arguments[1], "", "");
const mine = cal.manager.createCalendar("storage", Services.io.newURI("moz-storage-calendar://"));
mine.name = "Mine";
cal.manager.getCalendars().forEach(calendar => cal.manager.removeCalendar(calendar));
cal.manager.registerCalendar(mine);
mine.setProperty("imip.identity.key", "id1");
return Services.logins.addLoginAsync(login).then(() => null);
"""
MAIL = """
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const tabs = Services.wm.getMostRecentWindow("mail:3pane").document.getElementById("tabmail");
const server = MailServices.accounts.getAccount("account1").incomingServer;
const inbox = server.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox);
"""
OPENED = """
const [count] = arguments;
if (!inbox || !tabs.currentAbout3Pane) return null;
inbox.getNewMessages(null, null);
const mails = [...inbox.messages].sort((a, b) => a.messageKey - b.messageKey);
if (mails.length != count) return null;
const pane = tabs.currentAbout3Pane, mail = mails.at(-1);
if (pane.gFolder?.URI != inbox.URI) { pane.displayFolder(inbox.URI); return null; }
const index = pane.gDBView?.findIndexOfMsgHdr(mail, true) ?? -1;
if (index < 0) return null;
const message = pane.messageBrowser.contentWindow, bar = message.calImipBar;
if (pane.threadTree.selectedIndex != index) {
  if (bar) bar.before = bar.itipItem;  // stays for a moment in the bar of the next mail
  pane.threadTree.selectedIndex = index;
  return null;
}
if (message.gMessage != mail || !bar?.itipItem || bar.itipItem == bar.before) return null;
const shown = bar.getButtons().filter(button => button.id && !button.hidden).map(button => button.id);
return shown.map(id => id.slice("imip".length, -"Button".length)).filter(name => name != "More");
"""
PRESS = """
const bar = tabs.currentAbout3Pane.messageBrowser.contentDocument;
bar.getElementById(`imip${arguments[0]}Button`).doCommand();
"""
MINE = """
const paris = cal.timezoneService.getTimezone("Europe/Paris");
const [mine] = cal.manager.getCalendars();
return mine.getItemsAsArray(Ci.calICalendar.ITEM_FILTER_ALL_ITEMS, 0, null, null).then(items => items.map(item =>
  [item.startDate.getInTimezone(paris).icalString, item.status, Number(item.getProperty("SEQUENCE")),
   item.getAttendees()[0].participationStatus, item.getProperty("DESCRIPTION").match(/Équipe : (.*)/)[1]]).sort());
"""


class Marionette:
    """The door: length-prefixed JSON, one command at a time."""

    def __init__(self, port: int) -> None:
        self._socket = until(lambda: self._opened(port), "Thunderbird opens no door", 300)
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

    def run(self, script: str, *arguments: str | int) -> Any:
        """Run a script inside Thunderbird and return what it returns, or what its promise becomes."""
        return self("WebDriver:ExecuteScript", script=CALENDARS + script, args=arguments, sandbox="system")["value"]

    def close(self) -> None:
        self("Marionette:Quit", flags=["eForceQuit"])
        self._stream.close()
        self._socket.close()


class Thunderbird:
    """Thunderbird with a new profile, on a screen that nobody sees; ``preferences`` beside the usual ones."""

    def __init__(self, folder: Path, preferences: Mapping[str, Any] = MappingProxyType({})) -> None:
        for name in ("Xvfb", "thunderbird"):
            if not shutil.which(name):
                pytest.fail(f"{name} is missing: run `make test-clients`, which installs Debian's.")
        profile, port = folder / "profile", free_port()
        profile.mkdir()
        all_ = PREFERENCES | {"marionette.port": port} | preferences
        lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in all_.items())
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
        try:
            self.door = Marionette(port)
        except BaseException:
            self._process.kill()
            self._ended()
            raise

    def subscribe(self, address: str) -> None:
        self.door.run(SUBSCRIBE, address)

    def refresh(self) -> Shown:
        """Let it fetch the feed again and return what it shows."""
        found = self.door.run(SHOWN)
        return [[f"{s[:4]}-{s[4:6]}-{s[6:8]} {s[9:11]}:{s[11:13]}", title, status] for s, title, status in found]

    def close(self) -> None:
        self.door.close()
        self._ended()

    def _ended(self) -> None:
        self._process.wait(timeout=60)
        self._screen.terminate()
        self._screen.wait(timeout=60)


class Mail:
    """The mail of one person in Thunderbird: invitations come by IMAP, answers leave by SMTP."""

    def __init__(self, folder: Path, address: str, inbox: Server, smtp: int) -> None:
        self._inbox, self._taken = inbox, 0
        self._program = Thunderbird(folder, account(address, inbox.port, smtp))
        self._program.door.run(LOG_IN, address, PASSWORD)

    def take(self, raw: bytes) -> list[str]:
        """Deliver a mail, open it and return what its bar offers, such as ``Accept``."""
        self._inbox.deliver(raw)
        self._taken += 1
        return list(until(lambda: self._program.door.run(MAIL + OPENED, self._taken), "the mail is not shown"))

    def press(self, button: str) -> None:
        """Press a button of the bar of the open mail."""
        self._program.door.run(MAIL + PRESS, button)

    def shows(self) -> list[list[Any]]:
        """Return start in Paris, STATUS, SEQUENCE, PARTSTAT and team of each event in the person's calendar."""
        return list(self._program.door.run(MINE))

    def close(self) -> None:
        self._program.close()


def account(address: str, imap: int, smtp: int) -> dict[str, Any]:
    """Return the preferences of one account, as Thunderbird's own assistant writes them."""
    server = {"type": "imap", "hostname": "127.0.0.1", "port": imap, "userName": address, "authMethod": 3}
    outgoing = {"type": "smtp", "hostname": "127.0.0.1", "port": smtp, "authMethod": 1, "try_ssl": 0}
    identity = {"useremail": address, "fullName": "Truck", "valid": True, "smtpServer": "smtp1", "fcc": False}
    return {
        "mail.accountmanager.accounts": "account1",
        "mail.accountmanager.defaultaccount": "account1",
        "mail.account.account1.server": "server1",
        "mail.account.account1.identities": "id1",
        "mail.smtpservers": "smtp1",
        **{f"mail.server.server1.{name}": value for name, value in server.items()},
        **{f"mail.smtpserver.smtp1.{name}": value for name, value in outgoing.items()},
        **{f"mail.identity.id1.{name}": value for name, value in identity.items()},
    }
