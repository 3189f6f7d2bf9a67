"""Answers collected by IMAP from a real mail server: Dovecot, told of mail while it idles, restarted, kept whole."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from services.contracts.rpc import ReceiveMail
from services.portal.mail.imap import Collector
from tests.clients.dovecot import Server, running


def deliver(server: Server, number: int) -> bytes:
    mail = EmailMessage()
    mail["Subject"] = f"Answer {number}"
    mail.set_content("yes")
    server.deliver(mail.as_bytes())
    return mail.as_bytes()


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as server:
        yield server


def test_answers_are_collected_as_they_come_and_after_the_server_was_away(server: Server) -> None:
    taken: list[bytes] = []

    async def ask(request: ReceiveMail, traceid: str = "") -> None:
        taken.append(base64.b64decode(request.raw).replace(b"\r\n", b"\n"))

    async def wait_for(count: int) -> None:
        async with asyncio.timeout(60):
            while len(taken) < count:
                await asyncio.sleep(0.05)

    async def run() -> list[bytes]:
        sent = [await asyncio.to_thread(deliver, server, 1)]
        collector = Collector(ask, server.url, retry=0.2)
        await collector.start()
        try:
            await wait_for(1)
            sent += [await asyncio.to_thread(deliver, server, 2)]  # told while idle
            await wait_for(2)
            await asyncio.to_thread(server.stop)
            await asyncio.to_thread(server.start)
            sent += [await asyncio.to_thread(deliver, server, 3)]
            await wait_for(3)
        finally:
            await collector.stop()
        return sent

    assert asyncio.run(run()) == taken
    assert server.seen() == [1, 2, 3]
