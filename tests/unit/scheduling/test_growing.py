"""A linear programme solved anew after each change has the value of one solved from the beginning."""

from __future__ import annotations

import numpy as np
import pytest

from services.scheduling.adapters.cpsat.growing import Growing
from services.scheduling.adapters.cpsat.linear import GLOP, solve


def check_now(growing: Growing) -> float:
    """Return its value, which is that of the whole model and of its prices."""
    here, anew = growing.solve(60), solve(growing.model.table(), GLOP, seconds=60)
    assert here.x is not None
    assert here.duals is not None
    assert here.value == pytest.approx(anew.value)
    assert growing.model.table().reduced(here.duals).min() > -1e-6
    return here.value


def test_columns_rows_and_limits_that_come_later_count():
    for seed in range(5):
        chance, growing = np.random.default_rng(seed), Growing()
        model = growing.model
        needs = model.add_rows(12, below=3)
        model.put(needs, model.add_columns(np.full(12, 100.0), np.inf, whole=False), 1)
        values = [check_now(growing)]
        for _ in range(4):
            x = model.add_columns(chance.uniform(10, 30, 20), np.inf, whole=False)
            model.put(chance.choice(needs, 40), np.tile(x, 2), 1)
            values.append(check_now(growing))
        assert values[0] == 3600
        assert values == sorted(values, reverse=True)
        few = model.add_rows(1, above=8)
        model.put(few, np.arange(12, model.columns), 1)
        values.append(check_now(growing))
        model.above[int(few[0])] = 4
        values.append(check_now(growing))
        model.above[int(few[0])] = np.inf
        assert values[-3] < values[-2] < values[-1]
        assert check_now(growing) == pytest.approx(values[-3])


def test_it_begins_anew_where_the_solver_cannot_go_on(monkeypatch):
    growing = Growing()
    row = growing.model.add_rows(1, below=2)
    growing.model.put(row, growing.model.add_columns(7.0, np.inf, whole=False), 1)
    growing.solve(60)
    growing.model.put(row, growing.model.add_columns(5.0, np.inf, whole=False), 1)
    error = type("Error", (Exception,), {})
    monkeypatch.setattr("services.scheduling.adapters.cpsat.growing.StatusNotOk", error)

    class Broken:
        def update(self, update: object) -> bool:
            raise error

    growing._solver = Broken()
    assert growing.solve(60).value == 10
