"""Messages written yesterday are read today: each event has golden files that are never changed, only added to.

``python -m tests.contracts.test_golden`` writes the file of an event that has none yet.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.contracts import events as ev
from services.contracts.codec import Malformed, decode, encode, loads
from tests.contracts.samples import SAMPLES, enveloped

GOLDEN = Path(__file__).parent / "golden"
KINDS = {kind.type(): kind for kind in ev.ALL_EVENTS}


def golden_file(kind: type[ev.Event]) -> Path:
    return GOLDEN / f"{kind.type()}.v{kind.dataversion}.json"


@pytest.mark.parametrize("kind", ev.ALL_EVENTS, ids=lambda kind: kind.type())
def test_an_event_is_written_as_its_golden_file(kind: type[ev.Event]) -> None:
    assert encode(enveloped(SAMPLES[kind])) == json.loads(golden_file(kind).read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_a_golden_message_is_read(path: Path) -> None:
    envelope = loads(ev.Envelope, path.read_text(encoding="utf-8"))
    assert decode(KINDS[envelope.type], envelope.data) == SAMPLES[KINDS[envelope.type]]


@pytest.mark.parametrize("kind", ev.ALL_EVENTS, ids=lambda kind: kind.type())
def test_an_unknown_field_is_ignored(kind: type[ev.Event]) -> None:
    data = encode(SAMPLES[kind]) | {"added_next_year": 1}
    assert decode(kind, data) == SAMPLES[kind]


@pytest.mark.parametrize("kind", ev.ALL_EVENTS, ids=lambda kind: kind.type())
def test_a_missing_field_is_named(kind: type[ev.Event]) -> None:
    data = encode(SAMPLES[kind])
    first = next(iter(data))
    del data[first]
    with pytest.raises(Malformed, match=rf"\$\.{first}: missing"):
        decode(kind, data)


if __name__ == "__main__":
    for event_kind in ev.ALL_EVENTS:
        if not golden_file(event_kind).exists():
            text = json.dumps(encode(enveloped(SAMPLES[event_kind])), ensure_ascii=False, indent=1, sort_keys=True)
            golden_file(event_kind).write_text(text + "\n", encoding="utf-8")
