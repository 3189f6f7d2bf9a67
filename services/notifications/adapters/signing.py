"""Mails signed as those of our domain (DKIM, RFC 6376), so that receivers know nobody else wrote them."""

from __future__ import annotations

from dataclasses import replace

import dkim

from services.kit.settings import SettingError
from services.notifications.adapters.queue import Claimed

_SIGNED = [b"from", b"to", b"subject", b"date", b"message-id", b"mime-version", b"content-type", b"in-reply-to"]


class Signer:
    """Signs what leaves. ``key``: an RSA key in PEM; empty: nothing is signed. ``address``: the sender's.

    The public half stands in the DNS at ``<selector>._domainkey.<domain of the address>``.
    """

    def __init__(self, key: str, selector: str, address: str) -> None:
        self._key, self._selector = key.encode(), selector.encode()
        self._domain = address.rpartition("@")[2].encode()
        if key:
            self._check()

    def signed(self, mail: Claimed) -> Claimed:
        """Return the mail with its signature, which bears the second of this try; the rest stays byte for byte."""
        return replace(mail, raw=self._signature(mail.raw) + mail.raw) if self._key else mail

    def _signature(self, raw: bytes) -> bytes:
        forms = (b"relaxed", b"relaxed")
        signature: bytes = dkim.sign(
            raw, self._selector, self._domain, self._key, canonicalize=forms, include_headers=_SIGNED
        )
        return signature

    def _check(self) -> None:
        try:
            self._signature(b"From: a@b.example\r\nSubject: x\r\n\r\nx\r\n")
        except (dkim.DKIMException, ValueError) as error:
            raise SettingError(
                f"QUINZAINE_DKIM_KEY cannot sign ({error}): give an RSA private key of 2048 bits in PEM, "
                "for example from `openssl genrsa -traditional 2048`."
            ) from None
