"""Public holidays and school holidays of France, from packages that work offline."""

from __future__ import annotations

import datetime as dt
import functools

import holidays
from vacances_scolaires_france import SchoolHolidayDates

from services.contracts.errors import refused


class FrenchSchoolCalendar:
    """Days off in a zone: public holidays of metropolitan France (Code du travail, L3133-1) and school holidays."""

    def days_off(self, first: dt.date, last: dt.date, zone: str) -> frozenset[dt.date]:
        """Return the days off. Raises Refused (``school_calendar_unknown``) outside the known years."""
        calendar = _school_holidays()
        start, end = min(calendar.data), max(calendar.data)
        if not start <= first <= last <= end:
            raise refused("school_calendar_unknown", zone=zone, first=start, last=end)
        days = [first + dt.timedelta(days=i) for i in range((last - first).days + 1)]
        public = holidays.country_holidays("FR", years=range(first.year, last.year + 1))
        return frozenset(day for day in days if day in public or calendar.is_holiday_for_zone(day, zone))


@functools.cache
def _school_holidays() -> SchoolHolidayDates:
    return SchoolHolidayDates()
