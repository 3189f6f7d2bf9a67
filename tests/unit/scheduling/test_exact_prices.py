"""The exact price of a place: a solve that holds the session there, beside a plan that stays as it is."""

from __future__ import annotations

from dataclasses import replace

from services.contracts import rpc
from services.contracts.values import HalfDay
from services.scheduling.domain.demand import build
from services.scheduling.domain.score import total
from services.scheduling.handlers import alternatives, board
from services.scheduling.handlers.solving import JobLoop
from tests.unit.scheduling.builders import MONDAY, TUESDAY, a_school, registered
from tests.unit.scheduling.fakes import Memory
from tests.unit.scheduling.test_handlers import EDITION, Run, a_house, first_fit, refusal, solved

VIDEO = "acy/1:video"


def priced(memory: Memory, proposal: str, half_day: HalfDay, session: str = VIDEO) -> rpc.Job:
    team = f"{session.split(':')[1]}-1"
    return alternatives.price_exactly(rpc.PriceExactly(EDITION, proposal, session, half_day, team), memory)


def run(memory: Memory, job: rpc.Job) -> rpc.Job:
    solver = Run()
    loop = JobLoop(memory.begin, solver, memory.clock)
    loop.tick()
    if memory.jobs.get(job.id).state == "running":
        solver.outcome = first_fit(solver)
        loop.tick()
    return memory.jobs.get(job.id)


def a_planned_house() -> tuple[Memory, str]:
    memory = a_house(registered(), registered(a_school("belleu")))
    return memory, str(solved(memory).proposal_id)


def test_the_session_is_held_there_and_the_rest_is_planned_anew() -> None:
    memory, proposal = a_planned_house()
    plan = memory.proposals[proposal]
    job = priced(memory, proposal, HalfDay(TUESDAY, "pm"))
    assert job.tried is not None
    problem = build(plan.basis)
    assert job.tried.points == total(problem, plan.placements)
    done = run(memory, job)
    found = memory.proposals[str(done.proposal_id)]
    held = next(p for p in found.placements if p.demand_id == VIDEO)
    assert (done.state, done.tried, done.value) == ("done", job.tried, total(problem, found.placements))
    assert (held.crew_id, held.day, held.start >= 750) == ("video-1", TUESDAY, True)
    assert board.list_pins(rpc.ListPins(EDITION), memory) == ()
    assert memory.proposals[proposal] == plan


def test_a_place_that_is_taken_is_priced_at_the_first_hour_of_an_empty_day() -> None:
    memory, proposal = a_planned_house()
    cells = alternatives.price_cells(rpc.PriceCells(EDITION, proposal, "acy/2:robotics"), memory)
    broken = next(cell for cell in cells if {violation.rule for violation in cell.broken} - {"chain"})
    job = priced(memory, proposal, broken.half_day, "acy/2:robotics")
    assert job.tried is not None
    assert (job.tried.half_day, job.tried.team_id) == (broken.half_day, "robotics-1")
    assert run(memory, job).state == "done"


def test_one_price_at_a_time() -> None:
    memory, proposal = a_planned_house()
    priced(memory, proposal, HalfDay(TUESDAY, "pm"))
    with refusal("job_running"):
        priced(memory, proposal, HalfDay(TUESDAY, "am"))


def test_a_place_against_what_is_fixed_is_refused_at_once() -> None:
    memory, proposal = a_planned_house()
    kept = memory.proposals[proposal]
    late = tuple(replace(p, day=TUESDAY, start=840) if p.demand_id == VIDEO else p for p in kept.placements)
    memory.proposals["late"] = replace(kept, id="late", placements=late)
    board.pin_session(rpc.PinSession(EDITION, "late", VIDEO), memory)
    with refusal("pins_order"):
        priced(memory, "late", HalfDay(TUESDAY, "pm"), "acy/1:robotics")
    assert priced(memory, "late", HalfDay(MONDAY, "pm"), VIDEO).state == "queued"  # in place of its own pin


def test_a_session_gone_before_its_price_was_looked_for() -> None:
    memory, proposal = a_planned_house()
    job = priced(memory, proposal, HalfDay(TUESDAY, "pm"))
    memory.registrations.save(EDITION, replace(registered(), groups=()))
    done = run(memory, job)
    assert (done.state, done.reason and done.reason.code, done.proposal_id) == ("failed", "half_day_gone", None)
