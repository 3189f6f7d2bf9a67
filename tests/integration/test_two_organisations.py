"""Two organisations on one server: all that the second shows is the same, byte for byte, with and without the first.

Both hold an edition of one id with the same schools, so that whatever mixes them up finds something to show.
"""

from __future__ import annotations

import re
import smtplib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.routing import Route
from starlette.types import ASGIApp

from services.contracts import rpc
from services.embedded import ask_in_thread
from services.kit.links import token_hash
from services.kit.organisations import FIRST, organisations
from services.kit.people import mark_of
from services.portal.api.openapi import BASE
from services.portal.doors import Household, web_door
from services.portal.routes import all_routes
from tests.integration.looking import (
    LAON,
    ROUTES,
    Browser,
    Pages,
    a_draft,
    differing,
    link_of,
    look_around,
    other_words,
    route_of,
    shown_by,
    two_schools,
)
from tests.integration.mail_door import MailDoor
from tests.integration.small_house import ACY, SmallHouse

SHARED_CONTACT = "direction@ecole-acy.example"


@dataclass
class World:
    """The first organisation and the second; what the second showed where it was alone on the server.

    ``unchanged``: whether its databases are still the same after the first has been busy.
    """

    first: SmallHouse
    second: SmallHouse
    organisers: dict[str, str]
    draft: str
    alone: Pages
    unchanged: bool

    @property
    def door(self) -> ASGIApp:
        """The door of both."""
        return web_door([household(self.first), household(self.second)])

    def visit(self, house: SmallHouse, session: str = "") -> Browser:
        """Visit one of them."""
        return browser_at(self.door, house.settings.base_url, session)


def browser_at(app: ASGIApp, base_url: str, session: str = "") -> Browser:
    return Browser(httpx.ASGITransport(app, raise_app_exceptions=False), base_url, session)


def household(house: SmallHouse) -> Household:
    return Household(ask_in_thread(house.house), house.settings)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    changes = {"secret": "x" * 32, "base_url": "http://soissons.localhost"}
    settings = MailDoor.settings(data_dir=tmp_path_factory.mktemp("data"), organisations=LAON, **changes)
    found = organisations(settings)
    second = SmallHouse(Path(), settings=found["laon"])
    second.register(change=two_schools)
    plan(second)
    second.counter()
    organiser, draft = signed_in(second), a_draft(second.ask, second.edition.id)
    alone = look(web_door([household(second)]), second, organiser, draft)
    held = second.dump()
    second.door.close()
    first = SmallHouse(Path(), settings=found[FIRST], beside=[second])
    second.door = first.door
    be_busy(first)
    organisers = {"laon": organiser, FIRST: signed_in(first)}
    yield World(first, second, organisers, draft, alone, second.dump() == held)
    second.house.stop()
    first.close()


def signed_in(house: SmallHouse) -> str:
    """Return the cookie of an organiser."""
    return str(house.visitor().sign_in().cookies["session"])


def plan(house: SmallHouse) -> None:
    """Plan and release; a school answers; software gets a token."""
    job = house.ask(rpc.ProposePlan(house.edition.id, seconds=1.0))
    jobs = next(loop for loop in house.house.applications["scheduling"].loops if loop.name == "jobs")
    while job.state in ("queued", "running"):
        jobs.tick()
        time.sleep(0.02)
        job = house.ask(rpc.GetJob(job.id))
    house.ask(rpc.ReleasePlan(house.edition.id, str(job.proposal_id), after=0))
    house.ask(rpc.SetPublic(house.edition.id, True))
    house.ask(rpc.GrantAccess(house.edition.id, "grant", "logiciel", True, token_hash(access(house))))
    house.pump()
    offers = house.ask(rpc.GetSchoolPage(house.edition.id, ACY)).offers
    house.ask(rpc.ConfirmSlots(house.edition.id, ACY, 1, {offers[0].session.id: 12}, "k"))
    house.pump()


def be_busy(house: SmallHouse) -> None:
    """Do what an organisation can, under the ids of the second and other words; erase a contact that both have."""
    house.register(change=other_words)
    house.send_every_kind()
    house.ask(rpc.SetPublic(house.edition.id, True))
    house.ask(rpc.GrantAccess(house.edition.id, "grant", "logiciel", True, token_hash(access(house))))
    house.ask(rpc.ErasePerson(mark_of(house.settings.secret, SHARED_CONTACT)))
    house.pump()
    next(loop for loop in house.house.applications["registration"].loops if loop.name == "retention").tick()


def look(door: ASGIApp, house: SmallHouse, organiser: str, draft: str) -> Pages:
    def browser(who: str) -> Browser:
        return browser_at(door, house.settings.base_url, organiser if who == "organiser" else "")

    pages = look_around(browser, house.ask, house.edition.id, draft, access(house))
    house.forget_readers()
    return pages


def access(house: SmallHouse) -> str:
    return f"access {house.folder}"


