"""Scheduling and notifications together: a change that scheduling refuses is told to nobody (scenario 15)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.contracts import rpc
from services.contracts.codec import encode
from services.contracts.errors import Refused
from services.contracts.events import Envelope, RegistrationSubmitted
from services.embedded import House
from services.kit.hosting import Hosted
from services.kit.settings import Settings
from services.notifications.service import NotificationsService
from services.scheduling.adapters import tables
from services.scheduling.bootstrap import bootstrap
from services.scheduling.service import SchedulingService
from tests.stage import eventually
from tests.unit.scheduling.builders import EXAMPLES, a_group, a_school, registered
from tests.unit.scheduling.fakes import NOW, FirstFit

EDITION = "soissons-2020"
TEXT = (EXAMPLES / EDITION / "edition.toml").read_text(encoding="utf-8")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    app = Hosted(partial(bootstrap, solver=FirstFit()))
    scheduling = type("Scheduling", (SchedulingService,), {"app": app})
    house = House([scheduling, NotificationsService], Settings(data_dir=tmp_path, secret="x" * 32, mail_port=1))
    house.start()
    house.ask(rpc.OpenEdition("edition.toml", TEXT))
    _register(house)
    yield house
    house.stop()


def _register(house: House) -> None:
    one = registered(a_school("acy"), a_group("acy/1", ("robotics", "video"), programme_id="robotique-video"))
    event = RegistrationSubmitted(EDITION, one.school, one.classes, one.groups)
    envelope = Envelope(str(uuid.uuid4()), event.source, event.type(), NOW, 1, "trace", event.subject, 1, encode(event))
    for application in house.applications.values():
        application.receive(type(event), encode(envelope))


def propose(house: House) -> str:
    job = house.ask(rpc.ProposePlan(EDITION))
    eventually(lambda: house.ask(rpc.GetJob(job.id)).state == "done")
    return str(house.ask(rpc.GetJob(job.id)).proposal_id)


def swap_starts(house: House, proposal_id: str) -> None:
    """Put the robotics after the video that needs its photos."""
    table = tables.proposals
    with house.applications["scheduling"].database.begin() as connection:
        which = table.c.id == proposal_id
        placements = json.loads(connection.execute(sa.select(table.c.placements).where(which)).scalar_one())
        robotics, video = placements
        for name in ("day", "start"):
            robotics[name], video[name] = video[name], robotics[name]
        connection.execute(sa.update(table).where(which).values(placements=json.dumps([robotics, video])))


def test_scenario_15_a_refused_change_reaches_nobody(house: House) -> None:
    house.ask(rpc.ReleasePlan(EDITION, propose(house), 0))
    eventually(lambda: len(house.ask(rpc.ListMails(EDITION))) == 3)
    parties = house.ask(rpc.ListParties(EDITION))
    before = house.ask(rpc.ListMails(EDITION)), [house.ask(rpc.GetFeed(party.feed_token)) for party in parties]
    second = propose(house)
    swap_starts(house, second)
    with pytest.raises(Refused) as refusal:
        house.ask(rpc.ReleasePlan(EDITION, second, 1))
    assert [problem.code for problem in refusal.value.problems] == ["proposal_breaks_rules"]
    eventually(lambda: house.ask(rpc.GetHealth("scheduling")).outbox == 0)
    mails, feeds = house.ask(rpc.ListMails(EDITION)), [house.ask(rpc.GetFeed(party.feed_token)) for party in parties]
    assert ([mail.id for mail in mails], feeds) == ([mail.id for mail in before[0]], before[1])
