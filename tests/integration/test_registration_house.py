"""Registration alone in the embedded house: requests asked and events delivered by hand, rows looked at with SQL."""

from __future__ import annotations

import datetime as dt
import json
import threading
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.contracts import rpc
from services.contracts.codec import decode, encode
from services.contracts.errors import Refused
from services.contracts.events import (
    EditionOpened,
    Envelope,
    Event,
    PlanReleased,
    RegistrationSubmitted,
    SlotsConfirmed,
)
from services.embedded import House
from services.kit.links import token, token_hash
from services.kit.settings import Settings
from services.registration.adapters import tables
from services.registration.service import RegistrationService
from tests.unit.registration.builders import ACY, BELLEU, NOW, a_session, an_edition, classes_csv, schools_csv

EDITION = "soissons-2020"
SECRET = "x" * 32
IMPORT = rpc.ImportSchools(
    EDITION,
    rpc.ImportFile("schools.csv", schools_csv(ACY, BELLEU)),
    rpc.ImportFile("classes.csv", classes_csv("Acy;Acy;CM1;CM1;25;", "Belleu;Belleu;CM1;CM1;12;")),
)


class Lone:
    """The registration service alone."""

    def __init__(self, folder: Path) -> None:
        self.house = House([RegistrationService], Settings(data_dir=folder, secret=SECRET))
        self.application = self.house.applications["registration"]
        self.ask = self.house.ask

    def deliver(self, event: Event, sequence: int = 1, id_: str = "") -> None:
        body = encode(event)
        name = id_ or str(uuid.uuid4())
        envelope = Envelope(name, event.source, event.type(), NOW, 1, "trace", event.subject, sequence, body)
        self.application.receive(type(event), encode(envelope))

    def rows(self, table: sa.Table) -> list[Any]:
        with self.application.database.read() as connection:
            return list(connection.execute(sa.select(table)).all())

    def outbox(self, kind: type[Event]) -> list[Any]:
        bodies = [json.loads(row.body) for row in self.rows(tables.messages.outbox) if row.event_type == kind.type()]
        return [decode(kind, body["data"]) for body in bodies]


@pytest.fixture
def lone(tmp_path: Path) -> Iterator[Lone]:
    lone = Lone(tmp_path)
    yield lone
    lone.house.stop()


@pytest.fixture
def offered(lone: Lone) -> Lone:
    """Acy has two sessions, Belleu one."""
    lone.deliver(EditionOpened(an_edition()))
    lone.ask(IMPORT)
    sessions = (a_session(1), a_session(2), a_session(3, school="belleu"))
    lone.deliver(PlanReleased(EDITION, 1, sessions, ()))
    return lone


def test_nothing_can_be_asked_before_the_edition_arrived(lone: Lone) -> None:
    with pytest.raises(Refused) as refusal:
        lone.ask(IMPORT)
    assert [p.code for p in refusal.value.problems] == ["edition_not_arrived"]
    assert lone.rows(tables.school) == []


def test_import_twice_leaves_one_row_and_one_event_a_school(lone: Lone) -> None:
    lone.deliver(EditionOpened(an_edition()))
    assert lone.ask(IMPORT) == rpc.ImportReport(created=2, changed=0, unchanged=0, groups=3, open_exceptions=0)
    assert lone.ask(IMPORT) == rpc.ImportReport(created=0, changed=0, unchanged=2, groups=3, open_exceptions=0)
    assert [e.school.id for e in lone.outbox(RegistrationSubmitted)] == ["acy", "belleu"]
    assert [(row.school_id, row.code) for row in lone.rows(tables.history)] == [
        ("acy", "registered"),
        ("belleu", "registered"),
    ]


def test_a_faulty_file_leaves_no_row(lone: Lone) -> None:
    lone.deliver(EditionOpened(an_edition()))
    faulty = replace(
        IMPORT, classes=rpc.ImportFile("classes.csv", classes_csv("Acy;Acy;CM1;CM1;0;", "Oz;Oz;CM1;CM1;9;"))
    )
    with pytest.raises(Refused) as refusal:
        lone.ask(faulty)
    assert [(p.code, p.line, p.column, p.value) for p in refusal.value.problems] == [
        ("number_malformed", 2, "élèves", "0"),
        ("class_without_school", 3, "école", "Oz"),
    ]
    assert [lone.rows(table) for table in (tables.school, tables.link, tables.history)] == [[], [], []]
    assert lone.outbox(RegistrationSubmitted) == []


def test_a_link_opens_its_page_and_only_its_hash_is_stored(offered: Lone) -> None:
    acy, _ = offered.ask(rpc.ListRegistrations(EDITION))
    (link,) = [row for row in offered.rows(tables.link) if row.school_id == "acy"]
    assert (acy.token, link.token_sha256) == (token(SECRET, "school", EDITION, "acy", link.seed), token_hash(acy.token))
    assert offered.ask(rpc.OpenSchoolLink(link.token_sha256)) == rpc.SchoolScope(EDITION, "acy")
    dump = "".join(str(tuple(row)) for table in tables.metadata.tables.values() for row in offered.rows(table))
    assert acy.token not in dump


