"""Cheapest insertion in shuffled orders of the schools until the time is up."""

from __future__ import annotations

from typing import Any

from peers import insertion


def solve(instance: dict[str, Any], seconds: float) -> list[dict[str, Any]]:
    """Return the sessions of the best pass."""
    return insertion.solve(instance, seconds, restarts=True)
