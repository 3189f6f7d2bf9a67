from __future__ import annotations

import datetime as dt

import pytest

from services.contracts.values import HalfDay, Window
from services.registration.domain import cells
from services.registration.domain.csvfile import Wrong

FIRST, LAST = dt.date(2020, 11, 2), dt.date(2020, 11, 16)
DAY = dt.date(2020, 11, 5)


@pytest.mark.parametrize(
    "text",
    ["09:00-12:00 13:30-16:30", "9h-12h, 13h30-16h30", "09:00 - 12:00 13:30 – 16:30", "9H00-12H00;13:30-16:30"],
)
def test_hours_as_people_write_them(text: str) -> None:
    assert cells.hours(text) == (Window(540, 720), Window(810, 990))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("matin", "hours_malformed"),
        ("9-12", "hours_malformed"),
        ("25:00-26:00", "hours_malformed"),
        ("09:60-12:00", "hours_malformed"),
        ("12:00-09:00", "hours_order"),
        ("09:00-09:00", "hours_order"),
        ("13:30-16:30 09:00-12:00", "hours_order"),
        ("09:00-12:00 11:00-16:30", "hours_order"),
    ],
)
def test_bad_hours(text: str, code: str) -> None:
    with pytest.raises(Wrong) as caught:
        cells.hours(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "text",
    [
        "2020-11-05 matin; 2020-11-06 après-midi",
        "05/11/2020 matin, 06/11/2020 Apres-midi",
        "2020-11-06 après-midi,2020-11-05 matin",
    ],
)
def test_half_days_as_people_write_them(text: str) -> None:
    assert cells.half_days(FIRST, LAST)(text) == (HalfDay(DAY, "am"), HalfDay(dt.date(2020, 11, 6), "pm"))


def test_a_day_alone_is_both_halves() -> None:
    assert cells.half_days(FIRST, LAST)("2020-11-05") == (HalfDay(DAY, "am"), HalfDay(DAY, "pm"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("jeudi matin", "half_days_malformed"),
        ("2020-11-05 soir", "half_days_malformed"),
        ("2020-11-31 matin", "half_days_malformed"),
        ("2020-11-01 matin", "edition_day_outside"),
        ("2021-11-05 matin", "edition_day_outside"),
    ],
)
def test_bad_half_days(text: str, code: str) -> None:
    with pytest.raises(Wrong) as caught:
        cells.half_days(FIRST, LAST)(text)
    assert caught.value.code == code


@pytest.mark.parametrize("text", ["0", "41", "-3", "12.5", "douze", "1e1", "²"])
def test_a_head_count_is_a_whole_number_from_1_to_40(text: str) -> None:
    with pytest.raises(Wrong):
        cells.whole(1, 40)(text)


@pytest.mark.parametrize(("text", "value"), [("49.34524", 49.34524), ("49,34524", 49.34524), ("-3", -3.0)])
def test_degrees(text: str, value: float) -> None:
    assert cells.degrees(90)(text) == value


@pytest.mark.parametrize("text", ["nord", "91", "nan", "inf"])
def test_bad_degrees(text: str) -> None:
    with pytest.raises(Wrong):
        cells.degrees(90)(text)


@pytest.mark.parametrize("text", ["direction", "a@b", "a b@c.example", "a@b.example,c@d.example", "<a@b.example>"])
def test_bad_email(text: str) -> None:
    with pytest.raises(Wrong):
        cells.email(text)
