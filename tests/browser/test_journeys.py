"""Five journeys of an organiser on a real house: by mouse, by keyboard alone, zoomed to 200 %, and 320 pixels wide."""

from __future__ import annotations

import base64
import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from services.commands.administrator import link_for
from services.commands.journey import Doors, Journey
from services.commands.moved import moved
from services.commands.running import free_port, running
from services.contracts import rpc
from services.contracts.values import PARIS, Edition, HalfDay
from services.kit.clock import utc_now
from services.kit.settings import Settings
from services.portal.web.words import Words
from tests.browser.chromium import Chromium, Tab, chromium
from tests.browser.hands import Hand, Keys

EXAMPLE = Path(__file__).parents[2] / "examples" / "soissons-2020"
OTHER_SCHOOL = re.compile(r"(?!Acy;|Belleu;|Courmelles;|école;|#)[^;\n=\[]+;")
"""A line of a list that is about none of three schools."""
WAYS: dict[str, tuple[type[Hand], int]] = {
    "mouse": (Hand, 1280),
    "keyboard": (Keys, 1280),
    "zoomed": (Hand, 640),  # 1280 pixels at 200 %
    "narrow": (Hand, 320),
}


JOURNEYS = iter(range(1000))


class Stage(NamedTuple):
    """A house that runs, the way to play in it without a page, and its address."""

    ask: Any
    journey: Journey
    web: str

    def edition(self, released: bool = True) -> Edition:
        """Return a new edition of three schools, some weeks from today, with its first plan released."""
        id_ = f"journey-{next(JOURNEYS)}"
        toml = (EXAMPLE / "edition.toml").read_text(encoding="utf-8")
        shift = moved(toml, utc_now().date(), {})

        def change(text: str) -> str:
            kept = [line for line in text.splitlines(keepends=True) if not OTHER_SCHOOL.match(line)]
            return shift.text("".join(kept), "").replace('"soissons-2020"', f'"{id_}"')

        self.journey.load(EXAMPLE, change)
        if released:
            self.journey.plan_first(id_, seconds=3)
        found: Edition = self.ask(rpc.GetEdition(id_))
        return found


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    folder = tmp_path_factory.mktemp("house")
    settings = Settings(
        data_dir=folder, port=port, mail_port=free_port(), base_url=address, secret="x" * 32, mails_per_person=1000
    )
    with running(settings) as house:
        yield Stage(house.ask, Journey(house.ask, Doors.of(house.settings), lambda *_: None), address)


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with chromium() as running_browser:
        yield running_browser


@pytest.fixture(params=WAYS)
def hand(request: pytest.FixtureRequest, browser: Chromium, stage: Stage) -> Hand:
    """A hand of each kind, whose owner has signed in by a link."""
    kind, width = WAYS[request.param]
    hand = kind(Tab(browser, width=width))
    hand.tab.open(link_for(stage.ask, "anne@ville.example", stage.web) + "?lang=fr")
    hand.press("Se connecter")
    return hand


def open_page(hand: Hand, stage: Stage, edition: Edition, page: str = "") -> None:
    hand.tab.open(f"{stage.web}/organisateur/editions/{edition.id}{page}")


def test_plan_and_release(hand: Hand, stage: Stage) -> None:
    edition = stage.edition(released=False)
    open_page(hand, stage, edition)
    hand.press("Planifier")
    hand.fill("Durée de recherche", "3")
    hand.press("Calculer un plan")
    hand.sees("Voir la proposition")
    hand.press("Voir la proposition")
    hand.sees("toutes respectées, vérifié à part du calcul")
    hand.press("Publier : voir qui sera prévenu")
    hand.press("Publier et prévenir")
    (release,) = stage.ask(rpc.ListReleases(edition.id))
    assert release.sessions == stage.ask(rpc.GetDemand(edition.id)).sessions > 0


def test_move_a_session_and_see_its_price(hand: Hand, stage: Stage) -> None:
    edition = stage.edition()
    plan = stage.ask(rpc.GetPlan(edition.id))
    open_page(hand, stage, edition, "/plan")
    hand.press("Acy", within=".board")
    offered = re.findall(r"Placer là (.+?) (?=Placer là|$)", hand.text())
    assert "Toutes les places et leurs prix" in hand.text()
    hand.press("Placer là")
    hand.sees("Dernier déplacement")
    hand.sees("depuis la version en vigueur")
    draft = re.search(r"propositions/([^/?#]+)", hand.tab.evaluate("location.href"))
    assert draft and offered is not None
    changed = stage.ask(rpc.GetPlan(edition.id, proposal_id=draft[1]))
    assert [s.session for s in changed.sessions] != [s.session for s in plan.sessions]
    assert stage.ask(rpc.GetPlan(edition.id)).sessions == plan.sessions


def test_replan_a_lockdown(hand: Hand, stage: Stage) -> None:
    edition = stage.edition()
    days = edition.action_days
    resumes = edition.last_day + dt.timedelta(weeks=8)
    open_page(hand, stage, edition, "/imprevus")
    hand.press("Confinement ou interruption")
    words = Words("fr")
    hand.choose("À partir du", words.day(days[3]))
    hand.date("Reprise : premier jour", resumes)
    hand.date("Reprise : dernier jour", resumes + dt.timedelta(days=12))
    hand.press("Noter et chercher un nouveau plan")
    hand.sees("Choix 1")
    hand.sees("prouvé", seconds=120)
    hand.press("Choisir le choix 1")
    hand.press("Publier et prévenir")
    before, after = (stage.ask(rpc.GetPlan(edition.id, release=number)).sessions for number in (1, 2))
    held = {s.session.start.date() for s in after}
    assert len(after) == len(before)
    assert not {day for day in held if days[3] <= day < resumes}


def test_print_the_trucks_day(hand: Hand, stage: Stage) -> None:
    edition = stage.edition()
    team_day = next(one for one in stage.ask(rpc.ListTeamDays(edition.id)) if one.visits)
    open_page(hand, stage, edition)
    hand.press("Suivre")
    hand.press("Journées")
    hand.press(team_day.team.name, within="tbody")
    hand.press("Feuille de route")
    printed = hand.tab.evaluate("document.body.innerText")
    assert [visit.planned.school_name in printed for visit in team_day.visits] == [True] * len(team_day.visits)
    paper = hand.tab.call("Page.printToPDF", preferCSSPageSize=True)
    assert base64.b64decode(paper["data"]).count(b"/Type /Page\n") == 1


def test_restore_a_release(hand: Hand, stage: Stage) -> None:
    edition = stage.edition()
    first = stage.ask(rpc.GetPlan(edition.id))
    planned = first.sessions[0].session
    day = planned.start.astimezone(PARIS).date()
    stage.journey.close_school(edition.id, planned.school_id, day, seconds=3)
    stage.ask(rpc.ReopenSchool(edition.id, planned.school_id, (HalfDay(day, "am"), HalfDay(day, "pm"))))
    open_page(hand, stage, edition)
    hand.press("Planifier")
    hand.press("Versions")
    hand.press("Reprendre dans un brouillon : Version 1")
    hand.sees("La version 1 est reprise dans un brouillon")
    draft = re.search(r"propositions/([^/?#]+)", hand.tab.evaluate("location.href"))
    assert draft
    restored = stage.ask(rpc.GetPlan(edition.id, proposal_id=draft[1])).sessions
    assert {s.session.id: s.session.start for s in restored} == {s.session.id: s.session.start for s in first.sessions}
