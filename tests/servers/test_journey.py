"""The 2020 journey with four processes on RabbitMQ and PostgreSQL; then with kills of each one and of the broker."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.e2e.journey_of_2020 import assert_journey
from tests.servers.real_house import SERVICES, RealHouse
from tests.stage import OwnServers, eventually

KILLS = 16


@pytest.fixture
def house(own_servers: OwnServers, tmp_path: Path) -> Iterator[RealHouse]:
    with RealHouse(own_servers, tmp_path) as house:
        yield house


@pytest.mark.timeout(600)
def test_journey_with_a_process_per_service(house: RealHouse, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    assert_journey(house.journey, out)


@pytest.mark.timeout(900)
def test_kills_during_the_journey_lose_nothing_and_double_nothing(house: RealHouse, tmp_path: Path) -> None:
    play_with_kills(house, tmp_path / "out", random.Random(2020))
    assert {service: waiting(house, service) for service in SERVICES} == dict.fromkeys(SERVICES, 0)
    assert {effect: times for effect, times in effects(house).items() if times > 1} == {}


@pytest.mark.timeout(300)
def test_each_service_sees_its_own_rows_only(house: RealHouse) -> None:
    for service in SERVICES:
        assert house.rows(service, "select current_user, current_schema()") == [(service, service)]
        for other in {*SERVICES} - {service}:
            with pytest.raises(sa.exc.ProgrammingError, match="permission denied for schema"):
                house.rows(service, f"select * from {other}.outbox")
        for act in ("create table public.x (a int)", "create schema y", "create role z"):
            with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
                house.rows(service, act)


def play_with_kills(house: RealHouse, out: Path, chance: random.Random) -> None:
    """Play the demo, again from where it was cut off, until it ends well; meanwhile KILLS strike."""
    struck, demo = 0, house.demo(out, 4)
    while struck < KILLS or demo.poll() != 0:
        if demo.poll() is not None:
            house.wait()
            demo = house.demo(out, 4)
        time.sleep(chance.uniform(0.2, 5.0))
        if struck < KILLS:
            strike(house, chance.choice([*SERVICES, *SERVICES, "portal", "broker"]))
            struck += 1


def strike(house: RealHouse, victim: str) -> None:
    """kill -9 and start again."""
    if victim == "broker":
        house.servers.kill_broker()
        house.servers.start()
    else:
        house.kill(victim)
        house.start(victim)


def waiting(house: RealHouse, service: str) -> int:
    """Messages that are not at their end: still to leave, to be retried, or dead."""
    query = "select event_type from outbox union all select event_type from retry"
    eventually(lambda: not house.rows(service, "select * from outbox"), 60)
    return len(house.rows(service, query))


def effects(house: RealHouse) -> Counter[tuple[str, ...]]:
    """Everything that must be done once, from the journals of the services."""
    found: Counter[tuple[str, ...]] = Counter()
    for service, columns in (("registration", "school_id, code, facts"), ("notifications", "code, facts")):
        for row in house.rows(service, f"select {columns} from history"):
            found[service, *map(str, row)] += 1
    return found
