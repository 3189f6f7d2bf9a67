"""Codes of six figures that a device gives (TOTP, RFC 6238): SHA-1, steps of 30 s, as every application reads them."""

from __future__ import annotations

import base64
import datetime as dt
import secrets
from contextlib import suppress

import pyotp
from pyotp.exceptions import OTPVerificationError

from services.kit.links import new_seed, token

STEPS = 1
"""Steps before and after now that count: clocks are a little off (RFC 6238 section 5.2)."""
RECOVERY = 10


class Totp:
    """Port Codes. A device's secret is derived from a seed and the house's secret: a stolen table gives no code."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def new_seed(self) -> str:
        return new_seed()

    def secret(self, seed: str) -> str:
        derived = base64.urlsafe_b64decode(token(self._secret, "totp", seed) + "=")
        return base64.b32encode(derived[:20]).decode()

    def step(self, seed: str, code: str, now: dt.datetime) -> int | None:
        with suppress(OTPVerificationError):
            return pyotp.TOTP(self.secret(seed)).verify_and_get_timecode(code, for_time=now, valid_window=STEPS)
        return None

    def recovery_codes(self) -> tuple[str, ...]:
        return tuple(base64.b32encode(secrets.token_bytes(10)).decode() for _ in range(RECOVERY))
