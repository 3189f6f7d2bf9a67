"""Scheduling and notifications together: two incidents one after the other tell each school once of what is true."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from services.contracts import rpc
from services.contracts.causes import SchoolClosed
from services.contracts.codec import encode
from services.contracts.events import Envelope, RegistrationSubmitted
from services.contracts.values import HalfDay, Session
from services.embedded import House
from services.kit.hosting import Hosted
from services.kit.loops import loops_of
from services.notifications.service import NotificationsService
from services.portal.mail.mailbox import Mailbox
from services.scheduling.adapters.cpsat.insertion import first_plan
from services.scheduling.adapters.cpsat.settle import solution_of
from services.scheduling.bootstrap import bootstrap
from services.scheduling.domain.problem import Problem
from services.scheduling.domain.solution import Solution
from services.scheduling.service import SchedulingService
from tests.integration.mail_door import MailDoor
from tests.unit.scheduling.builders import EXAMPLES, a_group, a_school, registered
from tests.unit.scheduling.fakes import NOW

EDITION = "soissons-2020"
TEXT = (EXAMPLES / EDITION / "edition.toml").read_text(encoding="utf-8")
SCHOOLS = ("acy", "belleu")


class First:
    """A solver that ends with its first plan."""

    def solve(self, problem: Problem, **asked: object) -> Solution:
        return solution_of(problem, first_plan(problem), None, "insertion")


class Pair:
    """Two services on one folder; nothing happens until ``pump`` lets it."""

    def __init__(self, folder: Path) -> None:
        app = Hosted(partial(bootstrap, solver=First()))
        scheduling = type("Scheduling", (SchedulingService,), {"app": app})
        settings = MailDoor.settings(data_dir=folder, secret="x" * 32)
        self.house = House([scheduling, NotificationsService], settings)
        self.ask = self.house.ask
        self.door = MailDoor(self.ask, settings, Mailbox(folder / "mailbox"))
        self.release = 0
        self.ask(rpc.OpenEdition("edition.toml", TEXT))
        for school_id in SCHOOLS:
            self._register(school_id)
        self.pump()

    def close(self) -> None:
        self.door.close()
        self.house.stop()

    def pump(self, mails: bool = True) -> None:
        """Let every event arrive, and every mail leave where it may."""
        loops = [loop for app in self.house.applications.values() for loop in loops_of(app, self.house._deliver)]
        while any([loop.tick() for loop in loops if mails or loop.name != "sender"]):
            pass

    def plan_and_release(self, *, mails: bool) -> dict[str, Session]:
        """Plan with what is known, release, and return the sessions."""
        job = self.ask(rpc.ProposePlan(EDITION))
        end = time.monotonic() + 60
        while self.ask(rpc.GetJob(job.id)).state != "done":
            assert time.monotonic() < end, "no plan came"
            self.pump(mails=False)
            time.sleep(0.01)
        self.ask(rpc.ReleasePlan(EDITION, str(self.ask(rpc.GetJob(job.id)).proposal_id), self.release))
        self.release += 1
        self.pump(mails)
        return {p.session.id: p.session for p in self.ask(rpc.GetPlan(EDITION)).sessions}

    def close_school(self, school_id: str, sessions: dict[str, Session]) -> None:
        """Close a school on every half-day on which it has a session."""
        half_days = tuple(sorted({HalfDay.of(s.start, 750) for s in sessions.values() if s.school_id == school_id}))
        cause = SchoolClosed(school_id, half_days)
        self.ask(rpc.ReportIncident(EDITION, cause, "organiser", "grève", f"i{self.release}"))
        self.pump(mails=False)

    def digests(self) -> Counter[str]:
        """Count the summaries that each school got."""
        mails = self.ask(rpc.ListMails(EDITION))
        return Counter(mail.party for mail in mails if mail.kind == "digest" and mail.state == "sent")

    def _register(self, school_id: str) -> None:
        both = ("robotics", "video")
        group = a_group(f"{school_id}/1", both, programme_id="robotique-video")
        one = registered(a_school(school_id), group)
        event = RegistrationSubmitted(EDITION, one.school, one.classes, one.groups)
        about = (str(uuid.uuid4()), event.source, event.type(), NOW, 1, "trace", event.subject, 1)
        for application in self.house.applications.values():
            application.receive(type(event), encode(Envelope(*about, encode(event))))


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    found = Pair(tmp_path)
    yield found
    found.close()


@pytest.mark.parametrize("mails_leave_in_between", [False, True])
def test_two_incidents_in_sequence(pair: Pair, mails_leave_in_between: bool) -> None:
    """Acy is closed where it was, then where it was moved to; the mails about the first move left, or did not."""
    first = pair.plan_and_release(mails=True)
    assert pair.digests() == dict.fromkeys(SCHOOLS, 1)
    pair.close_school("acy", first)
    second = pair.plan_and_release(mails=mails_leave_in_between)
    pair.close_school("acy", second)
    third = pair.plan_and_release(mails=True)
    moved = {
        id_: [HalfDay.of(plan[id_].start, 750) for plan in (first, second, third)] for id_ in first if "acy" in id_
    }
    assert all(len(set(where)) == 3 for where in moved.values())
    assert [id_ for id_ in first if first[id_] != third[id_] and id_ not in moved] == []
    assert pair.digests() == {"acy": 3 if mails_leave_in_between else 2, "belleu": 1}
    mails = pair.ask(rpc.ListMails(EDITION))
    invited = Counter(mail.session_id for mail in mails if mail.kind == "invitation" and mail.state == "sent")
    assert invited == {id_: (3 if mails_leave_in_between else 2) if id_ in moved else 1 for id_ in first}
