from __future__ import annotations

import pytest

from services.contracts.errors import Problem
from services.contracts.values import School, Window
from services.kit.i18n import sentence
from services.registration.domain.csvfile import guess
from services.registration.domain.imports import SCHOOL_COLUMNS, Entry, File, read_entries
from tests.unit.registration.builders import (
    ACY,
    BELLEU,
    SCHOOL_HEADER,
    a_programme,
    a_school,
    an_edition,
    classes_csv,
    schools_csv,
)

CM1 = "Acy;Acy;CM1;CM1;25;quinzaine"


def read(
    schools: str, classes: str = classes_csv(), known: tuple[School, ...] = ()
) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
    return read_entries(File("schools.csv", schools), File("classes.csv", classes), an_edition(), known)


def faults(schools: str, classes: str = classes_csv(), known: tuple[School, ...] = ()) -> list[tuple[object, ...]]:
    _, problems = read(schools, classes, known)
    for problem in problems:
        assert sentence(problem, "fr") and sentence(problem, "en")
    return [(p.code, p.file, p.line, p.column, p.value) for p in problems]


# What is read ---------------------------------------------------------------------------------------------


def test_a_school_with_its_classes() -> None:
    row = (
        "École du Centre 1;Soissons;0951099D;49,38;3,32;Direction;d@centre1.example;09:00-12:00;2;2020-11-05 matin;oui"
    )
    (entry,), problems = read(schools_csv(row), classes_csv("École du Centre 1;Soissons;CM1 A;CM1;25;"))
    assert problems == ()
    school = entry.school
    assert (school.id, school.uai, school.rooms, school.mix_classes) == (
        "ecole-du-centre-1-soissons",
        "0951099D",
        2,
        True,
    )
    assert (school.place.lat, school.place.lon, school.hours) == (49.38, 3.32, {1: (Window(540, 720),)})
    assert [(h.day.isoformat(), h.half) for h in school.closed] == [("2020-11-05", "am")]
    assert [(c.id, c.name, c.pupils, c.programmes) for c in entry.classes] == [
        ("ecole-du-centre-1-soissons/cm1-a", "CM1 A", 25, ("quinzaine",))
    ]


def test_commas_a_byte_order_mark_comments_and_blank_lines_are_read_the_same() -> None:
    plain = read(schools_csv(ACY), classes_csv(CM1))
    commas = "\ufeff# À propos de ce fichier\r\n" + schools_csv(ACY, "").replace(";", ",").replace("\n", "\r\n")
    assert read(commas, classes_csv(CM1)) == plain
    assert plain[1] == ()


def test_headers_in_any_order_case_and_accents() -> None:
    shuffled = (
        "COMMUNE;ecole;Latitude;Longitude;Contact;Courriel;Lundi;Salles\nAcy;Acy;49.3;3.4;D;d@acy.example;9h-12h;1\n"
    )
    (entry,), problems = read(shuffled)
    assert (problems, entry.school.id, entry.school.closed) == ((), "acy", ())


def test_what_puts_a_school_first_is_read() -> None:
    header = f"{SCHOOL_HEADER};quartier prioritaire;Rurale;jamais servie"
    files = "\n".join([header, f"{ACY};oui;non;oui", f"{BELLEU};;oui;"]) + "\n"
    marks = [(e.school.priority_district, e.school.rural, e.school.never_served) for e in read(files)[0]]
    assert marks == [(True, False, True), (False, True, False)]


def test_programmes_by_id_or_name_and_all_of_them_when_empty() -> None:
    edition = an_edition(a_programme(), a_programme(id="pass", name="Pass Internet"))
    rows = ["Acy;Acy;CM1;CM1;25;Pass Internet", "Acy;Acy;CM2;CM2;25;", "Acy;Acy;CE2;CE2;25;pass, quinzaine"]
    (entry,), problems = read_entries(File("s", schools_csv(ACY)), File("c", classes_csv(*rows)), edition, ())
    assert problems == ()
    assert [c.programmes for c in entry.classes] == [("pass",), ("quinzaine", "pass"), ("quinzaine", "pass")]


def test_a_school_renamed_under_its_uai_keeps_its_id() -> None:
    known = a_school("acy", uai="0951099D")
    (entry,), problems = read(schools_csv(ACY.replace("Acy;Acy;;", "Acy-le-Haut;Acy;0951099D;")), known=(known,))
    assert (problems, entry.school.id, entry.school.name) == ((), "acy", "Acy-le-Haut")


def test_a_school_that_gives_its_uai_later_is_the_same_school() -> None:
    (entry,), problems = read(schools_csv(ACY.replace("Acy;Acy;;", "Acy;Acy;0951099D;")), known=(a_school("acy"),))
    assert (problems, entry.school.id) == ((), "acy")


