"""Reading an edition's file."""

from __future__ import annotations

import datetime as dt

import pytest

from services.contracts.errors import Problem, Refused, refused
from services.contracts.values import Edition, HalfDay, Weights, Window
from services.kit.i18n import sentence
from services.scheduling.domain.edition import read_edition
from tests.unit.scheduling.builders import EXAMPLES
from tests.unit.scheduling.fakes import OpenCalendar

SOISSONS = (EXAMPLES / "soissons-2020" / "edition.toml").read_text(encoding="utf-8")
PASS = (EXAMPLES / "pass-internet-2020" / "edition.toml").read_text(encoding="utf-8")


def read(text: str) -> Edition:
    return read_edition("edition.toml", text, OpenCalendar().days_off)


def faults(text: str) -> list[tuple[str, str, str]]:
    with pytest.raises(Refused) as refusal:
        read(text)
    return [(problem.code, problem.column, problem.value) for problem in refusal.value.problems]


def problem(text: str) -> Problem:
    with pytest.raises(Refused) as refusal:
        read(text)
    (found,) = refusal.value.problems
    return found


def changed(*replacements: tuple[str, str], text: str = SOISSONS) -> str:
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def test_the_2020_edition_is_read_whole() -> None:
    edition = read(SOISSONS)
    robotics, video = edition.programmes[0].activities
    assert (edition.id, edition.territory, edition.noon, edition.lunch) == ("soissons-2020", "GrandSoissons", 750, 45)
    assert (robotics.duration, robotics.setup, robotics.packing, robotics.turnover) == (75, 20, 15, 10)
    assert (video.duration, video.setup, video.packing, video.turnover) == (75, 10, 10, 10)
    assert (robotics.group.kind, robotics.group.min_size, robotics.group.max_size) == ("split", 10, 15)
    assert [(p.name, p.kinds) for p in edition.providers] == [
        ("Ze Fab Truck", ("robotics",)),
        ("Le Pied @ l’Étrier", ("video",)),
    ]
    assert [(t.leave, t.back, t.max_sessions) for p in edition.providers for t in p.teams] == [(450, 1050, 4)] * 2
    assert edition.weights == Weights()


def test_ten_weekdays_are_left_in_november_2020() -> None:
    assert [day.day for day in read(SOISSONS).action_days] == [2, 3, 4, 5, 6, 9, 10, 12, 13, 16]


def test_closed_days_are_no_action_days() -> None:
    edition = read(changed(("closed_days = []", "closed_days = [2020-11-05, 2020-11-06]")))
    assert [day.day for day in edition.action_days] == [2, 3, 4, 9, 10, 12, 13, 16]


def test_the_pass_internet_is_another_file_of_the_same_form() -> None:
    edition = read(PASS)
    chain = edition.programmes[0].activities
    assert [(a.provider_kind, a.group.kind, a.venue) for a in chain] == [
        ("officer", "whole", "either"),
        ("psychologist", "half", "either"),
        ("officer", "whole", "either"),
    ]
    assert [(a.delay.min_half_days, a.delay.min_days, a.delay.max_days) for a in chain] == [
        (1, 0, None),
        (1, 0, 14),
        (1, 1, 14),
    ]
    (venue,) = edition.venues
    assert venue.hours == {2: (Window(540, 720), Window(810, 1020)), 4: (Window(540, 720), Window(810, 1020))}
    assert venue.closed == (HalfDay(dt.date(2020, 10, 6), "pm"),)


def test_every_fault_is_listed_at_once_in_the_order_of_the_file() -> None:
    text = changed(
        ('name = "Quinzaine du Numérique 2020"', 'nom = "Quinzaine"'),
        ("closed_days = []", 'closed_days = [2020-12-25, "x"]'),
        ("duration = 75 ", 'duration = "75" '),
        ("packing = 15 ", "paking = 15 "),
        ('back = "17:30"', 'back = "07:00"'),
        ('kinds = ["video"]', 'kinds = ["vidéo"]'),
    )
    assert faults(text) == [
        ("edition_text", "name", ""),
        ("edition_key_unknown", "nom", ""),
        ("edition_day", "closed_days[2]", "x"),
        ("edition_day_outside", "closed_days[1]", "2020-12-25"),
        ("edition_minutes", "programmes[1].activities[1].packing", ""),
        ("edition_minutes", "programmes[1].activities[1].duration", "75"),
        ("edition_key_near", "programmes[1].activities[1].paking", ""),
        ("edition_later", "providers[1].teams[1].back", "07:00"),
        ("edition_id", "providers[2].kinds[1]", "vidéo"),
    ]


