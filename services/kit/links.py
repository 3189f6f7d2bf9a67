"""Links that open a page without an account: 256 bits that take both the house's secret and its tables to make.

A token is derived from the secret and a random seed of the link's own. Tables keep the seed and the token's SHA-256:
a stolen database opens nothing, and neither does a stolen secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets


def new_seed() -> str:
    """Return what makes a new link unlike every other: 256 random bits, 43 characters."""
    return secrets.token_urlsafe(32)


def token(secret: str, *scope: str) -> str:
    """Return the token of a scope such as ``("school", edition, school, seed)``.

    It is the HMAC-SHA-256 (RFC 2104) of the scope in URL-safe base64: 43 characters.
    """
    message = "\x00".join(scope).encode()
    digest = hmac.new(secret.encode(), message, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def token_hash(token: str) -> str:
    """Return what is stored of a token: its SHA-256 in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()