# What is wrong --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "code", "column", "value"),
    [
        (ACY.replace("Acy;Acy", ";Acy", 1), "value_missing", "école", ""),
        (ACY.replace(";;", ";0951099A;", 1), "uai_key", "uai", "0951099A"),
        (ACY.replace(";;", ";12;", 1), "uai_malformed", "uai", "12"),
        (ACY.replace("49.3", "nord"), "degrees_malformed", "latitude", "nord"),
        (ACY.replace("3.4", "200"), "degrees_malformed", "longitude", "200"),
        (ACY.replace("direction@acy.example", "acy"), "email_malformed", "courriel", "acy"),
        (ACY.replace("direction@acy.example", "d..a@acy.example"), "email_malformed", "courriel", "d..a@acy.example"),
        (ACY.replace("direction@acy.example", "élu@acy.example"), "email_malformed", "courriel", "élu@acy.example"),
        (ACY.replace("09:00-12:00", "le matin"), "hours_malformed", "lundi", "le matin"),
        (ACY.replace("09:00-12:00", "12:00-09:00"), "hours_order", "lundi", "12:00-09:00"),
        (ACY.replace("09:00-12:00", ""), "school_without_hours", "lundi", ""),
        (ACY.replace(";1;;", ";0;;"), "number_malformed", "salles", "0"),
        (ACY.replace(";1;;", ";1;demain;"), "half_days_malformed", "fermetures", "demain"),
        (ACY.replace(";1;;", ";1;2019-11-05;"), "edition_day_outside", "fermetures", "2019-11-05"),
        (ACY.replace(";1;;", ";1;;peut-être"), "yes_no_malformed", "mélange de classes", "peut-être"),
        (ACY.replace("Acy;Acy", "!!!;Acy"), "text_malformed", "école", "!!!"),
        (ACY.replace("Acy;Acy", "A" * 61 + ";Acy"), "text_malformed", "école", "A" * 61),
    ],
)
def test_a_wrong_cell_is_named(row: str, code: str, column: str, value: str) -> None:
    assert faults(schools_csv(BELLEU, row)) == [(code, "schools.csv", 3, column, value)]


@pytest.mark.parametrize(
    ("row", "code", "column", "value"),
    [
        ("Acy;Acy;CM1;CM1;0;", "number_malformed", "élèves", "0"),
        ("Acy;Acy;CM1;CM1;-5;", "number_malformed", "élèves", "-5"),
        ("Acy;Acy;CM1;CM1;120;", "number_malformed", "élèves", "120"),
        ("Acy;Acy;CM1;CM1;;", "value_missing", "élèves", ""),
        ("Acy;Acy;CM1;CM1;25;violon", "programme_unknown", "programmes", "violon"),
        ("Accy;Acy;CM1;CM1;25;", "class_without_school", "école", "Accy"),
        ("Acy;Acy;CM1;CM1;25;quinzaine;de;trop", "csv_cells", "", ""),
    ],
)
def test_a_wrong_cell_of_a_class_is_named(row: str, code: str, column: str, value: str) -> None:
    assert faults(schools_csv(ACY), classes_csv(row)) == [(code, "classes.csv", 2, column, value)]


def test_every_fault_of_both_files_comes_at_once() -> None:
    schools = schools_csv(ACY.replace("49.3", "x").replace(";1;;", ";un;;"), BELLEU.replace("direction@", ""))
    classes = classes_csv("Acy;Acy;CM1;CM1;0;", "Nulle;Part;CM1;CM1;x;")
    assert [(code, line, column) for code, _, line, column, _ in faults(schools, classes)] == [
        ("degrees_malformed", 2, "latitude"),
        ("number_malformed", 2, "salles"),
        ("email_malformed", 3, "courriel"),
        ("number_malformed", 2, "élèves"),
        ("number_malformed", 3, "élèves"),
        ("class_without_school", 3, "école"),
    ]


def test_duplicates_name_the_first_line() -> None:
    schools, classes = schools_csv(ACY, BELLEU, ACY.upper()), classes_csv(CM1, CM1.replace("25", "26"))
    _, problems = read(schools, classes)
    assert [(p.code, p.line, p.facts) for p in problems] == [
        ("school_twice", 4, {"first": "2"}),
        ("class_twice", 3, {"first": "2"}),
    ]


def test_two_schools_with_one_uai_are_duplicates() -> None:
    rows = [row.replace(";;", ";0951099D;", 1) for row in (ACY, BELLEU)]
    assert [code for code, *_ in faults(schools_csv(*rows))] == ["school_twice"]


