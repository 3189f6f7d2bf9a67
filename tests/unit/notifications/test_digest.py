from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.notifications.domain.digest import Item, compare, concerns
from tests.unit.notifications.test_invitation import ENTRY, MOVED

LATER = replace(ENTRY, start=ENTRY.start + dt.timedelta(days=1), end=ENTRY.end + dt.timedelta(days=1))


def test_at_the_first_release_everything_is_new_by_date() -> None:
    assert compare({}, {"b": LATER, "a": ENTRY}) == (Item("new", ENTRY), Item("new", LATER))


def test_each_session_says_what_became_of_it() -> None:
    told = {"moved": ENTRY, "kept": LATER, "gone": MOVED}
    now = {"moved": MOVED, "kept": replace(LATER, description="autres mots"), "added": ENTRY}
    assert compare(told, now) == (
        Item("new", ENTRY),
        Item("moved", MOVED, ENTRY),
        Item("cancelled", MOVED, MOVED),
        Item("unchanged", replace(LATER, description="autres mots"), LATER),
    )


def test_another_provider_at_the_same_time_is_told() -> None:
    other = replace(ENTRY, by="studio")
    assert compare({"a": ENTRY}, {"a": other}) == (Item("reassigned", other, ENTRY),)


def test_a_school_without_changes_is_not_concerned() -> None:
    assert not concerns(compare({"a": ENTRY}, {"a": ENTRY}))
    assert concerns(compare({"a": ENTRY}, {}))
