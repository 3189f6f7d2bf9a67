"""Days and hours as people say them."""

from __future__ import annotations

import datetime as dt

import pytest

from services.kit.i18n import day_in_words, in_words, unbroken


@pytest.mark.parametrize(
    ("language", "first", "eleventh"),
    [
        ("fr", "lundi 1er mars 2021", "jeudi 11 mars 2021"),
        ("en", "Monday 1 March 2021", "Thursday 11 March 2021"),
    ],
)
def test_the_first_of_a_month(language: str, first: str, eleventh: str) -> None:
    days = [dt.date(2021, 3, day) for day in (1, 11)]
    assert [day_in_words(day, language) for day in days] == [first, eleventh]


def test_facts_are_said_as_people_say_them() -> None:
    facts = {"start": "08:05", "half_days": "2021-03-01 am, 2021-03-02 pm", "site": "Acy", "detail": "08:05:00"}
    assert in_words(facts, "fr") == {
        "start": "8 h 05",
        "half_days": "lundi 1er mars matin, mardi 2 mars après-midi",
        "site": "Acy",
        "detail": "08:05:00",
    }
    assert in_words(facts, "en")["start"] == "08:05"


def test_french_keeps_together_what_no_line_end_may_part() -> None:
    said = "« Acy » : 10 % à 9 h 05 ?"
    assert unbroken(said, "fr") == "«\u00a0Acy\u00a0»\u00a0: 10\u00a0% à 9\u00a0h\u00a005\u00a0?"
    assert unbroken(said, "en") == said
