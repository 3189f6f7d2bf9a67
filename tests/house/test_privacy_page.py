"""The page on personal data names every column that can hold text, and no column is made for a pupil."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import sqlalchemy as sa

from services.contracts import events, rpc, values

PAGE = (Path(__file__).parents[2] / "docs/reference/privacy.md").read_text(encoding="utf-8")
SERVICES = ("registration", "scheduling", "notifications")
CHILD = re.compile(r"pupil|child|student|birth|eleve|prenom|first_?name|last_?name|surname")
COUNTS = {"pupils", "pupils_most", "pupils_least"}
"""Fields that count pupils."""


def columns() -> set[str]:
    found = set()
    for service in SERVICES:
        metadata = import_module(f"services.{service}.adapters.tables").metadata
        for table in metadata.sorted_tables:
            texts = [c.name for c in table.columns if isinstance(c.type, (sa.String, sa.LargeBinary))]
            found |= {f"{service}.{table.name}.{name}" for name in texts}
    return found


def test_every_column_that_can_hold_text_is_on_the_page_once() -> None:
    named = re.findall(r"`((?:registration|scheduling|notifications)\.\w+\.\w+)`", PAGE)
    assert sorted(named) == sorted(columns())


def test_no_column_and_no_message_has_a_field_for_a_pupil() -> None:
    fields = {column.rpartition(".")[2] for column in columns()}
    for module in (events, rpc, values):
        kinds = [kind for kind in vars(module).values() if hasattr(kind, "__dataclass_fields__")]
        fields |= {name for kind in kinds for name in kind.__dataclass_fields__}
    assert len(fields) > 100
    assert {name for name in fields if CHILD.search(name)} - COUNTS == set()
