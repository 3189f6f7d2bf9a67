"""Random histories of registration, each of docs/reference/invariants.md looked at after every step.

``QUINZAINE_TEST_HISTORIES`` plays more of them.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.contracts import rpc
from services.contracts.errors import Refused
from services.contracts.events import (
    AnswerUndone,
    EditionOpened,
    Event,
    PlaceOffered,
    PlanReleased,
    RegistrationSubmitted,
    SlotDeclined,
    SlotsConfirmed,
)
from services.contracts.values import Priority, Session
from services.registration.domain.enrolment import Enrolment
from services.registration.domain.places import Claim
from services.registration.handlers import answers, asking, forms, places, schools
from tests.unit.registration.builders import a_programme, a_school, a_session, an_edition
from tests.unit.registration.fakes import FakeTransaction

PAGE = Path(__file__).parents[3] / "docs/reference/invariants.md"
SCHOOLS = ("acy", "belleu", "cuffies", "daix")
EDITION = an_edition(a_programme(id="robots"), a_programme(id="film"))
PROGRAMMES = tuple(programme.id for programme in EDITION.programmes)
HANDLERS: dict[type, Callable[[Any, Any], Any]] = {
    rpc.RegisterSchool: forms.register_school,
    rpc.SetPlaces: places.set_places,
    rpc.AnswerPlace: places.answer_place,
    rpc.ConfirmSlots: answers.confirm_slots,
    rpc.DeclineSlot: answers.decline_slot,
    rpc.UndoAnswer: asking.undo_answer,
}

any_school = st.sampled_from(SCHOOLS)
any_number = st.integers(0, 50)
head_counts = st.lists(st.integers(8, 40), min_size=1, max_size=3)
orders = st.sampled_from([(), ("rural",), ("never_served", "rural")])
words = st.sampled_from(["accept", "give_up", "ask"])


class Histories(RuleBasedStateMachine):
    """Four schools, two programmes, and everything that may happen to them."""

    def __init__(self) -> None:
        super().__init__()
        self.tx = FakeTransaction()
        self.told: list[Event] = []
        self.released: dict[str, Session] = {}
        schools.edition_opened(EditionOpened(EDITION), self.tx)
        for number, name in enumerate(SCHOOLS):
            school = a_school(name, rural=number % 2 == 1, never_served=number > 1)
            self.tx.enrolments.save(Enrolment(EDITION.id, school, ()))

    # What may happen ------------------------------------------------------------------------------------

    @initialize(limit=st.integers(0, 6), order=orders)
    def limit_the_robots_and_register(self, limit: int, order: tuple[Priority, ...]) -> None:
        self.set_priorities(order)
        self.set_places("robots", limit)
        for number, school in enumerate(SCHOOLS):
            self.register_or_change(school, [12 + 9 * number], {"robots"})

    @rule(school=any_school, pupils=head_counts, programmes=st.sets(st.sampled_from(PROGRAMMES), min_size=1))
    def register_or_change(self, school: str, pupils: list[int], programmes: set[str]) -> None:
        kept = forms.get_registration_form(rpc.GetRegistrationForm(EDITION.id, school), self.tx)
        fields = {name: text for name, text in kept.fields.items() if not name.startswith("class-")}
        for i, count in enumerate(pupils):
            fields |= {f"class-{i}-name": f"CM{i}", f"class-{i}-pupils": str(count)}
            fields |= {f"class-{i}-in-{programme}": "on" for programme in programmes}
        self.send(rpc.RegisterSchool(EDITION.id, school, fields, self.key()))

    @rule(number=any_number, word=words)
    def answer_about_a_place(self, number: int, word: Any) -> None:
        self.answer_place(sorted(self.tx.claims.rows), number, word)

    @rule(number=any_number, word=words)
    def answer_an_offer(self, number: int, word: Any) -> None:
        offered = [key for key, claim in sorted(self.tx.claims.rows.items()) if claim.state == "offered"]
        self.answer_place(offered, number, word)

    @rule(programme=st.sampled_from(PROGRAMMES), limit=st.integers(0, 8) | st.integers(0, 8) | st.none())
    def set_places(self, programme: str, limit: int | None) -> None:
        self.send(rpc.SetPlaces(EDITION.id, programme, limit))

    @rule(order=orders)
    def set_priorities(self, order: tuple[Priority, ...]) -> None:
        schools.edition_opened(EditionOpened(replace(EDITION, priorities=order)), self.tx)
        self.hear()

    @rule(hours=st.integers(1, 80))
    def time_passes(self, hours: int) -> None:
        self.tx.now += dt.timedelta(hours=hours)
        while places.end_overdue_offer(self.tx):
            self.hear()

    @rule(hour=st.integers(8, 10))
    def release(self, hour: int) -> None:
        number = self.tx.editions.release(EDITION.id) + 1
        planned = [group for one in self.registered().values() for group in one.groups if group.plannable]
        sessions = [
            replace(
                a_session(1 + i % 5, group.school_id, id=group.id, group_id=group.id, programme_id=group.programme_id),
                end=dt.datetime(2020, 11, 12, hour + i % 2, tzinfo=dt.timezone.utc),
            )
            for i, group in enumerate(planned)
        ]
        event = PlanReleased(EDITION.id, number, tuple(sessions), ())
        answers.plan_released(event, self.tx)
        self.told.append(event)
        self.released = {session.id: session for session in sessions}
        self.hear()

    @rule(school=any_school, number=any_number, pupils=st.integers(1, 20))
    def confirm(self, school: str, number: int, pupils: int) -> None:
        if session := self.slot_of(school, number):
            release = self.tx.editions.release(EDITION.id)
            self.send(rpc.ConfirmSlots(EDITION.id, school, release, {session: pupils}, self.key()))

    @rule(school=any_school, number=any_number, age=st.integers(0, 1))
    def decline(self, school: str, number: int, age: int) -> None:
        if session := self.slot_of(school, number):
            release = self.tx.editions.release(EDITION.id) - age
            self.send(rpc.DeclineSlot(EDITION.id, school, release, session, "sortie", self.key()))

    @rule(school=any_school, number=any_number)
    def undo(self, school: str, number: int) -> None:
        if session := self.slot_of(school, number):
            release = self.tx.editions.release(EDITION.id)
            self.send(rpc.UndoAnswer(EDITION.id, school, release, session, self.key()))

    # What is true whatever happened -----------------------------------------------------------------------

    @invariant()
    def no_place_given_twice(self) -> None:
        for capacity in self.tx.capacities.all(EDITION.id):
            assert sum(claim.takes_a_place for claim in self.claims(capacity.programme_id)) <= capacity.places

    @invariant()
    def places_taken_are_counted(self) -> None:
        for capacity in self.tx.capacities.all(EDITION.id):
            assert sum(claim.takes_a_place for claim in self.claims(capacity.programme_id)) == capacity.taken

    @invariant()
    def no_place_lies_idle(self) -> None:
        for capacity in self.tx.capacities.all(EDITION.id):
            waiting = [claim for claim in self.claims(capacity.programme_id) if claim.state == "waiting"]
            assert not waiting or capacity.taken == capacity.places

    @invariant()
    def every_group_has_one_claim(self) -> None:
        limited = {capacity.programme_id for capacity in self.tx.capacities.all(EDITION.id)}
        groups = [g.id for one in self.tx.enrolments.all(EDITION.id) for g in one.groups if g.programme_id in limited]
        assert sorted(groups) == sorted(claim.group_id for claim in self.tx.claims.rows.values())

    @invariant()
    def who_waits_has_a_number(self) -> None:
        for programme in PROGRAMMES:
            waiting = [c for c in self.tx.claims.in_line(EDITION.id, programme) if c.state == "waiting"]
            assert len({claim.number for claim in waiting} - {0}) == len(waiting)
            assert [self.tx.claims.position(claim) for claim in waiting] == list(range(1, len(waiting) + 1))
            assert waiting == sorted(waiting, key=lambda claim: (claim.rank, claim.number))

    @invariant()
    def only_offers_end(self) -> None:
        assert all((claim.until is not None) == (claim.state == "offered") for claim in self.tx.claims.rows.values())

    @invariant()
    def only_groups_with_a_place_are_planned(self) -> None:
        without = {claim.group_id for claim in self.tx.claims.rows.values() if claim.state != "held"}
        told = (group for event in self.registered().values() for group in event.groups)
        assert {group.id for group in told if group.without_place} == without

    @invariant()
    def offers_are_told_once(self) -> None:
        made = Counter(facts["group"] for _, code, facts in self.tx.history.rows if code == "place_offered")
        assert Counter(event.group_id for event in self.told if isinstance(event, PlaceOffered)) == made

    @invariant()
    def others_know_the_registration(self) -> None:
        for school_id, event in self.registered().items():
            enrolment = self.enrolment(school_id)
            assert (event.school, event.classes, event.groups) == (
                enrolment.school,
                enrolment.classes,
                enrolment.groups,
            )

    @invariant()
    def others_know_the_answers(self) -> None:
        known: dict[str, str] = {}
        at: dict[str, Session] = {}
        for event in self.told:
            if isinstance(event, PlanReleased):
                stayed = {
                    s.id for s in event.sessions if s.id in at and (s.start, s.end) == (at[s.id].start, at[s.id].end)
                }
                at = {session.id: session for session in event.sessions}
                known = {id_: known[id_] if id_ in stayed else "offered" for id_ in at}
            known |= _answers_in(event)
        assert {id_: slot.answer for (_, id_), slot in self.tx.slots.rows.items()} == known

    @invariant()
    def a_slot_is_of_the_release(self) -> None:
        assert {id_: slot.session for (_, id_), slot in self.tx.slots.rows.items()} == self.released

    @invariant()
    def the_same_key_answers_the_same(self) -> None:
        assert self.unequal == []

    # How it is done -----------------------------------------------------------------------------------------

    unequal: list[Any] = []  # noqa: RUF012 (never changed in place)

    def send(self, request: Any) -> None:
        """Send a form, and send it again as a double click does."""
        try:
            with self.tx.work():
                answer = HANDLERS[type(request)](request, self.tx)
        except Refused:
            return
        self.hear()
        again = HANDLERS[type(request)](request, self.tx)
        if again != answer or self.tx.emitted:
            self.unequal = [request, answer, again, self.tx.emitted]

    def answer_place(self, claims: list[tuple[str, str]], number: int, word: Any) -> None:
        if claims:
            claim = self.tx.claims.rows[claims[number % len(claims)]]
            (group,) = (group for group in self.enrolment(claim.school_id).groups if group.id == claim.group_id)
            self.send(rpc.AnswerPlace(EDITION.id, claim.school_id, group.id, word, group.pupils, self.key()))

    def hear(self) -> None:
        self.told += self.tx.take()

    def key(self) -> str:
        return f"key-{len(self.tx.keys.rows)}"

    def claims(self, programme: str) -> list[Claim]:
        return [claim for claim in self.tx.claims.rows.values() if claim.programme_id == programme]

    def enrolment(self, school: str) -> Enrolment:
        return self.tx.enrolments.rows[EDITION.id, school]

    def registered(self) -> dict[str, RegistrationSubmitted]:
        return {event.school.id: event for event in self.told if isinstance(event, RegistrationSubmitted)}

    def slot_of(self, school: str, number: int) -> str | None:
        mine = sorted(self.tx.slots.of_school(EDITION.id, school))
        return mine[number % len(mine)] if mine else None


def _answers_in(event: Event) -> dict[str, str]:
    if isinstance(event, SlotsConfirmed):
        return dict.fromkeys(event.session_ids, "confirmed")
    if isinstance(event, SlotDeclined):
        return {event.session_id: "declined"}
    return {event.session_id: "offered"} if isinstance(event, AnswerUndone) else {}


TestHistories = pytest.mark.timeout(3600)(Histories.TestCase)
TestHistories.settings = settings(
    max_examples=int(os.environ.get("QUINZAINE_TEST_HISTORIES", "500")),
    stateful_step_count=50,
    print_blob=True,
)


def test_the_page_and_the_code_name_the_same_invariants() -> None:
    written = [
        line.removeprefix("## ") for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("## ")
    ]
    checked = [name for name, member in vars(Histories).items() if hasattr(member, "hypothesis_stateful_invariant")]
    assert written == checked
