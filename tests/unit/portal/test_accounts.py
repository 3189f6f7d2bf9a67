"""The pages of people who organise: how they come in, what an administrator does, what each does for oneself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.contracts import rpc
from services.contracts.errors import refused
from services.kit.links import token_hash
from tests.unit.portal import builders as b
from tests.unit.portal.fakes import ADDRESS, PASSWORD, FakeServices, Visitor

ACCOUNT = "/organisateur/mon-compte"


def commands(services: FakeServices, kind: type[rpc.Request[object]]) -> list[rpc.Request[object]]:
    return [request for request in services.asked if type(request) is kind]


def test_opening_a_link_asks_nothing_and_pressing_its_button_uses_it_up() -> None:
    services = FakeServices()
    visitor = Visitor(services)
    assert visitor.get("/connexion/a-token").status_code == 200
    assert services.asked == []
    assert visitor.submit("/connexion/a-token", {}).headers["location"] == "/organisateur"
    (used,) = commands(services, rpc.SignInByLink)
    assert isinstance(used, rpc.SignInByLink)
    assert used.link == token_hash("a-token")


def test_a_link_that_is_over_says_so_at_the_door() -> None:
    services = FakeServices()
    services.answers[rpc.SignInByLink] = refused("sign_in_link_over")
    answer = Visitor(services).submit("/connexion/a-token", {})
    assert (answer.status_code, "Ce lien a déjà servi" in answer.text) == (410, True)


def test_asking_for_a_link_answers_alike_and_waits_after_five() -> None:
    visitor = Visitor(FakeServices())
    asked = [visitor.submit("/connexion", {"email": ADDRESS, "way": "link"}) for _ in range(6)]
    assert [answer.status_code for answer in asked] == [200] * 5 + [429]


def test_each_sign_in_has_a_cookie_and_a_form_token_of_its_own() -> None:
    services = FakeServices()
    visitor = Visitor(services)
    before = visitor.csrf("/connexion")
    visitor.submit("/connexion", {"email": ADDRESS, "password": PASSWORD})
    assert visitor.post("/deconnexion", data={"csrf": before}).status_code == 403
    visitor.sign_in()
    assert len(services.signed_in) == 2


def test_who_owes_a_code_is_asked_for_it_first() -> None:
    services = FakeServices()
    waiting = rpc.SignedIn(services.account, waits=True, to_note=False)
    services.answers[rpc.OpenSignIn] = waiting
    services.answers[rpc.SignInByLink] = rpc.Admission("code")
    services.answers[rpc.GiveCode] = rpc.Admission("wrong")
    visitor = Visitor(services)
    assert visitor.submit("/connexion/a-token", {}).headers["location"] == "/connexion/code?suite=/organisateur"
    assert visitor.get("/organisateur").headers["location"] == "/connexion/code?suite=/organisateur"
    assert visitor.submit("/connexion/code", {"code": "000000"}).status_code == 401
    services.answers[rpc.GiveCode] = rpc.Admission("in")
    assert visitor.submit("/connexion/code", {"code": "123456"}).headers["location"] == "/organisateur"


@pytest.mark.parametrize("path", ["/organisateur/comptes", "/organisateur/personnes"])
def test_an_administrator_with_a_password_adds_a_device_before_administering(path: str) -> None:
    services = FakeServices()
    services.account = replace(services.account, has_codes=False)
    visitor = Visitor(services).sign_in()
    assert visitor.get(path).headers["location"] == f"{ACCOUNT}?codes=1"
    assert "ajoutez d’abord un code" in visitor.get(f"{ACCOUNT}?codes=1").text
    services.account = replace(services.account, has_password=False)
    assert visitor.get(path).status_code == 200


def test_an_administrator_invites_and_gives_roles() -> None:
    services = FakeServices()
    services.answers |= {rpc.InviteAccount: b.some_accounts()[1], rpc.ChangeAccount: b.some_accounts()[1]}
    visitor = Visitor(services).sign_in()
    page = "/organisateur/comptes"
    fields = {"email": "bob@ville.example", "name": "Bob", "role": "reader", "language": "en"}
    assert visitor.submit(page, fields).status_code == 303
    for change in ({"action": "role", "role": "reader"}, {"action": "disable"}, {"action": "drop_codes"}):
        assert visitor.submit(f"{page}/changer", {"account": "bob", **change}, page=page).status_code == 303
    invited, *changed = services.commands()
    assert invited == rpc.InviteAccount(invited.id, "bob@ville.example", "Bob", "reader", "en")  # type: ignore[attr-defined]
    assert changed == [
        rpc.ChangeAccount("bob", "reader", disabled=False),
        rpc.ChangeAccount("bob", "organiser", disabled=True),
        rpc.ChangeAccount("bob", "organiser", disabled=False, drop_codes=True),
    ]


def test_a_device_is_shown_as_a_drawing_and_as_text_and_its_codes_once() -> None:
    services = FakeServices()
    services.answers |= {rpc.OfferCodes: "JBSWY3DPEHPK3PXP", rpc.StartCodes: ("ABCDEFGHIJKLMNOP",)}
    visitor = Visitor(services).sign_in()
    offer = visitor.submit(f"{ACCOUNT}/codes", {}, page=ACCOUNT).text
    assert ("<svg" in offer, "JBSW Y3DP EHPK 3PXP" in offer) == (True, True)
    assert "ABCD-EFGH-IJKL-MNOP" in visitor.submit(f"{ACCOUNT}/codes", {"action": "start"}, page=ACCOUNT).text
    assert "ABCD-EFGH" not in visitor.get(ACCOUNT).text


def test_the_page_of_the_code_leads_to_the_door_who_owes_none() -> None:
    assert Visitor(FakeServices()).get("/connexion/code").headers["location"] == "/connexion"


@pytest.mark.parametrize(("way", "field"), [("link", "email"), ("", "username")])
def test_who_types_no_address_is_told_so_and_nothing_is_asked(way: str, field: str) -> None:
    services = FakeServices()
    answer = Visitor(services).submit("/connexion", {"way": way, "email": " ", "password": "x"})
    assert (answer.status_code, f'id="{field}-error"' in answer.text) == (422, True)
    assert services.commands() == []
