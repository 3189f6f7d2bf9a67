"""Collect what comes for the answer address from a mailbox by IMAP (RFC 9051), where nobody hands it to our door.

Nothing is deleted there: a mail is marked as seen once notifications has taken it. One that is too large is starred
instead and stays for a person. What is unseen when we are killed is collected again, and counts once.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
import threading
from collections.abc import Iterator
from typing import Protocol
from urllib.parse import unquote, urlsplit

from imapclient import FLAGGED, SEEN, IMAPClient
from imapclient.exceptions import IMAPClientError

from services.contracts.errors import Refused, Unavailable
from services.contracts.rpc import ReceiveMail
from services.kit.rpc import ACTOR, Ask
from services.portal.mail.mailroom import LARGEST_MAIL

log = logging.getLogger(__name__)

STEP = 1.0
"""Seconds after which a wait looks whether it shall end."""
IDLE_SECONDS = 9 * 60
"""An idle connection is begun anew before servers and routers drop it (RFC 2177 says 29 minutes at most)."""
POLL_SECONDS = 60
"""Between two looks at a server that cannot tell of new mail."""
RETRY_SECONDS = 30


class Connect(Protocol):
    """Opens a mailbox."""

    def __call__(self, url: str) -> contextlib.AbstractContextManager[IMAPClient]: ...


@contextlib.contextmanager
def connected(url: str) -> Iterator[IMAPClient]:
    """Open the folder of ``imaps://user:password@host[:port][/folder]`` (INBOX by default) and close it at the end.

    ``imap://`` begins in the clear and goes on with STARTTLS, except on this very machine.
    """
    parts = urlsplit(url)
    host, secure = str(parts.hostname), parts.scheme == "imaps"
    client = IMAPClient(host, parts.port or (993 if secure else 143), ssl=secure, timeout=30)
    try:
        if not secure and host not in ("127.0.0.1", "::1", "localhost"):
            client.starttls()
        client.login(unquote(parts.username or ""), unquote(parts.password or ""))
        client.select_folder(unquote(parts.path.strip("/")) or "INBOX")
        yield client
    finally:
        with contextlib.suppress(IMAPClientError, OSError):
            client.logout()


class Collector:
    """Reads the mailbox at ``url`` in a thread of its own; does nothing when the address is empty."""

    def __init__(self, ask: Ask, url: str, connect: Connect = connected, retry: float = RETRY_SECONDS) -> None:
        self._ask, self._url, self._connect, self._retry = ask, url, connect, retry
        self._stopping = threading.Event()
        self._thread: asyncio.Future[None] | None = None

    async def start(self) -> None:
        """Begin to collect; a server that is away is tried again, and holds nothing else up."""
        if self._url:
            loop = asyncio.get_running_loop()
            self._thread = loop.run_in_executor(None, self._collect, loop)

    async def stop(self) -> None:
        """End within a step; what was not handed over stays unseen."""
        self._stopping.set()
        if self._thread:
            await self._thread

    def _collect(self, loop: asyncio.AbstractEventLoop) -> None:
        while not self._stopping.is_set():
            try:
                with self._connect(self._url) as client:
                    while not self._stopping.is_set():
                        self._empty(client, loop)
                        self._await_mail(client)
            except (IMAPClientError, OSError, Unavailable) as error:
                log.warning("the mailbox of answers cannot be read, it is tried again: %s", error)
                self._stopping.wait(self._retry)

    def _empty(self, client: IMAPClient, loop: asyncio.AbstractEventLoop) -> None:
        unseen = client.search(["UNSEEN", "UNFLAGGED"])
        sizes = client.fetch(unseen, ["RFC822.SIZE"]) if unseen else {}
        for uid in unseen:
            if self._stopping.is_set():
                return
            if sizes[uid][b"RFC822.SIZE"] > LARGEST_MAIL:
                log.warning("a mail above %d octets stays in the mailbox, starred", LARGEST_MAIL)
                client.add_flags([uid], [FLAGGED], silent=True)
            else:
                self._hand_over(client, uid, loop)

    def _hand_over(self, client: IMAPClient, uid: int, loop: asyncio.AbstractEventLoop) -> None:
        raw = client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]
        request = ReceiveMail(raw=base64.b64encode(raw).decode())
        try:
            asyncio.run_coroutine_threadsafe(self._asking(request), loop).result()
        except Refused as refusal:
            log.warning("a mail stays in the mailbox, starred: %s", refusal)
            client.add_flags([uid], [FLAGGED], silent=True)
        else:
            client.add_flags([uid], [SEEN], silent=True)

    async def _asking(self, request: ReceiveMail) -> None:
        ACTOR.set("mail")
        await self._ask(request)

    def _await_mail(self, client: IMAPClient) -> None:
        """Return when there may be new mail, or it is time to look."""
        if not client.has_capability("IDLE"):
            self._stopping.wait(POLL_SECONDS)
            return
        client.idle()
        try:
            for _ in range(int(IDLE_SECONDS / STEP)):
                if self._stopping.is_set() or any(_tells(told) for told in client.idle_check(timeout=STEP)):
                    return
        finally:
            client.idle_done()


def _tells(response: tuple[object, ...]) -> bool:
    """Whether what the server said while idle means new mail, and not that it is still there."""
    return b"EXISTS" in response[1:]
