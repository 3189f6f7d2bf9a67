"""Links in mails, met by scanners: they open and change nothing, and no token stays anywhere."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.contracts import rpc
from services.notifications.adapters.links import blank
from tests.integration.small_house import ACY, SmallHouse
from tests.unit.portal.fakes import Visitor

TEMPLATES = Path("services/notifications/adapters/templates")
KINDS = {"invitation": {"invitation", "cancellation"}, "welcome": {"welcome", "reminder"}}
"""Mails written from a template of another name."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallHouse]:
    house = SmallHouse(tmp_path_factory.mktemp("house"))
    house.register()
    house.send_every_kind()
    yield house
    house.close()


@pytest.fixture
def links(house: SmallHouse) -> list[str]:
    return sorted({link for found in house.links().values() for link in found})


def test_every_template_was_sent_and_has_links(house: SmallHouse) -> None:
    templates = {path.stem for path in TEMPLATES.glob("*.html")} - {"base", "parts"}
    expected = set().union(*(KINDS.get(name, {name}) for name in templates))
    assert {kind for kind, found in house.links().items() if found} == expected


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_scanner_opens_every_link_three_times_and_changes_nothing(
    house: SmallHouse, links: list[str], method: str
) -> None:
    house.forget_readers()
    before = house.dump()
    statuses = {link: [_follow(house.visitor(), method, link) for _ in range(3)] for link in links}
    expected = [405] * 3 if method == "OPTIONS" else [200] * 3
    assert statuses == dict.fromkeys(links, expected)
    house.forget_readers()
    assert {name: body == before[name] for name, body in house.dump().items()} == dict.fromkeys(before, True)


def test_the_dump_sees_the_smallest_change(house: SmallHouse) -> None:
    before = house.dump()
    house.ask(rpc.WithholdMails(house.edition.id, ()))
    assert [name for name, body in house.dump().items() if body != before[name]] == ["notifications"]


def test_a_link_works_after_the_scanner_has_burnt_every_use_there_could_be(house: SmallHouse, links: list[str]) -> None:
    for link in links:
        _follow(house.visitor(), "GET", link)
        assert _follow(house.visitor(), "GET", link) == 200


def test_a_robot_that_presses_every_button_confirms_nothing(house: SmallHouse) -> None:
    house.release()
    school = house.visitor()
    _follow(school, "GET", _page_of(house))
    page = school.get("/ecole").text
    forms = re.findall(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', page, re.DOTALL)
    assert any(action.endswith("/confirmer") for action, _ in forms)
    for action, inside in forms:
        fields = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', inside))
        school.post(action, data=fields)
    answers = {offer.answer for offer in house.ask(rpc.GetSchoolPage(house.edition.id, ACY)).offers}
    assert answers == {"offered"}


def test_after_opening_no_token_is_in_the_address_the_referer_the_cookie_or_the_log(
    house: SmallHouse, links: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    visitor, tokens = house.visitor(), {link.split("/")[-1].removesuffix(".ics") for link in links} - {""}
    assert {len(token) for token in tokens} == {43}
    for link in links:
        answer = visitor.get(link)
        shown = [answer.headers.get("location", ""), answer.headers.get("set-cookie", ""), str(visitor.cookies)]
        assert [text for text in shown for token in tokens if token in text] == []
        assert answer.headers["referrer-policy"] == "no-referrer"
    logged = " ".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records if record.name != "httpx")
    assert [token for token in tokens if token in logged] == []


def test_no_database_holds_a_token(house: SmallHouse, links: list[str]) -> None:
    tokens = {link.split("/")[-1].removesuffix(".ics") for link in links} - {""}
    kept = house.values()
    assert [token for token in tokens if token.encode() in kept] == []
    assert blank("school", "page").encode() in kept


def test_over_https_every_cookie_is_bound_to_the_host(tmp_path: Path) -> None:
    house = SmallHouse(tmp_path, "https://quinzaine.example")
    try:
        house.register()
        visitor = house.visitor()
        answer = visitor.get(_page_of(house) + "?lang=en")
        cookies = answer.headers.get_list("set-cookie")
        assert {cookie.partition("=")[0] for cookie in cookies} == {"__Host-session", "__Host-lang"}
        for cookie in cookies:
            assert {"secure", "httponly", "path=/", "samesite=lax"} <= {
                part.strip() for part in cookie.lower().split(";")
            }
            assert "domain=" not in cookie.lower()
    finally:
        house.close()


# Revocation -------------------------------------------------------------------------------------------------------


def test_a_revoked_link_is_closed_at_once_in_every_browser_that_had_opened_it(house: SmallHouse) -> None:
    school, other = house.visitor(), house.visitor()
    _follow(school, "GET", _page_of(house))
    _follow(other, "GET", _page_of(house, "belleu"))
    organiser = house.visitor().sign_in()
    fields = {"kind": "school", "id": ACY, "action": "renew"}
    assert organiser.submit(f"/organisateur/editions/{house.edition.id}/liens", fields).status_code == 303
    assert [school.get("/ecole").status_code for _ in range(2)] == [404, 403]
    assert other.get("/ecole").status_code == 200
    assert _follow(house.visitor(), "GET", _page_of(house)) == 200


def test_a_mail_that_waited_leaves_with_the_link_that_is_valid_then(house: SmallHouse) -> None:
    old = _page_of(house, "belleu")
    scope = (house.edition.id, "belleu")
    page = house.ask(rpc.GetSchoolPage(*scope))
    house.ask(rpc.ConfirmSlots(*scope, page.release, {page.offers[0].session.id: 11}, "k9"))
    house.pump(mails=False)
    house.ask(rpc.RevokeSchoolLink(*scope, renew=True))
    house.pump()
    assert _page_of(house, "belleu") in house.links()["receipt"]
    assert old not in house.links()["receipt"]


def _page_of(house: SmallHouse, school: str = ACY) -> str:
    found = house.ask(rpc.ListRegistrations(house.edition.id))
    return "/ecole/" + next(r.token for r in found if r.school.id == school)


def _follow(visitor: Visitor, method: str, path: str) -> int:
    """Open an address as a scanner does, redirects included, and return the last status."""
    answer = visitor.request(method, path)
    while answer.is_redirect:
        answer = visitor.request(method, answer.headers["location"])
    return answer.status_code
