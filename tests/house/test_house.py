"""The house keeps its own rules: what a newcomer may rely on is checked, not promised."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "services").rglob("*.py"))


def tracked_files() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in listing.decode().split("\0") if name and (ROOT / name).is_file()]


def test_imports_follow_the_layers() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("service", ["registration", "scheduling", "notifications"])
def test_every_service_has_the_same_seven_names(service: str) -> None:
    names = {p.stem for p in (ROOT / "services" / service).iterdir() if not p.name.startswith("_")}
    assert names == {"service", "handlers", "ports", "bootstrap", "domain", "adapters", "migrations"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_says_what_lives_in_it(path: Path) -> None:
    module = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(module) or not module.body, f"{path.name} has no docstring"


def test_no_message_handler_is_pickled_or_evaluated() -> None:
    forbidden = re.compile(r"\b(pickle|marshal|eval|exec)\b[.(]")
    found = [str(p.relative_to(ROOT)) for p in SOURCES if forbidden.search(p.read_text(encoding="utf-8"))]
    assert found == []


def test_no_file_names_a_registry_or_a_private_path() -> None:
    hosts = r"pypi\.org|files\.pythonhosted|registry\.npmjs|deb\.debian\.org|/home/\w"
    here = [re.escape(f"{place}/") for place in (ROOT, Path.home()) if place != place.parent]
    forbidden = re.compile("|".join([hosts, *here]))
    found = []
    for path in tracked_files():
        if path == Path(__file__) or path.suffix in {".png", ".xlsx", ".woff2"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in forbidden.finditer(text)]
    assert found == []


def test_pupils_are_counted_never_named() -> None:
    """No table has a column that could hold a pupil's identity."""
    from services.notifications.adapters.tables import metadata as notifications
    from services.registration.adapters.tables import metadata as registration
    from services.scheduling.adapters.tables import metadata as scheduling

    columns = {
        f"{table.name}.{column.name}"
        for metadata in (registration, scheduling, notifications)
        for table in metadata.tables.values()
        for column in table.columns
    }
    named = {c for c in columns if re.search(r"pupil|child|eleve|student|first_?name|last_?name|birth", c)}
    assert {c for c in named if not c.endswith("pupils")} == set()