def test_a_fault_is_told_with_its_line_key_value_and_what_is_expected() -> None:
    found = problem(changed(("duration = 75 ", "duration = 0 ")))
    line = SOISSONS.split("\n").index(next(row for row in SOISSONS.split("\n") if row.startswith("duration"))) + 1
    assert sentence(found, "fr") == (
        f"edition.toml, ligne {line}, colonne « programmes[1].activities[1].duration », valeur « 0 » : "
        "Il faut ici un nombre entier de minutes, de 1 à 480, sans guillemets."
    )
    assert sentence(found, "en").endswith(": A whole number of minutes from 1 to 480 is expected here, without quotes.")


ROBOTICS, VIDEO = "programmes[1].activities[1]", "programmes[1].activities[2]"


@pytest.mark.parametrize(
    ("old", "new", "code", "column"),
    [
        ('id = "soissons-2020"', 'id = "Soissons 2020"', "edition_id", "id"),
        ('id = "soissons-2020"', f'id = "{"x" * 41}"', "edition_id", "id"),
        ('territory = "GrandSoissons"', 'territory = " "', "edition_text", "territory"),
        ('territory = "GrandSoissons"', 'territory = "Grand\\nSoissons"', "edition_text", "territory"),
        ("first_day = 2020-11-02", 'first_day = "2020-11-02"', "edition_day", "first_day"),
        ("first_day = 2020-11-02", "first_day = 2020-11-02T08:00:00", "edition_day", "first_day"),
        ("last_day = 2020-11-16", "last_day = 2020-11-01", "edition_last_before_first", "last_day"),
        ("last_day = 2020-11-16", "last_day = 9999-12-31", "edition_lasts_too_long", "last_day"),
        ('school_zone = "B"', 'school_zone = "D"', "edition_choice", "school_zone"),
        ('noon = "12:30"', 'noon = "24:30"', "edition_hour", "noon"),
        ("lunch = 45", "lunch = 45.5", "edition_minutes", "lunch"),
        ("lunch = 45", "lunch = true", "edition_minutes", "lunch"),
        ("[organiser]", "[organisateur]", "edition_key_near", "organisateur"),
        ("quinzaine@grandsoissons.example", "quinzaine@@example", "edition_email", "organiser.email"),
        ("quinzaine@grandsoissons.example", "quinzaine..a@ville.example", "edition_email", "organiser.email"),
        ('territory = "GrandSoissons"', 'territory = "Grand\u202eSoissons"', "edition_text", "territory"),
        ("lat = 49.372", "lat = nan", "edition_number", "providers[1].teams[1].depot.lat"),
        ("lat = 49.372", "lat = 149.372", "edition_number", "providers[1].teams[1].depot.lat"),
        (
            "max_sessions = 4",
            'max_sessions = 4\nbusy = ["2020-11-03 16:00-15:00"]',
            "edition_busy",
            "providers[1].teams[1].busy[1]",
        ),
        (
            "max_sessions = 4",
            'max_sessions = 4\nbusy = ["2020-12-03 09:00-10:00"]',
            "edition_day_outside",
            "providers[1].teams[1].busy[1]",
        ),
        (
            "lunch = 45",
            'lunch = 45\npriorities = ["rural", "rural"]',
            "edition_twice",
            "priorities[2]",
        ),
        ("max_sessions = 4", "max_sessions = 0", "edition_whole", "providers[1].teams[1].max_sessions"),
        (
            "min_size = 10, max_size = 15",
            "min_size = 15, max_size = 10",
            "edition_at_least",
            f"{ROBOTICS}.group.max_size",
        ),
        ('kind = "split"', 'kind = "thirds"', "edition_choice", f"{ROBOTICS}.group.kind"),
        ("{ min_half_days = 1 }", "{ min_days = 3, max_days = 2 }", "edition_at_least", f"{VIDEO}.delay.max_days"),
        ('id = "video"', 'id = "robotics"', "edition_twice", f"{VIDEO}.id"),
        ('id = "le-pied-a-letrier-1"', 'id = "ze-fab-truck-1"', "edition_twice", "providers[2].teams[1].id"),
        ('venue = "school"', 'venue = "common"', "edition_no_venue", f"{ROBOTICS}.venue"),
        ('provider_kind = "video"', 'provider_kind = "cinema"', "edition_nobody_gives", f"{VIDEO}.provider_kind"),
        ("unplaced = 100000", "unplaced = -1", "edition_whole", "weights.unplaced"),
        ("[weights] ", "[[weights]] ", "edition_table", "weights"),
        ('kinds = ["video"]', "kinds = []", "edition_list", "providers[2].kinds"),
    ],
)
def test_a_wrong_value_is_named(old: str, new: str, code: str, column: str) -> None:
    assert (code, column) in [(code, column) for code, column, _ in faults(changed((old, new)))]


