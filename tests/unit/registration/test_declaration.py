from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.values import Contact, HalfDay, Reception, School, SchoolClass, Window
from services.registration.domain.declaration import Declaration, fields_of, read_declaration, tidy, without_class
from services.registration.domain.enrolment import Enrolment
from services.registration.domain.pupils import looks_like_names
from tests.unit.registration.builders import a_class, a_school, an_edition

EDITION = an_edition()
MORNING = HalfDay(dt.date(2020, 11, 2), "am")
letters = st.text(st.sampled_from("abcéè1 ,"), min_size=1, max_size=20)
words = letters.map(lambda text: " ".join(text.split())).filter(lambda text: any(map(str.isalnum, text)))
windows = st.sampled_from([(Window(510, 705), Window(810, 960)), (Window(540, 720),)])
receptions = st.builds(
    Reception,
    words,
    st.sampled_from([None, True, False]),
    st.integers(0, 99),
    words,
    words,
    st.lists(words, max_size=2).map("\n".join),
)
schools = st.builds(
    lambda hours, rooms, closed, mix, reception: a_school(
        hours=hours, rooms=rooms, closed=closed, mix_classes=mix, reception=reception
    ),
    st.dictionaries(st.integers(1, 6), windows, min_size=1),
    st.integers(1, 20),
    st.sampled_from([(), (MORNING,)]),
    st.booleans(),
    receptions,
)


def read(fields: dict[str, str], school: School | None = None) -> tuple[Declaration, list[tuple[str, str]]]:
    declared, problems = read_declaration(fields, school or a_school(), EDITION)
    return declared, [(problem.column, problem.code) for problem in problems]


def fields(**changes: str) -> dict[str, str]:
    renamed = {name.replace("_", "-"): text for name, text in changes.items()}
    return fields_of(a_school(), (a_class(25),)) | renamed


@given(schools, st.integers(1, 40))
def test_a_form_sent_unchanged_says_what_was_registered(school: School, pupils: int) -> None:
    classes = (a_class(pupils), a_class(12, "CM2"))
    declared, problems = read(fields_of(school, classes), school)
    assert problems == []
    said = Enrolment("soissons-2020", school, classes).declare(declared)
    assert (said.school, said.classes) == (school, classes)


def test_a_class_keeps_its_id_when_it_is_renamed_and_a_new_one_gets_its_own() -> None:
    sent = fields(class_0_name="CM1 A", class_1_name="CM2", class_1_pupils="18", class_1_in_quinzaine="on")
    declared, problems = read(sent)
    assert problems == []
    assert declared.classes == (
        SchoolClass("acy/cm1", "CM1 A", "CM1", 25, ("quinzaine",)),
        SchoolClass("acy/cm2", "CM2", "CM2", 18, ("quinzaine",)),
    )


def test_an_id_of_another_school_is_not_believed() -> None:
    declared, _ = read(fields(class_0_id="belleu/cm1"))
    assert declared.classes[0].id == "acy/cm1"


def test_every_fault_is_named_with_its_field() -> None:
    sent = fields(contact_email="direction", rooms="", hours_1="9h", class_0_pupils="beaucoup")
    sent |= {"class-1-name": "CM1", "class-1-pupils": "12"}
    assert read(sent)[1] == [
        ("rooms", "value_missing"),
        ("contact-email", "email_malformed"),
        ("hours-1", "hours_malformed"),
        ("class-0-pupils", "number_malformed"),
        ("class-1-in-quinzaine", "no_programme"),
        ("class-1-name", "class_named_twice"),
    ]


