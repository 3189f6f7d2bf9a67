"""Many schools want the same places at once, through the real portal. ``make test-rush`` plays it at full size."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.registration.adapters.repository import KeyRows
from tests.rush.crowd import send_all
from tests.rush.keys import Counts, send_again_and_again
from tests.rush.stage import Audit, house_of, rush


def test_a_crowd_gets_every_place_once_and_sees_the_waiting_list(tmp_path: Path) -> None:
    with rush(tmp_path, schools=120, places=[1, 15]) as crowd:
        first, second = crowd.visitors[:80], crowd.visitors[80:]
        impatient = [school.register("atelier-1", key="one") for school in second[:5] for _ in range(10)]
        wishes = [school.register("atelier-0") for school in first] + impatient
        answers = send_all(crowd.ports, wishes + [school.register("atelier-1") for school in second[5:]])
        assert {answer.status for answer in answers} == {303}
        assert crowd.audit() == [Audit(1, 1, 1, 79), Audit(15, 15, 15, 25)]
        pages = send_all(crowd.ports, [school.look() for school in first])
        assert {page.status for page in pages} == {200}
        assert sum("place acquise" in page.text for page in pages) == 1
        assert sum("Complet\u00a0: toutes les places sont prises." in page.text for page in pages) == 79


def test_without_the_guard_the_same_crowd_overbooks(tmp_path: Path) -> None:
    with rush(tmp_path, schools=80, places=[1], control=True) as crowd:
        send_all(crowd.ports, [school.register("atelier-0") for school in crowd.visitors])
        assert crowd.audit()[0].held > 1


def test_a_form_sent_twelve_times_with_its_key_counts_once_and_is_answered_the_same(tmp_path: Path) -> None:
    with house_of(tmp_path, [10]) as house:
        assert send_again_and_again(house, schools=3) == Counts(forms=18, rows=18, effects=21, unequal=0)


def test_without_keys_the_same_forms_count_again_and_are_answered_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KeyRows, "claim", lambda *_: True)
    with house_of(tmp_path, [10]) as house:
        counts = send_again_and_again(house, schools=3)
    assert (counts.forms, counts.rows) == (18, 0)
    assert counts.effects > 21
    assert counts.unequal > 0
