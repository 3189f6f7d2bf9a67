"""Messages written yesterday are read today: each event has golden files that are never changed, only added to.

``python -m tests.contracts.test_golden`` adds a file where an event is written otherwise than in its last one:
``.v1.2`` where version 1 got another optional field.
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


def golden_files(kind: type[ev.Event]) -> list[Path]:
    """Return the files of an event's present version, oldest first."""
    files = GOLDEN.glob(f"{kind.type()}.v{kind.dataversion}*.json")
    return sorted(files, key=lambda path: int(path.name.split(".")[2]) if path.name.count(".") == 3 else 1)


def written(kind: type[ev.Event]) -> str:
    return json.dumps(encode(enveloped(SAMPLES[kind])), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


@pytest.mark.parametrize("kind", ev.ALL_EVENTS, ids=lambda kind: kind.type())
def test_an_event_is_written_as_its_last_golden_file(kind: type[ev.Event]) -> None:
    assert json.loads(written(kind)) == json.loads(golden_files(kind)[-1].read_text(encoding="utf-8"))


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
        files = golden_files(event_kind)
        if not files or files[-1].read_text(encoding="utf-8") != written(event_kind):
            form = f".{len(files) + 1}" if files else ""
            name = f"{event_kind.type()}.v{event_kind.dataversion}{form}.json"
            (GOLDEN / name).write_text(written(event_kind), encoding="utf-8")
