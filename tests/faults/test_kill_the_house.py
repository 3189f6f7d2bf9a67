"""kill -9 of the embedded house at random moments of the demo: nothing lost, nothing twice.

Each run plays ``quinzaine demo`` in a folder, is killed after a random time and started again in the same folder,
until it has come to its end. Nothing lost: the demo's own checks hold (every session, invitation, digest, answer), no
message waits anywhere, every mail that was queued is in the mailbox. Nothing twice: the journal of effects that the
services keep holds each effect once. The control removes the inbox and must see doubles: so the test is known to see
the fault.
"""

from __future__ import annotations

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


def play(out: Path, mode: str, kill_after: float | None) -> int | None:
    """Run the demo, with ``kill_after`` kill -9 it then; return its exit code, None when it was killed."""
    script = str(ROOT / "tests/faults/house_without_inbox.py")
    command = [sys.executable, script, mode, "demo", "--out", str(out), "--seconds", "5"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with (out / "run.log").open("a") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            return process.wait(timeout=kill_after or LONGEST)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            return None


def play_with_kills(base: Path, mode: str, kills: int, seed: int) -> dict[Path, int | None]:
    """Play demos one after the other until ``kills`` have struck; return their folders with their exit codes."""
    chance = random.Random(seed)
    ended: dict[Path, int | None] = {}
    struck = 0
    while struck < kills:
        out = base / f"{mode}-{len(ended)}"
        out.mkdir(exist_ok=True)
        code = play(out, mode, chance.uniform(0.5, 9.0))
        if code is None:
            struck += 1
        else:
            ended[out] = code
    last = base / f"{mode}-{len(ended)}"
    if last.exists():
        ended[last] = play(last, mode, None)
    return ended


def rows(out: Path, service: str, query: str) -> list[tuple[str, ...]]:
    with sqlite3.connect(out / "data" / f"{service}.db") as db:
        return db.execute(query).fetchall()


def effects(out: Path) -> Counter[tuple[str, ...]]:
    """Everything a run did that must be done once, from the journals of the services."""
    found: Counter[tuple[str, ...]] = Counter()
    for service, columns in (("registration", "school_id, code, facts"), ("notifications", "code, facts")):
        for row in rows(out, service, f"select {columns} from history"):
            found[service, *row] += 1
    return found


def received(out: Path) -> Counter[str]:
    """Message-IDs in the development mailbox, with how often each came; replies of calendars left out."""
    parser = BytesParser(policy=policy.default)
    mails = [parser.parsebytes(path.read_bytes()) for path in (out / "data" / "mailbox").glob("*.eml")]
    return Counter(str(mail["Message-ID"]) for mail in mails if "agenda@quinzaine.example" in str(mail["From"]))


def queued(out: Path) -> set[str]:
    return {row[0] for row in rows(out, "notifications", "select message_id from mail where state = 'sent'")}


def waiting(out: Path) -> int:
    """Messages that are not at their end: still to leave, to be retried, or dead."""
    services = ("registration", "scheduling", "notifications")
    return sum(len(rows(out, s, "select 1 from outbox union all select 1 from retry")) for s in services)


@pytest.mark.timeout(1500)
def test_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    copies = 0
    for out, code in play_with_kills(tmp_path, "slow", KILLS, seed=2020).items():
        assert code == 0, (out / "run.log").read_text()[-4000:]
        assert waiting(out) == 0
        assert {effect: times for effect, times in effects(out).items() if times > 1} == {}
        mails = received(out)
        assert set(mails) == queued(out)
        copies += mails.total() - len(mails)
    # SMTP has no transaction: a kill between the server's 250 and our note of it sends one more copy, same Message-ID.
    assert copies <= KILLS * 3 // 100 + 1


@pytest.mark.timeout(900)
def test_control_without_inbox_sees_doubles(tmp_path: Path) -> None:
    doubled: dict[tuple[str, ...], int] = {}
    for out in play_with_kills(tmp_path, "no-inbox", KILLS // 2, seed=2021):
        doubled |= {effect: times for effect, times in effects(out).items() if times > 1}
    assert doubled, "the control saw no double: the kills never met the moment the inbox guards"
