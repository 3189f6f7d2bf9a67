"""Short texts: how long they are, when they leave, what is news."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from services.notifications.adapters.numbers import MobileNumbers
from services.notifications.domain.entry import Entry
from services.notifications.domain.texting import eve, leaves_at, news, plain, segments

UTC = dt.timezone.utc
THURSDAY = dt.datetime(2020, 11, 5, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("Séance déplacée à Gréoux", "Séance déplacée à Gréoux"),
        ("Fête de l’Île, garçons, Noël", "Fete de l'Ile, garcons, Noel"),
        ("« CM1\u00a0» –\n 9\u202fh 00… œuf", '" CM1 " - 9 h 00... oeuf'),
        ("100 €", "100 €"),
        ("Ωμέγα 学", "Ωμέγα 学"),
    ],
)
def test_letters_that_a_short_message_lacks_become_their_like(typed: str, written: str) -> None:
    assert plain(typed) == written


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 1),
        ("é" * 160, 1),
        ("é" * 161, 2),
        ("é" * 306, 2),
        ("é" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ê" * 70, 1),
        ("ê" * 71, 2),
        ("ê" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_a_text_is_so_many_messages(text: str, number: int) -> None:
    assert segments(text) == number


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("06 12 34 56 78", "+33612345678"),
        ("06.12.34.56.78", "+33612345678"),
        ("+33 (0)6 12 34 56 78", "+33612345678"),
        ("0033612345678", "+33612345678"),
        ("+32 470 12 34 56", "+32470123456"),
        ("03 23 00 00 00", None),
        ("06 12 34 56", None),
        ("directrice", None),
    ],
)
def test_a_number_is_kept_in_its_whole_form(typed: str, kept: str | None) -> None:
    assert MobileNumbers().e164(typed) == kept


def test_a_number_is_shown_as_people_read_it() -> None:
    assert MobileNumbers().readable("+33612345678") == "+33 6 12 34 56 78"


@pytest.mark.parametrize(("day", "before"), [(6, 5), (7, 6), (8, 6), (9, 6), (10, 9)])
def test_the_eve_is_a_weekday(day: int, before: int) -> None:
    assert eve(dt.date(2020, 11, day)) == dt.date(2020, 11, before)


@pytest.mark.parametrize(
    ("at", "begins", "leaves"),
    [
        ("05 08:00", "05 10:00", "05 08:00"),
        ("05 19:59", "06 09:00", "05 19:59"),
        ("05 20:00", "06 14:00", "06 08:00"),
        ("06 02:00", "06 14:00", "06 08:00"),
        ("05 22:00", "06 08:30", "06 05:30"),
        ("06 07:00", "06 08:30", "06 07:00"),
    ],
)
def test_no_text_leaves_at_night_but_for_a_session_soon_after(at: str, begins: str, leaves: str) -> None:
    assert leaves_at(paris(at), paris(begins)) == paris(leaves)


def paris(text: str) -> dt.datetime:
    """Return an hour of November 2020, an hour ahead of UTC."""
    return dt.datetime.strptime(f"2020-11-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC) - dt.timedelta(hours=1)


def an_entry(day: int, hour: int = 9) -> Entry:
    start = dt.datetime(2020, 11, day, hour, tzinfo=UTC)
    return Entry(start, start + dt.timedelta(hours=1), "acy", "truck", "Robotique", "", "", 49.0, 3.0)


@pytest.mark.parametrize(
    ("before", "now", "state"),
    [
        (6, 10, "moved"),
        (10, 6, "moved"),
        (6, None, "cancelled"),
        (None, 6, "new"),
        (9, 10, None),
        (10, None, None),
        (4, None, None),
        (6, 6, None),
    ],
)
def test_news_is_what_changes_today_or_on_the_next_weekday(
    before: int | None, now: int | None, state: str | None
) -> None:
    told, wanted = ({"s": an_entry(day)} if day else {} for day in (before, now))
    assert [item.state for item in news(told, wanted, THURSDAY)] == ([state] if state else [])


def test_on_friday_monday_is_near_and_what_has_begun_is_no_news() -> None:
    friday = THURSDAY + dt.timedelta(days=1)
    assert len(news({"s": an_entry(9)}, {}, friday)) == 1
    assert news({"s": an_entry(6, 8)}, {}, friday) == ()


def test_another_wording_or_team_is_no_news() -> None:
    entry = an_entry(6)
    assert news({"s": entry}, {"s": replace(entry, by="studio", summary="Robots")}, THURSDAY) == ()
