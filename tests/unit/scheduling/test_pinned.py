"""Pins that cannot hold together are refused when they are set, with both sessions named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.contracts import rpc
from services.contracts.errors import Refused
from services.kit.i18n import sentence
from services.scheduling.domain.demand import build
from services.scheduling.domain.pinned import clash
from services.scheduling.domain.plan import Proposal
from services.scheduling.domain.problem import Placement
from services.scheduling.handlers import board
from tests.unit.scheduling.builders import MONDAY, TUESDAY, a_basis, a_school, registered
from tests.unit.scheduling.fakes import Memory
from tests.unit.scheduling.test_handlers import EDITION, a_house, solved

TWO_SCHOOLS = registered(), registered(a_school("belleu"))
PROBLEM = build(a_basis(*TWO_SCHOOLS))


def at(group: str, activity: str, day=MONDAY, start: int = 600) -> Placement:
    return Placement(f"{group}:{activity}", f"{activity}-1", group.split("/")[0], day, start)


def said(*pins: Placement) -> str:
    found = clash(PROBLEM, pins)
    return found.code if found else ""


def test_pins_that_may_hold_are_not_refused() -> None:
    assert said() == ""
    assert said(at("acy/1", "video")) == ""  # its robotics may still come before
    assert said(at("acy/1", "robotics"), at("acy/1", "video", start=840)) == ""
    assert said(at("acy/1", "robotics"), at("acy/2", "robotics", start=840), at("acy/1", "video", TUESDAY)) == ""


@pytest.mark.parametrize(
    ("code", "pins"),
    [
        ("pin_alone", (at("acy/1", "robotics", start=480),)),
        ("pin_alone", (replace(at("acy/1", "robotics"), crew_id="video-1"),)),
        ("pins_order", (at("acy/1", "video"), at("acy/1", "robotics", TUESDAY))),
        ("pins_order", (at("acy/1", "robotics", start=540), at("acy/1", "video", start=640))),
        ("pins_team", (at("acy/1", "robotics"), at("belleu/1", "robotics", start=660))),
        ("pins_many", (at("acy/1", "robotics"), at("acy/2", "video"))),  # one room
    ],
)
def test_pins_that_cannot_hold_are_refused_by_the_rule_they_break(code: str, pins: tuple[Placement, ...]) -> None:
    apart = [said(pin) for pin in pins]
    assert (said(*pins), apart) == (code, ["" if len(pins) > 1 else code] * len(pins))
    elsewhere = at("belleu/2", "robotics", TUESDAY, 850)
    assert said(*pins, elsewhere) == code


def test_more_than_a_team_gives_in_a_day_cannot_be_fixed() -> None:
    problem = replace(PROBLEM, crews=tuple(replace(crew, max_sessions=2) for crew in PROBLEM.crews))
    three = [
        at("acy/1", "robotics", start=540),
        at("acy/2", "robotics", start=610),
        at("belleu/1", "robotics", start=840),
    ]
    found = clash(problem, three)
    assert found is not None
    assert (found.code, found.facts["group"], found.facts["other"]) == ("pins_many", "acy/1", "belleu/1")
    assert clash(problem, three[:2]) is None


def a_plan_with(memory: Memory, *moved: Placement) -> str:
    """Keep a draft in which these sessions are elsewhere."""
    kept = next(iter(memory.proposals.values()), None) or memory.proposals[str(solved(memory).proposal_id)]
    changed = {p.demand_id: p for p in moved}
    draft: Proposal = replace(kept, id="draft", placements=tuple(changed.get(p.demand_id, p) for p in kept.placements))
    memory.proposals[draft.id] = draft
    return draft.id


def test_the_organiser_reads_which_two_sessions_and_how_to_mend_it() -> None:
    memory = a_house(*TWO_SCHOOLS)
    first = a_plan_with(memory, at("acy/1", "video"))
    board.pin_session(rpc.PinSession(EDITION, first, "acy/1:video", "Le car est réservé"), memory)
    second = a_plan_with(memory, at("acy/1", "robotics", TUESDAY))
    pins = board.list_pins(rpc.ListPins(EDITION), memory)
    with pytest.raises(Refused) as refusal:
        board.pin_session(rpc.PinSession(EDITION, second, "acy/1:robotics"), memory)
    assert [sentence(problem, "fr") for problem in refusal.value.problems] == [
        "Acy, CM2 1, « Video » le lundi 2 novembre 2020 à 10 h 00 et Acy, CM2 1, « Robotics » le mardi "
        "3 novembre 2020 à 10 h 00 ne peuvent pas être fixées toutes deux : l’ordre des ateliers ou le délai entre eux "
        "n’est pas respecté. "
        "Laissez l’une des deux changer de place."
    ]
    assert board.list_pins(rpc.ListPins(EDITION), memory) == pins
    board.unpin_session(rpc.UnpinSession(EDITION, "acy/1:video"), memory)
    board.pin_session(rpc.PinSession(EDITION, second, "acy/1:robotics"), memory)


def test_a_pin_may_move_away_from_where_it_clashed() -> None:
    memory = a_house(*TWO_SCHOOLS)
    for start, day in [(600, MONDAY), (840, MONDAY)]:
        draft = a_plan_with(memory, at("acy/1", "robotics", day, start))
        board.pin_session(rpc.PinSession(EDITION, draft, "acy/1:robotics"), memory)
    assert len(board.list_pins(rpc.ListPins(EDITION), memory)) == 1
