"""Jobs that end early, fail halfway, come too late, or look for several plans to choose from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.contracts import rpc
from services.contracts.causes import HealthRule, SchoolClosed
from services.contracts.errors import Problem, Refused
from services.contracts.values import Change, HalfDay
from services.scheduling.domain.checker import check
from services.scheduling.domain.choices import kilometres, next_limit, told
from services.scheduling.domain.demand import question
from services.scheduling.domain.moves import Moves
from services.scheduling.domain.plan import instant
from services.scheduling.domain.problem import Placement
from services.scheduling.domain.roads import DETOUR, great_circle_km
from services.scheduling.domain.solution import Progress, Solution, SolverCancelled, SolverFailed
from services.scheduling.handlers import jobs, plans
from services.scheduling.handlers.solving import MOST_STARTS, JobLoop
from tests.unit.scheduling.builders import MONDAY, THURSDAY, TUESDAY, a_basis, a_school, registered
from tests.unit.scheduling.fakes import Memory, Run
from tests.unit.scheduling.test_handlers import EDITION, a_house, close, first_fit, released, the_plan
from tests.unit.scheduling.test_incidents import reported

ALL_MONDAY = (HalfDay(MONDAY, "am"), HalfDay(MONDAY, "pm"))


class Bench:
    """A house with a loop under the hand of the test, and a job that it has taken up."""

    def __init__(self, memory: Memory, **asked: object) -> None:
        self.memory, self.run = memory, Run()
        self.loop = JobLoop(memory.begin, self.run, memory.clock)
        self.id = jobs.propose_plan(rpc.ProposePlan(EDITION, **asked), memory).id  # type: ignore[arg-type]
        self.loop.tick()

    @property
    def job(self) -> rpc.Job:
        return self.memory.jobs.get(self.id)

    def says(self, progress: Progress) -> None:
        self.run.progress = progress
        self.memory.pass_time(1)
        self.loop.tick()

    def ends(self, outcome: Solution | SolverFailed) -> rpc.Job:
        self.run.outcome = outcome
        self.loop.tick()
        return self.job


def changed() -> Memory:
    """Two schools, a release, and one of them closed on its first day."""
    memory = a_house(registered(), registered(a_school("belleu")))
    released(memory)
    close(memory, a_school("belleu"), *ALL_MONDAY)
    return memory


# Stopped early --------------------------------------------------------------------------------------------


def test_a_job_stopped_early_keeps_its_best_plan() -> None:
    bench = Bench(a_house())
    with pytest.raises(Refused, match="job_without_plan"):
        jobs.stop_job(rpc.StopJob(bench.id), bench.memory)
    bench.run.best = first_fit(bench.run)
    bench.says(Progress("routes", 4, 500.0, 400.0, 1.0))
    assert jobs.stop_job(rpc.StopJob(bench.id), bench.memory).stopping
    bench.says(Progress("routes", 4, 490.0, 400.0, 2.0))  # the progress does not take the wish back
    assert bench.run.cancelled
    bench.loop.tick()
    done = bench.job
    assert (done.state, done.placed, done.reason, len(bench.memory.proposals)) == ("done", 4, None, 1)
    assert the_plan(bench.memory, proposal_id=done.proposal_id).violations == ()
    with pytest.raises(Refused, match="job_over"):
        jobs.stop_job(rpc.StopJob(bench.id), bench.memory)


def test_a_job_stopped_as_its_plan_comes_is_done() -> None:
    bench = Bench(a_house())
    bench.says(Progress("routes", 4, 500.0, 400.0, 1.0))
    jobs.stop_job(rpc.StopJob(bench.id), bench.memory)
    done = bench.ends(first_fit(bench.run))
    assert (done.state, done.placed, done.starts) == ("done", 4, 1)


# Failures -------------------------------------------------------------------------------------------------


def test_a_crash_keeps_the_best_plan_and_its_reason() -> None:
    bench = Bench(a_house())
    crash = Problem("solver_crashed", {"detail": "-6"})
    failed = bench.ends(SolverFailed(crash, first_fit(bench.run)))
    assert (failed.state, failed.reason, failed.placed) == ("failed", crash, 4)
    plan = the_plan(bench.memory, proposal_id=failed.proposal_id)
    release = plans.release_plan(rpc.ReleasePlan(EDITION, plan.proposal_id, 0), bench.memory)
    assert release.sessions == 4


def test_a_crash_with_a_broken_plan_keeps_only_its_reason() -> None:
    bench = Bench(a_house())
    at_night = Solution((Placement("acy/1:robotics", "robotics-1", "acy", MONDAY, 0),), (), "feasible", 0.0, None)
    failed = bench.ends(SolverFailed(Problem("solver_out_of_memory"), at_night))
    assert (failed.state, failed.reason, failed.proposal_id) == ("failed", Problem("solver_out_of_memory"), None)
    assert bench.memory.proposals == {}


def test_a_plan_made_on_outdated_inputs_is_refused_with_what_changed() -> None:
    bench = Bench(a_house(registered(), registered(a_school("belleu"))))
    reported(bench.memory, SchoolClosed("belleu", ALL_MONDAY))
    failed = bench.ends(first_fit(bench.run))
    assert (failed.state, failed.proposal_id) == ("failed", None)
    assert failed.reason == Problem("job_outdated", {"what": "Belleu"})
    assert bench.memory.proposals == {}


def test_a_job_that_brings_everything_down_is_given_up() -> None:
    memory, run = a_house(), Run()
    job = jobs.propose_plan(rpc.ProposePlan(EDITION), memory)
    for _ in range(MOST_STARTS + 1):
        loop = JobLoop(memory.begin, run, memory.clock, alone=True)
        memory.pass_time(1)
        loop.tick()
    failed = memory.jobs.get(job.id)
    assert (run.started, failed.state) == (MOST_STARTS, "failed")
    assert failed.reason == Problem("job_given_up", {"starts": str(MOST_STARTS)})
    assert jobs.propose_plan(rpc.ProposePlan(EDITION), memory).state == "queued"


def test_a_proposal_says_how_to_find_it_again() -> None:
    bench = Bench(a_house(), seed=7)
    assert bench.run.problem is not None
    asked = question(bench.run.problem)
    done = bench.ends(first_fit(bench.run))
    plan = the_plan(bench.memory, proposal_id=done.proposal_id)
    assert (plan.made_by, plan.seed, plan.question) == ("by hand 1", 7, asked)


@pytest.mark.parametrize("kept", [900, None], ids=["ended by itself", "ended by time"])
def test_a_plan_says_with_which_steps_it_is_found_again(kept: int | None) -> None:
    bench = Bench(a_house(), steps=900)
    assert (bench.job.steps, bench.run.steps) == (900, 900)
    done = bench.ends(replace(first_fit(bench.run), steps=kept))
    assert the_plan(bench.memory, proposal_id=done.proposal_id).steps == kept


# Choices --------------------------------------------------------------------------------------------------


def kept_only(bench: Bench) -> Solution:
    """A plan that moves nothing: it leaves out the school that is closed."""
    assert bench.run.problem is not None and bench.run.problem.baseline is not None
    still = tuple(p for p in bench.run.problem.baseline.placements if p.site_id != "belleu")
    left = {d.id for d in bench.run.problem.demands} - {p.demand_id for p in still}
    return Solution(still, tuple(sorted(left)), "feasible", 0.0, None)


def moving_more(bench: Bench) -> Solution:
    """A plan that places all, and moves a session of the other school too."""
    assert bench.run.problem is not None
    best = first_fit(bench.run)
    *others, last = sorted(best.placements, key=lambda p: (p.demand_id != "acy/2:video", p.demand_id), reverse=True)
    elsewhere = (replace(last, day=day, start=start) for day in (TUESDAY, THURSDAY) for start in range(540, 960, 5))
    moved = next(p for p in elsewhere if not check(bench.run.problem, [*others, p]))
    return replace(best, placements=(*others, moved))


def test_a_replan_offers_what_is_worth_choosing_from() -> None:
    bench = Bench(changed(), several=True, seconds=100, steps=1000)
    assert bench.run.problem is not None and bench.run.problem.baseline is not None
    assert (bench.run.problem.baseline.most_moved, bench.run.seconds, bench.run.steps) == (None, 60, 600)
    running = bench.ends(moving_more(bench))
    assert (running.state, len(running.choices), running.proposal_id) == ("running", 1, running.choices[0].proposal_id)
    first = running.choices[0]
    assert (first.placed, first.moved, first.dropped, first.confirmed, first.told) == (8, 5, 0, 0, 4)

    assert (bench.run.problem.baseline.most_moved, bench.run.started, bench.run.steps) == (0, 2, 100)
    bench.says(Progress("routes", 1, 1.0, 1.0, 1.0))
    assert (bench.job.phase, bench.job.placed) == ("alternatives", 8)
    done = bench.ends(kept_only(bench))
    second = done.choices[1]
    assert (second.placed, second.moved, second.dropped) == (4, 0, 4)
    assert (done.state, done.choices[0], done.proposal_id) == ("done", first, first.proposal_id)
    for choice in done.choices:
        assert len(the_plan(bench.memory, proposal_id=choice.proposal_id).sessions) == choice.placed


def test_what_a_health_rule_ends_is_told_apart_from_what_is_left_out() -> None:
    memory = a_house(*(registered(a_school(name)) for name in ("acy", "belleu", "cuffies")))
    released(memory)
    later = [p for p in the_plan(memory).sessions if p.session.start >= instant(TUESDAY, 0)]
    reported(memory, HealthRule(TUESDAY, largest=13))
    bench = Bench(memory, several=True)
    choice = bench.ends(first_fit(bench.run)).choices[0]
    assert later
    assert (choice.dropped, choice.gone) == (0, len(later))


def test_a_session_whose_day_is_no_more_is_counted_as_disturbed() -> None:
    memory = a_house(registered())
    released(memory)
    monday = [p for p in the_plan(memory).sessions if p.session.start < instant(TUESDAY, 0)]
    edition = memory.editions.get(EDITION)
    memory.editions.save(replace(edition, action_days=(TUESDAY, THURSDAY)))
    bench = Bench(memory)
    bench.says(Progress("improve", 4, 500.0, None, 1.0, Moves(0, 0, 0, 4)))
    assert (bench.job.moved, bench.job.fewest_moved) == (len(monday), True)
    done = bench.ends(first_fit(bench.run))
    assert (done.choices[0].moved, done.moved) == (len(monday), len(monday))


def test_a_school_moved_once_more_is_told_apart() -> None:
    memory = changed()
    bench = Bench(memory)
    first = bench.ends(first_fit(bench.run)).choices[0]
    assert (first.moved, first.again) == (4, 0)
    plans.release_plan(rpc.ReleasePlan(EDITION, first.proposal_id, 1), memory)
    close(memory, a_school("belleu"), *ALL_MONDAY, HalfDay(TUESDAY, "am"), HalfDay(TUESDAY, "pm"))
    bench = Bench(memory)
    second = bench.ends(first_fit(bench.run)).choices[0]
    assert second.moved > 0 and second.again == 1


def test_a_choice_that_is_worse_in_every_way_is_not_offered() -> None:
    bench = Bench(changed(), several=True)
    best = first_fit(bench.run)
    bench.ends(best)
    worse = Solution(best.placements[:-1], (best.placements[-1].demand_id,), "feasible", 0.0, None)
    job = bench.ends(worse)
    assert [choice.placed for choice in job.choices] == [8]


def test_a_failure_among_the_alternatives_keeps_the_choices() -> None:
    bench = Bench(changed(), several=True)
    bench.ends(first_fit(bench.run))
    failed = bench.ends(SolverFailed(Problem("solver_out_of_memory")))
    assert (failed.state, len(failed.choices), failed.proposal_id is None) == ("failed", 1, False)


def test_stopping_among_the_alternatives_is_an_end() -> None:
    bench = Bench(changed(), several=True)
    bench.ends(first_fit(bench.run))
    jobs.stop_job(rpc.StopJob(bench.id), bench.memory)
    done = bench.ends(SolverCancelled())
    assert (done.state, len(done.choices), done.reason) == ("done", 1, None)


def test_a_choice_released_ends_the_search() -> None:
    bench = Bench(changed(), several=True)
    first = bench.ends(first_fit(bench.run)).choices
    plans.release_plan(rpc.ReleasePlan(EDITION, first[0].proposal_id, 1), bench.memory)
    done = bench.ends(kept_only(bench))
    assert (done.state, done.choices, done.reason) == ("done", first, None)


def test_without_a_release_there_is_nothing_to_choose_from() -> None:
    bench = Bench(a_house(), several=True)
    done = bench.ends(first_fit(bench.run))
    assert (done.state, done.choices, done.several, bench.run.started) == ("done", (), False, 1)


def test_the_proof_of_fewest_moves_is_told_when_it_arrives() -> None:
    bench = Bench(changed())
    bench.says(Progress("improve", 8, 500.0, None, 1.0, Moves(0, 0, 5, 2)))
    assert (bench.job.moved, bench.job.fewest_moved) == (5, False)
    bench.says(Progress("improve", 8, 500.0, None, 2.0, Moves(0, 0, 4, 4)))
    assert (bench.job.moved, bench.job.fewest_moved) == (4, True)
    done = bench.ends(replace(first_fit(bench.run), moves=Moves(0, 0, 4, 4)))
    assert (done.state, done.moved, done.fewest_moved, done.choices[0].proved) == ("done", 4, True, True)


@pytest.mark.parametrize(
    ("tried", "limit"),
    [
        ([(None, Moves(0, 0, 0))], None),
        ([(None, Moves(0, 5, 10))], 0),
        ([(None, Moves(0, 5, 10)), (0, Moves(0, 5, 10))], None),
        ([(None, Moves(0, 0, 15)), (0, Moves(4, 0, 5))], 10),
        ([(None, Moves(0, 0, 15)), (0, Moves(4, 0, 5)), (10, Moves(2, 0, 10))], 12),
        ([(None, Moves(0, 0, 15)), (0, Moves(4, 0, 5)), (10, Moves(4, 0, 5))], None),
        ([(None, Moves(0, 0, 6)), (0, Moves(4, 0, 5))], None),
        ([(None, Moves(0, 0, 99)), *((limit, Moves(9 - limit, 0, 10 * limit)) for limit in range(4))], None),
    ],
)
def test_the_next_plan_is_in_the_widest_gap(tried: list[tuple[int | None, Moves]], limit: int | None) -> None:
    assert next_limit(tried) == limit


def test_each_party_is_counted_once() -> None:
    memory = changed()
    one, two = (planned.session for planned in the_plan(memory).sessions[:2])
    given = replace(one, provider_id="other")
    assert told([Change("moved", one.id, one, one), Change("dropped", two.id, two, None)]) == len(
        {one.school_id, two.school_id}
    ) + len({one.provider_id, two.provider_id})
    assert told([Change("reassigned", one.id, one, given)]) == 3
    assert told([]) == 0


def test_kilometres_are_there_and_back_each_day() -> None:
    from services.scheduling.domain.demand import build

    problem = build(a_basis())
    depot, place = problem.crews[0].depot, problem.sites[0].place
    way = great_circle_km(depot.lat, depot.lon, place.lat, place.lon) * DETOUR
    placements = [Placement("acy/1:robotics", "robotics-1", "acy", day, 540) for day in (MONDAY, TUESDAY)]
    assert kilometres(problem, placements) == round(4 * way)
