"""Two hundred small random problems, in the fast form and in the general form, against trying everything."""

from __future__ import annotations

import pytest

from tests.unit.scheduling.test_against_brute_force import compare


@pytest.mark.parametrize("seed", range(200))
def test_the_planner_agrees_with_trying_everything(seed):
    compare(seed)
