"""How a service's process begins and ends, and what becomes of requests that nobody waits for any more."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from services.contracts.errors import Unavailable
from services.contracts.rpc import GetHealth
from services.kit.amqp import SyncAsk
from services.kit.settings import Settings
from tests.stage import ROOT, Stage, ask_directly, eventually
from tests.toys import Count, ReadBook


def run_service(**settings: str) -> tuple[int, str]:
    """Run ``quinzaine run registration`` to its end; return the exit code and what it said."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith("QUINZAINE_")}
    plain |= {"QUINZAINE_SECRET": "s" * 32, "QUINZAINE_START_SECONDS": "1"}
    command = [sys.executable, "-m", "services", "run", "registration"]
    done = subprocess.run(
        command, env=plain | settings, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_missing_broker_is_one_sentence() -> None:
    code, said = run_service(QUINZAINE_AMQP_URL="amqp://guest:guest@127.0.0.1:9/")
    assert code == 1
    assert said.startswith("RabbitMQ cannot be used at 127.0.0.1:9 ([Errno 111] ")
    assert said.endswith("Start it, or correct QUINZAINE_AMQP_URL.\n")
    assert said.count("\n") == 1


def test_missing_database_is_one_sentence(stage: Stage) -> None:
    code, said = run_service(
        QUINZAINE_AMQP_URL=stage.amqp_url, QUINZAINE_DATABASE_URL="postgresql://a:b@127.0.0.1:9/quinzaine"
    )
    assert (code, said.count("\n")) == (1, 1)
    assert said.startswith("PostgreSQL cannot be used at 127.0.0.1:9 (")
    assert said.endswith("Start it, or correct QUINZAINE_DATABASE_URL.\n")


def test_no_broker_in_the_settings_is_one_sentence() -> None:
    code, said = run_service()
    assert (code, said.count("\n")) == (1, 1)
    assert said.startswith("QUINZAINE_AMQP_URL is empty")


def test_told_to_stop_it_finishes_what_is_in_hand(stage: Stage) -> None:
    counter = stage.application("counter")
    ask_directly(counter, Count(0, 300))
    stage.start("counter")
    stage.start("ledger", "slow")
    stage.wait_for("ledger")
    ledger = stage.application("ledger")
    eventually(lambda: len(ask_directly(ledger, ReadBook())) > 0)
    assert stage.terminate("ledger") == 0
    done = ask_directly(ledger, ReadBook())
    assert 0 < len(done) < 300
    assert "cut off" not in stage.log("ledger")
    stage.start("ledger")
    eventually(lambda: sorted(ask_directly(ledger, ReadBook())) == list(range(300)))
    counter.database.close()
    ledger.database.close()


def test_request_that_nobody_waits_for_is_not_carried_out(stage: Stage) -> None:
    stage.start("counter")
    stage.start("ledger")
    stage.wait_for("counter", "ledger")
    stage.terminate("counter")
    with SyncAsk(Settings(amqp_url=stage.amqp_url), timeout=0.5) as hurried, pytest.raises(Unavailable):
        hurried(Count(0, 5))
    time.sleep(0.5)
    stage.start("counter")
    stage.wait_for("counter")
    stage.ask(Count(100, 105))
    eventually(lambda: len(stage.ask(ReadBook())) == 5)
    assert sorted(stage.ask(ReadBook())) == [100, 101, 102, 103, 104]


def test_service_that_never_ran_is_unavailable_at_once(stage: Stage) -> None:
    with SyncAsk(Settings(amqp_url=stage.amqp_url), timeout=600) as patient, pytest.raises(Unavailable) as absent:
        patient(GetHealth("nobody"))
    assert str(absent.value) == "nobody is not running"


def test_broker_that_is_away_is_unavailable() -> None:
    with SyncAsk(Settings(amqp_url="amqp://a:b@127.0.0.1:9/"), timeout=5) as ask, pytest.raises(Unavailable) as away:
        ask(GetHealth("counter"))
    assert "no connection to the broker" in str(away.value)
