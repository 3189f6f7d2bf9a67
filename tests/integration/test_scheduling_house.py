"""Scheduling alone in the embedded house on SQLite: jobs run in the background and outlive the process."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.contracts import rpc
from services.contracts.causes import SnowDay
from services.contracts.codec import encode
from services.contracts.errors import Problem, Refused
from services.contracts.events import Envelope, Event, PlanReleased, RegistrationSubmitted, SlotsConfirmed
from services.contracts.values import PARIS, HalfDay
from services.embedded import House
from services.kit.hosting import Hosted
from services.kit.settings import Settings
from services.scheduling.adapters import tables
from services.scheduling.adapters.solver_process import SolverProcess
from services.scheduling.bootstrap import bootstrap
from services.scheduling.domain.demand import Registered
from services.scheduling.domain.solution import SolverFailed
from services.scheduling.ports import Solver
from services.scheduling.service import SchedulingService
from tests.stage import eventually
from tests.unit.scheduling.builders import EXAMPLES, MONDAY, a_group, a_school, registered
from tests.unit.scheduling.fakes import NOW, FirstFit, Scripted

EDITION = "soissons-2020"
TEXT = (EXAMPLES / EDITION / "edition.toml").read_text(encoding="utf-8")
ROOT = Path(__file__).parents[2]


class Lone:
    """The scheduling service alone, with a solver of the test."""

    def __init__(self, folder: Path, solver: Solver) -> None:
        app = Hosted(partial(bootstrap, solver=solver))
        service = type("Scheduling", (SchedulingService,), {"app": app})
        self.house = House([service], Settings(data_dir=folder, secret="x" * 32))
        self.application = self.house.applications["scheduling"]
        self.ask = self.house.ask
        self.sequence = 0

    def deliver(self, event: Event) -> None:
        self.sequence += 1
        body = encode(event)
        envelope = Envelope(
            str(uuid.uuid4()), event.source, event.type(), NOW, 1, "trace", event.subject, self.sequence, body
        )
        self.application.receive(type(event), encode(envelope))

    def register(self, one: Registered) -> None:
        self.deliver(RegistrationSubmitted(EDITION, one.school, one.classes, one.groups))

    def job(self, job_id: str, *states: str) -> rpc.Job:
        """Wait until the job is in one of these states."""

        def look() -> rpc.Job | None:
            job = self.ask(rpc.GetJob(job_id))
            return job if job.state in states else None

        return eventually(look)

    def solve(self, steps: int | None = None) -> rpc.Job:
        return self.job(self.ask(rpc.ProposePlan(EDITION, steps=steps)).id, "done", "failed")


@contextmanager
def a_house(folder: Path, solver: Solver | None = None) -> Iterator[Lone]:
    lone = Lone(folder, solver or FirstFit())
    lone.house.start()
    try:
        yield lone
    finally:
        lone.house.stop()


def in_quinzaine(school: str) -> Registered:
    both = ("robotics", "video")
    groups = (a_group(f"{school}/{n}", both, programme_id="robotique-video") for n in (1, 2))
    return registered(a_school(school), *groups)


@pytest.fixture
def lone(tmp_path: Path) -> Iterator[Lone]:
    with a_house(tmp_path) as house:
        house.ask(rpc.OpenEdition("edition.toml", TEXT))
        house.register(in_quinzaine("acy"))
        house.register(in_quinzaine("belleu"))
        yield house


def test_the_same_steps_give_the_same_plan_twice(tmp_path: Path) -> None:
    with a_house(tmp_path, SolverProcess()) as house:
        house.ask(rpc.OpenEdition("edition.toml", TEXT))
        house.register(in_quinzaine("acy"))
        first, second = (house.ask(rpc.GetPlan(EDITION, house.solve(steps=40).proposal_id)) for _ in range(2))
    assert first.sessions == second.sessions != ()
    assert (first.steps, first.seed, first.question) == (40, second.seed, second.question)


def test_from_the_file_to_a_release(lone: Lone) -> None:
    assert lone.ask(rpc.ListEditions())[0].release == 0
    job = lone.solve()
    assert (job.state, job.placed, job.sessions) == ("done", 8, 8)
    release = lone.ask(rpc.ReleasePlan(EDITION, str(job.proposal_id), 0))
    assert lone.ask(rpc.ReleasePlan(EDITION, str(job.proposal_id), 0)) == replace(release, again=True)
    plan = lone.ask(rpc.GetPlan(EDITION))
    assert (plan.release, len(plan.sessions), plan.unplaced, plan.violations, plan.outdated) == (1, 8, (), (), False)
    assert lone.ask(rpc.ListReleases(EDITION)) == (release,)
    assert lone.ask(rpc.ListEditions())[0].release == 1
    assert lone.ask(rpc.ListJobs(EDITION)) == (lone.ask(rpc.GetJob(job.id)),)


def test_a_release_leaves_as_one_event(tmp_path: Path) -> None:
    lone = Lone(tmp_path, FirstFit())
    lone.ask(rpc.OpenEdition("edition.toml", TEXT))
    lone.ask(rpc.OpenEdition("edition.toml", TEXT))
    lone.register(in_quinzaine("acy"))
    job = lone.ask(rpc.ProposePlan(EDITION))
    tick = lone.application.loops[0].tick
    eventually(lambda: tick() or lone.ask(rpc.GetJob(job.id)).state == "done")
    eventually(lambda: not tick() and lone.ask(rpc.GetJob(job.id)).state == "done")
    proposal = str(lone.ask(rpc.GetJob(job.id)).proposal_id)
    for _ in range(2):
        lone.ask(rpc.ReleasePlan(EDITION, proposal, 0))
    with lone.application.database.read() as connection:
        outbox = tables.messages.outbox
        types = list(connection.execute(sa.select(outbox.c.event_type).order_by(outbox.c.position)).scalars())
    assert types == ["edition_opened", PlanReleased.type()]
    lone.house.stop()


def test_a_stale_proposal_is_refused(lone: Lone) -> None:
    job = lone.solve()
    school = a_school("belleu", closed=(HalfDay(MONDAY, "am"),))
    lone.register(Registered(school, in_quinzaine("belleu").classes, in_quinzaine("belleu").groups))
    with pytest.raises(Refused) as refusal:
        lone.ask(rpc.ReleasePlan(EDITION, str(job.proposal_id), 0))
    assert [(p.code, *p.facts.values()) for p in refusal.value.problems] == [
        ("proposal_outdated", "Belleu"),
        ("changed_hours", "Belleu"),
    ]
    assert lone.ask(rpc.ListReleases(EDITION)) == ()


def test_an_answer_is_kept_with_its_head_count(lone: Lone) -> None:
    lone.ask(rpc.ReleasePlan(EDITION, str(lone.solve().proposal_id), 0))
    lone.deliver(SlotsConfirmed(EDITION, "acy", 1, ("acy/1:robotics",), {"acy/1:robotics": 12}))
    plan = lone.ask(rpc.GetPlan(EDITION))
    said = {p.session.id: (p.school_answer, p.pupils) for p in plan.sessions if p.session.school_id == "acy"}
    assert said == {
        "acy/1:robotics": ("confirmed", 12),
        "acy/2:robotics": ("offered", 14),
        "acy/1:video": ("offered", 14),
        "acy/2:video": ("offered", 14),
    }


def test_a_solve_is_cancelled_while_it_runs(tmp_path: Path) -> None:
    with a_house(tmp_path, Scripted(hangs=True)) as lone:
        lone.ask(rpc.OpenEdition("edition.toml", TEXT))
        lone.register(in_quinzaine("acy"))
        job = lone.ask(rpc.ProposePlan(EDITION))
        running = eventually(lambda: next((j for j in [lone.ask(rpc.GetJob(job.id))] if j.phase), None))
        assert (running.state, running.placed, running.value, running.bound) == ("running", 1, 500, 400)
        assert lone.ask(rpc.CancelJob(job.id)).state == "cancelled"
        again = lone.ask(rpc.ProposePlan(EDITION))
        lone.job(again.id, "running")  # the solver was free again
        assert lone.ask(rpc.GetJob(job.id)).state == "cancelled"


def test_a_failed_solve_keeps_its_reason(tmp_path: Path) -> None:
    with a_house(tmp_path, Scripted(SolverFailed(Problem("solver_out_of_memory")))) as lone:
        lone.ask(rpc.OpenEdition("edition.toml", TEXT))
        lone.register(in_quinzaine("acy"))
        job = lone.solve()
        assert (job.state, job.reason, job.proposal_id) == ("failed", Problem("solver_out_of_memory"), None)


def test_a_job_survives_a_stop(tmp_path: Path) -> None:
    with a_house(tmp_path, Scripted(hangs=True)) as lone:
        lone.ask(rpc.OpenEdition("edition.toml", TEXT))
        lone.register(in_quinzaine("acy"))
        job = lone.ask(rpc.ProposePlan(EDITION))
        lone.job(job.id, "running")
    with a_house(tmp_path) as lone:
        assert lone.job(job.id, "done").placed == 4


CRASHING = """
import sys, time
from pathlib import Path
from services.contracts import rpc
from tests.integration.test_scheduling_house import EDITION, TEXT, Lone, in_quinzaine
from tests.unit.scheduling.fakes import Scripted

