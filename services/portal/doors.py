"""Open the web and mail doors in one event loop and keep them open until told to close."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from services.kit.organisations import host_of
from services.kit.rpc import Ask
from services.kit.settings import SettingError, Settings
from services.portal.app import create_app
from services.portal.mail.imap import Collector
from services.portal.mail.mailbox import Mailbox
from services.portal.mail.mailroom import Letterbox, Mailroom
from services.portal.web.hosts import ByHost

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Household:
    """One organisation as the doors know it: its settings, and how its services are asked."""

    ask: Ask
    settings: Settings

    @property
    def mailbox(self) -> Mailbox | None:
        """Its development mailbox; None in service."""
        return Mailbox(self.settings.data_dir / "mailbox") if self.settings.development else None


async def open_doors(households: Sequence[Household], closing: asyncio.Event, ready: Callable[[], None]) -> None:
    """Serve pages and receive mail until ``closing`` is set; call ``ready`` once both doors are open.

    Where the doors are, the settings of the first household say. Raises SettingError when a port is busy.
    """
    settings = households[0].settings
    _warn_of_mailboxes(households)
    listener = _listen(settings.host, settings.port, "QUINZAINE_PORT")
    mailroom = Mailroom(settings, [Letterbox(h.ask, h.settings.answer_address, h.mailbox) for h in households])
    _listen(settings.mail_host, settings.mail_port, "QUINZAINE_MAIL_PORT").close()
    collectors = [Collector(h.ask, h.settings.imap_url) for h in households]
    await mailroom.start()
    for collector in collectors:
        await collector.start()
    try:
        await _serve(web_door(households), listener, closing, ready)
    finally:
        for collector in collectors:
            await collector.stop()
        await mailroom.stop()


def _warn_of_mailboxes(households: Sequence[Household]) -> None:
    for settings in (one.settings for one in households):
        if settings.development:
            log.warning("whoever reaches %s reads all its mails at /mailbox, links that sign in too", settings.base_url)
        elif settings.mailbox == "development":
            log.warning("no development mailbox: %s may be reached by others, or mails leave", settings.base_url)


def web_door(households: Sequence[Household]) -> ASGIApp:
    """Return the portal: one application for each household, told apart by host name when there are several."""
    applications = {host_of(h.settings.base_url): create_app(h.ask, h.settings, h.mailbox) for h in households}
    return ByHost(applications) if len(households) > 1 else next(iter(applications.values()))


async def _serve(app: ASGIApp, listener: socket.socket, closing: asyncio.Event, ready: Callable[[], None]) -> None:
    config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.02)
    ready()
    await asyncio.wait({serving, asyncio.create_task(closing.wait())}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    await serving


def _listen(host: str, port: int, setting: str) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise SettingError(f"Cannot listen on {host}:{port} ({error.strerror}): free it, or set {setting}.") from None
    return listener
