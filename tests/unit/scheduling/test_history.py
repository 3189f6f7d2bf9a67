"""The clock and the past: what is frozen when, what was held stays, and who was moved how often."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from services.contracts import rpc
from services.contracts.causes import HealthRule
from services.contracts.errors import Refused
from services.contracts.values import HalfDay
from services.scheduling.adapters.cpsat.insertion import first_plan
from services.scheduling.domain.checker import check
from services.scheduling.domain.constraints.past import frozen
from services.scheduling.domain.demand import build
from services.scheduling.domain.history import first_open_day, moves_by_school
from services.scheduling.domain.plan import instant
from services.scheduling.handlers import jobs, plans
from services.scheduling.handlers.editions import basis_of, problem_of
from services.scheduling.handlers.solving import JobLoop
from tests.unit.scheduling.builders import MONDAY, THURSDAY, TUESDAY, a_basis, a_school, an_edition, the_pass
from tests.unit.scheduling.fakes import Run
from tests.unit.scheduling.test_handlers import EDITION, a_house, close, released, solved, the_plan
from tests.unit.scheduling.test_incidents import reported

BEFORE, TOMORROW = dt.date(2020, 10, 20), TUESDAY + dt.timedelta(days=1)
YEARS_LATER = dt.date(2026, 11, 22)


@pytest.mark.parametrize(
    ("today", "asked", "open_from"),
    [
        (BEFORE, None, None),
        (BEFORE, TUESDAY, TUESDAY),
        (TUESDAY, None, TOMORROW),
        (TUESDAY, MONDAY, TUESDAY),
        (TUESDAY, TUESDAY, TUESDAY),
        (TUESDAY, THURSDAY, THURSDAY),
        (YEARS_LATER, None, None),
        (YEARS_LATER, TUESDAY, TUESDAY),
    ],
)
def test_the_clock_freezes_only_while_the_edition_runs(
    today: dt.date, asked: dt.date | None, open_from: dt.date | None
) -> None:
    assert first_open_day(an_edition(), instant(today, 600), asked) == open_from


def test_the_day_is_that_of_paris() -> None:
    midnight = dt.datetime(2020, 11, 2, 23, 30, tzinfo=dt.timezone.utc)  # 0:30 on Tuesday in Paris
    assert first_open_day(an_edition(), midnight) == TOMORROW
    assert HalfDay.of(midnight, 750) == HalfDay(TUESDAY, "am")
    assert HalfDay.of(instant(MONDAY, 750), 750) == HalfDay(MONDAY, "pm")


def test_what_was_held_stays_when_the_plan_is_made_again_during_the_edition() -> None:
    memory = a_house()
    released(memory)
    held = [p for p in the_plan(memory).sessions if p.session.start < instant(TUESDAY, 0)]
    memory.now = instant(TUESDAY, 480)
    close(memory, a_school(), HalfDay(MONDAY, "am"), HalfDay(MONDAY, "pm"))  # said too late: it was held
    problem = problem_of(memory, basis_of(memory, EDITION), TUESDAY)
    assert problem.baseline is not None and problem.baseline.frozen_before == TUESDAY
    released(memory)
    after = {p.session for p in the_plan(memory).sessions}
    assert held and {p.session for p in held} <= after
    assert the_plan(memory).violations == ()


def test_what_has_begun_stays_when_the_day_is_asked_for() -> None:
    memory = a_house()
    released(memory)
    placements = memory.proposals.get(EDITION, the_plan(memory).proposal_id).placements
    first, later = sorted(placements, key=lambda p: (p.day, p.start))[:2]
    assert (first.day, first.site_id) == (later.day, later.site_id)
    memory.now = instant(first.day, first.start)
    close(memory, a_school(), HalfDay(first.day, "am"), HalfDay(first.day, "pm"))
    problem = problem_of(memory, basis_of(memory, EDITION), first.day)
    assert list(frozen(problem).values()) == [first]
    after = {p.demand_id: p for p in first_plan(problem)}
    assert after[first.demand_id] == first
    assert after[later.demand_id].day > first.day
    assert check(problem, list(after.values())) == ()
    memory.now = instant(first.day, first.start - 1)
    assert frozen(problem_of(memory, basis_of(memory, EDITION), first.day)) == {}


def test_a_plan_that_would_change_today_cannot_be_released_tomorrow() -> None:
    memory = a_house()
    released(memory)
    placements = memory.proposals.get(EDITION, the_plan(memory).proposal_id).placements
    first = min(placements, key=lambda p: (p.day, p.start))
    job = solved(memory)
    proposal = memory.proposals.get(EDITION, str(job.proposal_id))
    others = tuple(p for p in proposal.placements if p.demand_id != first.demand_id)
    memory.proposals[proposal.id] = replace(proposal, placements=others)
    memory.now = instant(first.day + dt.timedelta(days=1), 480)
    with pytest.raises(Refused) as refusal:
        plans.release_plan(rpc.ReleasePlan(EDITION, proposal.id, 1), memory)
    (problem,) = refusal.value.problems
    assert (problem.code, "past" in problem.facts["rules"]) == ("proposal_breaks_rules", True)


def test_the_first_day_that_may_change_is_kept_with_the_job() -> None:
    memory = a_house()
    assert jobs.propose_plan(rpc.ProposePlan(EDITION, frozen_before=TUESDAY), memory).frozen_before is None
    memory = a_house()
    released(memory)
    for wrong in (MONDAY - dt.timedelta(days=1), THURSDAY + dt.timedelta(days=1)):
        with pytest.raises(Refused, match="job_frozen_day"):
            jobs.propose_plan(rpc.ProposePlan(EDITION, frozen_before=wrong), memory)
    assert jobs.propose_plan(rpc.ProposePlan(EDITION, frozen_before=TUESDAY), memory).frozen_before == TUESDAY
    run = Run()
    JobLoop(memory.begin, run, memory.clock).tick()
    assert run.problem is not None and run.problem.baseline is not None
    assert run.problem.baseline.frozen_before == TUESDAY


def test_a_session_held_where_none_may_be_held_any_more_stays_sayable() -> None:
    basis = the_pass()
    memory = a_house(*basis.registered)
    memory.editions.save(basis.edition)
    released(memory)
    at_venue = [p for p in the_plan(memory).sessions if p.session.venue_id]
    assert at_venue, "the quiz is held at the common venue"
    day = max(p.session.start for p in at_venue).date() + dt.timedelta(days=1)
    memory.editions.save(replace(basis.edition, last_day=day))
    reported(memory, HealthRule(MONDAY, at_school=True, cleaning=60))
    memory.now = instant(day, 480)
    assert the_plan(memory).violations == ()
    problem = problem_of(memory, basis_of(memory, EDITION), day)
    kept = memory.proposals.get(EDITION, the_plan(memory).proposal_id).placements
    assert check(problem, kept) == ()
    assert check(build(basis_of(memory, EDITION)), kept) != ()  # control: without its history it breaks the new rule


def test_how_often_each_school_was_moved() -> None:
    memory = a_house(*a_basis().registered)
    released(memory)
    assert moves_by_school(memory.releases) == {}
    close(memory, a_school(), HalfDay(MONDAY, "am"), HalfDay(MONDAY, "pm"))
    released(memory)
    assert memory.releases[-1].changes["moved"] > 1
    assert moves_by_school(memory.releases) == {"acy": 1}
    released(memory)
    assert moves_by_school(memory.releases) == {"acy": 1}
    close(memory, a_school(), *(HalfDay(day, half) for day in (MONDAY, TUESDAY) for half in ("am", "pm")))
    released(memory)
    assert moves_by_school(memory.releases) == {"acy": 2}
