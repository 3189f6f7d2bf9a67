"""The linter on files: the command ``quinzaine lint-ics``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from services.notifications.domain.lint import lint


def lint_files(paths: Iterable[Path], out: TextIO) -> int:
    """Write one line a fault, with the section it breaks; return 1 when there is any, else 0. Raises OSError."""
    faults = [(path, fault) for path in paths for fault in lint(path.read_bytes())]
    out.writelines(f"{path}:{fault.line}: {fault.text} ({fault.source})\n" for path, fault in faults)
    return 1 if faults else 0
