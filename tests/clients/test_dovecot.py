"""Answers collected by IMAP from a real mail server: Dovecot, told of new mail while it idles, restarted, kept whole.

``dovecot`` is Debian's package dovecot-imapd (make test-clients installs it); without it the test fails.
"""

from __future__ import annotations

import asyncio
import base64
import getpass
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote

import pytest
from imapclient import SEEN
from imapclient.exceptions import IMAPClientError

from services.commands.running import free_port
from services.contracts.rpc import ReceiveMail
from services.portal.mail.imap import Collector, connected

PASSWORD = "p@ss:word/1"

CONFIG = """
protocols = imap
base_dir = {folder}/run
log_path = {folder}/dovecot.log
ssl = no
disable_plaintext_auth = no
listen = 127.0.0.1
default_internal_user = {internal}
default_internal_group = {internal}
default_login_user = {login}
first_valid_uid = 1
mail_location = maildir:{folder}/mail
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
passdb {{
  driver = static
  args = password={{PLAIN}}{password}
}}
userdb {{
  driver = static
  args = uid={user} gid={mail_group} home={folder}/mail
}}
"""


class Server:
    """A Dovecot of its own, on a free port, with one mailbox that anybody with the password opens."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("dovecot") or "/usr/sbin/dovecot"
        if not Path(program).exists():
            pytest.fail("dovecot is missing: install Debian's dovecot-imapd.")
        self.port, self._program, self._config = free_port(), program, folder / "dovecot.conf"
        root = os.getuid() == 0  # mail must not belong to root
        us = getpass.getuser()
        names = {"internal": "dovecot", "login": "dovenull", "user": "nobody", "mail_group": "nogroup"} if root else {}
        self._config.write_text(
            CONFIG.format_map(
                {"internal": us, "login": us, "user": us, "mail_group": us}
                | names
                | {"folder": folder, "port": self.port, "password": PASSWORD}
            )
        )
        (folder / "mail").mkdir()
        if root:
            shutil.chown(folder / "mail", "nobody", "nogroup")
            for parent in (folder, *folder.parents[:2]):  # pytest makes its folders for their owner alone
                parent.chmod(0o711)

    @property
    def url(self) -> str:
        return f"imap://agenda%40town.example:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}/"

    def start(self) -> None:
        self._process = subprocess.Popen([self._program, "-F", "-c", str(self._config)])
        end = time.monotonic() + 20
        while not self._opens():
            assert time.monotonic() < end, "Dovecot does not start"
            time.sleep(0.1)

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(timeout=20)

    def _opens(self) -> bool:
        try:
            with connected(self.url):
                return True
        except (IMAPClientError, OSError):
            return False

    def deliver(self, number: int) -> bytes:
        mail = EmailMessage()
        mail["Subject"] = f"Answer {number}"
        mail.set_content("yes")
        with connected(self.url) as client:
            client.append("INBOX", mail.as_bytes())
        return mail.as_bytes()

    def seen(self) -> list[int]:
        with connected(self.url) as client:
            return [uid for uid, flags in client.get_flags(client.search()).items() if SEEN in flags]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def test_answers_are_collected_as_they_come_and_after_the_server_was_away(server: Server) -> None:
    taken: list[bytes] = []

    async def ask(request: ReceiveMail, traceid: str = "") -> None:
        taken.append(base64.b64decode(request.raw).replace(b"\r\n", b"\n"))

    async def wait_for(count: int) -> None:
        async with asyncio.timeout(60):
            while len(taken) < count:
                await asyncio.sleep(0.05)

    async def run() -> list[bytes]:
        sent = [await asyncio.to_thread(server.deliver, 1)]
        collector = Collector(ask, server.url, retry=0.2)
        await collector.start()
        try:
            await wait_for(1)
            sent += [await asyncio.to_thread(server.deliver, 2)]  # told while idle
            await wait_for(2)
            await asyncio.to_thread(server.stop)
            await asyncio.to_thread(server.start)
            sent += [await asyncio.to_thread(server.deliver, 3)]
            await wait_for(3)
        finally:
            await collector.stop()
        return sent

    assert asyncio.run(run()) == taken
    assert server.seen() == [1, 2, 3]
