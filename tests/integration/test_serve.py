"""What ``quinzaine serve`` tells at its start, whatever the services know by then."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from services.commands.serve import _tell_addresses
from services.commands.telling import Teller
from services.contracts import rpc
from tests.integration.small_house import EXAMPLE, SmallHouse

ENTRANCE, SCHOOL, PROVIDER, MAILS = ["Organisateur"], ["Une école"], ["Un prestataire", "Son agenda"], ["Courriels"]


def told(house: SmallHouse) -> list[str]:
    out = io.StringIO()
    _tell_addresses(Teller("fr", out), house.house, False, str)
    return [line.split("http")[0].strip() for line in out.getvalue().splitlines()]


def test_the_house_starts_with_an_edition_at_any_stage(tmp_path: Path) -> None:
    house = SmallHouse(tmp_path, "http://127.0.0.1:8080")
    try:
        assert told(house) == ENTRANCE + MAILS
        house.ask(rpc.OpenEdition("edition.toml", (EXAMPLE / "edition.toml").read_text(encoding="utf-8")))
        assert told(house) == ENTRANCE + MAILS  # killed before the others heard of the edition
        house.pump()
        assert told(house) == ENTRANCE + PROVIDER + MAILS
        house.register()
        assert told(house) == ENTRANCE + SCHOOL + PROVIDER + MAILS
    finally:
        house.close()


@pytest.mark.parametrize("address", ["https://quinzaine.example", "http://testserver"])
def test_links_of_others_stay_out_of_the_log_in_service(tmp_path: Path, address: str) -> None:
    house = SmallHouse(tmp_path, address)
    try:
        house.register()
        assert told(house) == ENTRANCE
    finally:
        house.close()
