from __future__ import annotations

import pytest

from services.contracts.values import SchoolClass
from services.registration.adapters import tables
from services.registration.domain.groups import form_groups
from services.registration.domain.names import class_slug, school_slug, slug
from tests.unit.registration.builders import HALF, a_programme, a_school, an_activity

ROOM = {name: tables.slot.c[name].type.length for name in ("school_id", "session_id")}
"""Characters that PostgreSQL keeps of an id; SQLite does not count."""


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("École du Centre 1", "ecole-du-centre-1"),
        ("Sacré-Cœur", "sacre-coeur"),
        ("CM2 🎈", "cm2"),
        ("Школа", "44843a43e43b430"),
        ("ШКОЛА", "44843a43e43b430"),
        ("!!! 🎈", ""),
    ],
)
def test_an_id_is_made_of_any_letters(text: str, id_: str) -> None:
    assert slug(text) == id_


@pytest.mark.parametrize("letter", ["a", "œ", "ش", "学"])
def test_the_longest_names_have_ids_that_the_tables_have_room_for(letter: str) -> None:
    longest = letter * 60
    school = a_school(school_slug(longest, "x" + longest[1:]), mix_classes=True)
    classes = tuple(
        SchoolClass(class_slug(school.id, f"{longest[1:]}{number}"), longest, "", 4, ("p" * 40,)) for number in range(4)
    )
    activities = (an_activity("a" * 40), an_activity("b" * 40, HALF))
    groups = form_groups(school, classes, a_programme(*activities, id="p" * 40, mix_classes="allow"), ())
    assert len(school.id) <= ROOM["school_id"]
    assert max(len(f"{group.id}:{activity}") for group in groups for activity in group.activities) <= ROOM["session_id"]
    assert len({group.id for group in groups}) == len(groups)