lone = Lone(Path(sys.argv[1]), Scripted(hangs=True))
lone.house.start()
lone.ask(rpc.OpenEdition("edition.toml", TEXT))
lone.register(in_quinzaine("acy"))
job = lone.ask(rpc.ProposePlan(EDITION))
lone.job(job.id, "running")
print(job.id, flush=True)
time.sleep(600)
"""


def test_a_job_survives_a_crash(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", CRASHING, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    job_id = child.stdout.readline().strip()
    child.kill()
    child.communicate()
    before = Lone(tmp_path, FirstFit())
    assert before.ask(rpc.GetJob(job_id)).state == "running"  # nobody tidied up
    before.application.database.close()
    with a_house(tmp_path) as lone:
        assert lone.job(job_id, "done").placed == 4


DYING = """
import os, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from services.contracts import codec
from services.scheduling.adapters.spool import Request, Spool
from tests.unit.scheduling.fakes import FirstFit

spool = Spool(Path(sys.argv[-1]))
request = codec.loads(Request, spool.request.read_text(encoding="utf-8"))
spool.write_best(FirstFit().solve(request.problem, seconds=1, seed=1, report=spool.write_progress))
os.kill(os.getpid(), 9)
"""


def test_a_child_that_is_killed_leaves_its_best_plan_and_the_service_alive(tmp_path: Path) -> None:
    script = tmp_path / "dying.py"
    script.write_text(DYING, encoding="utf-8")
    with a_house(tmp_path, SolverProcess(command=(sys.executable, str(script), str(ROOT)))) as lone:
        lone.ask(rpc.OpenEdition("edition.toml", TEXT))
        lone.register(in_quinzaine("acy"))
        job = lone.solve()
        assert (job.state, job.reason, job.placed) == ("failed", Problem("solver_out_of_memory"), 4)
        plan = lone.ask(rpc.GetPlan(EDITION, proposal_id=job.proposal_id))
        assert (len(plan.sessions), plan.violations) == (4, ())
        assert lone.ask(rpc.ReleasePlan(EDITION, plan.proposal_id, 0)).sessions == 4


def test_an_incident_is_answered_by_plans_to_choose_from(lone: Lone) -> None:
    lone.ask(rpc.ReleasePlan(EDITION, str(lone.solve().proposal_id), 0))
    before = {p.session.id: p.session for p in lone.ask(rpc.GetPlan(EDITION)).sessions}
    day = min(before.values(), key=lambda session: session.start).start.astimezone(PARIS).date()
    snow = SnowDay((HalfDay(day, "am"), HalfDay(day, "pm")))
    incident = lone.ask(rpc.ReportIncident(EDITION, snow, "Organisatrice", "verglas", "key-1"))
    assert lone.ask(rpc.ListIncidents(EDITION)) == (incident,)
    job = lone.ask(rpc.ProposePlan(EDITION, several=True, frozen_before=day))
    done = lone.job(job.id, "done", "failed")
    assert (done.state, done.reason, done.frozen_before) == ("done", None, day)
    first = done.choices[0]
    lone.ask(rpc.ReleasePlan(EDITION, first.proposal_id, 1))
    plan = lone.ask(rpc.GetPlan(EDITION))
    after = {p.session.id: p.session for p in plan.sessions}
    moved = {id_ for id_ in before if after[id_] != before[id_]}
    assert {session.start.astimezone(PARIS).date() for session in after.values()} & {day} == set()
    assert (plan.violations, plan.outdated, first.moved, first.placed) == ((), False, len(moved), 8)
    assert lone.ask(rpc.WithdrawIncident(EDITION, "key-1")).withdrawn_at is not None
    assert lone.ask(rpc.GetPlan(EDITION)).outdated


def test_a_solve_is_stopped_early_and_keeps_its_best(tmp_path: Path) -> None:
    with a_house(tmp_path, Scripted(hangs=True, best=True)) as lone:
        lone.ask(rpc.OpenEdition("edition.toml", TEXT))
        lone.register(in_quinzaine("acy"))
        job = lone.ask(rpc.ProposePlan(EDITION))
        eventually(lambda: lone.ask(rpc.GetJob(job.id)).placed)
        assert lone.ask(rpc.StopJob(job.id)).stopping
        done = lone.job(job.id, "done", "failed", "cancelled")
        assert (done.state, done.placed, done.reason) == ("done", 4, None)
