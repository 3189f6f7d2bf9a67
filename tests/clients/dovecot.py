"""Dovecot, a real mail server, for one test. Debian's dovecot-imapd (make test-clients installs it) must be there."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import pytest
from imapclient import SEEN
from imapclient.exceptions import IMAPClientError

from services.commands.running import free_port
from services.portal.mail.imap import connected

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
            folder.chmod(0o711)

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

    def deliver(self, raw: bytes) -> None:
        """Put a mail into the mailbox."""
        with connected(self.url) as client:
            client.append("INBOX", raw)

    def seen(self) -> list[int]:
        """Return the numbers of the mails that somebody has read."""
        with connected(self.url) as client:
            return [uid for uid, flags in client.get_flags(client.search()).items() if SEEN in flags]


@contextmanager
def running() -> Iterator[Server]:
    """Run a server until the end of the block, in a folder of its own: pytest's are for their owner alone."""
    with TemporaryDirectory(prefix="dovecot-") as folder:
        server = Server(Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.stop()
