"""The example of a demonstration is moved ahead of today, weekday by weekday."""

from __future__ import annotations

import datetime as dt

import pytest

from services.commands.moved import moved
from services.scheduling.adapters.school_calendar import FrenchSchoolCalendar
from services.scheduling.domain.edition import read_edition
from tests.unit.scheduling.builders import EXAMPLES

TEXT = (EXAMPLES / "soissons-2020" / "edition.toml").read_text(encoding="utf-8")
CALENDAR = FrenchSchoolCalendar()


@pytest.mark.parametrize("today", ["2026-11-22", "2026-12-20", "2027-03-01", "2027-06-20"])
def test_a_moved_edition_begins_in_five_weeks_or_after_the_holidays_and_keeps_its_ten_days(today: str) -> None:
    day = dt.date.fromisoformat(today)
    example = moved(TEXT, day, {})
    edition = read_edition("edition.toml", example.text(TEXT, "une « note » : {é}"), CALENDAR.days_off)
    was = read_edition("edition.toml", TEXT, CALENDAR.days_off)
    assert edition.action_days == tuple(day + dt.timedelta(weeks=example.weeks) for day in was.action_days)
    assert len(edition.action_days) == 10
    first_day = was.first_day + dt.timedelta(weeks=example.weeks)
    assert (edition.first_day, edition.notes) == (first_day, "une « note » : {é}")
    assert dt.timedelta(weeks=5) <= edition.first_day - day < dt.timedelta(weeks=14)


def test_an_edition_that_is_open_stays_where_it_is() -> None:
    once = moved(TEXT, dt.date(2026, 11, 22), {})
    there = dt.date(2020, 11, 2) + dt.timedelta(weeks=once.weeks)
    assert moved(TEXT, dt.date(2027, 2, 1), {"soissons-2020": there}) == once
    unmoved = moved(TEXT, dt.date(2027, 2, 1), {"soissons-2020": dt.date(2020, 11, 2)})
    assert unmoved.text(TEXT, "une « note » : {é}") == TEXT


def test_every_date_of_a_table_is_moved() -> None:
    example = moved(TEXT, dt.date(2026, 11, 22), {})
    assert example.text("Acy;2020-11-03 après-midi, 2020-11-16 matin;;12\n", "") == (
        "Acy;2027-01-05 après-midi, 2027-01-18 matin;;12\n"
    )
