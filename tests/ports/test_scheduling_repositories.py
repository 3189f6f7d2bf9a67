"""The repositories of scheduling behave the same in memory and in SQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import pytest

from services.contracts import rpc
from services.contracts.causes import Incident, Lockdown, SchoolClosed
from services.contracts.errors import Problem, Refused
from services.contracts.values import HalfDay
from services.kit.application import Context
from services.kit.database import Database
from services.kit.migrate import migrate
from services.scheduling.adapters.repository import SchedulingTransaction
from services.scheduling.adapters.tables import messages
from services.scheduling.domain.demand import Basis, build, fingerprint
from services.scheduling.domain.plan import SCHOOL, Answer, Pin, Proposal, Refusal, Release, sessions
from services.scheduling.domain.problem import Placement
from services.scheduling.ports import Transaction
from tests.unit.scheduling.builders import MONDAY, TUESDAY, a_basis, a_school, an_edition, registered, the_pass
from tests.unit.scheduling.fakes import NOW, Memory

EDITION = "demo-2020"
SECOND = dt.timedelta(seconds=1)


@pytest.fixture(params=["memory", "sql"])
def tx(request: pytest.FixtureRequest, database: Database) -> Iterator[Transaction]:
    if request.param == "memory":
        yield with_an_edition(Memory())
        return
    migrate("scheduling", database)
    with database.begin() as connection:
        yield with_an_edition(SchedulingTransaction(connection, messages, lambda: NOW, Context("trace")))


def with_an_edition(tx: Transaction) -> Transaction:
    tx.editions.save(an_edition())
    return tx


def a_job(id_: str = "j1", state: rpc.JobState = "queued", seconds_later: int = 0) -> rpc.Job:
    return rpc.Job(id_, EDITION, state, NOW + seconds_later * SECOND, 60.0, 0.0, 4)


def a_proposal(id_: str = "p1", basis: Basis | None = None) -> Proposal:
    chosen = basis or a_basis()
    placements = (
        Placement("acy/1:robotics", "robotics-1", "acy", MONDAY, 540),
        Placement("acy/1:video", "video-1", "acy", TUESDAY, 540),
    )
    cost = {"unplaced": 200_000, "drive": 12}
    inputs = fingerprint(build(chosen))
    return Proposal(id_, EDITION, NOW, inputs, chosen, placements, "feasible", cost, 10.5, "hash", 7, 3, "by hand 1")


def a_release(number: int = 1, proposal: Proposal | None = None) -> Release:
    chosen = proposal or a_proposal()
    plan = sessions(chosen.basis, chosen.placements)
    return Release(EDITION, number, chosen.id, NOW, plan, {"added": 2})


def an_answer(release: int = 1, **changes: object) -> Answer:
    answer = Answer(EDITION, "acy/1:robotics", SCHOOL, release, "confirmed", NOW, None, 13)
    return replace(answer, **changes)  # type: ignore[arg-type]


def refused_with(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.raises(Refused, match=f"^{code}$")


def test_an_edition_is_read_as_it_was_saved(tx: Transaction) -> None:
    rich = the_pass().edition
    tx.editions.save(rich)
    assert tx.editions.get(EDITION) == tx.editions.find(EDITION) == rich
    assert tx.editions.find("x") is None
    for ask in (tx.editions.get, tx.editions.lock):
        with refused_with("unknown_edition"):
            ask("x")


def test_editions_come_latest_first(tx: Transaction) -> None:
    later = replace(an_edition(), id="later", first_day=dt.date(2021, 1, 4))
    tx.editions.save(later)
    assert [edition.id for edition in tx.editions.all()] == ["later", EDITION]


def test_registrations_come_in_the_order_of_ids(tx: Transaction) -> None:
    both = [registered(a_school(id_)) for id_ in ("belleu", "acy")]
    for one in both:
        tx.registrations.save(EDITION, one)
    assert tx.registrations.of(EDITION) == tuple(reversed(both))
    assert tx.registrations.of("other") == ()
    changed = replace(both[0], groups=())
    tx.registrations.save(EDITION, changed)
    assert tx.registrations.of(EDITION) == (both[1], changed)


def test_a_job_is_claimed_once_oldest_first(tx: Transaction) -> None:
    tx.editions.save(replace(an_edition(), id="other"))
    tx.jobs.add(replace(a_job("late", seconds_later=5), edition_id="other"), 3)
    tx.jobs.add(a_job("early"), 7)
    assert tx.jobs.claim("me", NOW) == (replace(a_job("early", "running"), starts=1), 7)
    assert tx.jobs.get("early").state == "running"
    claimed = tx.jobs.claim("me", NOW)
    assert claimed is not None and claimed[0].id == "late"
    assert tx.jobs.claim("me", NOW) is None


def test_a_job_belongs_to_its_worker_while_it_runs(tx: Transaction) -> None:
    tx.jobs.add(a_job(), 1)
    tx.jobs.claim("me", NOW)
    tx.jobs.save(replace(tx.jobs.get("j1"), stopping=True))
    mine = replace(a_job(state="running"), starts=1, stopping=True)
    assert (tx.jobs.hold("j1", "me", NOW), tx.jobs.hold("j1", "other", NOW)) == (mine, None)
    tx.jobs.save(a_job(state="cancelled"))
    assert tx.jobs.hold("j1", "me", NOW) is None


def test_an_abandoned_job_is_queued_again(tx: Transaction) -> None:
    tx.jobs.add(a_job(), 1)
    tx.jobs.claim("me", NOW)
    tx.jobs.hold("j1", "me", NOW + 10 * SECOND)
    assert tx.jobs.requeue_abandoned(NOW + 10 * SECOND) == 0
    assert tx.jobs.requeue_abandoned(NOW + 11 * SECOND) == 1
    assert tx.jobs.get("j1").state == "queued"
    assert tx.jobs.hold("j1", "me", NOW) is None
    again = tx.jobs.claim("other", NOW)
    assert again is not None and again[0].starts == 2


def test_a_worker_gives_back_what_it_holds(tx: Transaction) -> None:
    tx.jobs.add(a_job(), 1)
    tx.jobs.claim("me", NOW)
    tx.jobs.release("other")
    assert tx.jobs.get("j1").state == "running"
    tx.jobs.release("me")
    assert tx.jobs.get("j1").state == "queued"


def test_jobs_of_an_edition_come_latest_first(tx: Transaction) -> None:
    done = replace(a_job("j1", "done"), placed=4, value=12.5, bound=10.0, phase="x", proposal_id="p1", elapsed=2.0)
    done = replace(done, tried=rpc.Tried("p0", "acy/1:video", "video-1", "acy", HalfDay(TUESDAY, "am"), NOW, 12))
    failed = replace(
        a_job("j2", "failed", seconds_later=1),
        reason=Problem("plan_breaks_rules", {"rules": "hours"}),
        several=True,
        frozen_before=TUESDAY,
        moved=3,
        fewest_moved=True,
        choices=(rpc.Choice("p1", 4, 2, 1, 0, 3, 120, True), rpc.Choice("p2", 3, 0, 0, 1, 1, 100)),
    )
    for job in (done, failed):
        tx.jobs.add(job, 1)
    assert tx.jobs.of(EDITION) == (failed, done)
    assert (tx.jobs.active(EDITION), tx.jobs.lock("j1")) == (False, done)
    tx.jobs.add(a_job("j3"), 1)
    assert (tx.jobs.active(EDITION), tx.jobs.active("other")) == (True, False)
    with refused_with("unknown_job"):
        tx.jobs.get("x")


def test_incidents_come_in_the_order_in_which_they_were_recorded(tx: Transaction) -> None:
    closed = Incident("z", EDITION, SchoolClosed("acy", (HalfDay(MONDAY, "am"),)), NOW, "organiser", "grève", ("s1",))
    lockdown = Incident("a", EDITION, Lockdown(MONDAY, TUESDAY, TUESDAY, (TUESDAY,)), NOW + SECOND, "organiser")
    for incident in (lockdown, closed):
        tx.incidents.save(incident)
    assert tx.incidents.of(EDITION) == (closed, lockdown)
    over = replace(closed, withdrawn_at=NOW + 2 * SECOND)
    tx.incidents.save(over)
    assert (tx.incidents.of(EDITION), tx.incidents.find(EDITION, "z")) == ((over, lockdown), over)
    assert (tx.incidents.of("other"), tx.incidents.find("other", "z")) == ((), None)


def test_a_refused_slot_is_remembered_until_it_is_taken(tx: Transaction) -> None:
    later = NOW + 60 * SECOND
    tx.answers.save(an_answer(1, answer="declined"))
    tx.answers.save(an_answer(1, answer="declined", party="robotics-org"))
    tx.answers.save(an_answer(2, answer="declined", start=later))
    tx.answers.save(an_answer(1, answer="confirmed"))  # late: an older release
    every = tuple(Refusal("acy/1:robotics", *slot) for slot in ((NOW, SCHOOL), (NOW, "robotics-org"), (later, SCHOOL)))
    assert (tx.answers.refused(EDITION), tx.answers.refused("other")) == (every, ())
    tx.answers.save(an_answer(3, start=later))
    assert tx.answers.refused(EDITION) == every[:2]


def test_a_proposal_is_read_as_it_was_added(tx: Transaction) -> None:
    proposal = a_proposal(basis=a_basis(registered(a_school(disliked=(), rooms=2))))
    tx.proposals.add(proposal)
    assert tx.proposals.get(EDITION, "p1") == proposal
    for edition, id_ in ((EDITION, "x"), ("other", "p1")):
        with refused_with("unknown_proposal"):
            tx.proposals.get(edition, id_)


def test_releases_come_latest_first(tx: Transaction) -> None:
    assert tx.releases.current(EDITION) is None
    first, second = a_proposal("p1"), a_proposal("p2")
    for proposal in (first, second):
        tx.proposals.add(proposal)
    one, two = a_release(1, first), a_release(2, second)
    for release in (one, two):
        tx.releases.add(release)
    assert tx.releases.of(EDITION) == (two, one)
    assert (tx.releases.current(EDITION), tx.releases.get(EDITION, 1), tx.releases.made_from("p1")) == (two, one, one)
    assert tx.releases.made_from("p3") is None
    with refused_with("unknown_release"):
        tx.releases.get(EDITION, 3)


def test_the_last_answer_is_kept_unless_it_is_to_an_older_release(tx: Transaction) -> None:
    proposal = a_proposal()
    session = sessions(proposal.basis, proposal.placements)[0]
    here = {"start": session.start, "venue_id": session.venue_id}
    tx.answers.save(an_answer(2, **here))
    assert tx.answers.of(EDITION).of(session, SCHOOL) == an_answer(2, **here)
    tx.answers.save(an_answer(1, **here, answer="declined"))
    assert tx.answers.of(EDITION).school(session) == "confirmed"
    tx.answers.save(an_answer(2, **here, answer="declined", pupils=None, reason="sortie"))
    assert tx.answers.of(EDITION).school(session) == "declined"
    assert tx.answers.of("other").school(session) == "offered"
    tx.answers.save(an_answer(2, **here, party="robotics-org", answer="tentative"))
    assert tx.answers.of(EDITION).provider(session) == "tentative"
    assert tx.answers.of(EDITION).school(session) == "declined"


def test_the_latest_draft_made_from_a_plan_is_found(tx: Transaction) -> None:
    tx.proposals.add(a_proposal())
    assert tx.proposals.drawn_from("p1") == ""
    drafts = [replace(a_proposal(f"d{n}"), made_at=NOW + n * SECOND, made_from="p1", moved="s1") for n in (2, 1)]
    for draft in drafts:
        tx.proposals.add(draft)
    assert tx.proposals.drawn_from("p1") == "d2"
    assert tx.proposals.get(EDITION, "d2") == drafts[0]


def test_a_session_has_one_pin_until_it_is_taken_away(tx: Transaction) -> None:
    there, here = (Pin(a_proposal().placements[n], f"pin {n}", NOW) for n in (1, 0))
    for pin in (there, replace(here, comment="before"), here):
        tx.pins.save(EDITION, pin)
    assert tx.pins.of(EDITION) == (here, there)
    assert tx.pins.of("other") == ()
    for _ in range(2):
        tx.pins.remove(EDITION, there.placement.demand_id)
    assert tx.pins.of(EDITION) == (here,)
