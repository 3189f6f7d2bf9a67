"""Names stand in lists where people look for them."""

from __future__ import annotations

from services.contracts.order import alphabetical


def test_accents_capitals_and_signs_count_for_nothing_and_numbers_count_whole() -> None:
    names = [
        "Acy",
        "belleu",
        "École d’Urcel",
        "Ecole de Laon",
        "École du Centre 2",
        "École du Centre 10",
        "Œuilly",
        "Sermoise",
        "Vauxbuin",
    ]
    assert sorted(reversed(names), key=alphabetical) == names