def test_a_name_taken_by_another_uai_is_refused() -> None:
    known = a_school("acy", uai="0750654D")
    row = ACY.replace("Acy;Acy;;", "Acy;Acy;0951099D;")
    assert faults(schools_csv(row), known=(known,)) == [("uai_differs", "schools.csv", 2, "uai", "0951099D")]


def test_columns_that_are_missing_unknown_or_there_twice() -> None:
    header = SCHOOL_HEADER.replace("courriel", "mél").replace("salles", "contact")
    assert [(code, column) for code, _, _, column, _ in faults(header + "\n" + ACY)] == [
        ("csv_column_unknown", "mél"),
        ("csv_column_twice", "contact"),
        ("csv_column_missing", ""),
    ]


def test_a_column_without_a_header_is_said_once_it_has_cells() -> None:
    merged = SCHOOL_HEADER.replace(";lundi;", ";;")
    (problem,) = read(f"{merged}\n{ACY}\n{BELLEU}\n")[1]
    assert (problem.code, problem.line, problem.facts) == (
        "csv_column_unnamed",
        1,
        {"number": "8", "value": "09:00-12:00"},
    )
    assert faults(f"{merged}\n{ACY.replace('09:00-12:00', '')}\n") == []
    chosen = {"école": "école", "commune": "commune", "latitude": "latitude", "longitude": "longitude"}
    file = File("schools.csv", f"{merged}\n{ACY}\n", chosen | {"courriel": "courriel"})
    assert read_entries(file, None, an_edition(), ())[1] == ()


def test_a_wrong_header_of_schools_is_not_blamed_on_the_classes() -> None:
    found = faults(SCHOOL_HEADER.replace("latitude", "pièces") + "\n" + ACY, classes_csv(CM1, "Acy;Acy;CM2;CM2;0;"))
    assert {(code, file) for code, file, *_ in found} == {
        ("csv_column_unknown", "schools.csv"),
        ("csv_column_missing", "schools.csv"),
        ("number_malformed", "classes.csv"),
    }


@pytest.mark.parametrize("text", ["", "\n\n", "# rien\n"])
def test_an_empty_file(text: str) -> None:
    assert faults(text)[0][:3] == ("csv_empty", "schools.csv", 1)


def test_a_quote_that_never_ends_names_its_line() -> None:
    assert faults(schools_csv(BELLEU, '"' + ACY))[0][:3] == ("csv_unreadable", "schools.csv", 3)


def test_lines_are_those_of_the_file_also_after_a_cell_of_two_lines() -> None:
    two_lines = ACY.replace("Direction", '"Direction\nde l’école"')
    assert [(code, line) for code, _, line, _, _ in faults(schools_csv(two_lines, BELLEU.replace("49.4", "x")))] == [
        ("degrees_malformed", 4)
    ]


# Files as they are ----------------------------------------------------------------------------------------

OFFICIAL = "Identifiant_de_l_etablissement;Nom_etablissement;Adresse_1;Nom_commune;Telephone;Mail;latitude;longitude"
CENTRE = "0951099D;École du Centre 1;Place Mantoue;Soissons;03 23 00 00 00;ce.0951099d@ac.example;49.381;3.323"


def test_the_official_directory_is_recognised_by_its_headers() -> None:
    columns = guess(OFFICIAL.split(";"), SCHOOL_COLUMNS)
    text = OFFICIAL.replace(";", "\t") + ";Statut\n".replace(";", "\t") + CENTRE.replace(";", "\t") + "\tPublic\n"
    (entry,), problems = read_entries(
        File("annuaire.csv", text, columns), File("classes.csv", classes_csv()), an_edition(), ()
    )
    assert problems == ()
    assert (entry.school.uai, entry.school.name, entry.school.place.address, entry.school.contact.name) == (
        "0951099D",
        "École du Centre 1",
        "Place Mantoue",
        "Direction",
    )
    assert (entry.school.hours, entry.school.rooms) == ({}, 1)


def test_a_header_serves_one_column_only() -> None:
    assert guess(["nom", "Ville", "E-mail", "ville"], SCHOOL_COLUMNS) == {
        "école": "nom",
        "commune": "Ville",
        "courriel": "E-mail",
    }


def test_a_chosen_column_that_is_not_in_the_file_is_missing() -> None:
    columns = guess(OFFICIAL.split(";"), SCHOOL_COLUMNS) | {"courriel": "Messagerie"}
    _, problems = read_entries(
        File("annuaire.csv", OFFICIAL + "\n" + CENTRE, columns), File("c", classes_csv()), an_edition(), ()
    )
    assert [(p.code, p.facts["name"]) for p in problems] == [("csv_column_missing", "courriel")]
