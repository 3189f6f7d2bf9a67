"""A mail door in a thread of its own, on a free port."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from typing import Any

from services.kit.settings import Settings
from services.portal.mail.mailbox import Mailbox
from services.portal.mail.mailroom import Letterbox, Mailroom


class MailDoor:
    """Opens at once; ``ask`` answers the requests of the door. ``others``: letterboxes of further organisations."""

    def __init__(
        self, ask: Callable[..., Any], settings: Settings, mailbox: Mailbox | None, *others: Letterbox
    ) -> None:
        self.address = (settings.mail_host, settings.mail_port)
        self._loop = asyncio.new_event_loop()
        self._room = Mailroom(settings, [self.letterbox(ask, settings, mailbox), *others])
        self._thread = threading.Thread(target=self._loop.run_forever, name="mail door", daemon=True)
        self._thread.start()
        self._run(self._room.start())

    @classmethod
    def letterbox(cls, ask: Callable[..., Any], settings: Settings, mailbox: Mailbox | None) -> Letterbox:
        """Return where mail for these settings goes."""
        return Letterbox(cls._asking(ask), settings.answer_address, mailbox)

    @staticmethod
    def settings(**changes: Any) -> Settings:
        """Settings with a free port for mail."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return Settings(mail_port=probe.getsockname()[1], **changes)

    def close(self) -> None:
        """Close the door and end its thread."""
        self._run(self._room.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    def _run(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    @staticmethod
    def _asking(ask: Callable[..., Any]) -> Any:
        async def in_thread(request: Any, traceid: str = "") -> Any:
            return await asyncio.to_thread(ask, request, traceid)

        return in_thread
