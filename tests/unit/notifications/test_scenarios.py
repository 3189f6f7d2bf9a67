"""Each of the 44 acceptance scenarios has its test, found by its name wherever it stands."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[2]


def test_every_scenario_has_a_test_of_its_number() -> None:
    found = {
        int(number)
        for path in TESTS.rglob("test_*.py")
        for number in re.findall(r"(?m)^def test_scenario_(\d\d)_", path.read_text(encoding="utf-8"))
    }
    assert found == set(range(1, 45))
