"""Links that open a page without an account: 256 bits that only the holder of the secret can make.

A token is derived, not stored: tables keep its SHA-256 only, so a stolen database opens nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac


def token(secret: str, *scope: str) -> str:
    """Return the token of a scope such as ``("school", edition, school, generation)``.

    It is the HMAC-SHA-256 (RFC 2104) of the scope in URL-safe base64: 43 characters.
    """
    message = "\x00".join(scope).encode()
    digest = hmac.new(secret.encode(), message, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def token_hash(token: str) -> str:
    """Return what is stored of a token: its SHA-256 in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()
