"""``quinzaine lint-ics``: check calendars as strictly as those this house sends."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from services.notifications.domain.lint import lint


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser("lint-ics", help="check calendars as strictly as those this house sends")
    command.add_argument("files", nargs="+", type=Path, metavar="FILE")
    command.set_defaults(run=_run)


def _run(options: argparse.Namespace, _settings: object) -> int:
    """Write one line a fault, with the section it breaks; return 1 when there is any, else 0. Raises OSError."""
    faults = [(path, fault) for path in options.files for fault in lint(path.read_bytes())]
    sys.stdout.writelines(f"{path}:{fault.line}: {fault.text} ({fault.source})\n" for path, fault in faults)
    return 1 if faults else 0
