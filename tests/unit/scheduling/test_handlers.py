"""Requests and events of the scheduling service, on repositories in memory."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial

import pytest

from services.contracts import rpc
from services.contracts.errors import Problem, Refused
from services.contracts.events import (
    EditionOpened,
    InvitationAnswered,
    PlanReleased,
    RegistrationSubmitted,
    SlotDeclined,
    SlotsConfirmed,
)
from services.contracts.values import HalfDay, School
from services.scheduling.domain.checker import check
from services.scheduling.domain.demand import Registered, build
from services.scheduling.domain.plan import instant
from services.scheduling.domain.problem import Placement
from services.scheduling.domain.solution import Progress, Solution, SolverFailed
from services.scheduling.handlers import editions, facts, jobs, plans
from services.scheduling.handlers.editions import basis_of, problem_of
from services.scheduling.handlers.solving import JobLoop
from tests.unit.scheduling.builders import EXAMPLES, MONDAY, THURSDAY, TUESDAY, a_basis, a_group, a_school, registered
from tests.unit.scheduling.fakes import FirstFit, Memory, OpenCalendar, Run

TEXT = (EXAMPLES / "soissons-2020" / "edition.toml").read_text(encoding="utf-8")
EDITION = "demo-2020"

open_edition = partial(editions.open_edition, calendar=OpenCalendar())


def a_house(*schools: Registered) -> Memory:
    """Memory with an edition and its registrations."""
    memory, basis = Memory(), a_basis(*schools)
    memory.editions.save(basis.edition)
    for one in basis.registered:
        facts.registration_submitted(RegistrationSubmitted(EDITION, one.school, one.classes, one.groups), memory)
    return memory


def refusal(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.raises(Refused, match=f"^{code}$")


def first_fit(run: Run) -> Solution:
    assert run.problem is not None
    return FirstFit().solve(run.problem, seconds=1, seed=1, report=lambda _: None)


def solved(memory: Memory) -> rpc.Job:
    """Ask for a plan and solve it."""
    run = Run()
    loop = JobLoop(memory.begin, run, memory.clock)
    job = jobs.propose_plan(rpc.ProposePlan(EDITION), memory)
    loop.tick()
    run.outcome = first_fit(run)
    loop.tick()
    return memory.jobs.get(job.id)


def released(memory: Memory) -> rpc.Release:
    """Solve and release."""
    job = solved(memory)
    current = memory.releases.current(EDITION)
    return plans.release_plan(rpc.ReleasePlan(EDITION, str(job.proposal_id), current.number if current else 0), memory)


def the_plan(memory: Memory, **which: object) -> rpc.Plan:
    return plans.get_plan(rpc.GetPlan(EDITION, **which), memory)  # type: ignore[arg-type]


def close(memory: Memory, school: School, *half_days: HalfDay) -> None:
    one = next(one for one in memory.registrations.of(EDITION) if one.school.id == school.id)
    memory.registrations.save(EDITION, replace(one, school=replace(school, closed=half_days)))


# Editions -------------------------------------------------------------------------------------------------


def test_opening_an_edition_tells_it_once() -> None:
    memory = Memory()
    edition = open_edition(rpc.OpenEdition("edition.toml", TEXT), memory)
    again = open_edition(rpc.OpenEdition("edition.toml", TEXT), memory)
    assert again == edition == memory.editions.get("soissons-2020")
    assert memory.emitted == [EditionOpened(edition)]


def test_a_changed_description_is_told() -> None:
    memory = Memory()
    open_edition(rpc.OpenEdition("edition.toml", TEXT), memory)
    changed = open_edition(rpc.OpenEdition("edition.toml", TEXT.replace("lunch = 45", "lunch = 60")), memory)
    assert memory.emitted[1:] == [EditionOpened(changed)]
    assert memory.editions.get("soissons-2020").lunch == 60


def test_priorities_are_told_once_and_outlive_a_file_that_names_none() -> None:
    memory = Memory()
    open_edition(rpc.OpenEdition("edition.toml", TEXT), memory)
    asked = rpc.SetPriorities("soissons-2020", ("rural", "qpv", "rural"))
    changed = editions.set_priorities(asked, memory)
    assert changed.priorities == ("rural", "qpv")
    assert editions.set_priorities(asked, memory) == changed
    assert open_edition(rpc.OpenEdition("edition.toml", TEXT), memory) == changed
    assert memory.emitted[1:] == [EditionOpened(changed)]


def test_a_faulty_file_changes_nothing() -> None:
    memory = Memory()
    with pytest.raises(Refused):
        open_edition(rpc.OpenEdition("edition.toml", TEXT.replace("lunch = 45", "lunch = -1")), memory)
    assert (memory.emitted, memory.editions) == ([], {})


def test_the_demand_counts_each_pupil_once() -> None:
    waiting = a_group("belleu/1", ("robotics", "video"), exception="too_small", pupils=8)
    memory = a_house(registered(), registered(a_school("belleu"), waiting, pupils=8))
    demand = editions.get_demand(rpc.GetDemand(EDITION), memory)
    assert replace(demand, inputs="") == rpc.Demand(EDITION, 2, 2, 4, 28, 1, "")
    listed = plans.list_demand(rpc.ListDemand(EDITION), memory)
    assert len({one.session_id for one in listed}) == len(listed) == demand.sessions


@pytest.mark.parametrize(
    "ask",
    [
        lambda tx: editions.get_edition(rpc.GetEdition("x"), tx),
        lambda tx: editions.get_demand(rpc.GetDemand("x"), tx),
        lambda tx: jobs.propose_plan(rpc.ProposePlan("x"), tx),
        lambda tx: jobs.list_jobs(rpc.ListJobs("x"), tx),
        lambda tx: plans.get_plan(rpc.GetPlan("x"), tx),
        lambda tx: plans.release_plan(rpc.ReleasePlan("x", "p", 0), tx),
        lambda tx: plans.list_releases(rpc.ListReleases("x"), tx),
        lambda tx: plans.compare_releases(rpc.CompareReleases("x", 0), tx),
        lambda tx: plans.export_rotation(rpc.ExportRotation("x"), tx),
    ],
)
def test_an_unknown_edition_is_refused(ask: object) -> None:
    assert callable(ask)
    with refusal("unknown_edition"):
        ask(Memory())


# Jobs -----------------------------------------------------------------------------------------------------


def test_a_job_goes_from_queued_to_done_with_its_proposal() -> None:
    memory, run = a_house(), Run()
    loop = JobLoop(memory.begin, run, memory.clock)
    job = jobs.propose_plan(rpc.ProposePlan(EDITION, seconds=30, seed=7), memory)
    assert (job.state, job.sessions, job.proposal_id) == ("queued", 4, None)

    assert loop.tick() is True
    assert memory.jobs.get(job.id).state == "running"
    run.progress = Progress("routes", 3, 900.0, 800.0, 2.0)
    memory.pass_time(2)
    assert loop.tick() is False
    running = memory.jobs.get(job.id)
    assert (running.phase, running.placed, running.value, running.bound, running.elapsed) == ("routes", 3, 900, 800, 2)

    run.outcome = first_fit(run)
    loop.tick()
    done = memory.jobs.get(job.id)
    plan = the_plan(memory, proposal_id=done.proposal_id)
    assert (done.state, done.placed, len(plan.sessions), plan.violations, plan.outdated) == ("done", 4, 4, (), False)
    assert done.value == sum(plan.cost.values())


def test_progress_is_stored_at_most_once_a_second() -> None:
    memory, run = a_house(), Run()
    loop = JobLoop(memory.begin, run, memory.clock)
    job = jobs.propose_plan(rpc.ProposePlan(EDITION), memory)
    loop.tick()
    stored = []
    for placed in range(1, 11):
        memory.pass_time(0.25)
        run.progress = Progress("routes", placed, None, None, 0)
        loop.tick()
        stored.append(memory.jobs.get(job.id).placed)
    assert stored == [None, None, None, 4, 4, 4, 4, 8, 8, 8]


def test_a_job_is_refused_while_another_runs() -> None:
    memory = a_house()
    job = jobs.propose_plan(rpc.ProposePlan(EDITION), memory)
    with refusal("job_running"):
        jobs.propose_plan(rpc.ProposePlan(EDITION), memory)
    jobs.cancel_job(rpc.CancelJob(job.id), memory)
    assert jobs.propose_plan(rpc.ProposePlan(EDITION), memory).state == "queued"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (rpc.ProposePlan(EDITION, seconds=0.5), "job_seconds"),
        (rpc.ProposePlan(EDITION, seconds=3601), "job_seconds"),
        (rpc.ProposePlan(EDITION, seconds=float("nan")), "job_seconds"),
        (rpc.ProposePlan(EDITION, seed=-1), "job_seed"),
        (rpc.ProposePlan(EDITION, seed=2**31), "job_seed"),
        (rpc.ProposePlan(EDITION, steps=0), "job_steps"),
        (rpc.ProposePlan(EDITION, steps=100_000_001), "job_steps"),
    ],
)
def test_a_solve_out_of_measure_is_refused(request_: rpc.ProposePlan, code: str) -> None:
    memory = a_house()
    with refusal(code):
        jobs.propose_plan(request_, memory)
    assert memory.jobs.jobs == {}


def test_nothing_to_plan_is_refused() -> None:
    waiting = a_group("acy/1", ("robotics", "video"), exception="too_small")
    with refusal("nothing_to_plan"):
        jobs.propose_plan(rpc.ProposePlan(EDITION), a_house(registered(a_school(), waiting)))


def test_a_running_job_is_cancelled_and_nothing_is_kept() -> None:
    memory, run = a_house(), Run()
    loop = JobLoop(memory.begin, run, memory.clock)
    job = jobs.propose_plan(rpc.ProposePlan(EDITION), memory)
    loop.tick()
    assert jobs.cancel_job(rpc.CancelJob(job.id), memory).state == "cancelled"
    assert jobs.cancel_job(rpc.CancelJob(job.id), memory).state == "cancelled"
    memory.pass_time(1)
    loop.tick()
    assert run.cancelled
    loop.tick()
    assert (memory.jobs.get(job.id).state, memory.proposals) == ("cancelled", {})
    jobs.propose_plan(rpc.ProposePlan(EDITION), memory)
    assert (loop.tick(), run.started) == (True, 2)


def test_a_plan_found_just_after_the_cancel_is_not_kept() -> None:
    memory, run = a_house(), Run()
    loop = JobLoop(memory.begin, run, memory.clock)
    job = jobs.propose_plan(rpc.ProposePlan(EDITION), memory)
    loop.tick()
    jobs.cancel_job(rpc.CancelJob(job.id), memory)
    run.outcome = first_fit(run)
    loop.tick()
    assert (memory.jobs.get(job.id).state, memory.proposals) == ("cancelled", {})


def test_a_job_that_is_over_cannot_be_cancelled() -> None:
    memory = a_house()
    with refusal("job_over"):
        jobs.cancel_job(rpc.CancelJob(solved(memory).id), memory)
    with refusal("unknown_job"):
        jobs.cancel_job(rpc.CancelJob("x"), memory)


def test_a_solver_that_fails_leaves_its_reason() -> None:
    memory, run = a_house(), Run()
    loop = JobLoop(memory.begin, run, memory.clock)
    job = jobs.propose_plan(rpc.ProposePlan(EDITION), memory)
    loop.tick()
    run.outcome = SolverFailed(Problem("solver_out_of_memory"))
    loop.tick()
    failed = memory.jobs.get(job.id)
    assert (failed.state, failed.reason, failed.proposal_id) == ("failed", Problem("solver_out_of_memory"), None)


def test_a_plan_that_breaks_a_rule_is_never_stored() -> None:
    memory, run = a_house(), Run()
    loop = JobLoop(memory.begin, run, memory.clock)
    job = jobs.propose_plan(rpc.ProposePlan(EDITION), memory)
    loop.tick()
    at_night = Placement("acy/1:robotics", "robotics-1", "acy", MONDAY, 0)
    run.outcome = Solution((at_night,), (), "optimal", 0.0, 0.0)
    loop.tick()
    failed = memory.jobs.get(job.id)
    assert (failed.state, failed.proposal_id, memory.proposals) == ("failed", None, {})
    assert failed.reason == Problem("plan_breaks_rules", {"rules": "hours, team_day"})


def test_a_job_whose_worker_vanished_is_taken_up_by_another() -> None:
    memory, lost, next_run = a_house(), Run(), Run()
    dead = JobLoop(memory.begin, lost, memory.clock)
    job = jobs.propose_plan(rpc.ProposePlan(EDITION), memory)
    dead.tick()
    other = JobLoop(memory.begin, next_run, memory.clock)
    memory.pass_time(10)
    assert other.tick() is False  # it may still be at work
    memory.pass_time(10)
    assert (other.tick(), next_run.started) == (True, 1)

    dead.tick()  # it was only slow: it sees that the job is no longer its own
    assert lost.cancelled
    dead.tick()
    next_run.outcome = first_fit(next_run)
    other.tick()
    assert (memory.jobs.get(job.id).state, len(memory.proposals)) == ("done", 1)


def test_a_worker_alone_takes_up_at_once_what_a_crash_left() -> None:
    memory, run = a_house(), Run()
    job = jobs.propose_plan(rpc.ProposePlan(EDITION), memory)
    JobLoop(memory.begin, Run(), memory.clock, alone=True).tick()
    memory.pass_time(0.1)
    restarted = JobLoop(memory.begin, run, memory.clock, alone=True)
    assert (restarted.tick(), run.started, memory.jobs.get(job.id).state) == (True, 1, "running")


def test_a_worker_that_speaks_keeps_its_job() -> None:
    memory, run = a_house(), Run()
    loop = JobLoop(memory.begin, run, memory.clock)
    jobs.propose_plan(rpc.ProposePlan(EDITION), memory)
    loop.tick()
    other = JobLoop(memory.begin, Run(), memory.clock)
    for _ in range(40):
        memory.pass_time(1)
        loop.tick()
        assert other.tick() is False
    assert (run.cancelled, run.started) == (False, 1)


def test_closing_gives_the_job_back_at_once() -> None:
    memory, run = a_house(), Run()
    loop = JobLoop(memory.begin, run, memory.clock)
    job = jobs.propose_plan(rpc.ProposePlan(EDITION), memory)
    loop.tick()
    loop.close()
    assert (memory.jobs.get(job.id).state, run.cancelled) == ("queued", True)


# Plans ----------------------------------------------------------------------------------------------------


def test_a_plan_carries_the_names_people_read() -> None:
    memory = a_house()
    first = the_plan(memory, proposal_id=solved(memory).proposal_id).sessions[0]
    assert (first.school_name, first.group_name, first.pupils) == ("Acy", "CM2 1", 14)
    assert (first.activity_name, first.provider_name, first.team_name) == ("Robotics", "Robotics", "Équipe robotics")
    assert (first.school_answer, first.provider_answer) == (None, "pending")
    assert (first.session.start, first.session.end) == (instant(MONDAY, 540), instant(MONDAY, 600))
    assert first.session.start == dt.datetime(2020, 11, 2, 8, 0, tzinfo=dt.timezone.utc)


def test_sessions_without_a_place_are_listed() -> None:
    half_days = [HalfDay(day, half) for day in (MONDAY, TUESDAY, THURSDAY) for half in ("am", "pm")]
    closed = half_days[1:]  # one morning is left
    memory = a_house(registered(a_school(closed=tuple(closed))))
    plan = the_plan(memory, proposal_id=solved(memory).proposal_id)
    assert [(one.session_id, one.school_name, one.group_name, one.activity_name) for one in plan.unplaced] == [
        ("acy/1:video", "Acy", "CM2 1", "Video"),
        ("acy/2:video", "Acy", "CM2 2", "Video"),
    ]
    assert plan.cost["unplaced"] == 200_000


def test_nothing_is_shown_before_the_first_release() -> None:
    memory = a_house()
    solved(memory)
    with refusal("no_release"):
        the_plan(memory)
    with refusal("no_release"):
        plans.export_rotation(rpc.ExportRotation(EDITION), memory)
    with refusal("unknown_proposal"):
        the_plan(memory, proposal_id="x")
    with refusal("unknown_release"):
        the_plan(memory, release=1)


def test_a_release_tells_every_session_and_what_changed() -> None:
    memory = a_house()
    release = released(memory)
    (event,) = memory.emitted
    assert isinstance(event, PlanReleased)
    plan = the_plan(memory)
    assert event.sessions == tuple(planned.session for planned in plan.sessions)
    assert [change.kind for change in event.changes] == ["added"] * 4
    assert release == rpc.Release(EDITION, 1, plan.proposal_id, memory.now, 4, {"added": 4})
    assert (plan.release, {planned.school_answer for planned in plan.sessions}) == (1, {"offered"})
    assert plans.list_releases(rpc.ListReleases(EDITION), memory) == (release,)


def test_releasing_the_same_proposal_twice_is_one_release() -> None:
    memory = a_house()
    release = released(memory)
    again = plans.release_plan(rpc.ReleasePlan(EDITION, release.proposal_id, 0), memory)
    assert (again, len(memory.emitted)) == (replace(release, again=True), 1)


def test_a_release_in_between_is_refused() -> None:
    memory = a_house()
    first, second = solved(memory), solved(memory)
    plans.release_plan(rpc.ReleasePlan(EDITION, str(first.proposal_id), 0), memory)
    with pytest.raises(Refused) as refused:
        plans.release_plan(rpc.ReleasePlan(EDITION, str(second.proposal_id), 0), memory)
    assert [(p.code, p.facts) for p in refused.value.problems] == [("release_in_between", {"current": "1"})]
    assert len(memory.releases) == 1


def test_a_stale_proposal_is_refused_with_what_changed() -> None:
    memory = a_house(registered(), registered(a_school("belleu")))
    job = solved(memory)
    close(memory, a_school("belleu"), HalfDay(MONDAY, "am"))
    assert the_plan(memory, proposal_id=job.proposal_id).outdated
    with pytest.raises(Refused) as refused:
        plans.release_plan(rpc.ReleasePlan(EDITION, str(job.proposal_id), 0), memory)
    assert [(p.code, *p.facts.values()) for p in refused.value.problems] == [
        ("proposal_outdated", "Belleu"),
        ("changed_hours", "Belleu"),
    ]
    assert (memory.releases, memory.emitted) == ([], [])


def test_a_stored_plan_that_breaks_a_rule_cannot_be_released() -> None:
    memory = a_house()
    job = solved(memory)
    proposal = memory.proposals.get(EDITION, str(job.proposal_id))
    spoiled = (replace(proposal.placements[0], start=0), *proposal.placements[1:])
    memory.proposals[proposal.id] = replace(proposal, placements=spoiled)
    with refusal("proposal_breaks_rules"):
        plans.release_plan(rpc.ReleasePlan(EDITION, proposal.id, 0), memory)


def test_after_a_change_only_the_school_concerned_moves() -> None:
    memory = a_house(registered(), registered(a_school("belleu")))
    released(memory)
    before = {planned.session.id: planned.session for planned in the_plan(memory).sessions}
    close(memory, a_school("belleu"), *(HalfDay(day, half) for day in (MONDAY, TUESDAY) for half in ("am", "pm")))
    assert {v.session_ids[0].split("/")[0] for v in the_plan(memory).violations} == {"belleu"}
    release = released(memory)
    after = {planned.session.id: planned.session for planned in the_plan(memory).sessions}
    changed = {id_ for id_ in before if before[id_] != after.get(id_)}
    assert changed and {id_.split("/")[0] for id_ in changed} == {"belleu"}
    assert release.number == 2
    assert the_plan(memory, release=1).violations == ()  # it was right in its time
    event = memory.emitted[-1]
    assert isinstance(event, PlanReleased)
    assert {change.session_id for change in event.changes} == changed


def test_two_releases_are_compared_by_name() -> None:
    memory = a_house(registered(), registered(a_school("belleu")))
    released(memory)
    memory.registrations.save(EDITION, replace(memory.registrations.of(EDITION)[1], groups=()))
    job = solved(memory)
    with_proposal = plans.compare_releases(rpc.CompareReleases(EDITION, 1, proposal_id=job.proposal_id), memory)
    plans.release_plan(rpc.ReleasePlan(EDITION, str(job.proposal_id), 1), memory)
    changes = plans.compare_releases(rpc.CompareReleases(EDITION, 1, 2), memory)
    assert with_proposal == changes
    assert [(c.change.kind, c.school_name, c.provider_after) for c in changes] == [("dropped", "Belleu", "")] * 4
    from_nothing = plans.compare_releases(rpc.CompareReleases(EDITION, 0, 1), memory)
    assert [(c.change.kind, c.provider_before) for c in from_nothing] == [("added", "")] * 8
    assert plans.compare_releases(rpc.CompareReleases(EDITION, 2), memory) == ()


def test_a_release_leaves_in_the_rotation_form() -> None:
    memory = a_house()
    released(memory)
    files = plans.export_rotation(rpc.ExportRotation(EDITION), memory)
    assert (files.instance["format"], len(files.instance["groups"])) == ("rotation-1", 2)
    assert len(files.solution["sessions"]) == 4
    assert files.solution["objective"] == sum(the_plan(memory).cost.values())


# Answers --------------------------------------------------------------------------------------------------


def answers(memory: Memory) -> dict[str, tuple[str | None, str, int]]:
    return {p.session.id: (p.school_answer, p.provider_answer, p.pupils) for p in the_plan(memory).sessions}


def test_answers_are_shown_with_the_plan() -> None:
    memory = a_house()
    released(memory)
    facts.slots_confirmed(SlotsConfirmed(EDITION, "acy", 1, ("acy/1:robotics",), {"acy/1:robotics": 13}), memory)
    facts.slot_declined(SlotDeclined(EDITION, "acy", 1, "acy/2:robotics", "sortie"), memory)
    facts.invitation_answered(InvitationAnswered(EDITION, "acy/1:video", "video-org", "accepted"), memory)
    facts.invitation_answered(InvitationAnswered(EDITION, "acy/2:video", "robotics-org", "accepted"), memory)
    assert answers(memory) == {
        "acy/1:robotics": ("confirmed", "pending", 13),
        "acy/2:robotics": ("declined", "pending", 14),
        "acy/1:video": ("offered", "accepted", 14),
        "acy/2:video": ("offered", "pending", 14),
    }


def test_the_last_answer_counts_but_never_one_on_an_older_release() -> None:
    memory = a_house()
    released(memory)
    released(memory)
    yes = SlotsConfirmed(EDITION, "acy", 2, ("acy/1:robotics",), {})
    facts.slot_declined(SlotDeclined(EDITION, "acy", 2, "acy/1:robotics", "sortie"), memory)
    facts.slots_confirmed(yes, memory)
    facts.slot_declined(SlotDeclined(EDITION, "acy", 1, "acy/1:robotics", "late message"), memory)
    assert answers(memory)["acy/1:robotics"][0] == "confirmed"


def test_the_later_answer_holds_whatever_is_delivered_last() -> None:
    memory = a_house()
    released(memory)
    memory.sequence = 2
    facts.slots_confirmed(SlotsConfirmed(EDITION, "acy", 1, ("acy/1:robotics",), {}), memory)
    memory.sequence = 1
    facts.slot_declined(SlotDeclined(EDITION, "acy", 1, "acy/1:robotics", "retried"), memory)
    assert answers(memory)["acy/1:robotics"][0] == "confirmed"


def test_an_answer_holds_only_where_it_was_given() -> None:
    memory = a_house()
    released(memory)
    ids = tuple(planned.session.id for planned in the_plan(memory).sessions)
    facts.slots_confirmed(SlotsConfirmed(EDITION, "acy", 1, ids, {}), memory)
    moved = [planned.session.id for planned in the_plan(memory).sessions if planned.session.start < instant(TUESDAY, 0)]
    close(memory, a_school(), HalfDay(MONDAY, "am"), HalfDay(MONDAY, "pm"))
    released(memory)
    offered = {id_ for id_, (school, _, _) in answers(memory).items() if school == "offered"}
    assert moved and offered == set(moved)


def half_day(plan: rpc.Plan, session_id: str) -> HalfDay:
    return HalfDay.of(next(p.session for p in plan.sessions if p.session.id == session_id).start, 750)


def test_a_refused_half_day_is_not_proposed_again_on_any_later_release() -> None:
    memory, first = a_house(), "acy/2:video"
    been: list[HalfDay] = []
    for number in (1, 2, 3):
        released(memory)
        been.append(half_day(the_plan(memory), first))
        facts.slot_declined(SlotDeclined(EDITION, "acy", number, first, "sortie"), memory)
    assert been == [HalfDay(MONDAY, "pm"), HalfDay(TUESDAY, "am"), HalfDay(TUESDAY, "pm")]
    assert the_plan(memory).violations == ()


def test_an_organiser_may_offer_a_refused_half_day_again() -> None:
    memory = a_house()
    memory.editions[EDITION] = replace(memory.editions[EDITION], rules={"refused": "warn"})
    released(memory)
    first = the_plan(memory).sessions[0].session.id
    facts.slot_declined(SlotDeclined(EDITION, "acy", 1, first, "sortie"), memory)
    again = the_plan(memory, proposal_id=solved(memory).proposal_id)  # first fit: the same place again
    assert (again.refused, the_plan(memory).refused) == ((first,), ())
    facts.slots_confirmed(SlotsConfirmed(EDITION, "acy", 1, (first,), {}), memory)
    assert the_plan(memory, proposal_id=again.proposal_id).refused == ()


def test_a_proposal_made_before_the_refusal_is_held_back() -> None:
    memory = a_house()
    released(memory)
    first = the_plan(memory).sessions[0].session.id
    early = str(solved(memory).proposal_id)
    facts.slot_declined(SlotDeclined(EDITION, "acy", 1, first, "sortie"), memory)
    assert the_plan(memory, proposal_id=early).refused == (first,)
    with pytest.raises(Refused) as refusal:
        plans.release_plan(rpc.ReleasePlan(EDITION, early, 1), memory)
    assert [problem.facts for problem in refusal.value.problems] == [{"rules": "refused"}]


def test_what_a_provider_refuses_another_may_give() -> None:
    memory = a_house()
    edition = memory.editions[EDITION]
    robotics = edition.providers[0]
    team = replace(robotics.teams[0], id="other-1")
    other = replace(robotics, id="other-org", teams=(team,))
    released(memory)
    session = the_plan(memory).sessions[0].session
    memory.editions[EDITION] = replace(edition, providers=(*edition.providers, other))
    event = InvitationAnswered(EDITION, session.id, robotics.id, "declined")
    facts.invitation_answered(event, memory)
    problem = problem_of(memory, basis_of(memory, EDITION))
    own, others = (
        check(problem, [Placement(session.id, crew, "acy", MONDAY, 540)]) for crew in (session.team_id, team.id)
    )
    assert ([violation.rule for violation in own], others) == (["refused"], ())


def test_the_solver_is_told_what_to_keep() -> None:
    memory = a_house()
    released(memory)
    facts.slots_confirmed(SlotsConfirmed(EDITION, "acy", 1, ("acy/1:robotics", "acy/2:robotics"), {}), memory)
    facts.slot_declined(SlotDeclined(EDITION, "acy", 1, "acy/1:video", "sortie"), memory)
    facts.invitation_answered(InvitationAnswered(EDITION, "acy/2:robotics", "robotics-org", "declined"), memory)
    run = Run()
    jobs.propose_plan(rpc.ProposePlan(EDITION), memory)
    JobLoop(memory.begin, run, memory.clock).tick()
    assert run.problem is not None and run.problem.baseline is not None
    assert {p.demand_id for p in run.problem.baseline.placements} == {"acy/1:robotics", "acy/2:video"}
    assert run.problem.baseline.confirmed == {"acy/1:robotics"}


def test_the_solver_is_not_told_of_what_is_no_longer_possible() -> None:
    memory = a_house()
    released(memory)
    edition = memory.editions.get(EDITION)
    memory.editions.save(replace(edition, action_days=(TUESDAY, THURSDAY)))
    run = Run()
    jobs.propose_plan(rpc.ProposePlan(EDITION), memory)
    JobLoop(memory.begin, run, memory.clock).tick()
    assert run.problem is not None and run.problem.baseline is not None
    assert all(p.day in (TUESDAY, THURSDAY) for p in run.problem.baseline.placements)
    assert run.problem.demands == build(a_basis()).demands
