"""What is written down of each request that was carried out, and how it is found again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.contracts import rpc
from services.contracts.values import HalfDay
from services.kit import journal
from services.kit.database import NAMING, Database
from services.kit.messages import message_tables

metadata = sa.MetaData(naming_convention=NAMING)
messages = message_tables(metadata)
EVENING = dt.datetime(2020, 11, 5, 22, 30, tzinfo=dt.timezone.utc)
"""Half past eleven at night in Paris."""
CONFIRMED = rpc.ConfirmSlots("demo", "acy", 1, {"acy/cm1/1:robotics": 13, "acy/cm1/1:video": 13}, key="k")
CLOSED = rpc.CloseSchool("demo", "belleu", (HalfDay(dt.date(2020, 11, 6), "am"),))


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sa.Connection]:
    database = Database(f"sqlite:///{tmp_path / 'one.db'}")
    metadata.create_all(database.engine)
    with database.begin() as connection:
        journal.note(connection, messages, CONFIRMED, None, actor="school:acy", now=EVENING)
        journal.note(connection, messages, CLOSED, None, actor="account:a1", now=EVENING + dt.timedelta(hours=1))
        yield connection
    database.close()


def found(connection: sa.Connection, **asked: object) -> list[str]:
    question = rpc.ListActs("registration", "demo", **asked)  # type: ignore[arg-type]
    return [act.act for act in journal.acts(connection, messages, question)]


def test_acts_are_found_by_day_kind_school_and_session(connection: sa.Connection) -> None:
    assert found(connection) == ["close_school", "confirm_slots"]
    assert found(connection, day=dt.date(2020, 11, 5)) == ["confirm_slots"]
    assert found(connection, day=dt.date(2020, 11, 6)) == ["close_school"], "half past midnight in Paris"
    assert found(connection, act="close_school") == ["close_school"]
    assert found(connection, about="acy") == ["confirm_slots"]
    for session_id in ("acy/cm1/1:robotics", "acy/cm1/1:video"):
        assert found(connection, about=session_id) == ["confirm_slots"]
    assert found(connection, about="ac") == []
    assert found(connection, about="%") == []


def test_nothing_is_said_of_pupils_and_nothing_anyone_wrote(connection: sa.Connection) -> None:
    journal.note(
        connection,
        messages,
        rpc.DeclineSlot("demo", "acy", 1, "s1", "Sortie de Léa", key="k"),
        None,
        actor="",
        now=EVENING,
    )
    act, _, confirmed = journal.acts(connection, messages, rpc.ListActs("registration", "demo"))
    assert act.about == {"school_id": "acy", "release": "1", "session_id": "s1", "by": "school"}
    assert confirmed.about == {
        "school_id": "acy",
        "release": "1",
        "session_ids": "acy/cm1/1:robotics acy/cm1/1:video",
        "by": "school",
    }


def test_questions_and_steps_of_programs_are_no_acts() -> None:
    kinds = (rpc.GetPlan, rpc.NoteFeedRead, rpc.SaveDraft, rpc.ReleasePlan)
    assert [journal.is_act(kind) for kind in kinds] == [False, False, False, True]


@pytest.mark.parametrize("state", ["wrong", "wait", "code"])
def test_a_try_to_sign_in_is_an_act_once_it_lets_someone_in(connection: sa.Connection, state: str) -> None:
    tried = rpc.SignInByPassword("anne@ville.example", "x", "a-token", "a browser")
    for admission in (rpc.Admission(state), rpc.Admission("in", account_id="anne")):  # type: ignore[arg-type]
        journal.note(connection, messages, tried, admission, actor="", now=EVENING)
    (act,) = journal.acts(connection, messages, rpc.ListActs("registration", "demo", act="sign_in_by_password"))
    assert act.actor == "account:anne"
