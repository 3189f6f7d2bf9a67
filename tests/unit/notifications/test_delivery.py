from __future__ import annotations

import datetime as dt
from email.headerregistry import Address

import pytest

from services.contracts.values import deliverable
from services.notifications.domain.delivery import next_try
from tests.unit.notifications.builders import NOW


def test_tries_are_spread_over_a_day_and_then_given_up() -> None:
    tries, now = 0, NOW
    while (again := next_try(NOW, tries + 1, now)) is not None:
        assert again > now
        tries, now = tries + 1, again
    assert dt.timedelta(hours=24) <= now - NOW <= dt.timedelta(hours=25)
    assert tries == 29


@pytest.mark.parametrize("address", ["contact@truck.example", "a.b+c'd@sub-domain.truck.example"])
def test_a_plain_address_is_deliverable_and_can_stand_in_a_mail(address: str) -> None:
    assert deliverable(address)
    assert Address(addr_spec=address).addr_spec == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "truck.example",
        "a b@truck.example",
        "a@truck",
        "a@b@c.example",
        "a@-x.example",
        "a@x-.example",
        "a@x.e",
        ".a@x.example",
        "a.@x.example",
        "a..b@x.example",
        "élodie@x.example",
        "a@école.example",
        "a" * 65 + "@x.example",
        "a@x.example\r\nBcc: b@c.fr",
        "<a@x.example>",
        "é@x.example",
        "a@x.example,b@x.example",
        "a" * 65 + "@x.example",
        "a@" + "x" * 250 + ".fr",
    ],
)
def test_anything_else_is_not(address: str) -> None:
    assert not deliverable(address)
