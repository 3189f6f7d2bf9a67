"""The board in a real browser: a session is dragged by mouse, moved by keyboard alone, and let go again."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from services.contracts import rpc
from services.contracts.values import HalfDay
from services.portal.display.board import MOST
from tests.browser.chromium import Chromium, Tab
from tests.browser.test_accessibility import findings
from tests.browser.test_pages_in_chromium import Portal, browser, portal, tab
from tests.stage import eventually
from tests.unit.portal import builders as b

__all__ = ["browser", "portal", "tab"]

PLAN = f"/organisateur/editions/{b.EDITION_ID}/plan"
CELLS = "document.querySelectorAll('button.cell').length"
FREE = rpc.MoveSession(b.EDITION_ID, "s1", HalfDay(b.DAYS[1], "am"), b.PROPOSAL_ID, "truck-1")
CENTRE = """((e) => {{ e.scrollIntoView({{block: "center", behavior: "instant"}}); const r = e.getBoundingClientRect();
    return [r.x + r.width / 2, r.y + r.height / 2]; }})(document.querySelector({selector!r}))"""


def mouse(tab: Tab, kind: str, x: float, y: float) -> None:
    tab.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=1, clickCount=1)


def centre(tab: Tab, selector: str) -> tuple[float, float]:
    x, y = tab.evaluate(CENTRE.format(selector=selector))
    return x, y


def take(tab: Tab, portal: Portal, view: str = "") -> None:
    """Open the plan and take its first session in hand by mouse."""
    tab.open(f"{portal.web}{PLAN}?lang=fr&vue={view}")
    x, y = centre(tab, '[data-session="s1"] .what')
    mouse(tab, "mousePressed", x, y)
    mouse(tab, "mouseMoved", x + 9, y + 9)
    eventually(lambda: tab.evaluate(CELLS) == 2)


@pytest.mark.parametrize("view", ["", "ecoles"])
def test_a_session_is_dragged_to_a_cell_and_makes_a_draft(tab: Tab, portal: Portal, view: str) -> None:
    take(tab, portal, view)
    texts = tab.evaluate("[...document.querySelectorAll('button.cell')].map(c => c.className + ': ' + c.textContent)")
    assert (
        texts[0]
        .replace("\u00a0", " ")
        .startswith(f"cell am ok: mar. 3 nov. matin{'' if view else ', Le camion'} : 9 h 00 · ")
    )
    assert "+12 min de route · 3 à prévenir" in texts[0].replace("\u00a0", " ")
    assert texts[1].endswith("heures d’accueil et fermetures")
    there = centre(tab, "button.cell.ok")
    mouse(tab, "mouseMoved", *there)
    assert tab.evaluate("document.querySelector('button.cell.over').value") == "2020-11-03|am|truck-1"
    assert tab.evaluate("getSelection().toString()") == ""
    mouse(tab, "mouseReleased", *there)
    eventually(lambda: portal.services.commands())
    assert portal.services.commands() == [FREE]


def test_the_board_has_no_finding_with_a_session_in_hand(tab: Tab, portal: Portal) -> None:
    take(tab, portal)
    assert findings(tab) == []


def test_a_session_let_go_beside_every_cell_stays(tab: Tab, portal: Portal) -> None:
    take(tab, portal)
    title = centre(tab, "h1")
    mouse(tab, "mouseMoved", *title)
    mouse(tab, "mouseReleased", *title)
    eventually(lambda: tab.evaluate(CELLS) == 0)
    assert (
        portal.services.commands(),
        tab.evaluate("document.querySelectorAll('.ghost, .picked:not([hidden])').length"),
    ) == ([], 0)


def test_a_session_moves_by_keyboard_alone(tab: Tab, portal: Portal) -> None:
    tab.open(f"{portal.web}{PLAN}?lang=fr")
    grip = '[data-session="s1"] .grip'
    for _ in range(2):  # taken, left with Escape, taken again
        tab.evaluate(f"document.querySelector({grip!r}).focus()")
        tab.press("Enter", 13, "\r")
        eventually(lambda: tab.evaluate("document.activeElement.value") == "2020-11-03|am|truck-1")
        tab.press("ArrowRight", 39)
        assert tab.evaluate("document.activeElement.value") == "2020-11-03|pm|truck-1"
        tab.press("Escape", 27)
        assert (tab.evaluate(CELLS), tab.evaluate(f"document.activeElement.matches({grip!r})")) == (0, True)
    tab.press("Enter", 13, "\r")
    eventually(lambda: tab.evaluate("document.activeElement.value") == "2020-11-03|am|truck-1")
    tab.press("Enter", 13, "\r")
    eventually(lambda: portal.services.commands())
    assert portal.services.commands() == [FREE]


OTHER_DAY = "[data-days] a:not([aria-current])"


def a_long_plan(tab: Tab, portal: Portal) -> None:
    """Open a plan whose first day fills a page, so that the second is on another."""
    first, later = b.a_session(), dt.timedelta(hours=5)
    after = replace(first, start=first.start + later, end=first.end + later)
    filling = [replace(b.a_planned(), session=replace(after, id=f"x{n}")) for n in range(MOST)]
    plan = b.a_plan(sessions=(b.a_planned(1), *filling, b.a_planned(2)))
    portal.services.answers[rpc.GetPlan] = lambda r: replace(plan, proposal_id=r.proposal_id or plan.proposal_id)
    tab.open(f"{portal.web}{PLAN}?lang=fr")
    assert tab.evaluate("[...document.querySelectorAll('section[data-day]')].map(e => e.dataset.day)") == [
        str(b.DAYS[0])
    ]


def test_a_session_is_held_over_another_day_and_dropped_there(tab: Tab, portal: Portal) -> None:
    a_long_plan(tab, portal)
    x, y = centre(tab, '[data-session="s1"] .what')
    mouse(tab, "mousePressed", x, y)
    mouse(tab, "mouseMoved", x + 9, y + 9)
    mouse(tab, "mouseMoved", *centre(tab, OTHER_DAY))
    eventually(lambda: tab.evaluate(CELLS) == 2)
    assert tab.evaluate("document.querySelector('.ghost strong').textContent") == "École d’Acy"
    there = centre(tab, "button.cell.ok")
    mouse(tab, "mouseMoved", *there)
    mouse(tab, "mouseReleased", *there)
    eventually(lambda: portal.services.commands())
    assert portal.services.commands() == [FREE]


def test_a_session_moves_to_another_day_by_keyboard_alone(tab: Tab, portal: Portal) -> None:
    a_long_plan(tab, portal)
    tab.evaluate("""document.querySelector('[data-session="s1"] .grip').focus()""")
    tab.press("Enter", 13, "\r")
    eventually(lambda: tab.evaluate("document.querySelector('[data-said]').textContent.startsWith('Aucune')"))
    tab.evaluate(f"document.querySelector({OTHER_DAY!r}).focus()")
    tab.press("Enter", 13, "\r")
    eventually(lambda: tab.evaluate("document.activeElement.value") == "2020-11-03|am|truck-1")
    tab.press("Enter", 13, "\r")
    eventually(lambda: portal.services.commands())
    assert portal.services.commands() == [FREE]


def test_a_session_moves_without_javascript(browser: Chromium, portal: Portal, tab: Tab) -> None:
    tab.without_javascript()
    tab.open(f"{portal.web}{PLAN}?lang=fr")
    tab.submit('[data-session="s1"] a')
    assert tab.evaluate("location.search") == "?seance=s1"
    tab.submit('button[name="case"][value="2020-11-03|am|truck-1"]')
    the_fake_plan_of_any_proposal = b.a_proposal().proposal_id
    assert portal.services.commands() == [replace(FREE, proposal_id=the_fake_plan_of_any_proposal)]


def test_on_a_telephone_each_school_shows_its_days_and_nothing_empty(tab: Tab, portal: Portal) -> None:
    portal.services.answers[rpc.GetPlan] = b.a_plan(sessions=(b.a_planned(1),))
    tab.resize(360)
    tab.open(f"{portal.web}{PLAN}?lang=fr&vue=ecoles")
    shown = "[...document.querySelectorAll('.schools td')].map(e => [e.checkVisibility(), !!e.querySelector('.bar')])"
    assert tab.evaluate(shown) == [[True, True], [False, False]]
