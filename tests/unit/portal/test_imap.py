"""Answers collected from a mailbox: each handed over once, nothing deleted, nothing forgotten."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from services.contracts.errors import Unavailable, refused
from services.contracts.rpc import ReceiveMail
from services.portal.mail import imap
from services.portal.mail.imap import Collector

URL = "imaps://agenda@town.example:secret@mail.town.example/Agenda"
RAW = b"Subject: REPLY\r\n\r\nyes\r\n"


class FakeMailbox:
    """The part of IMAPClient that is used, over mails in memory; ``arrive`` may be called from any thread."""

    def __init__(self, *raws: bytes, idle: bool = True, sizes: dict[int, int] | None = None) -> None:
        self.mails = dict(enumerate(raws, start=1))
        self.flags: dict[int, set[bytes]] = {uid: set() for uid in self.mails}
        self.sizes, self.news, self.can_idle = sizes or {}, threading.Event(), idle
        self.opened = self.failures = 0
        self.idling = False

    def arrive(self, raw: bytes) -> None:
        uid = len(self.mails) + 1
        self.mails[uid], self.flags[uid] = raw, set()
        self.news.set()

    @contextlib.contextmanager
    def connect(self, url: str) -> Iterator[Any]:
        assert url == URL
        self.opened += 1
        if self.failures >= self.opened:
            raise ConnectionRefusedError("no mail server here")
        yield self

    def search(self, criteria: list[str]) -> list[int]:
        assert criteria == ["UNSEEN", "UNFLAGGED"] and not self.idling
        return [uid for uid in self.mails if not self.flags[uid]]

    def fetch(self, uids: list[int], parts: list[str]) -> dict[int, dict[bytes, Any]]:
        sizes = {uid: self.sizes.get(uid, len(self.mails[uid])) for uid in uids}
        return {uid: {b"RFC822.SIZE": sizes[uid], b"BODY[]": self.mails[uid]} for uid in uids}

    def add_flags(self, uids: list[int], flags: list[bytes], silent: bool) -> None:
        for uid in uids:
            self.flags[uid] |= set(flags)

    def has_capability(self, name: str) -> bool:
        return name == "IDLE" and self.can_idle

    def idle(self) -> None:
        self.idling = True

    def idle_done(self) -> None:
        self.idling = False

    def idle_check(self, timeout: float) -> list[tuple[Any, ...]]:
        if self.news.wait(min(timeout, 0.01)):
            self.news.clear()
            return [(len(self.mails), b"EXISTS")]
        return [(b"OK", b"Still here")]


def collect(mailbox: FakeMailbox, answers: Any = None, until: Any = None, then: bytes | None = None) -> list[bytes]:
    """Collect until ``until()`` holds; return what was handed over. ``answers``: what asking does, in turn."""
    taken: list[bytes] = []
    todo = list(answers or ())

    async def ask(request: ReceiveMail, traceid: str = "") -> None:
        if todo and (answer := todo.pop(0)):
            raise answer
        taken.append(base64.b64decode(request.raw))

    async def run() -> None:
        collector = Collector(ask, URL, mailbox.connect, retry=0.01)
        await collector.start()
        try:
            async with asyncio.timeout(20):
                while not (until or (lambda: all(mailbox.flags.values())))():
                    await asyncio.sleep(0.005)
                if then is not None:
                    mailbox.arrive(then)
                    while not all(mailbox.flags.values()):
                        await asyncio.sleep(0.005)
        finally:
            await collector.stop()

    asyncio.run(run())
    return taken


def test_what_lies_there_and_what_comes_is_handed_over_once_and_stays() -> None:
    mailbox = FakeMailbox(RAW, RAW + b"2")
    assert collect(mailbox, then=RAW + b"3") == [RAW, RAW + b"2", RAW + b"3"]
    assert mailbox.flags == {1: {imap.SEEN}, 2: {imap.SEEN}, 3: {imap.SEEN}}
    assert mailbox.opened == 1


def test_a_server_that_cannot_tell_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "POLL_SECONDS", 0.01)
    assert collect(FakeMailbox(RAW, idle=False), then=RAW + b"2") == [RAW, RAW + b"2"]


def test_a_server_that_is_away_is_tried_again() -> None:
    mailbox = FakeMailbox(RAW)
    mailbox.failures = 3
    assert (collect(mailbox), mailbox.opened) == ([RAW], 4)


def test_a_mail_that_nobody_could_take_stays_unseen_until_it_is_taken() -> None:
    mailbox = FakeMailbox(RAW, RAW + b"2")
    assert collect(mailbox, answers=[None, Unavailable("notifications")]) == [RAW, RAW + b"2"]
    assert mailbox.opened == 2


def test_what_is_too_large_or_refused_is_starred_for_a_person_and_blocks_nothing() -> None:
    mailbox = FakeMailbox(RAW, RAW + b"2", RAW + b"3", sizes={1: imap.LARGEST_MAIL + 1})
    assert collect(mailbox, answers=[refused("malformed_request", detail="raw")]) == [RAW + b"3"]
    assert mailbox.flags == {1: {imap.FLAGGED}, 2: {imap.FLAGGED}, 3: {imap.SEEN}}


def test_no_address_no_collecting() -> None:
    mailbox = FakeMailbox(RAW)

    async def run() -> None:
        collector = Collector(None, "", mailbox.connect)  # type: ignore[arg-type]
        await collector.start()
        await asyncio.sleep(0.05)
        await collector.stop()

    asyncio.run(run())
    assert (mailbox.opened, mailbox.flags) == (0, {1: set()})