def test_a_missing_table_is_one_fault_not_one_for_each_of_its_keys() -> None:
    text = changed(('depot = { name = "Dépôt de Ze Fab Truck", lat = 49.372, lon = 3.333 }', ""))
    assert faults(text) == [("edition_table", "providers[1].teams[1].depot", "")]


def test_a_file_without_anything_names_everything_that_is_required() -> None:
    required = ["id", "name", "territory", "first_day", "last_day", "school_zone", "noon", "lunch"]
    tables = ["organiser", "programmes", "providers"]
    assert sorted(column for _, column, _ in faults("")) == sorted(required + tables)


@pytest.mark.parametrize(
    ("text", "line", "shown"),
    [
        ("a = 1\nb = = 2\n", 2, "b = = 2"),
        ("a = 1\n  b = 2027-11-31\n", 2, "b = 2027-11-31"),
        ("[a", None, "[a"),
        ("a = 1\na = 2\n", 2, "a = 2"),
        ("a = " + "[" * 100_000, None, "a = " + "[" * 56),
        ("\x00", 1, "\x00"),
    ],
)
def test_what_is_not_toml_is_refused_where_it_breaks(text: str, line: int | None, shown: str) -> None:
    found = problem(text)
    assert (found.code, found.line, found.facts) == ("edition_not_toml", line, {"text": shown})


def test_a_file_beyond_all_measure_is_refused_unread() -> None:
    assert problem("#" * 1_000_001).code == "edition_too_long"


def test_windows_of_a_day_follow_each_other() -> None:
    text = changed(('tue = ["09:00-12:00", "13:30-17:00"]', 'tue = ["09:00-12:00", "11:00-17:00"]'), text=PASS)
    assert faults(text) == [("edition_later", "venues[1].hours.tue[2]", "11:00-17:00")]


def test_an_absence_outside_the_edition_is_a_slip() -> None:
    text = changed(('"2020-09-30 pm"', '"2021-09-30 pm"'), text=PASS)
    assert faults(text) == [("edition_day_outside", "providers[2].teams[1].absences[2]", "2021-09-30")]


def test_a_calendar_that_does_not_know_the_days_is_a_fault_of_the_first_day() -> None:
    def unknown(first: dt.date, last: dt.date, zone: str) -> frozenset[dt.date]:
        raise refused("school_calendar_unknown", zone=zone, first="1990-10-27", last="2028-08-31")

    with pytest.raises(Refused) as refusal:
        read_edition("edition.toml", changed(("lunch = 45", "lunch = -1")), unknown)
    found = [(problem.code, problem.column) for problem in refusal.value.problems]
    assert found == [("school_calendar_unknown", "first_day"), ("edition_minutes", "lunch")]


def test_an_edition_without_action_days_is_refused() -> None:
    text = changed(
        ("first_day = 2020-11-02", "first_day = 2020-11-07"), ("last_day = 2020-11-16", "last_day = 2020-11-08")
    )
    assert faults(text) == [("edition_no_action_day", "last_day", "2020-11-08")]


def test_every_fault_has_its_sentence_with_its_facts() -> None:
    texts = [
        "",
        "x",
        changed(("lunch = 45", "lunsh = 45"), ('venue = "school"', 'venue = "common"')),
        changed(('kinds = ["video"]', 'kinds = ["cinema"]')),
    ]
    for text in texts:
        with pytest.raises(Refused) as refusal:
            read(text)
        for found in refusal.value.problems:
            assert "{" not in sentence(found, "fr") + sentence(found, "en")


def test_every_key_of_the_file_is_documented() -> None:
    page = (EXAMPLES.parent / "docs" / "reference" / "edition-file.md").read_text(encoding="utf-8")
    headers = ("[organiser]", "[[programmes]]", "[[programmes.activities]]", "[[providers]]", "[[providers.teams]]")
    tables = [(SOISSONS, header) for header in (*headers, "[weights]")] + [
        (PASS, "[[venues]]"),
        (PASS, "[venues.hours]"),
    ]
    inline = [(SOISSONS, place) for place in ("group = {", "delay = {", "depot = {", "contact = {")] + [
        (PASS, "place = {")
    ]
    odd = ["odd = 1\n" + SOISSONS]
    odd += [changed((header, f"{header}\nodd = 1 #"), text=text) for text, header in tables]
    odd += [changed((place, f"{place} odd = 1,"), text=text) for text, place in inline]
    known = {key for text in odd for key in problem(text).facts["known"].split(", ")}
    undocumented = {k for k in known if not any(form in page for form in (f"`{k}`", f"{k}]", f"{k} ="))}
    assert undocumented == set()
    assert {"noon", "provider_kind", "kinds", "gap_max", "max_days", "min_size", "lat", "language", "sun"} <= known
