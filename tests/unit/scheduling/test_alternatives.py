"""Where else a released session could be held: what is promised can be planned, and counts what it says."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from services.contracts import rpc
from services.contracts.errors import Refused
from services.contracts.values import HalfDay
from services.scheduling.domain.plan import SCHOOL, Answer, instant
from services.scheduling.handlers import alternatives, plans
from tests.unit.scheduling.builders import MONDAY, THURSDAY, TUESDAY, a_school, registered
from tests.unit.scheduling.fakes import Memory
from tests.unit.scheduling.test_handlers import EDITION, a_house, close, released

LAST = "acy/2:video"
EVERY = tuple(HalfDay(day, half) for day in (MONDAY, TUESDAY, THURSDAY) for half in ("am", "pm"))
FREE = list(EVERY[2:])


def asked(memory: Memory, session_id: str = LAST) -> tuple[rpc.Alternative, ...]:
    return alternatives.price_alternatives(rpc.PriceAlternatives(EDITION, session_id), memory)


def with_team(memory: Memory, kind: str, **changes: object) -> None:
    edition = memory.editions[EDITION]
    changed = {p.id: tuple(replace(t, **changes) for t in p.teams) for p in edition.providers if kind in p.kinds}  # type: ignore[arg-type]
    providers = tuple(replace(p, teams=changed.get(p.id, p.teams)) for p in edition.providers)
    memory.editions[EDITION] = replace(edition, providers=providers)


def a_released_house() -> Memory:
    """Acy: both robotics sessions on Monday morning, both video sessions in the afternoon."""
    memory = a_house()
    released(memory)
    return memory


def test_every_free_half_day_is_offered_with_what_it_takes() -> None:
    memory = a_released_house()
    found = asked(memory)
    assert [each.half_day for each in found] == FREE
    assert {(each.moves, each.told, each.provider_id, each.exact) for each in found} == {(1, 2, "video-org", True)}
    assert found[0].starts_at == instant(TUESDAY, 540)
    assert {each.kilometres for each in found} == {found[0].kilometres}
    assert found[0].kilometres > 0  # the team goes out a second day


def test_a_half_day_the_school_refused_is_not_offered() -> None:
    memory = a_released_house()
    refused = Answer(EDITION, LAST, SCHOOL, 1, "declined", instant(TUESDAY, 840), None)
    memory.answers.save(refused)
    assert [each.half_day for each in asked(memory)] == [FREE[0], *FREE[2:]]


@pytest.mark.parametrize(("most", "is_exact"), [(2, True), (4, False)])
def test_a_place_taken_by_another_is_offered_in_exchange(most: int, is_exact: bool) -> None:
    """Robotics come on Monday and Tuesday with room for one school a day, video on Thursday.

    Only a full team proves that another session has to go; short hours of the team are no proof.
    """
    memory = a_house(registered(), registered(a_school("belleu")))
    with_team(memory, "robotics", max_sessions=most, absences=EVERY[4:], back=1050 if most == 2 else 760)
    with_team(memory, "video", absences=EVERY[:4])
    released(memory)
    exchanges = [each for each in asked(memory, "acy/1:robotics") if each.half_day.day == TUESDAY]
    assert {(a.moves, a.told, a.exact) for a in exchanges} == {(2, 3, is_exact)}  # two schools, one provider


def test_what_is_over_no_longer_moves_and_nothing_moves_into_the_past() -> None:
    """Later half-days are had with the video that follows."""
    memory = a_released_house()
    close(memory, a_school(), HalfDay(MONDAY, "am"), HalfDay(MONDAY, "pm"))
    released(memory)  # everything is moved to Tuesday
    close(memory, a_school())
    days_by_now = {}
    for day in (1, 2, 3):
        memory.now = dt.datetime(2020, 11, day, 7, tzinfo=dt.timezone.utc)
        days_by_now[day] = {each.half_day.day for each in asked(memory, "acy/1:robotics")}
    assert days_by_now == {1: {MONDAY, TUESDAY, THURSDAY}, 2: {TUESDAY, THURSDAY}, 3: set()}


def test_there_must_be_a_release_with_this_session() -> None:
    memory = a_house()
    with pytest.raises(Refused, match=r"^no_release$"):
        asked(memory)
    released(memory)
    with pytest.raises(Refused, match=r"^unknown_session$"):
        asked(memory, "acy/9:video")


def test_what_was_priced_becomes_a_proposal_that_can_be_released() -> None:
    memory = a_released_house()
    before = memory.releases.current(EDITION)
    wished = asked(memory)[0]
    proposal = alternatives.move_session(rpc.MoveSession(EDITION, LAST, wished.half_day), memory)
    again = plans.release_plan(rpc.ReleasePlan(EDITION, proposal, 1), memory)
    assert (again.number, again.changes) == (2, {"moved": wished.moves})
    after = memory.releases.current(EDITION)
    assert before is not None and after is not None
    moved = {s.id: s.start for s in after.sessions if s not in before.sessions}
    assert moved == {LAST: wished.starts_at}


def test_a_half_day_that_is_not_offered_makes_no_proposal() -> None:
    memory = a_released_house()
    with pytest.raises(Refused, match="half_day_gone"):
        alternatives.move_session(rpc.MoveSession(EDITION, LAST, EVERY[0]), memory)
