"""The workbook of a plan."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from openpyxl import load_workbook

from services.contracts import rpc
from services.contracts.values import Place, Session
from services.portal.files.workbook import plan_workbook

START = dt.datetime(2020, 11, 5, 8, 0, tzinfo=dt.timezone.utc)


def a_plan(school_name: str = "Acy") -> rpc.Plan:
    place = Place("Acy", 49.3, 3.4)
    session = Session(
        "g1:robotics", "g1", "robotics", "p", "acy", "fab", "fab-1", START, START + dt.timedelta(minutes=75), place
    )
    planned = rpc.PlannedSession(
        session, school_name, "CM1 groupe 1", 14, "Robotique", "Ze Fab Truck", "Le camion", "confirmed"
    )
    left_out = rpc.Unplaced("g2:video", school_name, "CM1 groupe 2", "Vidéo")
    cost = {"unplaced": 100_000, "team_day": 150}
    return rpc.Plan("e", "p1", 1, START, "feasible", (planned,), (left_out,), cost, None, (), False)


def sheets(plan: rpc.Plan, language: str = "fr") -> dict[str, list[tuple[Any, ...]]]:
    book = load_workbook(io.BytesIO(plan_workbook(plan, language)))
    return {sheet.title: [tuple(cell.value for cell in row) for row in sheet.iter_rows()] for sheet in book}


def test_a_session_is_a_row_with_its_hours_in_paris() -> None:
    assert sheets(a_plan())["Séances"][1] == (
        dt.datetime(2020, 11, 5, 0, 0),  # noqa: DTZ001  a spreadsheet knows no offsets
        dt.time(9, 0),
        dt.time(10, 15),
        "Acy",
        "CM1 groupe 1",
        14,
        "Robotique",
        "Ze Fab Truck",
        "Le camion",
        "Acy",
        "confirmée",
        "sans réponse",
    )


def test_sessions_left_out_and_the_cost_have_their_sheets() -> None:
    found = sheets(a_plan())
    assert list(found) == ["Séances", "Séances non placées", "Coût"]
    assert found["Séances non placées"] == [("École", "Groupe", "Activité"), ("Acy", "CM1 groupe 2", "Vidéo")]
    assert found["Coût"][1:] == [("séances non placées", 100_000), ("journées d’équipe", 150), ("Total", 100_150)]


def test_titles_are_in_the_language_asked_for() -> None:
    found = sheets(a_plan(), "en")
    assert list(found) == ["Sessions", "Sessions not placed", "Cost"]
    assert found["Sessions not placed"][0] == ("School", "Group", "Activity")


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://evil.example")', "=cmd|'/c calc'!A0", "--1"],
)
def test_a_formula_stays_a_text(text: str) -> None:
    book = load_workbook(io.BytesIO(plan_workbook(a_plan(text), "fr")))
    cell = book["Séances"]["D2"]
    assert cell.data_type == "s"
    # XML readers make one line end of CR: what matters is the apostrophe in front.
    assert str(cell.value).replace("\n", "\r") == f"'{text}"


def test_characters_a_workbook_cannot_hold_are_left_out() -> None:
    assert sheets(a_plan("A\x00c\x1by"))["Séances"][1][3] == "Acy"
    assert sheets(a_plan("\x00=1"))["Séances"][1][3] == "'=1"
