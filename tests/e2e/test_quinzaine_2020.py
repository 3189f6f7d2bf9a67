"""The real 2020 edition, from the first file to the last feed, in the embedded house."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.commands.journey import Doors, Journey
from services.commands.running import free_port, running
from services.kit.settings import Settings
from tests.e2e.journey_of_2020 import assert_journey


@pytest.mark.timeout(600)
def test_journey_in_the_embedded_house(tmp_path: Path) -> None:
    port, mail_port = free_port(), free_port()
    settings = Settings(data_dir=tmp_path / "data", port=port, mail_port=mail_port, base_url=f"http://127.0.0.1:{port}")
    with running(settings) as house:
        journey = Journey(house.ask, Doors(settings.base_url, ("127.0.0.1", mail_port)), lambda *_: None)
        assert_journey(journey, tmp_path)
