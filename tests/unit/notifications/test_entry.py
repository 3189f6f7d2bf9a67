from __future__ import annotations

from dataclasses import replace

import pytest

from services.contracts.values import Place
from services.notifications.domain.entry import NotYetKnown, Planned, Registered, carry_over, gather
from tests.unit.notifications.builders import a_group, a_school, a_session, an_edition

SESSION = a_session()
REGISTERED = {"acy": Registered(a_school(), (a_group(),))}


def test_facts_count_the_pupils_the_school_gave_before_those_it_registered() -> None:
    edition = an_edition()
    assert gather(edition, REGISTERED, Planned(SESSION, 1)).pupils == 12
    assert gather(edition, REGISTERED, Planned(SESSION, 1, "confirmed", 0)).pupils == 0


@pytest.mark.parametrize(
    "session",
    [
        replace(SESSION, school_id="belleu"),
        replace(SESSION, group_id="acy/cm2/1"),
        replace(SESSION, programme_id="pass"),
        replace(SESSION, activity_id="quiz"),
        replace(SESSION, provider_id="police"),
    ],
)
def test_a_session_that_cannot_be_described_yet_is_to_be_tried_again(session: object) -> None:
    with pytest.raises(NotYetKnown):
        gather(an_edition(), REGISTERED, Planned(session, 1))  # type: ignore[arg-type]


def test_a_place_is_another_one_from_about_a_kilometre() -> None:
    near = replace(SESSION, place=Place("École d’Acy", 49.3457, 3.4119, "2 place de la Mairie"))
    far = replace(SESSION, place=Place("École d’Acy", 49.3652, 3.4117))
    where = [gather(an_edition(), REGISTERED, Planned(s, 1)).where for s in (SESSION, near, far)]
    assert where[0] == where[1] != where[2]


def test_a_session_that_kept_its_slot_keeps_its_answer() -> None:
    before = {SESSION.id: Planned(SESSION, 1, "confirmed", 11)}
    other_team = replace(SESSION, team_id="truck-2")
    assert carry_over(before, (other_team,), REGISTERED, 2) == (Planned(other_team, 1, "confirmed", 11, parts=1),)


@pytest.mark.parametrize("changed", [a_session(hour=10), replace(SESSION, provider_id="studio")])
def test_a_session_that_changed_is_offered_anew(changed: object) -> None:
    before = {SESSION.id: Planned(SESSION, 1, "confirmed", 11)}
    assert carry_over(before, (changed,), REGISTERED, 2) == (Planned(changed, 2, parts=1),)  # type: ignore[arg-type]


def test_groups_of_an_earlier_registration_stay_known() -> None:
    earlier = Registered(a_school(), (a_group(), a_group(id="acy/cm2/1")))
    now = Registered(a_school(), (a_group(pupils=14),))
    assert now.with_groups_of(earlier).groups == (a_group(pupils=14), a_group(id="acy/cm2/1"))
