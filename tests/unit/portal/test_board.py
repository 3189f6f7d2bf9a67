"""The board: what stands where, what a cell is told to cost, and the drafts made from it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import pytest

from services.contracts import rpc
from services.contracts.errors import refused
from services.contracts.outcomes import Outcome
from services.contracts.values import Violation
from services.portal.display.board import (
    Bar,
    board_of,
    exact_price,
    exceptions_in,
    least_trouble,
    offer_of,
    page_of,
    read_key,
    state_of,
)
from services.portal.web.words import Words
from tests.unit.portal import builders as b
from tests.unit.portal.fakes import FakeServices, Visitor

FRENCH = Words("fr")
PLAN = f"/organisateur/editions/{b.EDITION_ID}/plan"
PROPOSALS = f"/organisateur/editions/{b.EDITION_ID}/propositions"
SESSION = f"{PROPOSALS}/{b.PROPOSAL_ID}/seance"


def test_a_bar_stands_where_its_hours_are_with_the_road_and_the_set_up_before_it() -> None:
    board = board_of(b.an_edition(), b.a_plan(), b.DAYS, b.some_stretches(), (b.a_pin(),))
    ((first_day, (row,)), (second_day, _)) = board.days
    assert (first_day, second_day) == b.DAYS
    assert (board.hours[0], board.hours[-1]) == (8, 17)
    places = ["at-h0 at-m25 for-h0 for-m15", "at-h0 at-m40 for-h0 for-m20", "at-h1 at-m0 for-h1 for-m15"]
    assert [item.place for item in row.items] == places
    bars = [item for _, (row,) in board.days for item in row.items if isinstance(item, Bar)]
    assert [(bar.state, bar.pin) for bar in bars] == [("offered", b.a_pin()), ("confirmed", None)]


def test_an_early_or_late_session_widens_the_board() -> None:
    start = dt.datetime(2020, 11, 2, 5, 32, tzinfo=dt.timezone.utc)
    early = b.a_planned(session=replace(b.a_session(), start=start, end=start + dt.timedelta(minutes=75)))
    late = b.a_planned(session=replace(b.a_session(), end=dt.datetime(2020, 11, 2, 17, 10, tzinfo=dt.timezone.utc)))
    board = board_of(b.an_edition(), b.a_plan(sessions=(early, late)), b.DAYS)
    assert (board.hours[0], board.hours[-1]) == (6, 19)
    assert board.days[0][1][0].items[0].place == "at-h0 at-m30 for-h1 for-m15"


def test_a_page_holds_whole_days_of_as_many_sessions_as_fit() -> None:
    days = tuple(dt.date(2020, 11, n) for n in range(2, 7))
    start = b.a_session().start
    held = [
        b.a_planned(session=replace(b.a_session(), id=f"s{day}-{n}", start=start + dt.timedelta(days=day)))
        for day, count in enumerate((30, 50, 1, 200, 5))
        for n in range(count)
    ]
    assert page_of(days, held, "") == days[:2]
    assert page_of(days, held, "2020-11-04") == days[2:3]
    assert page_of(days, held, "2020-11-05") == days[3:4]
    assert page_of(days, held, "2020-11-06") == days[4:]
    assert page_of(days, held, "2021") == page_of(days, held, "rien") == days[:2]


def test_schools_have_their_sessions_by_day() -> None:
    other = b.a_planned(1, school_name="Belleu", session=b.a_session(1, id="s3", school_id="belleu"))
    board = board_of(b.an_edition(), b.a_plan(sessions=(*b.a_plan().sessions, other)), b.DAYS)
    held = [
        (row.name, {day: [one.planned.session.id for one in bars] for day, bars in row.held.items()})
        for row in board.schools
    ]
    assert held == [("Belleu", {b.DAYS[0]: ["s3"]}), ("École d’Acy", {b.DAYS[0]: ["s1"], b.DAYS[1]: ["s2"]})]


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"school_answer": None}, "proposed"),
        ({"school_answer": "declined"}, "declined"),
        ({"outcome": "shortened"}, "held"),
        ({"outcome": "cancelled"}, "cancelled"),
    ],
)
def test_a_session_says_how_far_it_is(changes: dict[str, Any], state: str) -> None:
    if "outcome" in changes:
        changes = {"outcome": Outcome("s1", b.MADE_AT, changes["outcome"], "organiser", b.MADE_AT)}
    assert state_of(b.a_planned(**changes)) == state


def test_a_session_that_breaks_a_rule_is_an_exception_until_it_is_held() -> None:
    first, second = b.a_planned(1, school_answer="confirmed"), b.a_planned(2, school_answer="confirmed")
    plan = b.a_plan(sessions=(first, second), violations=(Violation("known", ("s1",)),))
    row = board_of(b.an_edition(), plan, b.DAYS).schools[0]
    assert [bar.state for bars in row.held.values() for bar in bars] == ["exception", "confirmed"]
    held = replace(first, outcome=Outcome("s1", b.MADE_AT, "held", "organiser", b.MADE_AT))
    assert state_of(held, exceptions_in(plan)) == "held"


def test_the_board_says_exceptions_in_words_and_by_shape(services: FakeServices, organiser: Visitor) -> None:
    services.answers[rpc.GetPlan] = replace(b.a_plan(), violations=(Violation("known", ("s1",)),))
    page = organiser.get(f"/organisateur/editions/{b.EDITION_ID}/plan").text
    badge = '<span class="badge odd"><span aria-hidden="true">▲</span> <span>exception</span></span>'
    assert page.count(badge) == 2  # in the legend, and at the one session
    assert len(re.findall(r'<li class="bar [^"]*exception" data-session="s1">', page)) == 1


def test_a_cell_says_its_price_and_what_it_breaks() -> None:
    broken, free = (offer_of(cell, FRENCH) for cell in b.some_cells())
    assert free.price == "9\u00a0h\u00a000 · +12 min de route · 3 à prévenir · 1 autre séance décalée"
    assert (free.kind, free.broken, free.why) == ("ok", "", ())
    assert broken.price == "14\u00a0h\u00a000 · −4 min de route · 2 à prévenir"
    assert (broken.kind, broken.broken) == ("no", "heures d’accueil et fermetures")
    assert broken.why == ("Acy n’accueille pas de séance le mardi 3 novembre 2020 de 14\xa0h\xa000 à 15\xa0h\xa015.",)
    assert least_trouble([broken, free]) == [free, broken]
    assert [read_key(offer.key) for offer in (broken, free)] == [
        (cell.half_day, cell.team_id) for cell in b.some_cells()
    ]
    assert read_key("mardi|am|truck-1") is None


# Pages --------------------------------------------------------------------------------------------------------


def test_the_board_shows_times_roads_states_and_pins(organiser: Visitor) -> None:
    page = organiser.get(PLAN).text
    for text in (
        "9\u00a0h\u00a000 – 10\u00a0h\u00a015",
        "route 8",
        "installation 8",
        "à confirmer",
        "fixée",
        "Le camion",
    ):
        assert text in page
    assert f'{SESSION}?seance=s1"' in page
    by_school = organiser.get(f"{PLAN}?vue=ecoles").text
    assert ("Robotique, Le camion" in by_school, "installation 8" in by_school) == (True, False)
    assert [answer for answer in ("sans réponse", "acceptée") if answer in by_school] == ["sans réponse", "acceptée"]


def test_a_draft_says_its_last_move_and_leads_back_and_forth(organiser: Visitor, services: FakeServices) -> None:
    draft = b.a_proposal(made_from="p1", moved="s2", made_next="p3")
    services.answers[rpc.GetPlan] = draft
    page = organiser.get(f"{PROPOSALS}/{draft.proposal_id}").text
    assert "brouillon" in page
    assert "Dernier déplacement : École d’Acy, CM1-CM2 groupe 1, Robotique." in page.replace("\u00a0", " ")
    for name, target in (("annuler", "p1"), ("retablir", "p3")):
        assert (
            f'id="{name}" class="button quiet small" href="{PROPOSALS}/{target}?vue=&amp;du=2020-11-02#tableau"' in page
        )
    compared = [request for request in services.asked if isinstance(request, rpc.CompareReleases)]
    assert compared == [rpc.CompareReleases(b.EDITION_ID, 2, proposal_id=draft.proposal_id)]


def test_every_place_of_a_session_is_a_button(organiser: Visitor) -> None:
    page = organiser.get(f"{SESSION}?seance=s1").text
    assert page.index('value="2020-11-03|am|truck-1"') < page.index('value="2020-11-03|pm|truck-1"')
    assert "Acy n’accueille pas de séance" in page
    assert "Le bus est réservé" in page


def test_a_move_makes_a_draft_and_shows_it_where_one_was(organiser: Visitor, services: FakeServices) -> None:
    services.answers[rpc.MoveSession] = "p9"
    form = {"seance": "s1", "case": "2020-11-03|am|truck-1", "vue": "ecoles", "du": "2020-11-02"}
    answer = organiser.submit(SESSION, form, page=f"{SESSION}?seance=s1")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PROPOSALS}/p9?vue=ecoles&du=2020-11-02#tableau")
    cell = b.some_cells()[1]
    assert services.commands() == [rpc.MoveSession(b.EDITION_ID, "s1", cell.half_day, b.PROPOSAL_ID, "truck-1")]


def test_a_place_that_is_gone_is_told_on_the_page_of_the_session(organiser: Visitor, services: FakeServices) -> None:
    services.answers[rpc.MoveSession] = refused("half_day_gone")
    for cell in ("2020-11-03|am|truck-1", "n’importe quoi"):
        answer = organiser.submit(SESSION, {"seance": "s1", "case": cell}, page=f"{SESSION}?seance=s1")
        assert (answer.status_code, "n’est plus possible" in answer.text) == (409, True)
    assert len(services.commands()) == 1


def test_a_session_is_fixed_with_a_comment_and_freed(organiser: Visitor, services: FakeServices) -> None:
    for form in ({"action": "pin", "comment": "Le bus"}, {"action": "free"}):
        answer = organiser.submit(SESSION, {"seance": "s1", **form}, page=f"{SESSION}?seance=s1")
        assert (answer.status_code, answer.headers["location"]) == (303, f"{SESSION}?seance=s1")
    assert services.commands() == [
        rpc.PinSession(b.EDITION_ID, b.PROPOSAL_ID, "s1", "Le bus"),
        rpc.UnpinSession(b.EDITION_ID, "s1"),
    ]


def test_the_script_reads_the_cells_least_trouble_first(organiser: Visitor) -> None:
    found = organiser.get(f"{PROPOSALS}/{b.PROPOSAL_ID}/cases?seance=s1").json()
    assert [(cell["key"], cell["kind"]) for cell in found] == [
        ("2020-11-03|am|truck-1", "ok"),
        ("2020-11-03|pm|truck-1", "no"),
    ]
    assert found[1]["why"].startswith("Acy n’accueille pas")


def test_a_session_nobody_knows_is_not_found(organiser: Visitor) -> None:
    assert organiser.get(f"{SESSION}?seance=s7").status_code == 404


def test_an_earlier_release_becomes_a_draft(organiser: Visitor, services: FakeServices) -> None:
    versions = f"/organisateur/editions/{b.EDITION_ID}/versions"
    page = organiser.get(versions).text
    assert ('name="number" value="1"' in page, 'name="number" value="2"' in page) == (True, False)  # 2 is in force
    answer = organiser.submit(versions, {"number": "1"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PROPOSALS}/{b.PROPOSAL_ID}")
    assert services.commands() == [rpc.RestoreRelease(b.EDITION_ID, 1)]


# Exact prices -------------------------------------------------------------------------------------------------


def a_price(**changes: Any) -> rpc.Job:
    """A solve that held the session in the free cell; the plan compared costs 4000."""
    cell = b.some_cells()[1]
    tried = rpc.Tried(b.PROPOSAL_ID, "s1", cell.team_id, "acy", cell.half_day, cell.starts_at, 4000)
    return replace(b.a_job(tried=tried), **changes)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"value": 4048.0, "bound": 4048.0}, "9\u00a0h\u00a000 · +48, prouvé"),
        ({"value": 3990.0, "bound": 3990.0}, "9\u00a0h\u00a000 · −10, prouvé"),
        ({"value": 4107.0, "bound": 4047.2}, "9\u00a0h\u00a000 · de +48 à +107"),
        ({"value": 4107.0, "bound": None}, "9\u00a0h\u00a000 · +107 au plus"),
        ({"value": 4048.0, "bound": 4048.0, "moved": 2}, "9\u00a0h\u00a000 · +48, prouvé · 2 séances dérangées"),
        ({"value": 104100.0, "bound": 4047.0, "placed": 1}, "9\u00a0h\u00a000 · 1 séance resterait sans place"),
        ({"value": None, "bound": None, "state": "running"}, "pas encore connu"),
        ({"value": None, "bound": None, "state": "failed"}, "pas de plan trouvé"),
        ({"tried": None}, ""),
    ],
)
def test_a_price_is_told_as_far_as_it_is_proved(changes: dict[str, Any], told: str) -> None:
    assert exact_price(a_price(**changes), FRENCH) == told


def test_the_exact_price_of_a_place_is_asked_for(organiser: Visitor, services: FakeServices) -> None:
    form = {"seance": "s1", "prix": "2020-11-03|am|truck-1"}
    answer = organiser.submit(SESSION, form, page=f"{SESSION}?seance=s1")
    job = f"/organisateur/editions/{b.EDITION_ID}/calculs/{b.JOB_ID}"
    assert (answer.status_code, answer.headers["location"]) == (303, job)
    cell = b.some_cells()[1]
    assert services.commands() == [rpc.PriceExactly(b.EDITION_ID, b.PROPOSAL_ID, "s1", cell.half_day, "truck-1")]


def test_an_exact_price_stands_where_it_was_asked_for(organiser: Visitor, services: FakeServices) -> None:
    price = a_price(value=4048.0, bound=4048.0)
    other = replace(price, tried=replace(price.tried, session_id="s2", points=0))
    services.answers[rpc.ListJobs] = (other, price)
    page = organiser.get(f"{SESSION}?seance=s1").text
    assert (page.count("prouvé"), page.count("+48, prouvé"), page.count('name="prix"')) == (1, 1, 1)
    services.answers[rpc.GetJob] = price
    page = organiser.get(f"/organisateur/editions/{b.EDITION_ID}/calculs/{b.JOB_ID}").text
    assert ("+48, prouvé" in page, f'{SESSION}?seance=s1"' in page) == (True, True)