def test_a_revoked_link_opens_nothing(offered: Lone) -> None:
    acy, _ = offered.ask(rpc.ListRegistrations(EDITION))
    offered.ask(rpc.RevokeSchoolLink(EDITION, "acy", renew=False))
    with pytest.raises(Refused):
        offered.ask(rpc.OpenSchoolLink(token_hash(acy.token)))
    assert [r.token == "" for r in offered.ask(rpc.ListRegistrations(EDITION))] == [True, False]
    new = offered.ask(rpc.RevokeSchoolLink(EDITION, "acy", renew=True)).token
    assert offered.ask(rpc.OpenSchoolLink(token_hash(new))) == rpc.SchoolScope(EDITION, "acy")


def test_ten_clicks_at_once_are_one_answer(offered: Lone) -> None:
    request = rpc.ConfirmSlots(EDITION, "acy", 1, {"s1": 12, "s2": 11}, "key")
    answers: list[rpc.SchoolPage] = []
    clicks = [threading.Thread(target=lambda: answers.append(offered.ask(request))) for _ in range(10)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert answers == [answers[0]] * 10
    assert [(o.answer, o.pupils) for o in answers[0].offers] == [("confirmed", 12), ("confirmed", 11)]
    assert offered.outbox(SlotsConfirmed) == [SlotsConfirmed(EDITION, "acy", 1, ("s1", "s2"), {"s1": 12, "s2": 11})]
    assert len(offered.rows(tables.answer_key)) == 1
    assert [row.code for row in offered.rows(tables.history)].count("confirmed") == 2


def test_a_release_delivered_twice_offers_once(offered: Lone) -> None:
    event = PlanReleased(EDITION, 2, (a_session(1), a_session(4)), ())
    offered.deliver(event, sequence=2, id_="the-same")
    offered.deliver(event, sequence=2, id_="the-same")
    page = offered.ask(rpc.GetSchoolPage(EDITION, "acy"))
    assert [(o.session.id, o.release) for o in page.offers] == [("s1", 1), ("s4", 2)]
    codes = [(row.code, json.loads(row.facts).get("session")) for row in offered.rows(tables.history)]
    assert codes.count(("offered", "s4")) == codes.count(("withdrawn", "s2")) == 1


def test_an_older_release_that_arrives_late_changes_nothing(offered: Lone) -> None:
    offered.deliver(PlanReleased(EDITION, 3, (a_session(4),), ()), sequence=3)
    offered.deliver(PlanReleased(EDITION, 2, (a_session(1),), ()), sequence=2)
    page = offered.ask(rpc.GetSchoolPage(EDITION, "acy"))
    assert (page.release, [o.session.id for o in page.offers]) == (3, ["s4"])


def test_a_release_that_comes_before_its_edition_waits_for_it(lone: Lone) -> None:
    lone.deliver(PlanReleased(EDITION, 1, (a_session(1),), ()))
    (waiting,) = lone.rows(tables.messages.retry)
    assert (waiting.state, waiting.reason) == ("waiting", f"LookupError: edition {EDITION} has not arrived yet")
    lone.deliver(EditionOpened(an_edition()))
    lone.ask(IMPORT)
    lone.application.clock = lambda: dt.datetime.now(dt.timezone.utc) + dt.timedelta(minutes=1)
    assert lone.application.retry_due()
    assert [o.session.id for o in lone.ask(rpc.GetSchoolPage(EDITION, "acy")).offers] == ["s1"]


def test_what_was_answered_is_there_after_a_restart(offered: Lone, tmp_path: Path) -> None:
    offered.ask(rpc.ConfirmSlots(EDITION, "acy", 1, {"s1": 12}, "key"))
    before = offered.ask(rpc.ListRegistrations(EDITION)), offered.ask(rpc.GetSchoolPage(EDITION, "acy"))
    offered.house.stop()
    again = Lone(tmp_path)
    assert (again.ask(rpc.ListRegistrations(EDITION)), again.ask(rpc.GetSchoolPage(EDITION, "acy"))) == before
    assert again.ask(rpc.ConfirmSlots(EDITION, "acy", 1, {"s1": 12}, "key")) == before[1]
    assert len(again.outbox(SlotsConfirmed)) == 1
    again.house.stop()


def test_the_service_declares_exactly_the_requests_of_its_contract() -> None:
    declared = {
        kind for kind in vars(rpc).values() if isinstance(kind, type) and getattr(kind, "service", "") == "registration"
    }
    assert {kind.method() for kind in declared} <= set(vars(RegistrationService))
    assert len(declared) == 47
