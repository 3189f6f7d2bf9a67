"""Schools that all send their form at once, over connections that stay open."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

import itsdangerous

from services.kit.links import token_hash
from services.kit.settings import Settings
from services.portal.web import auth


@dataclass(frozen=True)
class Answer:
    """What the portal answered."""

    status: int
    text: str


@dataclass(frozen=True)
class Visitor:
    """A school with its form open. ``cookie`` and ``csrf``: what opening its link and its page gave it."""

    school_id: str
    cookie: str
    csrf: str

    def register(self, programme: str, key: str = "") -> bytes:
        """Return the request that sends the form with one class of twelve pupils."""
        fields = {
            "csrf": self.csrf,
            "key": key or secrets.token_urlsafe(16),
            "school": self.school_id,
            "contact-name": "Direction",
            "contact-email": "direction@ecole.example",
            "hours-1": "09:00-12:00",
            "rooms": "1",
            "class-0-name": "CM1",
            "class-0-pupils": "12",
            f"class-0-in-{programme}": "on",
        }
        return self._request("POST", "/ecole/inscription", urlencode(fields))

    def look(self) -> bytes:
        """Return the request that opens the school's page."""
        return self._request("GET", "/ecole", "")

    def _request(self, method: str, path: str, body: str) -> bytes:
        lines = [
            f"{method} {path} HTTP/1.1",
            "Host: 127.0.0.1",
            f"Cookie: session={self.cookie}",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(body)}",
        ]
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def visitor(settings: Settings, school_id: str, token: str) -> Visitor:
    """Return a school that has opened its link and its form."""
    kept = secrets.token_bytes(24)
    session = {"school": token_hash(token), "csrf": base64.urlsafe_b64encode(kept).decode()}
    signer = itsdangerous.TimestampSigner(auth.session_key(settings))
    cookie = signer.sign(base64.b64encode(json.dumps(session).encode())).decode()
    return Visitor(school_id, cookie, base64.urlsafe_b64encode(bytes(24) + kept).decode())


def send_all(ports: list[int], requests: Iterable[bytes], connections: int = 100) -> list[Answer]:
    """Send all requests, each connection its share one after the other, and return the answers in their order."""
    return asyncio.run(_send_all(ports, list(requests), connections))


async def _send_all(ports: list[int], requests: list[bytes], connections: int) -> list[Answer]:
    answers: dict[int, Answer] = {}
    waiting = iter(enumerate(requests))

    async def one_connection(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number, request in waiting:
            writer.write(request)
            answers[number] = await _read(reader)
        writer.close()

    await asyncio.gather(*(one_connection(ports[n % len(ports)]) for n in range(connections)))
    return [answers[number] for number in range(len(requests))]


async def _read(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = int(head.partition("content-length: ")[2].partition("\r\n")[0] or 0)
    return Answer(int(head.split(" ", 2)[1]), (await reader.readexactly(length)).decode())
