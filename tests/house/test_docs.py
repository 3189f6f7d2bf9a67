"""Documentation that cannot fall behind."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from services.contracts.events import ALL_EVENTS
from services.kit.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    documented = set(re.findall(rf"`({PREFIX}[A-Z_]+)`", text))
    assert documented == {PREFIX + field.name.upper() for field in fields(Settings)}


def test_every_event_is_documented() -> None:
    text = (ROOT / "docs/reference/events.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^## (\w+)$", text, re.MULTILINE))
    assert documented == {event.__name__ for event in ALL_EVENTS}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = [t.split("#")[0] for t in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"[a-z+]+:", t)]
    missing = [target for target in targets if target and not (page.parent / target).exists()]
    assert missing == []


def test_every_make_target_named_exists() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        t
        for page in PAGES
        for t in re.findall(r"(?:^|[`\s])make ([a-z][a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert named - targets - {"it", "a", "the", "each", "every", "links"} == set()