def outcome(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.headers.get("location", "")


# Nothing comes through ------------------------------------------------------------------------------------------------


def test_every_page_was_looked_at(world: World) -> None:
    assert {route.name for route in ROUTES} - {route_of(address) for _, address in world.alone} == set()


def test_the_second_shows_and_holds_the_same_with_and_without_the_first(world: World) -> None:
    assert world.unchanged
    assert differing(world.alone, look(world.door, world.second, world.organisers["laon"], world.draft)) == []


def test_answers_remembered_for_both_are_seen(world: World) -> None:
    """The control: a door that keeps answers by question alone, as a cache between organisations would."""
    kept: dict[str, Any] = {}

    def remembering(house: SmallHouse) -> Household:
        async def ask(request: rpc.Request[Any], traceid: str = "") -> Any:
            if repr(request) not in kept:
                kept[repr(request)] = house.ask(request, traceid)
            return kept[repr(request)]

        return Household(ask, house.settings)

    leaking, page = (
        web_door([remembering(world.first), remembering(world.second)]),
        "/organisateur/editions/soissons-2020",
    )
    visits = ((world.first, FIRST), (world.second, "laon"))
    answers = [browser_at(leaking, h.settings.base_url, world.organisers[name]).get(page) for h, name in visits]
    assert [answer.status_code for answer in answers] == [200, 200]
    here = ("organiser", page)
    assert differing({here: world.alone[here]}, {here: shown_by(answers[1])}) == [here]


def test_an_erasure_of_the_first_leaves_the_same_contact_with_the_second(world: World) -> None:
    held = {
        house.settings.base_url: [
            len(house.ask(rpc.FindPerson(name, SHARED_CONTACT))) > 0 for name in ("registration", "notifications")
        ]
        for house in (world.first, world.second)
    }
    assert held == {"http://soissons.localhost": [False, False], "http://laon.localhost": [True, True]}


# Other organisation ---------------------------------------------------------------------------------------------------


def test_cookies_of_the_first_are_those_of_nobody_at_the_second(world: World) -> None:
    theirs = world.visit(world.first, world.organisers[FIRST])
    for who in ("school", "provider"):
        assert theirs.get(link_of(world.first.ask, world.first.edition.id, who)).status_code == 303
    assert [theirs.get(path).status_code for path in ("/organisateur", "/ecole", "/prestataire")] == [200, 200, 200]
    csrf, before = theirs.csrf("/connexion"), world.second.dump()
    routes = [route for route in all_routes(with_mailbox=False) if isinstance(route, Route)]
    asked = [(m, re.sub(r"{\w+}", "x", r.path)) for r in routes for m in sorted(r.methods or ()) if m != "HEAD"]
    found = []
    for visitor in (world.visit(world.second, theirs.cookies["session"]), world.visit(world.second)):
        found.append([outcome(visitor.request(method, path, data={"csrf": csrf})) for method, path in asked])
    assert found[0] == found[1]
    assert world.second.dump() == before


def test_links_and_tokens_of_the_first_open_nothing_at_the_second(world: World) -> None:
    feed = f"/feeds/{world.first.ask(rpc.ListFeeds(world.first.edition.id))[0].token}.ics"
    links = [link_of(world.first.ask, world.first.edition.id, who) for who in ("school", "provider")] + [feed]
    software = {"authorization": f"Bearer {access(world.first)}"}
    for house, expected in ((world.first, [303, 303, 200, 200]), (world.second, [404, 404, 404, 401])):
        found = [world.visit(house).get(link).status_code for link in links]
        found.append(world.visit(house).get(f"{BASE}/schools", headers=software).status_code)
        assert found == expected


def test_an_address_of_nobody_is_misdirected(world: World) -> None:
    for host in ("chauny.example", "127.0.0.1:8080", "[zz", ""):
        answer = browser_at(world.door, "http://x").get(
            "/organisateur", headers={"host": host, "accept-language": "en"}
        )
        assert (answer.status_code, answer.text[:38]) == (421, "No Quinzaine answers at this address: ")
    found = browser_at(world.door, "http://x").get("/organisateur", headers={"host": "LAON.localhost:8080"})
    assert found.status_code == 303
    assert browser_at(world.door, "http://127.0.0.1:8080").get("/livez").status_code == 200


# Mail -----------------------------------------------------------------------------------------------------------------


def test_each_mailbox_shows_its_own_mails_only(world: World) -> None:
    for house in (world.first, world.second):
        parties = {str(letter[name]) for letter in house.letters() for name in ("From", "To")}
        answer_addresses = {a for a in (world.first.settings.answer_address, world.second.settings.answer_address)}
        named = {address for address in answer_addresses if any(address in party for party in parties)}
        assert named == {house.settings.answer_address}


def test_an_answer_goes_to_the_organisation_that_invited(world: World) -> None:
    before = [len(house.ask(rpc.ListIncoming())) for house in (world.first, world.second)]
    sender, mail = "somebody@school.example", b"Subject: why\r\n\r\nWhy?\r\n"
    with smtplib.SMTP(*world.first.door.address, timeout=10) as server:
        server.sendmail(sender, world.second.settings.answer_address, mail)
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            server.sendmail(sender, "agenda@chauny.example", mail)
    after = [len(house.ask(rpc.ListIncoming())) for house in (world.first, world.second)]
    assert after == [before[0], before[1] + 1]
