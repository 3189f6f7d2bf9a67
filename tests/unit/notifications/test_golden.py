"""What leaves the house, byte for byte. ``python -m tests.unit.notifications.test_golden`` writes the files anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.notifications.domain.lint import lint
from tests.unit.notifications.builders import (
    a_school,
    a_session,
    confirmed,
    declined,
    edition_opened,
    registered,
    released,
    sessions,
)
from tests.unit.notifications.fakes import Bureau

GOLDEN = Path(__file__).parent / "golden"


def everything() -> dict[str, bytes]:
    """Play a small edition, one school reading English, and return every kind of mail and feed it makes."""
    bureau = Bureau()
    belleu = registered("belleu", "École de Belleu", contact=a_school("belleu", "Belleu", "en").contact)
    bureau.hear(edition_opened(), registered(), belleu)
    made: dict[str, bytes] = {}
    bureau.hear(released(1, *sessions()))
    _keep(made, "first", bureau)
    bureau.hear(confirmed(), declined(session=sessions()[2]))
    _keep(made, "answer", bureau)
    bureau.hear(released(2, a_session(day=5, hour=15), *sessions()[1:3]))
    _keep(made, "second", bureau)
    for kind, id_ in (("provider", "truck"), ("provider", "studio"), ("school", "acy"), ("school", "belleu")):
        made[f"{kind}-{id_}.ics"] = bureau.feed(kind, id_).body
    return made


def _keep(made: dict[str, bytes], step: str, bureau: Bureau) -> None:
    for mail in bureau.send():
        about = "-".join(part for part in (mail.draft.party, mail.draft.session_id.partition(":")[2]) if part)
        made.setdefault(f"{step}-{mail.draft.kind}-{about}.eml", mail.letter.raw)


EVERYTHING = everything()


@pytest.mark.parametrize("name", sorted(EVERYTHING))
def test_bytes_are_those_of_the_golden_file(name: str) -> None:
    assert EVERYTHING[name] == (GOLDEN / name).read_bytes()


def test_every_golden_file_is_still_made() -> None:
    assert {path.name for path in GOLDEN.glob("*.*") if path.suffix in (".ics", ".eml")} == set(EVERYTHING)


def test_the_same_history_makes_the_same_bytes() -> None:
    assert everything() == EVERYTHING


@pytest.mark.parametrize("name", sorted(name for name in EVERYTHING if name.endswith(".ics")))
def test_no_feed_has_a_fault(name: str) -> None:
    assert lint(EVERYTHING[name]) == ()


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for file_name, body in EVERYTHING.items():
        (GOLDEN / file_name).write_bytes(body)
