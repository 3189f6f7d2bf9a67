"""The files and options of the planning commands: read with care, written whole or not at all."""

from __future__ import annotations

import argparse
import errno
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from services.contracts.errors import Refused, refused
from services.scheduling.domain import rotation
from services.scheduling.domain.json_reader import LONGEST_FILE, read_json, too_long
from services.scheduling.domain.problem import Placement, Problem

T = TypeVar("T")

LONGEST_SOLVE = 24 * 3600
"""Seconds."""


def add_instance(command: argparse.ArgumentParser) -> None:
    """Declare what every planning command takes."""
    command.add_argument("instance", type=Path, metavar="INSTANCE.json")
    command.add_argument("--language", choices=("fr", "en"), default="fr", help="of what is said (default fr)")


def read_problem(instance: Path, baseline: Path | None = None) -> Problem:
    """Return the problem of a file, with the released plan to disturb little. Raises Refused, OSError."""
    problem = _read(instance, rotation.from_instance)
    if baseline is None:
        return problem
    return replace(problem, baseline=_read(baseline, lambda data: rotation.from_baseline(problem, data)))


def read_plan(problem: Problem, solution: Path) -> tuple[Placement, ...]:
    """Return the plan of a file. Raises Refused, OSError."""
    return tuple(_read(solution, lambda data: rotation.from_solution(problem, data)))


def number(text: str, option: str, low: float, high: float) -> float:
    """Return the number given to an option; a whole ``low`` asks for a whole one. Raises Refused."""
    try:
        value = float(text)
    except ValueError:
        value = low - 1
    if not low <= value <= high or (isinstance(low, int) and value != int(value)):
        raise refused("command_number", option=option, low=f"{low:g}", high=high, value=text)
    return value


def seconds_of(options: argparse.Namespace) -> float:
    """Return the time limit. Raises Refused."""
    return number(options.time_limit, "--time-limit", 0.1, LONGEST_SOLVE)


def must_be_writable(path: Path) -> None:
    """Say before a long solve that its plan could not be written. Raises OSError."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path.parent))
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


def write(path: Path, data: Mapping[str, Any]) -> None:
    """Write a JSON file; a reader finds the old one or the new one, never a part."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    draft.replace(path)


def _read(path: Path, build: Callable[[Any], T]) -> T:
    """Read a JSON file into what ``build`` makes of it; faults are told with the file's name."""
    size = path.stat().st_size
    if size > LONGEST_FILE:
        raise too_long(path.name, size)
    data = read_json(path.name, path.read_bytes())
    try:
        return build(data)
    except Refused as refusal:
        raise Refused(*(replace(problem, file=path.name) for problem in refusal.problems)) from None
