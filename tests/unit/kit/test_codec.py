"""The JSON form of contracts: what is encoded is read back equal; anything else is Malformed and says where."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.codec import Malformed, decode, dumps, loads
from services.contracts.events import Envelope


@dataclass(frozen=True)
class Leaf:
    kind: Literal["oak", "elm"]
    size: float = 1.0


@dataclass(frozen=True)
class Tree:
    name: str
    planted: dt.date
    seen: dt.datetime
    leaves: tuple[Leaf, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    pair: tuple[int, bool] | None = None
    by_year: dict[int, list[str]] = field(default_factory=dict)


instants = st.datetimes(timezones=st.just(dt.timezone.utc))
leaves = st.builds(Leaf, st.sampled_from(["oak", "elm"]), st.floats(allow_nan=False, allow_infinity=False))
trees = st.builds(
    Tree,
    name=st.text(),
    planted=st.dates(),
    seen=instants,
    leaves=st.lists(leaves, max_size=3).map(tuple),
    counts=st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
    pair=st.none() | st.tuples(st.integers(), st.booleans()),
    by_year=st.dictionaries(st.integers(), st.lists(st.text(max_size=3), max_size=2), max_size=2),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(trees)
def test_what_is_written_is_read_back(tree: Tree) -> None:
    assert loads(Tree, dumps(tree)) == tree


@given(trees)
def test_equal_values_give_equal_text(tree: Tree) -> None:
    assert dumps(loads(Tree, dumps(tree))) == dumps(tree)


@given(json_values)
def test_any_json_is_read_or_malformed(value: Any) -> None:
    try:
        assert isinstance(decode(Tree, value), Tree)
    except Malformed as fault:
        assert str(fault).startswith("$")


@given(st.text() | st.binary())
def test_any_text_is_read_or_malformed(text: str | bytes) -> None:
    with suppress(Malformed):
        loads(Envelope, text)


GOOD: dict[str, Any] = {"name": "a", "planted": "2020-11-02", "seen": "2020-11-02T08:00:00+00:00"}
FAULTS = {
    "not an object": ([], "$: expected an object (Tree), got '[]'"),
    "missing": ({"name": "a", "planted": "2020-11-02"}, "$.seen: missing"),
    "number for text": (GOOD | {"name": 1}, "$.name: expected str, got '1'"),
    "no day": (GOOD | {"planted": "2020-13-02"}, "$.planted: expected a day such as 2020-11-02, got '2020-13-02'"),
    "naive instant": (GOOD | {"seen": "2020-11-02T08:00:00"}, "$.seen: expected an instant with its offset"),
    "instant before time": (GOOD | {"seen": "0001-01-01T00:00:00+14:00"}, "$.seen: expected an instant such as"),
    "deep": (GOOD | {"leaves": [{"kind": "oak"}, {"kind": "ash"}]}, "$.leaves[1].kind: expected one of 'oak', 'elm'"),
    "not a number": (GOOD | {"leaves": [{"kind": "oak", "size": "big"}]}, "$.leaves[0].size: expected a finite number"),
    "true is no number": (GOOD | {"counts": {"a": True}}, "$.counts.a: expected a whole number, got 'True'"),
    "too large": (GOOD | {"leaves": [{"kind": "elm", "size": 10**400}]}, "$.leaves[0].size: expected a finite number"),
    "short pair": (GOOD | {"pair": [1]}, "$.pair: expected 2 items, got '[1]'"),
    "key": (GOOD | {"by_year": {"x": []}}, "$.by_year: expected a whole number as key, got 'x'"),
}


@pytest.mark.parametrize(("data", "sentence"), FAULTS.values(), ids=FAULTS.keys())
def test_fault_names_its_path(data: Any, sentence: str) -> None:
    with pytest.raises(Malformed) as fault:
        decode(Tree, data)
    assert str(fault.value).startswith(sentence)


@pytest.mark.parametrize("depth", [500, 900, 980, 5_000, 200_000])
def test_deep_nesting_is_malformed(depth: int) -> None:
    nested = "[" * depth + "]" * depth
    with pytest.raises(Malformed):
        loads(Tree, json.dumps(GOOD)[:-1] + f', "name": {nested}}}')


def test_unknown_field_is_ignored() -> None:
    assert decode(Tree, GOOD | {"new": 1}) == decode(Tree, GOOD)


def test_naive_instant_is_not_written() -> None:
    with pytest.raises(Malformed):
        dumps(Tree("a", dt.date(2020, 1, 1), dt.datetime(2020, 1, 1)))  # noqa: DTZ001
