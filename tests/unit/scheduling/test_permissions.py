"""Permissions that are missing are said with a plan, and hold a release back where the organiser needs them."""

from __future__ import annotations

import datetime as dt

import pytest

from services.contracts import rpc
from services.contracts.errors import Problem, Refused
from services.contracts.events import PermissionLevelsSet, PermissionsMarked, PlanReleased
from services.contracts.values import GivenPermission, PermissionLevel
from services.scheduling.handlers import facts, plans
from tests.unit.scheduling.builders import a_basis
from tests.unit.scheduling.fakes import Memory
from tests.unit.scheduling.test_handlers import EDITION, a_house, solved


@pytest.fixture
def memory() -> Memory:
    """One school with a plan that is ready to be released."""
    memory = a_house()
    solved(memory)
    return memory


def told(memory: Memory, **levels: PermissionLevel) -> None:
    facts.permission_levels_set(PermissionLevelsSet(EDITION, levels), memory)  # type: ignore[arg-type]


def given(memory: Memory, *kinds: str) -> None:
    programme = a_basis().edition.programmes[0].id
    marked = tuple(GivenPermission(kind, programme) for kind in kinds)  # type: ignore[arg-type]
    facts.permissions_marked(PermissionsMarked(EDITION, "acy", marked), memory)


def plan(memory: Memory) -> rpc.Plan:
    proposal = memory.jobs.of(EDITION)[0].proposal_id
    return plans.get_plan(rpc.GetPlan(EDITION, proposal_id=proposal), memory)


def lacking(memory: Memory) -> list[tuple[str, str, str]]:
    return [(one.school_id, one.kind, one.level) for one in plan(memory).lacking]


def release(memory: Memory) -> rpc.Release:
    return plans.release_plan(rpc.ReleasePlan(EDITION, plan(memory).proposal_id, 0), memory)


def test_the_directors_agreement_is_missed_at_first_and_holds_nothing_back(memory: Memory) -> None:
    (one,) = plan(memory).lacking
    assert (one.school_id, one.kind, one.level) == ("acy", "director", "warn")
    assert set(one.session_ids) == {planned.session.id for planned in plan(memory).sessions}
    assert release(memory).number == 1


def test_what_is_needed_holds_the_release_back_until_it_is_there(memory: Memory) -> None:
    told(memory, director="block", convention="block", inspector="warn")
    given(memory, "director")
    assert lacking(memory) == [("acy", "inspector", "warn"), ("acy", "convention", "block")]
    with pytest.raises(Refused) as refusal:
        release(memory)
    name = plan(memory).lacking[0].school_name
    assert refusal.value.problems == (
        Problem("release_lacks_permission", {"permission": "convention", "schools": name}),
    )
    assert not any(isinstance(event, PlanReleased) for event in memory.emitted)
    given(memory, "director", "convention")
    assert release(memory).number == 1


def test_a_permission_that_is_not_watched_is_not_missed(memory: Memory) -> None:
    told(memory, director="off")
    assert lacking(memory) == []


def test_sessions_that_were_held_lack_nothing_any_more(memory: Memory) -> None:
    told(memory, director="block")
    last = max(planned.session.start for planned in plan(memory).sessions)
    memory.now = last + dt.timedelta(minutes=1)
    assert lacking(memory) == []
