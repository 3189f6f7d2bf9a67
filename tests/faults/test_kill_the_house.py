"""kill -9 of the embedded house at random moments of the demo: nothing lost, nothing twice.

Each run plays ``quinzaine demo`` in a folder, is killed after a random time and started again in the same folder,
until it has come to its end. Then the journal of effects that each service keeps is compared with a run that nobody
disturbed. The control removes the inbox and must see doubles: so the test is known to see the fault.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KILLS = 50
LONGEST = 600


def play(out: Path, mode: str, kill_after: float | None) -> bool:
    """Run the demo; kill -9 it after some seconds; say whether it came to its end by itself."""
    command = [sys.executable, str(ROOT / "tests/faults/house_without_inbox.py"), mode, "demo", "--out", str(out)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "QUINZAINE_SOLVER_SECONDS": "20"}
    log = (out / "run.log").open("a")
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        code = process.wait(timeout=kill_after or LONGEST)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return False
    assert code == 0, (out / "run.log").read_text()[-4000:]
    return True


def play_with_kills(base: Path, mode: str, kills: int, seed: int) -> list[Path]:
    """Play demos one after the other until ``kills`` have struck; return the folders of the finished ones."""
    chance = random.Random(seed)
    finished: list[Path] = []
    struck = 0
    while struck < kills:
        out = base / f"{mode}-{len(finished)}"
        out.mkdir(exist_ok=True)
        if play(out, mode, chance.uniform(0.5, 9.0)):
            finished.append(out)
        else:
            struck += 1
    last = base / f"{mode}-{len(finished)}"
    if last.exists():
        play(last, mode, None)
        finished.append(last)
    return finished


def effects(out: Path) -> Counter[tuple[str, str]]:
    """Everything a run did that must be done once: the journals of the services and the mails they queued."""
    found: Counter[tuple[str, str]] = Counter()
    for service in ("registration", "notifications"):
        with sqlite3.connect(out / "data" / f"{service}.db") as db:
            for code, facts in db.execute("select code, facts from history"):
                found[f"{service}:{code}", json.dumps(json.loads(facts), sort_keys=True)] += 1
    return found


def received(out: Path) -> Counter[str]:
    """Message-IDs in the development mailbox, with how often each came."""
    parser = BytesParser(policy=policy.default)
    mails = (out / "data" / "mailbox").glob("*.eml")
    return Counter(str(parser.parsebytes(path.read_bytes())["Message-ID"]) for path in mails)


def waiting(out: Path) -> dict[str, int]:
    """Messages that are not at their end: still to leave, to be retried, or dead."""
    left = {}
    for service in ("registration", "scheduling", "notifications"):
        with sqlite3.connect(out / "data" / f"{service}.db") as db:
            left[service] = sum(db.execute(f"select count(*) from {t}").fetchone()[0] for t in ("outbox", "retry"))
    return left


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("undisturbed")
    assert play(out, "slow", None)
    return out


@pytest.mark.timeout(1500)
def test_kills_lose_nothing_and_double_nothing(undisturbed: Path, tmp_path: Path) -> None:
    expected = effects(undisturbed)
    assert max(expected.values()) == 1
    copies = 0
    for out in play_with_kills(tmp_path, "slow", KILLS, seed=2020):
        assert waiting(out) == {"registration": 0, "scheduling": 0, "notifications": 0}
        assert effects(out) == expected
        mails = received(out)
        assert mails.keys() == received(undisturbed).keys()
        copies += sum(mails.values()) - len(mails)
    # SMTP has no transaction: a kill between the server's 250 and our note of it sends one more copy, same Message-ID.
    assert copies <= KILLS * 3 // 100 + 1


@pytest.mark.timeout(900)
def test_control_without_inbox_sees_doubles(undisturbed: Path, tmp_path: Path) -> None:
    expected = effects(undisturbed)
    doubled = Counter[tuple[str, str]]()
    for out in play_with_kills(tmp_path, "no-inbox", KILLS // 2, seed=2021):
        doubled += effects(out) - expected
    assert doubled, "the control saw no double: the kills never met the moment the inbox guards"
