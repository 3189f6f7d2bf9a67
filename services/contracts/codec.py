"""JSON form of the contracts' dataclasses, read strictly.

A wrong type is an error with its path; an unknown field is ignored, so that fields can be added.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import json
import math
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

T = TypeVar("T")


class Malformed(ValueError):
    """A message that does not have the form of its contract; the text names the path and what was expected."""


def encode(value: Any) -> Any:  # noqa: PLR0911 (one line per kind of type)
    """Return ``value`` (dataclasses, tuples, mappings, sets, dates) as plain JSON types."""
    kind: Any = type(value)
    if kind in _PLAIN:
        return value
    if (names := _names(kind)) is not None:
        return {name: x if type(x := getattr(value, name)) in _PLAIN else encode(x) for name in names}
    if isinstance(value, Mapping):
        return {str(key): x if type(x) in _PLAIN else encode(x) for key, x in value.items()}
    if isinstance(value, (list, tuple, frozenset)):
        return [encode(item) for item in (sorted(value) if isinstance(value, frozenset) else value)]
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            raise Malformed(f"naive datetime {value.isoformat()}: instants are aware")
        return value.astimezone(dt.timezone.utc).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


# Most values are plain, and most of the time goes where each is met: they are told apart before any call.
_PLAIN = frozenset({str, int, float, bool, types.NoneType})


@functools.cache
def _names(kind: type) -> tuple[str, ...] | None:
    return tuple(f.name for f in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else None


def decode(kind: type[T], data: Any) -> T:
    """Build a ``kind`` from JSON types. Raises Malformed, naming the path of the first fault."""
    try:
        return typing.cast(T, _read(kind, data, "$"))
    except RecursionError:
        raise Malformed("$: nested too deeply") from None


def dumps(value: Any) -> str:
    """Return ``value`` as compact JSON text; equal values give equal text."""
    return json.dumps(encode(value), ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)


def loads(kind: type[T], text: str | bytes) -> T:
    """Read JSON text into ``kind``. Raises Malformed for text that is not JSON or not of that form."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"not JSON: {error}") from None
    return decode(kind, data)


@functools.cache
def _origin(kind: Any) -> Any:
    return typing.get_origin(kind)


@functools.cache
def _arguments(kind: Any) -> tuple[Any, ...]:
    return typing.get_args(kind)


def _read(kind: Any, data: Any, path: str) -> Any:  # noqa: PLR0911 (one line per kind of type)
    if type(data) is kind and kind in (str, int, bool):
        return data
    origin = _origin(kind)
    if kind is Any or kind is object:
        return data
    if origin in (typing.Union, types.UnionType):
        return _read_union(kind, data, path)
    if origin is typing.Literal:
        return _expect(data in _arguments(kind), data, path, f"one of {', '.join(map(repr, _arguments(kind)))}")
    if origin in (tuple, list, frozenset):
        return _read_sequence(kind, data, path)
    if origin in (dict, Mapping):
        return _read_dict(kind, data, path)
    if dataclasses.is_dataclass(kind):
        return _read_dataclass(typing.cast(type, kind), data, path)
    return _read_scalar(kind, data, path)


def _expect(holds: bool, data: Any, path: str, expected: str) -> Any:
    if not holds:
        raise Malformed(f"{path}: expected {expected}, got {str(data)[:60]!r}")
    return data


def _read_union(kind: Any, data: Any, path: str) -> Any:
    options = typing.get_args(kind)  # not remembered: int | float equals float | int
    if data is None and type(None) in options:
        return None
    faults = []
    for option in options:
        if option is type(None):
            continue
        try:
            return _read(option, data, path)
        except Malformed as fault:
            faults.append(str(fault))
    raise Malformed(" or ".join(faults) or f"{path}: unexpected value")


def _read_sequence(kind: Any, data: Any, path: str) -> Any:
    _expect(isinstance(data, (list, tuple, frozenset)), data, path, "a list")
    arguments = _arguments(kind)
    if _origin(kind) is list:
        return [_read(arguments[0], item, f"{path}[{i}]") for i, item in enumerate(data)]
    if _origin(kind) is frozenset:
        return frozenset(_read(arguments[0], item, f"{path}[{i}]") for i, item in enumerate(data))
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(_read(arguments[0], item, f"{path}[{i}]") for i, item in enumerate(data))
    _expect(len(data) == len(arguments), data, path, f"{len(arguments)} items")
    return tuple(
        _read(item_kind, item, f"{path}[{i}]") for i, (item_kind, item) in enumerate(zip(arguments, data, strict=True))
    )


def _read_dict(kind: Any, data: Any, path: str) -> Any:
    _expect(isinstance(data, Mapping), data, path, "an object")
    key_kind, item_kind = _arguments(kind)
    return {_read_key(key_kind, key, path): _read(item_kind, item, f"{path}.{key}") for key, item in data.items()}


def _read_key(kind: Any, key: str, path: str) -> Any:
    if kind is not int:
        return _read(kind, key, f"{path}.{key}")
    try:
        return int(key)
    except (TypeError, ValueError):
        raise Malformed(f"{path}: expected a whole number as key, got {str(key)[:60]!r}") from None


@functools.cache
def _fields(kind: type) -> tuple[tuple[str, Any, bool], ...]:
    hints = typing.get_type_hints(kind)
    return tuple(
        (f.name, hints[f.name], f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING)
        for f in dataclasses.fields(kind)
        if f.init
    )


def _read_dataclass(kind: type, data: Any, path: str) -> Any:
    if isinstance(data, kind):
        return data
    _expect(isinstance(data, dict), data, path, f"an object ({kind.__name__})")
    values = {}
    for name, field_kind, required in _fields(kind):
        if name in data:
            values[name] = _read(field_kind, data[name], f"{path}.{name}")
        elif required:
            raise Malformed(f"{path}.{name}: missing")
    return kind(**values)


def _read_scalar(kind: Any, data: Any, path: str) -> Any:
    if kind is dt.datetime:
        return _read_instant(data, path)
    if kind is dt.date:
        return _read_date(data, path)
    if kind is float:
        return _read_number(data, path)
    if kind is int:
        return _expect(isinstance(data, int) and not isinstance(data, bool), data, path, "a whole number")
    if kind in (str, bool, type(None)):
        return _expect(isinstance(data, kind), data, path, kind.__name__)
    raise Malformed(f"{path}: no JSON form for {kind!r}")


def _read_number(data: Any, path: str) -> float:
    _expect(isinstance(data, (int, float)) and not isinstance(data, bool), data, path, "a finite number")
    try:
        number = float(data)
    except OverflowError:
        number = math.inf
    _expect(math.isfinite(number), data, path, "a finite number")
    return number


def _read_instant(data: Any, path: str) -> dt.datetime:
    if isinstance(data, dt.datetime):
        return data
    try:
        instant = dt.datetime.fromisoformat(data)
        in_utc = instant.astimezone(dt.timezone.utc)
    except (TypeError, ValueError, OverflowError):
        raise Malformed(
            f"{path}: expected an instant such as 2020-11-02T08:00:00+00:00, got {str(data)[:60]!r}"
        ) from None
    _expect(instant.tzinfo is not None, data, path, "an instant with its offset")
    return in_utc


def _read_date(data: Any, path: str) -> dt.date:
    if isinstance(data, dt.date) and not isinstance(data, dt.datetime):
        return data
    try:
        return dt.date.fromisoformat(data)
    except (TypeError, ValueError):
        raise Malformed(f"{path}: expected a day such as 2020-11-02, got {str(data)[:60]!r}") from None
