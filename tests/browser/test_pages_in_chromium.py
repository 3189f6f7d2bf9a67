"""The portal in a real browser: narrow, by keyboard, without JavaScript, and nothing its own policy forbids."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import uvicorn

from services.commands.running import free_port
from services.contracts import rpc
from services.kit.settings import Settings
from services.portal.app import create_app
from tests.browser.chromium import Chromium, Tab, chromium
from tests.stage import eventually
from tests.unit.portal import builders as b
from tests.unit.portal.addresses import SHOWN
from tests.unit.portal.fakes import SETTINGS, FakeServices

TAB, ENTER = ("Tab", 9), ("Enter", 13, "\r")
REACHABLE = """[...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
  .filter(e => e.type != "hidden" && e.checkVisibility({visibilityProperty: true}))
  .map((e, i) => e.dataset.wanted = e.type == "radio" ? `${[...document.forms].indexOf(e.form)} ${e.name}`
    : `${i} ${e.outerHTML.slice(0, 80)}`)"""
"""Marks what can be acted on; the buttons of one choice together, as Tab goes to one of them only."""
FOCUSED = "(({activeElement: e}) => e.id || e.name || e.textContent.trim())(document)"


class Portal:
    """The portal on a port of its own, with fake services unless others are given."""

    def __init__(self, ask: Any = None, settings: Settings = SETTINGS, port: int = 0) -> None:
        self.services = FakeServices()
        port = port or free_port()
        self.web = f"http://127.0.0.1:{port}"
        app = create_app(ask or self.services, replace(settings, base_url=self.web), None)
        self.server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, access_log=False))
        self.thread = threading.Thread(target=lambda: asyncio.run(self.server.serve()), daemon=True)

    def open(self) -> None:
        """Start, and wait until it answers."""
        self.thread.start()
        while not self.server.started:
            time.sleep(0.02)

    def close(self) -> None:
        """End it."""
        self.server.should_exit = True
        self.thread.join(timeout=10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with chromium() as running:
        yield running


@pytest.fixture
def portal() -> Iterator[Portal]:
    portal = Portal()
    portal.open()
    yield portal
    portal.close()


@pytest.fixture
def tab(browser: Chromium, portal: Portal) -> Tab:
    """A tab in which the organiser signed in and both links were opened."""
    tab = Tab(browser)
    tab.open(f"{portal.web}/connexion/a-token-of-a-mail?lang=fr")
    tab.submit("main button")
    tab.open(f"{portal.web}/ecole/{b.SCHOOL_TOKEN}")
    tab.open(f"{portal.web}/prestataire/{b.PROVIDER_TOKEN}")
    return tab


BEYOND = """[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth)
    .map(e => e.outerHTML.slice(0, 80)).join("; ")"""
"""What reaches beyond the window."""


def press(tab: Tab, key: tuple[str, int] | tuple[str, int, str]) -> None:
    tab.press(*key)


def test_no_page_is_wider_than_a_narrow_screen(tab: Tab, portal: Portal) -> None:
    too_wide = []
    for width in (320, 360, 640, 768, 1280):
        tab.resize(width)
        for path in SHOWN:
            tab.open(portal.web + path)
            wide = tab.evaluate("document.documentElement.scrollWidth")
            too_wide += [(path, width, wide, tab.evaluate(BEYOND))] if wide > width else []
    assert too_wide == []


def test_no_page_asks_for_what_its_policy_forbids(tab: Tab, portal: Portal) -> None:
    tab.call("Log.enable")
    for path in SHOWN:
        tab.open(portal.web + path)
    asked = [event["request"]["url"] for event in tab.events("Network.requestWillBeSent")]
    assert [event["entry"]["text"] for event in tab.events("Log.entryAdded")] == []
    assert len(asked) > len(SHOWN)
    outside = [address for address in asked if not address.startswith((portal.web, "data:"))]  # Chromium draws icons
    assert outside == []


def test_a_script_running_scanner_changes_nothing(tab: Tab, portal: Portal) -> None:
    for path in SHOWN:
        tab.open(portal.web + path)
        time.sleep(0.1)
    assert portal.services.commands() == []


def test_the_keyboard_reaches_everything_and_leaves_again(tab: Tab, portal: Portal) -> None:
    missed = {}
    for path in SHOWN:
        tab.open(portal.web + path)
        tab.evaluate("document.body.focus()")
        wanted: set[str] = set(tab.evaluate(REACHABLE))
        presses = 3 * len(wanted)  # a field for a date takes a key for each of its parts
        while wanted and presses:
            presses -= 1
            press(tab, TAB)
            wanted.discard(tab.evaluate("document.activeElement.dataset.wanted ?? ''"))
        if wanted:
            missed[path] = wanted
    assert missed == {}


def test_the_first_key_offers_to_skip_the_header(tab: Tab, portal: Portal) -> None:
    tab.open(f"{portal.web}/organisateur")
    press(tab, TAB)
    assert tab.evaluate(FOCUSED) == "Aller au contenu"
    assert tab.evaluate("document.activeElement.getBoundingClientRect().top >= 0")
    press(tab, ENTER)
    assert tab.evaluate("location.hash") == "#contenu"


def test_a_form_keeps_its_draft_while_it_is_typed(browser: Chromium, portal: Portal) -> None:
    tab = Tab(browser, width=360)
    tab.open(f"{portal.web}/ecole/{b.SCHOOL_TOKEN}?lang=fr")
    tab.open(f"{portal.web}/ecole/inscription")
    tab.evaluate("document.getElementById('remarks').focus()")
    tab.type("Portail vert")
    eventually(lambda: tab.evaluate("document.querySelector('[data-draft-said]').textContent") == "Brouillon gardé.")
    drafts = [sent.fields["remarks"] for sent in portal.services.commands() if isinstance(sent, rpc.SaveDraft)]
    assert drafts == ["Portail vert"]


def test_a_school_confirms_by_keyboard_on_a_phone_without_javascript(browser: Chromium, portal: Portal) -> None:
    tab = Tab(browser, width=360)
    tab.without_javascript()
    tab.open(f"{portal.web}/ecole/{b.SCHOOL_TOKEN}?lang=fr")
    _walk_to(tab, "pupils-s1")
    tab.type("12")
    tab.press(*ENTER)
    tab.loaded()
    (command,) = portal.services.commands()
    key = getattr(command, "key", "")
    assert command == rpc.ConfirmSlots(b.EDITION_ID, b.SCHOOL_ID, 1, {"s1": 12}, key, seen=b.MADE_AT)
    assert "1 séance confirmée" in _text(tab)


def test_a_wrong_answer_puts_the_focus_on_what_to_correct(tab: Tab, portal: Portal) -> None:
    tab.open(f"{portal.web}/ecole")
    tab.evaluate("document.getElementById('pupils-s1').focus()")
    tab.type("treize")
    tab.submit(".act button")
    assert tab.evaluate("document.activeElement.id") == "erreurs"
    press(tab, TAB)
    press(tab, ENTER)
    assert tab.evaluate(FOCUSED) == "pupils-s1"


def test_progress_follows_the_solve_and_ends_with_it(tab: Tab, portal: Portal) -> None:
    tab.open(f"{portal.web}/organisateur/editions/{b.EDITION_ID}/calculs/{b.JOB_ID}")
    portal.services.answers[rpc.GetJob] = replace(b.a_running_job(), placed=1)
    _until(tab, "document.getElementById('avancement').textContent.includes('1 sur 2')")
    portal.services.answers[rpc.GetJob] = b.a_job()
    _until(tab, "!!document.querySelector('main a.button')")
    assert tab.evaluate("document.querySelector('form[data-while-running]')") is None


def test_without_javascript_progress_refreshes_by_itself(browser: Chromium, portal: Portal) -> None:
    organiser = Tab(browser)
    organiser.open(f"{portal.web}/connexion/a-token-of-a-mail")
    organiser.submit("main button")
    organiser.without_javascript()
    organiser.open(f"{portal.web}/organisateur/editions/{b.EDITION_ID}/calculs/{b.JOB_ID}")
    organiser.loaded()
    assert sum(isinstance(request, rpc.GetJob) for request in portal.services.asked) == 2


def _walk_to(tab: Tab, id_: str) -> None:
    """Press Tab until the field has the focus; the protocol tells it without scripts."""
    for _ in range(60):
        press(tab, TAB)
        if any(id_ in node.get("attributes", []) for node in _focused(tab)):
            return
    raise AssertionError(f"{id_} is not reached by keyboard")


def _focused(tab: Tab) -> Iterator[dict[str, Any]]:
    for node in tab.call("Accessibility.getFullAXTree")["nodes"]:
        if {"name": "focused", "value": {"type": "booleanOrUndefined", "value": True}} in node.get("properties", []):
            yield tab.call("DOM.describeNode", backendNodeId=node["backendDOMNodeId"])["node"]


def _text(tab: Tab) -> str:
    document = tab.call("DOM.getDocument", depth=-1)["root"]
    return re.sub(r"<[^>]+>", " ", tab.call("DOM.getOuterHTML", nodeId=document["nodeId"])["outerHTML"])


def _until(tab: Tab, condition: str) -> None:
    for _ in range(100):
        if tab.evaluate(condition):
            return
        time.sleep(0.1)
    raise AssertionError(condition)
