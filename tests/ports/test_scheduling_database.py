"""Scheduling on each database: the tables that migrations make, and many asking at once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from services.contracts import rpc
from services.contracts.codec import dumps, encode
from services.contracts.errors import Problem
from services.contracts.events import RegistrationSubmitted
from services.kit.application import Application, Context
from services.kit.database import Database, Instant
from services.kit.migrate import migrate
from services.kit.settings import Settings
from services.scheduling.adapters import tables
from services.scheduling.adapters.repository import SchedulingTransaction
from services.scheduling.bootstrap import bootstrap
from services.scheduling.domain.demand import build, fingerprint
from services.scheduling.domain.plan import Proposal, Refusal
from services.scheduling.domain.problem import Placement
from services.scheduling.handlers.facts import registration_submitted
from tests.unit.scheduling.builders import MONDAY, a_basis
from tests.unit.scheduling.fakes import NOW, FirstFit

EDITION = "demo-2020"
CALLERS = 8


@pytest.fixture
def application(database: Database, tmp_path: Path) -> Iterator[Application[Any]]:
    where = Settings(data_dir=tmp_path) if database.is_sqlite else Settings(database_url=database.url)
    found = bootstrap(where, FirstFit())
    basis = a_basis()
    with found.database.begin() as connection:
        tx = SchedulingTransaction(connection, tables.messages, lambda: NOW, Context("trace"))
        tx.editions.save(basis.edition)
        for one in basis.registered:
            registration_submitted(RegistrationSubmitted(EDITION, one.school, one.classes, one.groups), tx)
    yield found
    found.close()
    found.database.close()


def at_once(application: Application[Any], requests: list[rpc.Request[Any]]) -> list[dict[str, Any]]:
    """Send requests from as many threads, let go together."""
    barrier, answers = threading.Barrier(len(requests)), []

    def send(request: rpc.Request[Any]) -> None:
        barrier.wait()
        answers.append(application.answer(type(request), encode(request)))

    threads = [threading.Thread(target=send, args=(request,)) for request in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def kind(answer: dict[str, Any]) -> str:
    return "answered" if "answer" in answer else str(answer["refused"][0]["code"])


def add_proposals(application: Application[Any], *ids: str) -> None:
    basis = a_basis()
    placements = (Placement("acy/1:robotics", "robotics-1", "acy", MONDAY, 540),)
    with application.database.begin() as connection:
        tx = SchedulingTransaction(connection, tables.messages, lambda: NOW, Context("trace"))
        for id_ in ids:
            inputs = fingerprint(build(basis))
            tx.proposals.add(Proposal(id_, EDITION, NOW, inputs, basis, placements, "feasible", {"drive": 1}, None))


def many(make: Callable[[int], rpc.Request[Any]]) -> list[rpc.Request[Any]]:
    return [make(number) for number in range(CALLERS)]


def test_the_migrations_give_the_tables_of_the_code(database: Database) -> None:
    migrate("scheduling", database)
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []


def test_of_many_who_ask_for_a_plan_at_once_one_gets_it(application: Application[Any]) -> None:
    answers = at_once(application, many(lambda _: rpc.ProposePlan(EDITION)))
    assert Counter(map(kind, answers)) == {"answered": 1, "job_running": CALLERS - 1}


def test_of_many_proposals_released_at_once_one_is(application: Application[Any]) -> None:
    add_proposals(application, *(f"p{number}" for number in range(CALLERS)))
    answers = at_once(application, many(lambda number: rpc.ReleasePlan(EDITION, f"p{number}", 0)))
    assert Counter(map(kind, answers)) == {"answered": 1, "release_in_between": CALLERS - 1}


def test_one_proposal_released_many_times_at_once_is_one_release(application: Application[Any]) -> None:
    add_proposals(application, "p0")
    answers = at_once(application, many(lambda _: rpc.ReleasePlan(EDITION, "p0", 0)))
    assert [answer["answer"]["number"] for answer in answers] == [1] * CALLERS
    releases = application.answer(rpc.ListReleases, encode(rpc.ListReleases(EDITION)))
    assert len(releases["answer"]) == 1


def test_what_older_versions_kept_is_read_by_this_one(database: Database) -> None:
    """Migration 0002 finds a failed job with a French sentence, and a refusal; 0014 two plans made from the same."""
    upgrade(database, "0001")
    with database.begin() as connection:
        add_of_version_1(connection)
    migrate("scheduling", database)
    with database.begin() as connection:
        tx = SchedulingTransaction(connection, tables.messages, lambda: NOW, Context("trace"))
        job = tx.jobs.get("j1")
        reason = Problem("solver_crashed", {"detail": "Plus d’huile."})
        assert (job.reason, job.choices, job.stopping) == (reason, (), False)
        assert tx.answers.refused("demo-2020") == (Refusal("acy/1:robotics", NOW, ":school"),)
        assert [tx.proposals.get("demo-2020", id_).basis for id_ in ("p1", "p2")] == [a_basis()] * 2
        assert kept_bases(connection) == 1


def test_plans_made_from_the_same_keep_it_once(application: Application[Any]) -> None:
    add_proposals(application, "p0", "p1")
    with application.database.read() as connection:
        assert kept_bases(connection) == 1


def kept_bases(connection: sa.Connection) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(tables.bases)).scalar_one()


def upgrade(database: Database, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(files("services.scheduling") / "migrations"))
    with database.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def add_of_version_1(connection: sa.Connection) -> None:
    edition = {"id": "demo-2020", "first_day": NOW.date(), "edition": "{}"}
    job = {"id": "j1", "edition_id": "demo-2020", "state": "failed", "created_at": NOW, "seed": 1, "seconds": 60.0}
    job |= {"elapsed": 2.0, "sessions": 4, "phase": "", "reason": "Plus d’huile."}
    answer = {"edition_id": "demo-2020", "session_id": "acy/1:robotics", "party": ":school", "release": 1}
    answer |= {"answer": "declined", "start": NOW, "reason": "sortie", "sequence": 1}
    plan = {"edition_id": "demo-2020", "made_at": NOW, "inputs": "", "status": "feasible", "cost": "{}"}
    plan |= {"basis": dumps(a_basis()), "placements": "[]"}
    plans = [("proposals", plan | {"id": id_}) for id_ in ("p1", "p2")]
    for name, row in (("editions", edition), ("jobs", job), ("answers", answer), *plans):
        columns = (sa.column(key, Instant if key in ("created_at", "start", "made_at") else None) for key in row)
        connection.execute(sa.insert(sa.table(name, *columns)).values(row))
