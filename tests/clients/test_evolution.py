"""evolution-data-server, the engine of Evolution and of GNOME's calendar, follows a feed as it changes.

Debian's evolution-data-server and gir1.2-ecal-2.0 (make test-clients installs them); without them the test fails.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.subscribed import Shown, followed, until

SCRIPT = Path(__file__).with_name("evolution.py")


class Evolution:
    """The engine in a session of its own, with nothing of this machine's user."""

    def __init__(self, folder: Path, address: str) -> None:
        places = {name: str(folder / name) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
        environment = os.environ | places | {"XDG_RUNTIME_DIR": str(folder), "GSETTINGS_BACKEND": "memory"}
        command = ["dbus-run-session", "--", "/usr/bin/python3", str(SCRIPT), address]
        with (folder / "evolution.log").open("wb") as log:
            self._process = subprocess.Popen(
                command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )

    def refresh(self) -> Shown:
        """Let it fetch the feed and return what it shows."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return list(json.loads(self._process.stdout.readline()))

    def stop(self) -> None:
        self._process.communicate(timeout=60)


@pytest.fixture
def feed() -> Iterator[tuple[str, Iterator[Shown]]]:
    with followed() as found:
        yield found


def test_scenario_41_evolution_follows_a_move_a_cancellation_and_a_removal(
    feed: tuple[str, Iterator[Shown]], tmp_path: Path
) -> None:
    address, steps = feed
    evolution = Evolution(tmp_path, address)
    try:
        for expected in steps:
            until(lambda: evolution.refresh() == expected, f"not shown: {expected}")  # noqa: B023
    finally:
        evolution.stop()
