"""The figures of an edition: each is the count of the sessions it opens; pupils are not counted twice."""

from __future__ import annotations

import csv
import io
from typing import Any

from services.contracts import rpc
from services.portal.display.reach import Choice, Figure, figures_of, tallies
from tests.unit.portal import builders as b
from tests.unit.portal.fakes import FakeServices, Visitor

REACH = f"/organisateur/editions/{b.EDITION_ID}/bilan"
LIST = f"/organisateur/editions/{b.EDITION_ID}/seances"


def held(number: int, school: str, activity: str, pupils: int, **outcome: Any) -> rpc.PlannedSession:
    session = b.a_session(1, id=f"s{number}", school_id=school, activity_id=activity)
    told = b.an_outcome(session_id=session.id, pupils=pupils, **outcome)
    return b.a_planned(session=session, outcome=told, school_answer="confirmed")


SESSIONS = (
    held(1, "acy", "robotics", 13),
    held(2, "acy", "robotics", 12, state="shortened", minutes=50),
    held(3, "acy", "video", 14, published=True),
    held(4, "belleu", "video", 9),
    held(5, "cuffies", "video", 0, state="cancelled", cancelled_by="school"),
    b.a_planned(6, school_answer="declined"),
)
SCHOOLS = {
    "acy": b.a_school("acy", rural=True, priority_district=False),
    "belleu": b.a_school("belleu", rural=False, priority_district=True),
    "cuffies": b.a_school("cuffies", rural=True, priority_district=False, never_served=True),
}


def figures() -> dict[str, Figure]:
    return {figure.key: figure for figure in figures_of(SESSIONS, SCHOOLS)}


def test_every_figure_is_counted() -> None:
    assert {key: figure.number for key, figure in figures().items()} == {
        "demand": 0, "planned": 6, "confirmed": 5, "declined": 1, "unanswered": 0, "answered": 6, "accepted": 0,
        "held": 4, "shortened": 1, "cancelled-school": 1, "cancelled-provider": 0, "cancelled-organiser": 0,
        "told": 5, "untold": 1, "videos": 1, "unplaced": 0, "pupils": 25 + 9, "pupils-qpv": 9, "attendances": 48,
        "schools": 2, "rural": 1, "qpv": 1, "new": 0,
    }  # fmt: skip


def test_a_figure_opens_the_sessions_it_was_counted_from() -> None:
    opened = {key: [one.session.id for one in figure.sessions] for key, figure in figures().items()}
    assert opened["videos"] == ["s3"]
    assert opened["qpv"] == opened["pupils-qpv"] == ["s4"]
    assert opened["held"] == opened["pupils"] == opened["schools"] == ["s1", "s2", "s3", "s4"]


def test_a_list_narrows_to_a_day_a_team_and_a_school() -> None:
    held, at = figures()["held"], SESSIONS[0].session.start.date().isoformat()
    assert held.narrowed(Choice(school="acy")).number == 3
    assert held.narrowed(Choice(day=at, team="truck-1")).number == 4
    assert held.narrowed(Choice(day="2020-11-10")).number == held.narrowed(Choice(team="other")).number == 0


def test_what_is_to_place_is_on_the_list_without_a_day() -> None:
    wanted = [rpc.Unplaced(id_, "École d’Acy", "CM1", "Vidéo", "acy") for id_ in ("s1", "s9")]
    demand = figures_of(SESSIONS, SCHOOLS, wanted)[0]
    assert (demand.key, demand.number, [one.session_id for one in demand.unplaced]) == ("demand", 2, ["s9"])
    assert demand.narrowed(Choice(school="acy")).number == 2
    assert demand.narrowed(Choice(team="truck-1")).number == 1


def test_a_list_sums_its_schools() -> None:
    schools, total = tallies(figures()["held"])
    assert [(one.school_id, one.sessions, one.came, one.different) for one in schools] == [
        ("acy", 3, 39, 25),
        ("belleu", 1, 9, 9),
    ]
    assert (total.sessions, total.came, total.different) == (4, 48, 34)


def test_the_page_lists_the_sessions_of_the_figure_asked_for() -> None:
    services = FakeServices()
    services.answers[rpc.GetPlan] = b.a_plan(sessions=SESSIONS)
    visitor = Visitor(services).sign_in()
    page = visitor.get(f"{LIST}?chiffre=shortened").text
    assert "<strong>1</strong> dont écourtées" in page
    assert page.count('href="/organisateur/editions/demo-2020/journees/') == 1
    assert visitor.get(LIST).text.count('href="/organisateur/editions/demo-2020/journees/') == len(SESSIONS)


def test_the_figures_are_a_file_for_a_spreadsheet() -> None:
    services = FakeServices()
    services.answers[rpc.GetPlan] = b.a_plan(sessions=SESSIONS)
    content = Visitor(services).sign_in().get(f"{REACH}.csv").content
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["Chiffre", "Nombre"]
    assert ["séances tenues", "4"] in rows
    assert len(rows) == 1 + len(figures())


def test_before_a_release_every_figure_is_zero() -> None:
    assert {figure.number for figure in figures_of((), {})} == {0}
