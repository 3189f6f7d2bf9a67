"""Connections that only ever lead out to the Internet, to the very address that was judged."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from services.notifications.domain.webhook import is_public

TIMEOUT = 10.0
"""Seconds to wait for a connection, and for each part of an answer."""

Allowed = Callable[[ipaddress.IPv4Address | ipaddress.IPv6Address], bool]


class Inside(Exception):
    """An address that leads to a private network."""


@dataclass(frozen=True)
class Outside:
    """What a connection goes by: which addresses are ``allowed``, how a name is resolved, whom TLS trusts."""

    allowed: Allowed = is_public
    resolve: Callable[..., Any] = socket.getaddrinfo
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context

    @contextmanager
    def connected(self, url: str, seconds: float) -> Iterator[http.client.HTTPConnection]:
        """Connect to a host and cut the line after so many seconds, whatever it sends. Raises Inside, OSError.

        A name is asked once and the connection goes to what was judged: asked twice, it may lead elsewhere.
        """
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        line = socket.create_connection((self._judged(host, port), port), timeout=TIMEOUT)
        if parts.scheme == "https":
            line = self.trust().wrap_socket(line, server_hostname=host, do_handshake_on_connect=False)
        late = threading.Timer(seconds, _cut, [line])
        late.daemon = True
        late.start()
        try:
            if isinstance(line, ssl.SSLSocket):
                line.do_handshake()
            connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
            connection.sock = line
            yield connection
        finally:
            late.cancel()
            line.close()

    def _judged(self, host: str, port: int) -> str:
        found = [str(place[4][0]) for place in self.resolve(host, port, type=socket.SOCK_STREAM)]
        if not all(self.allowed(ipaddress.ip_address(address.partition("%")[0])) for address in found):
            raise Inside(host)
        return found[0]


INTERNET = Outside()


def path_of(url: str) -> str:
    """Return what is asked of the host."""
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _cut(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
