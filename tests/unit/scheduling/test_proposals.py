"""Proposals and drafts: listed with their states, only the latest released, taken up again, given up; and curves."""

from __future__ import annotations

import pytest

from services.contracts import rpc
from services.contracts.errors import Refused
from services.contracts.values import HalfDay
from services.scheduling.domain.solution import Progress
from services.scheduling.handlers import alternatives, plans, proposals
from services.scheduling.handlers.solving import MOST_POINTS
from tests.unit.scheduling.builders import MONDAY, a_school, registered
from tests.unit.scheduling.fakes import Memory
from tests.unit.scheduling.test_handlers import EDITION, a_house, close, released, solved, the_plan
from tests.unit.scheduling.test_solving import Bench


def later(memory: Memory) -> str:
    """Let an hour go by, and solve."""
    memory.pass_time(3600)
    return str(solved(memory).proposal_id)


def states(memory: Memory) -> list[str]:
    return [one.state for one in proposals.list_proposals(rpc.ListProposals(EDITION), memory)]


def release(memory: Memory, proposal_id: str, after: int) -> rpc.Release:
    return plans.release_plan(rpc.ReleasePlan(EDITION, proposal_id, after), memory)


def test_only_the_plan_of_the_latest_calculation_is_released() -> None:
    memory = a_house()
    first, second = later(memory), later(memory)
    assert states(memory) == ["ready", "superseded"]
    assert the_plan(memory, proposal_id=first).superseded
    with pytest.raises(Refused, match=r"^proposal_superseded$"):
        release(memory, first, 0)
    assert release(memory, second, 0).number == 1


def test_a_draft_made_before_another_was_released_would_undo_it_and_is_refused() -> None:
    memory = a_house()
    release(memory, later(memory), 0)
    memory.pass_time(60)
    drafts = [alternatives.restore_release(rpc.RestoreRelease(EDITION, 1), memory) for _ in range(2)]
    memory.pass_time(60)
    release(memory, drafts[0], 1)
    with pytest.raises(Refused, match=r"^proposal_superseded$"):
        release(memory, drafts[1], 2)


def test_an_earlier_proposal_taken_up_as_a_draft_is_the_latest() -> None:
    memory = a_house()
    first, _ = later(memory), later(memory)
    memory.pass_time(60)
    draft = alternatives.take_up_proposal(rpc.TakeUpProposal(EDITION, first), memory)
    assert states(memory) == ["ready", "ready", "superseded"]
    assert [p.session for p in the_plan(memory, proposal_id=draft).sessions] == [
        p.session for p in the_plan(memory, proposal_id=first).sessions
    ]
    assert release(memory, draft, 0).number == 1


def test_a_proposal_given_up_is_gone_and_a_release_stays() -> None:
    memory = a_house()
    kept = released(memory).proposal_id
    other = later(memory)
    proposals.discard_proposal(rpc.DiscardProposal(EDITION, other), memory)
    with pytest.raises(Refused, match=r"^unknown_proposal$"):
        release(memory, other, 1)
    with pytest.raises(Refused, match=r"^proposal_released$"):
        proposals.discard_proposal(rpc.DiscardProposal(EDITION, kept), memory)
    assert states(memory) == ["released"]


def test_an_outdated_proposal_says_what_changed() -> None:
    memory = a_house(registered(), registered(a_school("belleu")))
    proposal = later(memory)
    assert the_plan(memory, proposal_id=proposal).changed == ()
    close(memory, a_school("belleu"), HalfDay(MONDAY, "am"))
    assert [p.code for p in the_plan(memory, proposal_id=proposal).changed] == ["changed_hours"]
    assert states(memory) == ["outdated"]


def test_a_curve_has_a_point_for_each_step_forward() -> None:
    bench = Bench(a_house())
    for value, bound in ((500.0, None), (500.0, None), (480.0, None), (480.0, 400.0)):
        bench.says(Progress("routes", 4, value, bound, 1.0))
    assert [(p.seconds, p.value, p.bound) for p in bench.job.curve] == [
        (1.0, 500.0, None),
        (3.0, 480.0, None),
        (4.0, 480.0, 400.0),
    ]


def test_a_long_curve_keeps_its_ends_and_loses_every_second_point() -> None:
    bench = Bench(a_house())
    for step in range(3 * MOST_POINTS):
        bench.says(Progress("routes", 4, 5000.0 - step, None, 1.0))
    curve = bench.job.curve
    assert (len(curve) <= MOST_POINTS, curve[-1].value) == (True, 5000.0 - 3 * MOST_POINTS + 1)
    assert [p.value for p in curve] == sorted((p.value for p in curve if p.value), reverse=True)
