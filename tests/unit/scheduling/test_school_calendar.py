"""Days off in France, from the packages that know them."""

from __future__ import annotations

import datetime as dt

import pytest

from services.contracts.errors import Refused
from services.scheduling.adapters.school_calendar import FrenchSchoolCalendar
from services.scheduling.domain.edition import action_days

D = dt.date


def days(first: dt.date, last: dt.date, zone: str = "B") -> list[str]:
    off = FrenchSchoolCalendar().days_off(first, last, zone)
    return [day.strftime("%m-%d") for day in action_days(first, last, off)]


def test_the_quinzaine_of_2020_has_exactly_ten_action_days() -> None:
    found = days(D(2020, 11, 2), D(2020, 11, 16))
    assert found == ["11-02", "11-03", "11-04", "11-05", "11-06", "11-09", "11-10", "11-12", "11-13", "11-16"]


def test_autumn_holidays_are_left_out() -> None:
    assert days(D(2020, 10, 15), D(2020, 11, 3)) == ["10-15", "10-16", "11-02", "11-03"]


def test_zones_have_holidays_of_their_own() -> None:
    first, last = D(2021, 2, 8), D(2021, 2, 26)
    assert [len(days(first, last, zone)) for zone in "ABC"] == [5, 10, 5]


def test_an_edition_may_straddle_the_new_year() -> None:
    assert days(D(2020, 12, 17), D(2021, 1, 5)) == ["12-17", "12-18", "01-04", "01-05"]


@pytest.mark.parametrize(("first", "last"), [(D(1990, 1, 8), D(1990, 1, 12)), (D(2028, 8, 28), D(2028, 9, 4))])
def test_days_nobody_has_decided_yet_are_refused(first: dt.date, last: dt.date) -> None:
    with pytest.raises(Refused) as refusal:
        FrenchSchoolCalendar().days_off(first, last, "B")
    (problem,) = refusal.value.problems
    assert problem.code == "school_calendar_unknown"
    assert problem.facts == {"zone": "B", "first": "1990-10-27", "last": "2028-08-31"}
