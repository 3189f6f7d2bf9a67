"""Webhooks: which addresses may be told, and how a message is signed (standardwebhooks.com, version 1)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

LONGEST_URL = 320
_PREFIX = "whsec_"
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass(frozen=True)
class Subscription:
    """An address that is told of an edition's registrations and answers."""

    id: str
    edition_id: str
    url: str


def callable_from_here(url: str) -> bool:
    """Whether an address may be told: https, a host in ASCII, no password; one given by number is public."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url and len(url) <= LONGEST_URL
    return plain and parts.scheme == "https" and "@" not in parts.netloc and port != 0 and _named_outside(host)


def _named_outside(host: str) -> bool:
    try:
        return is_public(ipaddress.ip_address(host))
    except ValueError:
        return "." in host.strip(".")


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address is on the Internet, not on a network of ours, however it is wrapped (RFC 6890, 4291, 6052)."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.sixtofour or address.teredo or address in _NAT64:
            return False
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
    return address.is_global and not address.is_multicast


def secret_in_text(key: bytes) -> str:
    """Return a key as the receiver is given it."""
    return _PREFIX + base64.b64encode(key).decode()


def signed(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature of a message: HMAC-SHA-256 of its id, its time in seconds and its body."""
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    content = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
