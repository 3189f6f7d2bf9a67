"""Mails signed for our domain (DKIM, RFC 6376): receivers can check them, and see when they were changed."""

from __future__ import annotations

from dataclasses import replace

import dkim
import pytest

from services.kit.settings import SettingError
from services.notifications.adapters.queue import Claimed
from services.notifications.adapters.signing import Signer
from tests.unit.notifications.builders import NOW, edition_opened, registered, released, sessions
from tests.unit.notifications.fakes import Bureau

# made for this test; it signs nothing else
KEY = """-----BEGIN RSA PRIVATE KEY-----
MIICXgIBAAKBgQClzWJ3CUiRPnlYB5kkBodzTN7cQFWWlFjRCrfCaAeVgbMZ5ZZI
h7TBouchW+B1e5nFseZUX0txDDAsj6Bi81WFhgOwWOrA7VxRT+zsYeUWTRBUcASz
n6AgtsFVLLLQtu0VctYqBnX1VF37wcwke3oTnAjH7jXfKNqXQjZ7UekRHwIDAQAB
AoGBAJCzSrfwljCMgYJePzy9pgDumaFHVGryVQE7hVxZRiUo6JI1WI88QHiuH2Fx
uddOY8mxlP8Vm9WxeWmqf6NcEsnpp4+/hP66dutUE94Cl4wAf5OBsvr+LhSwYZ2y
KxkVGW7w3s0DntDOHqVR5aoA0VvarND73GwMDe2M6p8M0NyBAkEA0AU8u95IUe2e
PPcmjS/wqpCyW/zYNB9vmkU3ai23RRxs2Is/4SxonuzmwmsKmN0BmyICMXvP+pwB
grqjZlVh0QJBAMwLVfOk1iL9POqcCCbb7pTuAdr/VP8TQPQjZVahesQtWBS+ZpS8
hea7a1M5qRU/QPa/TAuMiA/aiKpyUapfj+8CQQCkP+5jnLDX19qA4tlS086grt3W
GkAQb93sHskRkoVKEZa0KMdIoYr+KapPSru0VZUmC+VVcyCWDcZ3lazdaX9xAkEA
tnvc3w4oxRoehOQPFlHTyjYiSq3YYlfh23Zch2Hb3d9/yu2N6K/CQVyU29XRtkLf
4s2rQRjqBuO3HlknWGwm2QJAaNclbT2kC6pEIYbGU0VL9z8zfKtoJKY/ljz0qXZ4
BbQP6hiXIKHRdCOpN+u3HmhMKRu+c68s5j6374Y80V0eVQ==
-----END RSA PRIVATE KEY-----
"""
PUBLIC = (
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQClzWJ3CUiRPnlYB5kkBodzTN7cQFWWlFjRCrfCaAeVgbMZ5ZZIh7"
    "TBouchW+B1e5nFseZUX0txDDAsj6Bi81WFhgOwWOrA7VxRT+zsYeUWTRBUcASzn6AgtsFVLLLQtu0VctYqBnX1VF37"
    "wcwke3oTnAjH7jXfKNqXQjZ7UekRHwIDAQAB"
)
SIGNER = Signer(KEY, "quinzaine", "agenda@quinzaine.example")


def claimed() -> Claimed:
    bureau = Bureau()
    bureau.hear(edition_opened(), registered(), registered("belleu", "École de Belleu"), released(1, *sessions()))
    mail = bureau.send()[0]
    return Claimed(mail.id, "e", mail.draft.recipient, "invitation", "truck", mail.letter.raw, 1, NOW, False)


def holds(raw: bytes) -> bool:
    def record(name: bytes, timeout: int = 5) -> bytes:
        assert name == b"quinzaine._domainkey.quinzaine.example."
        return b"v=DKIM1; k=rsa; p=" + PUBLIC.encode()

    return bool(dkim.verify(raw, dnsfunc=record, minkey=1024))


def test_a_signed_mail_is_the_same_mail_and_any_change_of_it_shows() -> None:
    mail = claimed()
    signed = SIGNER.signed(mail).raw
    assert signed.endswith(mail.raw)
    assert signed.replace(b"\r\n ", b" ").startswith(
        b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=quinzaine.example; i=@quinzaine.example"
    )
    assert holds(signed)
    forged = (
        signed.replace(b"Subject: ", b"Subject: X", 1),
        signed.replace(b"From: GrandSoissons", b"From: Somebody", 1),
        signed + b"more\r\n",
    )
    assert [holds(raw) for raw in forged] == [False, False, False]


def test_without_a_key_nothing_changes() -> None:
    mail = claimed()
    assert Signer("", "quinzaine", "agenda@quinzaine.example").signed(mail) is mail


@pytest.mark.parametrize("key", ["nonsense", KEY.replace("MII", "XXX"), KEY[:200]])
def test_a_key_that_cannot_sign_stops_the_start(key: str) -> None:
    with pytest.raises(SettingError, match="QUINZAINE_DKIM_KEY cannot sign"):
        Signer(key, "quinzaine", "agenda@quinzaine.example")


def test_a_mail_tried_again_is_signed_again() -> None:
    again = replace(claimed(), attempts=2)
    assert holds(SIGNER.signed(again).raw)
