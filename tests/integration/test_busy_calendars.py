"""A provider's own calendar, from its address to a plan that leaves it alone, and to a warning when it meets one."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from services.contracts import rpc
from services.contracts.codec import encode
from services.contracts.errors import Refused
from services.contracts.events import Envelope, RegistrationSubmitted
from services.contracts.values import PARIS, Busy, Session
from services.embedded import House
from services.kit.hosting import Hosted, Service
from services.kit.loops import loops_of
from services.kit.settings import Settings
from services.notifications.bootstrap import bootstrap
from services.notifications.domain.busy import READ_EVERY
from services.notifications.service import NotificationsService
from services.scheduling.service import SchedulingService
from tests.integration.test_scheduling_house import EDITION, TEXT, in_quinzaine
from tests.ports.test_busy_reader import Answer, Host, outside
from tests.unit.notifications.test_busy import calendar
from tests.unit.scheduling.fakes import NOW

TRUCK, TEAM = "ze-fab-truck", "ze-fab-truck-1"


class Calling:
    """Scheduling and notifications side by side, and the provider's calendar on a host of its own."""

    def __init__(self, folder: Path) -> None:
        self.now, self.events = NOW, [""]
        self.host = Host(self.answer)
        app = Hosted(partial(bootstrap, clock=lambda: self.now, outside=outside()))
        notifications: type[Service] = type("Notifications", (NotificationsService,), {"app": app})
        self.house = House([SchedulingService, notifications], Settings(data_dir=folder, secret="x" * 32))
        self.ask = self.house.ask

    def answer(self, _: BaseHTTPRequestHandler) -> Answer:
        return (200, {}, calendar(*self.events)) if self.events else (503, {}, b"")

    def register(self, school: str) -> None:
        one = in_quinzaine(school)
        event = RegistrationSubmitted(EDITION, one.school, one.classes, one.groups)
        for name, application in self.house.applications.items():
            id_ = f"{school}-{name}"
            envelope = Envelope(id_, event.source, event.type(), NOW, 1, "trace", event.subject, 1, encode(event))
            application.receive(RegistrationSubmitted, encode(envelope))

    def pump(self) -> None:
        """Let every event arrive and every calendar that is due be read."""
        loops = [loop for app in self.house.applications.values() for loop in loops_of(app, self.house._deliver)]
        while any([loop.tick() for loop in loops if loop.name != "sender"]):
            pass

    def plan(self) -> rpc.Plan:
        """Solve, release and return the release."""
        job = self.ask(rpc.ProposePlan(EDITION))
        ends = time.monotonic() + 120
        while job.state in ("queued", "running"):
            assert time.monotonic() < ends, "no plan"
            self.pump()
            time.sleep(0.05)
            job = self.ask(rpc.GetJob(job.id))
        assert (job.state, job.placed) == ("done", job.sessions), job.reason
        self.ask(rpc.ReleasePlan(EDITION, str(job.proposal_id), 0))
        self.pump()
        return self.ask(rpc.GetPlan(EDITION))

    def busy(self) -> tuple[Busy, ...]:
        edition = self.ask(rpc.GetEdition(EDITION))
        return edition.provider(TRUCK).teams[0].busy

    def shown(self) -> rpc.BusyCalendar:
        (one,) = self.ask(rpc.ListBusyCalendars(EDITION, TRUCK))
        return one


@pytest.fixture
def calling(tmp_path: Path) -> Iterator[Calling]:
    calling = Calling(tmp_path)
    with calling.host:
        calling.ask(rpc.OpenEdition("edition.toml", TEXT))
        calling.pump()
        calling.register("acy")
        yield calling
    calling.house.stop()


def whole(day: dt.date) -> str:
    return f"DTSTART;VALUE=DATE:{day:%Y%m%d}\nSUMMARY:Congés"


def exactly(session: Session) -> str:
    """The time of a session."""
    return f"DTSTART:{session.start:%Y%m%dT%H%M%SZ}\nDTEND:{session.end:%Y%m%dT%H%M%SZ}"


def before(session: Session) -> str:
    """The half hour before a session, in which its team sets up."""
    return f"DTSTART:{session.start - dt.timedelta(minutes=30):%Y%m%dT%H%M%SZ}\nDURATION:PT30M"


def test_a_plan_leaves_a_calendar_alone_and_tells_when_it_meets_one(calling: Calling) -> None:
    days = calling.ask(rpc.GetEdition(EDITION)).action_days
    calling.events = [whole(day) for day in days[:-3]]
    calling.ask(rpc.SetBusyCalendar(EDITION, TRUCK, "", calling.host.url))
    calling.pump()
    assert calling.busy() == tuple(Busy(day, 0, 1440) for day in days[:-3])
    assert (calling.shown().stretches, calling.shown().problem) == (len(days) - 3, None)

    plan = calling.plan()
    robotics = [one.session for one in plan.sessions if one.session.provider_id == TRUCK]
    assert {session.start.astimezone(PARIS).date() for session in robotics} <= set(days[-3:])
    assert (plan.violations, len(robotics)) == ((), 2)

    first = min(robotics, key=lambda session: session.start)
    calling.events.append(exactly(first))
    calling.now += READ_EVERY
    calling.pump()
    assert calling.ask(rpc.GetPlan(EDITION)).violations == (), "a copy of the session itself takes nothing"

    calling.events.append(before(first))
    calling.now += READ_EVERY
    calling.pump()
    met = calling.ask(rpc.GetPlan(EDITION))
    assert [(one.rule, one.session_ids) for one in met.violations] == [("busy", (first.id,))]
    assert not met.outdated


def test_a_calendar_that_fails_keeps_its_times_until_it_is_taken_out(calling: Calling) -> None:
    day = calling.ask(rpc.GetEdition(EDITION)).action_days[0]
    calling.events = [whole(day)]
    calling.ask(rpc.SetBusyCalendar(EDITION, TRUCK, "", calling.host.url))
    calling.pump()
    calling.events = []
    calling.pump()
    assert len(calling.host.asked) == 1, "not before its time"
    calling.now += READ_EVERY
    calling.pump()
    problem = calling.shown().problem
    assert problem
    assert (problem.code, problem.facts, calling.shown().read_at) == ("busy_status", {"status": "503"}, NOW)
    assert calling.busy() == (Busy(day, 0, 1440),)
    calling.ask(rpc.SetBusyCalendar(EDITION, TRUCK, "", ""))
    calling.pump()
    assert (calling.busy(), calling.shown()) == ((), rpc.BusyCalendar("", ""))


def test_a_calendar_is_forgotten_once_the_edition_is_over(calling: Calling) -> None:
    day = calling.ask(rpc.GetEdition(EDITION)).action_days[0]
    calling.events = [whole(day)]
    calling.ask(rpc.SetBusyCalendar(EDITION, TRUCK, "", calling.host.url))
    calling.pump()
    calling.now = dt.datetime(2020, 11, 17, tzinfo=PARIS)
    calling.pump()
    assert (calling.busy(), calling.shown(), len(calling.host.asked)) == ((), rpc.BusyCalendar("", ""), 1)


def test_an_address_that_leads_nowhere_good_is_refused_in_words(calling: Calling) -> None:
    with pytest.raises(Refused) as refusal:
        calling.ask(rpc.SetBusyCalendar(EDITION, TRUCK, "", "http://127.0.0.1/a.ics"))
    assert [problem.code for problem in refusal.value.problems] == ["busy_url"]
    assert calling.shown() == rpc.BusyCalendar("", "")
