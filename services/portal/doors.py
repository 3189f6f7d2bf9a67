"""Open the web and mail doors in one event loop and keep them open until told to close."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import uvicorn

from services.kit.rpc import Ask
from services.kit.settings import SettingError, Settings
from services.portal.app import create_app
from services.portal.mail.imap import Collector
from services.portal.mail.mailbox import Mailbox
from services.portal.mail.mailroom import Mailroom


async def open_doors(ask: Ask, settings: Settings, closing: asyncio.Event, ready: Callable[[], None]) -> None:
    """Serve pages and receive mail until ``closing`` is set; call ``ready`` once both doors are open.

    Raises SettingError when a port is busy.
    """
    mailbox = Mailbox(settings.data_dir / "mailbox") if settings.mailbox == "development" else None
    listener = _listen(settings.host, settings.port, "QUINZAINE_PORT")
    mailroom = Mailroom(ask, settings, mailbox)
    _listen(settings.mail_host, settings.mail_port, "QUINZAINE_MAIL_PORT").close()
    collector = Collector(ask, settings.imap_url)
    await mailroom.start()
    await collector.start()
    try:
        await _serve(create_app(ask, settings, mailbox), listener, closing, ready)
    finally:
        await collector.stop()
        await mailroom.stop()


async def _serve(app: object, listener: socket.socket, closing: asyncio.Event, ready: Callable[[], None]) -> None:
    config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=5)  # type: ignore[arg-type]
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
