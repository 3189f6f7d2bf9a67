"""Webhooks: which addresses may be told, how messages are signed, what each says."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable

import pytest

from services.contracts import rpc
from services.contracts.errors import Refused
from services.contracts.events import EditionOpened, OutcomeRecorded, RegistrationSubmitted, SlotDeclined
from services.contracts.outcomes import Outcome
from services.notifications.domain.webhook import Subscription, callable_from_here, is_public, signed
from services.notifications.handlers import webhooks
from tests.unit.notifications.builders import EDITION_ID, NOW, a_school, an_edition
from tests.unit.notifications.fakes import FakeTransaction, handle

URL = "https://ent.example/quinzaine"
ADD = rpc.AddWebhook(EDITION_ID, "h1", URL)


def secret_of(hook: Subscription) -> str:
    return f"secret of {hook.id}"


@pytest.fixture
def tx() -> FakeTransaction:
    tx = FakeTransaction()
    handle(EditionOpened(an_edition()), tx)
    return tx


def code(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as caught:
        act()
    return caught.value.problems[0].code


def test_a_message_is_signed_as_the_standard_signs_its_example() -> None:
    """The example of the standard's own documentation."""
    secret, id_ = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signed(secret, id_, 1614265330, b'{"test": 2432232314}') == expected
    assert signed(secret, id_, 1614265331, b'{"test": 2432232314}') != expected


@pytest.mark.parametrize("url", [URL, "https://ent.example:8443/a?b=c", "https://8.8.8.8/", "https://[2606:4700::1]/"])
def test_a_public_address_may_be_told(url: str) -> None:
    assert callable_from_here(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://ent.example/",
        "ftp://ent.example/",
        "https:///path",
        "https://localhost/",
        "https://intranet/",
        "https://user:word@ent.example/",
        "https://127.0.0.1/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "https://ent.example:0/",
        "https://ent.example:99999/",
        "https://ent.example/\u00e9",
        "https://ent.example/a b",
        "https://ent.example/\r\nHost: other",
        "https://ent.example\\@10.0.0.1/",
        "https://[",
        "https://ent.example/" + "x" * 320,
    ],
)
def test_any_other_address_is_refused(tx: FakeTransaction, url: str) -> None:
    assert code(lambda: webhooks.add_webhook(rpc.AddWebhook(EDITION_ID, "h1", url), tx, secret_of=secret_of)) == (
        "webhook_url"
    )
    assert tx.webhooks.of_edition(EDITION_ID) == ()


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "100.64.0.1",
        "192.168.1.1",
        "224.0.0.1",
        "255.255.255.255",
        "fe80::1",
        "fc00::1",
        "2002:a00:1::",
        "::",
    ],
)
def test_an_address_of_a_network_of_ours_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


def test_an_address_is_added_once_and_signed_with_a_secret_of_its_own(tx: FakeTransaction) -> None:
    for _ in range(2):
        added = webhooks.add_webhook(ADD, tx, secret_of=secret_of)
    assert added == rpc.Webhook("h1", URL, NOW, "secret of h1")
    assert webhooks.list_webhooks(rpc.ListWebhooks(EDITION_ID), tx, secret_of=secret_of) == (added,)
    webhooks.remove_webhook(rpc.RemoveWebhook(EDITION_ID, "h1"), tx)
    assert webhooks.list_webhooks(rpc.ListWebhooks(EDITION_ID), tx, secret_of=secret_of) == ()
    assert code(lambda: webhooks.remove_webhook(rpc.RemoveWebhook(EDITION_ID, "h1"), tx)) == "unknown_webhook"


def test_more_addresses_than_the_most_are_refused(tx: FakeTransaction) -> None:
    for number in range(webhooks.MOST_WEBHOOKS):
        webhooks.add_webhook(rpc.AddWebhook(EDITION_ID, f"h{number}", URL), tx, secret_of=secret_of)
    assert code(lambda: webhooks.add_webhook(rpc.AddWebhook(EDITION_ID, "one more", URL), tx, secret_of=secret_of)) == (
        "webhook_many"
    )


def test_every_address_of_the_edition_is_told_what_happened(tx: FakeTransaction) -> None:
    for id_ in ("h1", "h2"):
        webhooks.add_webhook(rpc.AddWebhook(EDITION_ID, id_, URL), tx, secret_of=secret_of)
    tx.webhooks.add(Subscription("other", "another edition", URL), NOW)
    tx.sequence = 3
    webhooks.tell_software(SlotDeclined(EDITION_ID, "acy", 1, "s1", "sortie"), tx)
    assert [(mail.draft.party, mail.draft.recipient, mail.draft.kind) for mail in tx.mails.queue] == [
        ("h1", URL, "webhook"),
        ("h2", URL, "webhook"),
    ]
    assert len({mail.id for mail in tx.mails.queue}) == 2
    said = json.loads(tx.mails.queue[0].letter.raw)
    data = {"edition_id": EDITION_ID, "school_id": "acy", "release": 1, "session_id": "s1", "reason": "sortie"}
    assert said == {"type": "slot_declined", "timestamp": NOW.isoformat(), "data": data}


def test_what_became_of_a_session_is_told_in_counts(tx: FakeTransaction) -> None:
    webhooks.add_webhook(ADD, tx, secret_of=secret_of)
    outcome = Outcome("s1", NOW, "held", "provider", NOW, 13)
    webhooks.tell_software(OutcomeRecorded(EDITION_ID, outcome), tx)
    said = json.loads(tx.mails.queue[0].letter.raw)
    assert (said["type"], said["data"]["outcome"]["state"], said["data"]["outcome"]["pupils"]) == (
        "outcome_recorded",
        "held",
        13,
    )


def test_contacts_and_the_seed_of_a_link_stay_in_the_house(tx: FakeTransaction) -> None:
    webhooks.add_webhook(ADD, tx, secret_of=secret_of)
    webhooks.tell_software(RegistrationSubmitted(EDITION_ID, a_school(), (), (), link="a seed"), tx)
    said = json.loads(tx.mails.queue[0].letter.raw)["data"]
    assert said == {"edition_id": EDITION_ID, "school_id": "acy", "classes": [], "groups": []}
