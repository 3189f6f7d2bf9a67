"""The page of software let in: a token is shown once, and kept as a hash."""

from __future__ import annotations

import re
from typing import Any

import pytest

from services.contracts import rpc
from services.contracts.errors import refused
from services.kit.links import token_hash
from tests.unit.portal import builders as b
from tests.unit.portal.fakes import FakeServices, Visitor

PAGE = f"/organisateur/editions/{b.EDITION_ID}/logiciels"
URL = "https://ent.example/quinzaine"


def test_a_token_is_shown_once_and_only_its_hash_leaves_the_portal() -> None:
    services = FakeServices()
    organiser = Visitor(services).sign_in()
    page = organiser.submit(PAGE, {"key": "a1", "name": " ENT ", "rights": "write"})
    token = re.search(r'<input id="token" type="text" readonly value="([^"]{43})"', page.text)
    assert token
    assert services.commands() == [rpc.GrantAccess(b.EDITION_ID, "a1", "ENT", True, token_hash(token[1]))]
    assert token[1] not in organiser.get(PAGE).text


def test_reading_is_what_is_given_unless_more_is_asked() -> None:
    services = FakeServices()
    Visitor(services).sign_in().submit(PAGE, {"key": "a1", "name": "ENT"})
    assert [granted.writes for granted in services.commands()] == [False]  # type: ignore[attr-defined]


def test_a_form_sent_twice_shows_no_token_that_opens_nothing() -> None:
    services = FakeServices()
    services.answers[rpc.GrantAccess] = refused("access_granted", name="ENT")
    page = Visitor(services).sign_in().submit(PAGE, {"key": "a1", "name": "ENT"})
    assert page.status_code == 422
    assert "son jeton n’est montré qu’une fois" in page.text
    assert 'id="token"' not in page.text


def test_an_access_is_revoked() -> None:
    services = FakeServices()
    organiser = Visitor(services).sign_in()
    answer = organiser.submit(f"{PAGE}/revoquer", {"access": "access-1"}, page=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    assert services.commands() == [rpc.RevokeAccess(b.EDITION_ID, "access-1")]
    assert organiser.get(PAGE).text.count("révoqué<") == 1


@pytest.mark.parametrize(
    ("address", "fields", "asked"),
    [
        ("adresses", {"key": "h2", "url": URL}, rpc.AddWebhook(b.EDITION_ID, "h2", URL)),
        ("adresses/retirer", {"webhook": "hook-1"}, rpc.RemoveWebhook(b.EDITION_ID, "hook-1")),
        ("renvoyer", {"delivery": "msg_1"}, rpc.SendAgain(b.EDITION_ID, "msg_1")),
    ],
)
def test_an_address_is_told_told_no_more_and_told_again(address: str, fields: dict[str, str], asked: Any) -> None:
    services = FakeServices()
    organiser = Visitor(services).sign_in()
    answer = organiser.submit(f"{PAGE}/{address}", fields, page=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    assert services.commands() == [asked]


def test_an_address_that_is_refused_stays_in_its_field() -> None:
    services = FakeServices()
    services.answers[rpc.AddWebhook] = refused("webhook_url", longest=320)
    organiser = Visitor(services).sign_in()
    page = organiser.submit(f"{PAGE}/adresses", {"key": "h2", "url": "http://ent.example"}, page=PAGE)
    assert page.status_code == 422
    assert 'value="http://ent.example"' in page.text
    assert 'id="url-error">Donnez une adresse publique en https' in page.text


def test_the_last_deliveries_are_shown_with_what_became_of_them() -> None:
    page = Visitor(FakeServices()).sign_in().get(PAGE).text
    assert "HTTP 500" in page
    assert "nouvel essai le" in page
    assert page.count("Renvoyer<") == 2
    assert "whsec_eHh4" in page