def test_a_school_without_class_is_told_so() -> None:
    assert read(fields(class_0_name="", class_0_pupils=""))[1] == [("class-0-name", "no_class")]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Léa Martin, Hugo Petit, Zoé Le-Gall", True),
        ("Léa MARTIN\nHugo PETIT\nAmine BENALI", True),
        ("MARTIN Lucas ; PETIT Hugo ; LE GALL Zoé", True),
        ("1. Léa Martin\n2. Hugo Petit\n3. Zoé Le-Gall", True),
        ("- Léa Martin (fauteuil)\n- Hugo Petit (allergie)\n- Zoé Le-Gall", True),
        ("Élèves en fauteuil : Léa Martin, Hugo Petit et Zoé Le-Gall", True),
        ("Léa M., Hugo P., Zoé L.", True),
        ("Seront absents Léa Martin, Hugo Petit et Zoé Le-Gall pour la sortie", True),
        ("Léa, Hugo et Zoé", True),
        ("Groupe 1 : Léa, Hugo\nGroupe 2 : Zoé, Amine", True),
        ("Léa Martin. Hugo Petit. Zoé Le-Gall.", True),
        ("Ze Fab Truck, Le Pied", False),
        ("Sortie à la piscine le jeudi, portail bleu, sonner deux fois", False),
        ("Mme Petit ouvre le portail, M. Martin a la clé, Madame Durand les remplace", False),
        ("Lundi, Mardi et Jeudi de préférence", False),
        ("Classes de CM1, CM2 et CE2 dans la salle Jean Moulin", False),
        ("Le camion se gare rue du Général de Gaulle. Prévenir Mme Petit. Portail à 3 m", False),
        ("", False),
    ],
)
def test_a_list_of_pupils_is_recognised(text: str, names: bool) -> None:
    assert looks_like_names(text) is names


def test_a_list_of_names_is_refused_until_someone_says_it_is_none() -> None:
    sent = fields(remarks="Rue Racine, Place Mantoue, Boulevard Jeanne")
    assert looks_like_names("Rue Racine, Place Mantoue, Boulevard Jeanne")
    assert read(sent)[1] == [("remarks", "looks_like_names")]
    assert read(sent | {"no-names": "on"})[1] == []


def test_a_draft_keeps_only_fields_a_form_has() -> None:
    assert tidy({"rooms": "2", "<script>": "x", "a" * 81: "y", "remarks": "z" * 2000}) == {
        "rooms": "2",
        "remarks": "z" * 1000,
    }


def test_what_the_school_says_stands_above_the_file_and_below_the_organiser() -> None:
    enrolment = Enrolment("soissons-2020", a_school(), (a_class(25),))
    declared, _ = read(fields(rooms="3", half_2020_11_02_am="closed"))
    said = enrolment.declare(declared).update(a_school(rooms=1), (a_class(20),))
    assert (said.school.rooms, said.school.closed, said.classes[0].pupils) == (3, (MORNING,), 25)
    assert said.reopen([MORNING]).school.closed == ()
    assert said.reopen([MORNING]).declare(declared).school.closed == ()


def test_a_half_day_the_school_newly_closes_is_closed_even_if_it_was_reopened() -> None:
    enrolment = Enrolment("soissons-2020", a_school(closed=(MORNING,)), (a_class(25),)).reopen([MORNING])
    open_one, _ = read(fields())
    closed_again, _ = read(fields(half_2020_11_02_am="closed"))
    assert enrolment.declare(open_one).declare(closed_again).school.closed == (MORNING,)
    assert enrolment.school.contact == Contact("Direction", "direction@acy.example")


def test_half_days_outside_the_hours_are_without_class() -> None:
    monday, tuesday = EDITION.action_days
    both = fields(hours_1="9h-12h", hours_2="8h30-11h45 13h30-16h")
    assert without_class(both, EDITION) == (HalfDay(monday, "pm"),)
    one = fields(hours_1="", hours_2="13h30-16h")
    assert without_class(one, EDITION) == (HalfDay(monday, "am"), HalfDay(monday, "pm"), HalfDay(tuesday, "am"))


def test_hours_that_are_missing_or_cannot_be_read_close_nothing() -> None:
    none = {f"hours_{day}": "" for day in range(1, 7)}
    assert without_class(fields(**none), EDITION) == ()
    said = {one.day.isoweekday() for one in without_class(fields(**none | {"hours_1": "le matin"}), EDITION)}
    assert 1 not in said
