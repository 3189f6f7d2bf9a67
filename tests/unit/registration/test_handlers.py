from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from services.contracts import rpc
from services.contracts.errors import Refused
from services.contracts.events import EditionOpened, PlanReleased, RegistrationSubmitted, SlotDeclined, SlotsConfirmed
from services.contracts.values import GroupRule, HalfDay, Session
from services.registration.handlers import answers, forms, schools
from tests.unit.registration.builders import (
    ACY,
    BELLEU,
    a_programme,
    a_session,
    an_activity,
    an_edition,
    classes_csv,
    schools_csv,
)
from tests.unit.registration.fakes import FakeTransaction

EDITION = "soissons-2020"
CLASSES = ("Acy;Acy;CM1;CM1;25;", "Belleu;Belleu;CM1;CM1;12;")
MORNING = HalfDay(dt.date(2020, 11, 3), "am")


def import_request(schools: tuple[str, ...] = (ACY, BELLEU), classes: tuple[str, ...] = CLASSES) -> rpc.ImportSchools:
    files = rpc.ImportFile("schools.csv", schools_csv(*schools)), rpc.ImportFile("classes.csv", classes_csv(*classes))
    return rpc.ImportSchools(EDITION, *files)


@pytest.fixture
def tx() -> FakeTransaction:
    """Two schools, Acy with two groups and Belleu with one; what was emitted so far is taken."""
    tx = FakeTransaction()
    schools.edition_opened(EditionOpened(an_edition()), tx)
    schools.import_schools(import_request(), tx)
    tx.take()
    tx.history.rows.clear()
    return tx


def do(tx: FakeTransaction, handler: Callable[[Any, FakeTransaction], Any], request: Any) -> Any:
    with tx.work():
        return handler(request, tx)


def refusal(tx: FakeTransaction, handler: Callable[[Any, FakeTransaction], Any], request: Any) -> list[str]:
    with pytest.raises(Refused) as caught:
        do(tx, handler, request)
    return [problem.code for problem in caught.value.problems]


def release(tx: FakeTransaction, number: int, *sessions: Session) -> None:
    answers.plan_released(PlanReleased(EDITION, number, sessions, ()), tx)


def page(tx: FakeTransaction, school: str = "acy") -> rpc.SchoolPage:
    return answers.get_school_page(rpc.GetSchoolPage(EDITION, school), tx)


def confirm(key: str = "k1", number: int = 1, **pupils: int) -> rpc.ConfirmSlots:
    return rpc.ConfirmSlots(EDITION, "acy", number, pupils, key)


def decline(key: str = "k1", reason: str = "sortie scolaire", session: str = "s1", number: int = 1) -> rpc.DeclineSlot:
    return rpc.DeclineSlot(EDITION, "acy", number, session, reason, key)


# Import ---------------------------------------------------------------------------------------------------


def test_import_before_the_edition_arrived_is_refused() -> None:
    assert refusal(FakeTransaction(), schools.import_schools, import_request()) == ["edition_not_arrived"]


def test_import_tells_each_school_whole() -> None:
    tx = FakeTransaction()
    schools.edition_opened(EditionOpened(an_edition()), tx)
    report = schools.import_schools(import_request(), tx)
    assert report == rpc.ImportReport(created=2, changed=0, unchanged=0, groups=3, open_exceptions=0)
    submitted = tx.take()
    assert [(e.school.id, len(e.classes), [g.pupils for g in e.groups]) for e in submitted] == [  # type: ignore[attr-defined]
        ("acy", 1, [13, 12]),
        ("belleu", 1, [12]),
    ]
    assert tx.history.rows[0] == ("acy", "registered", {"classes": "1", "pupils": "25"})


def test_the_same_files_again_change_nothing(tx: FakeTransaction) -> None:
    assert do(tx, schools.import_schools, import_request()).unchanged == 2
    assert (tx.take(), tx.history.rows) == ([], [])


def test_a_changed_row_updates_that_school_only(tx: FakeTransaction) -> None:
    report = do(
        tx, schools.import_schools, import_request(classes=("Acy;Acy;CM1;CM1;25;", "Belleu;Belleu;CM1;CM1;14;"))
    )
    assert (report.created, report.changed, report.unchanged) == (0, 1, 1)
    (event,) = tx.take()
    assert isinstance(event, RegistrationSubmitted)
    assert (event.school.id, [g.pupils for g in event.groups]) == ("belleu", [14])
    assert tx.history.codes() == [("belleu", "changed")]


def test_a_file_of_schools_alone_registers_new_ones_and_leaves_known_classes(tx: FakeTransaction) -> None:
    alone = replace(import_request((ACY, BELLEU, BELLEU.replace("elleu", "illy"))), classes=None)
    report = do(tx, schools.import_schools, alone)
    assert (report.created, report.changed, report.unchanged, report.groups) == (1, 0, 2, 3)
    (event,) = tx.take()
    assert isinstance(event, RegistrationSubmitted)
    assert (event.school.name, event.classes, event.groups) == ("Billy", (), ())
    assert do(tx, schools.import_schools, alone).unchanged == 3


def test_a_fault_anywhere_changes_nothing(tx: FakeTransaction) -> None:
    before = dict(tx.enrolments.rows)
    classes = ("Acy;Acy;CM1;CM1;28;", "Belleu;Belleu;CM1;CM1;x;")
    assert refusal(tx, schools.import_schools, import_request(classes=classes)) == ["number_malformed"]
    assert (tx.enrolments.rows, tx.take(), tx.history.rows) == (before, [], [])


def test_a_new_group_rule_forms_the_groups_anew(tx: FakeTransaction) -> None:
    of_five = GroupRule("split", 4, 5)
    edition = an_edition(a_programme(an_activity("robotics", of_five), an_activity("video", of_five)))
    do(tx, schools.edition_opened, EditionOpened(edition))
    assert [[g.pupils for g in e.groups] for e in tx.take()] == [[5] * 5, [4] * 3]  # type: ignore[attr-defined]
    do(tx, schools.edition_opened, EditionOpened(replace(edition, notes="rien de neuf")))
    assert tx.take() == []


# Exceptions and closures ----------------------------------------------------------------------------------


def test_a_late_head_count_keeps_the_groups_that_have_sessions(tx: FakeTransaction) -> None:
    def groups(pupils: int) -> tuple[list[int], rpc.ImportReport]:
        classes = (f"Acy;Acy;CM1;CM1;{pupils};", CLASSES[1])
        report = do(tx, schools.import_schools, import_request(classes=classes))
        return [group.pupils for group in page(tx).groups], report

    assert groups(31)[0] == [11, 10, 10]
    assert groups(30)[0] == [15, 15]
    assert groups(31)[0] == [11, 10, 10]
    release(tx, 1, *(a_session(number) for number in (1, 2, 3)))
    assert groups(30)[0] == [10, 10, 10]
    again, report = groups(30)
    assert (again, report.changed, report.unchanged) == ([10, 10, 10], 0, 2)


def test_an_exception_is_shown_settled_and_told(tx: FakeTransaction) -> None:
    report = do(tx, schools.import_schools, import_request(classes=("Acy;Acy;CM1;CM1;17;", CLASSES[1])))
    assert report.open_exceptions == 1
    acy, _ = schools.list_registrations(rpc.ListRegistrations(EDITION), tx)
    choices = {"one_group": (17,), "two_groups": (9, 8), "leave_out": ()}
    assert acy.exceptions == (rpc.OpenException("acy/cm1", "quinzaine", 17, "too_large", choices, low=10, high=15),)
    tx.take()
    settle = rpc.SettleException(EDITION, "acy/cm1", "quinzaine", "two_groups")
    settled = do(tx, schools.settle_exception, settle)
    assert (settled.exceptions, [(g.pupils, g.plannable) for g in settled.groups]) == ((), [(9, True), (8, True)])
    assert [type(event) for event in tx.take()] == [RegistrationSubmitted]
    assert do(tx, schools.settle_exception, settle) == settled
    assert (tx.take(), [code for _, code in tx.history.codes()]) == ([], ["changed", "settled"])


@pytest.mark.parametrize("class_id", ["acy/cm1", "acy/cm3", "nowhere/cm1", "cm1"])
def test_settling_what_is_no_exception_is_refused(tx: FakeTransaction, class_id: str) -> None:
    settle = rpc.SettleException(EDITION, class_id, "quinzaine", "one_group")
    assert refusal(tx, schools.settle_exception, settle) == ["nothing_to_settle"]


def test_closing_twice_is_told_once_and_reopening_takes_it_back(tx: FakeTransaction) -> None:
    close, reopen = rpc.CloseSchool(EDITION, "acy", (MORNING,)), rpc.ReopenSchool(EDITION, "acy", (MORNING,))
    assert do(tx, schools.close_school, close).school.closed == (MORNING,)
    do(tx, schools.close_school, close)
    assert [event.school.closed for event in tx.take()] == [(MORNING,)]  # type: ignore[attr-defined]
    do(tx, schools.reopen_school, reopen)
    do(tx, schools.reopen_school, reopen)
    assert [event.school.closed for event in tx.take()] == [()]  # type: ignore[attr-defined]
    assert tx.history.rows == [
        ("acy", "closed", {"half_days": "2020-11-03 am"}),
        ("acy", "reopened", {"half_days": "2020-11-03 am"}),
    ]


def test_a_closure_survives_the_same_import(tx: FakeTransaction) -> None:
    do(tx, schools.close_school, rpc.CloseSchool(EDITION, "acy", (MORNING,)))
    tx.take()
    assert do(tx, schools.import_schools, import_request()).unchanged == 2
    assert (tx.take(), page(tx).school.closed) == ([], (MORNING,))


def test_a_closure_outside_the_edition_or_of_an_unknown_school_is_refused(tx: FakeTransaction) -> None:
    outside = HalfDay(dt.date(2021, 11, 3), "am")
    assert refusal(tx, schools.close_school, rpc.CloseSchool(EDITION, "acy", (outside,))) == ["edition_day_outside"]
    assert refusal(tx, schools.close_school, rpc.CloseSchool(EDITION, "oz", (MORNING,))) == ["unknown_school"]


# Releases -------------------------------------------------------------------------------------------------


def test_a_release_offers_each_school_its_sessions(tx: FakeTransaction) -> None:
    release(tx, 1, a_session(2), a_session(1), a_session(3, school="belleu"))
    acy = page(tx)
    assert acy.release == 1
    assert [
        (o.session.id, o.release, o.group_name, o.pupils, o.activity_name, o.provider_name) for o in acy.offers
    ] == [
        ("s1", 1, "CM1 groupe 1", 13, "Robotics", "Ze Fab Truck"),
        ("s2", 1, "CM1 groupe 2", 12, "Robotics", "Ze Fab Truck"),
    ]
    assert [o.session.id for o in page(tx, "belleu").offers] == ["s3"]
    first, second = schools.list_registrations(rpc.ListRegistrations(EDITION), tx)
    assert first.answers == {"offered": 2, "confirmed": 0, "declined": 0}
    assert second.answers == {"offered": 1, "confirmed": 0, "declined": 0}


def test_the_next_release_keeps_answers_moves_and_withdraws(tx: FakeTransaction) -> None:
    release(tx, 1, a_session(1), a_session(2), a_session(3))
    do(tx, answers.confirm_slots, confirm(s1=12, s2=11, s3=10))
    later = replace(a_session(2), start=a_session(4).start, end=a_session(4).end)
    tx.history.rows.clear()
    release(tx, 2, a_session(1), later)
    assert [(o.session.id, o.answer, o.pupils, o.release, o.changed) for o in page(tx).offers] == [
        ("s1", "confirmed", 12, 1, False),
        ("s2", "offered", 12, 2, True),
    ]
    assert [(code, facts["session"]) for _, code, facts in tx.history.rows] == [("withdrawn", "s3"), ("moved", "s2")]


def test_a_release_that_comes_before_its_edition_or_school_is_tried_again() -> None:
    tx = FakeTransaction()
    with pytest.raises(LookupError):
        release(tx, 1, a_session())
    schools.edition_opened(EditionOpened(an_edition()), tx)
    with pytest.raises(LookupError), tx.work():
        release(tx, 1, a_session())
    assert tx.editions.release(EDITION) == 0


# Answers --------------------------------------------------------------------------------------------------


def test_confirming_is_told_with_the_head_counts(tx: FakeTransaction) -> None:
    release(tx, 1, a_session(1), a_session(2))
    after = do(tx, answers.confirm_slots, confirm(s1=12))
    assert [(o.session.id, o.answer, o.pupils, o.answered_at) for o in after.offers] == [
        ("s1", "confirmed", 12, tx.now),
        ("s2", "offered", 12, None),
    ]
    assert tx.take() == [SlotsConfirmed(EDITION, "acy", 1, ("s1",), {"s1": 12})]


def test_a_double_click_answers_the_same_and_tells_nothing_twice(tx: FakeTransaction) -> None:
    release(tx, 1, a_session(1))
    pages = [do(tx, answers.confirm_slots, confirm(s1=12)) for _ in range(10)]
    assert pages == [pages[0]] * 10
    assert len(tx.take()) == 1
    assert tx.history.codes() == [("acy", "offered"), ("acy", "confirmed")]


def test_a_form_sent_again_is_answered_as_it_was_though_things_have_changed(tx: FakeTransaction) -> None:
    release(tx, 1, a_session(1))
    first = do(tx, answers.confirm_slots, confirm("k1", s1=12))
    do(tx, answers.decline_slot, decline("k2"))
    assert do(tx, answers.confirm_slots, confirm("k1", s1=12)) == first
    assert [offer.answer for offer in page(tx).offers] == ["declined"]


def test_the_same_answer_on_another_page_tells_nothing(tx: FakeTransaction) -> None:
    release(tx, 1, a_session(1))
    do(tx, answers.confirm_slots, confirm("k1", s1=12))
    do(tx, answers.confirm_slots, confirm("k2", s1=12))
    assert len(tx.take()) == 1


def test_a_key_with_another_answer_is_refused(tx: FakeTransaction) -> None:
    release(tx, 1, a_session(1))
    do(tx, answers.confirm_slots, confirm("k1", s1=12))
    assert refusal(tx, answers.confirm_slots, confirm("k1", s1=13)) == ["key_reused"]
    assert refusal(tx, answers.decline_slot, decline("k1")) == ["key_reused"]


def test_a_refused_answer_does_not_use_up_its_key(tx: FakeTransaction) -> None:
    release(tx, 1, a_session(1))
    assert refusal(tx, answers.confirm_slots, confirm("k1", s1=99)) == ["pupils_out_of_range"]
    assert do(tx, answers.confirm_slots, confirm("k1", s1=12)).offers[0].answer == "confirmed"


def test_one_stale_session_refuses_the_whole_answer(tx: FakeTransaction) -> None:
    release(tx, 1, a_session(1), a_session(2))
    release(tx, 2, a_session(1), replace(a_session(2), start=a_session(4).start, end=a_session(4).end))
    assert refusal(tx, answers.confirm_slots, confirm(s1=12, s2=12)) == ["slot_moved"]
    assert [o.answer for o in page(tx).offers] == ["offered", "offered"]
    assert refusal(tx, answers.decline_slot, decline(session="s2")) == ["slot_moved"]


def test_a_session_that_stayed_may_be_confirmed_on_the_older_page(tx: FakeTransaction) -> None:
    release(tx, 1, a_session(1))
    release(tx, 2, a_session(1))
    do(tx, answers.confirm_slots, confirm(s1=12))
    assert tx.take() == [SlotsConfirmed(EDITION, "acy", 2, ("s1",), {"s1": 12})]


def test_a_school_may_change_its_mind_both_ways(tx: FakeTransaction) -> None:
    release(tx, 1, a_session(1))
    do(tx, answers.confirm_slots, confirm("k1", s1=12))
    do(tx, answers.decline_slot, decline("k2", reason="  sortie scolaire "))
    do(tx, answers.decline_slot, decline("k3", reason="encore"))
    do(tx, answers.confirm_slots, confirm("k4", s1=12))
    assert tx.take() == [
        SlotsConfirmed(EDITION, "acy", 1, ("s1",), {"s1": 12}),
        SlotDeclined(EDITION, "acy", 1, "s1", "sortie scolaire"),
        SlotsConfirmed(EDITION, "acy", 1, ("s1",), {"s1": 12}),
    ]


def test_a_reason_that_seems_to_name_pupils_is_refused_until_someone_says_it_does_not(tx: FakeTransaction) -> None:
    release(tx, 1, a_session(1))
    assert refusal(tx, answers.decline_slot, decline(reason="Léa, Hugo et Zoé")) == ["looks_like_names"]
    assert [offer.answer for offer in page(tx).offers] == ["offered"]
    said = replace(decline(), reason="Rue Racine, Place Mantoue, Boulevard Jeanne", no_names=True)
    do(tx, answers.decline_slot, said)
    assert [(offer.answer, offer.reason) for offer in page(tx).offers] == [("declined", said.reason)]


def test_a_session_of_another_school_cannot_be_answered(tx: FakeTransaction) -> None:
    release(tx, 1, a_session(3, school="belleu"))
    assert refusal(tx, answers.confirm_slots, confirm(s3=12)) == ["slot_withdrawn"]
    assert refusal(tx, answers.decline_slot, decline(session="s3")) == ["slot_withdrawn"]


def test_the_page_of_an_unknown_school_is_refused(tx: FakeTransaction) -> None:
    assert refusal(tx, answers.get_school_page, rpc.GetSchoolPage(EDITION, "oz")) == ["unknown_school"]


# A school registers by its form ---------------------------------------------------------------------------


def form(tx: FakeTransaction) -> rpc.RegistrationForm:
    return forms.get_registration_form(rpc.GetRegistrationForm(EDITION, "acy"), tx)


def test_a_draft_is_shown_again_and_tells_nobody(tx: FakeTransaction) -> None:
    typed = form(tx).fields | {"rooms": "beaucoup"}
    do(tx, forms.save_draft, rpc.SaveDraft(EDITION, "acy", typed))
    assert (form(tx).fields, form(tx).declared, tx.take()) == ({k: v for k, v in sorted(typed.items())}, False, [])
    assert form(tx).drafted_at == tx.now


def test_registering_tells_what_the_school_says_once(tx: FakeTransaction) -> None:
    sent = rpc.RegisterSchool(EDITION, "acy", form(tx).fields | {"class-0-pupils": "14", "rooms": "2"}, "k1")
    do(tx, forms.save_draft, rpc.SaveDraft(EDITION, "acy", sent.fields))
    for _ in range(3):
        assert do(tx, forms.register_school, sent) == rpc.SchoolScope(EDITION, "acy")
    (told,) = tx.take()
    assert isinstance(told, RegistrationSubmitted)
    assert (told.school.rooms, [c.pupils for c in told.classes], [g.pupils for g in told.groups]) == (2, [14], [14])
    assert tx.history.codes() == [("acy", "declared")]
    assert (form(tx).declared, form(tx).drafted_at) == (True, None)


def test_a_form_read_before_another_was_sent_takes_the_place_of_none(tx: FakeTransaction) -> None:
    read = form(tx)
    first, second = (
        rpc.RegisterSchool(EDITION, "acy", read.fields | {"rooms": rooms}, f"k{rooms}", read.version) for rooms in "23"
    )
    do(tx, forms.register_school, first)
    do(tx, forms.save_draft, rpc.SaveDraft(EDITION, "acy", second.fields))
    assert refusal(tx, forms.register_school, second) == ["registered_meanwhile"]
    assert (form(tx).fields["rooms"], tx.enrolments.get(EDITION, "acy").school.rooms) == ("3", 2)
    do(tx, forms.register_school, replace(first, key="k4"))  # the same again, by someone who had not seen it
    do(tx, forms.register_school, replace(second, key="k5", before=form(tx).version))
    assert tx.enrolments.get(EDITION, "acy").school.rooms == 3


def test_a_form_with_faults_registers_nothing_and_keeps_the_draft(tx: FakeTransaction) -> None:
    sent = rpc.RegisterSchool(EDITION, "acy", form(tx).fields | {"rooms": "0", "contact-email": ""}, "k1")
    do(tx, forms.save_draft, rpc.SaveDraft(EDITION, "acy", sent.fields))
    assert refusal(tx, forms.register_school, sent) == ["value_missing", "number_malformed"]
    assert (tx.take(), form(tx).fields["rooms"]) == ([], "0")
    assert do(tx, forms.register_school, replace(sent, fields=sent.fields | {"rooms": "1", "contact-email": "a@b.fr"}))


def test_the_same_file_read_again_leaves_the_schools_own_word(tx: FakeTransaction) -> None:
    do(tx, forms.register_school, rpc.RegisterSchool(EDITION, "acy", form(tx).fields | {"rooms": "4"}, "k1"))
    tx.take()
    assert do(tx, schools.import_schools, import_request()).unchanged == 2
    assert (form(tx).fields["rooms"], tx.take()) == ("4", [])


def test_an_answer_by_telephone_is_marked_as_such(tx: FakeTransaction) -> None:
    release(tx, 1, a_session(1), a_session(2))
    do(tx, answers.confirm_slots, replace(confirm("k1", s1=12), by="organiser"))
    do(tx, answers.decline_slot, replace(decline("k2", session="s2"), by="organiser"))
    assert [(offer.answer, offer.answered_by) for offer in page(tx).offers] == [
        ("confirmed", "organiser"),
        ("declined", "organiser"),
    ]
    do(tx, answers.confirm_slots, confirm("k3", s2=11))
    assert [offer.answered_by for offer in page(tx).offers] == ["organiser", "school"]
    assert [facts["by"] for _, code, facts in tx.history.rows if code != "offered"] == [
        "organiser",
        "organiser",
        "school",
    ]


# Files as they are ----------------------------------------------------------------------------------------


def test_a_preview_says_what_an_import_would_do_and_does_nothing(tx: FakeTransaction) -> None:
    changed = import_request(classes=("Acy;Acy;CM1;CM1;30;", CLASSES[1]))
    before = tx.enrolments.all(EDITION)
    seen = do(tx, schools.import_schools, replace(changed, preview=True))
    assert (seen.created, seen.changed, seen.unchanged) == (0, 1, 1)
    assert (tx.enrolments.all(EDITION), tx.take(), tx.history.rows) == (before, [], [])
    assert do(tx, schools.import_schools, changed) == seen


def test_the_columns_chosen_last_are_proposed_again(tx: FakeTransaction) -> None:
    text = "Nom de ma classe;École;Commune;Effectif\nCM1;Acy;Acy;25\n"
    file = rpc.ImportFile("mes-classes.csv", text)
    ask = rpc.ReadColumns(import_request().schools, file)
    first = schools.read_columns(ask, tx)
    assert (first.schools.certain, first.classes.certain) == (True, False)
    assert [(c.name, c.header) for c in first.classes.columns if c.required] == [
        ("école", "École"),
        ("commune", "Commune"),
        ("classe", ""),
        ("élèves", "Effectif"),
    ]
    chosen = {"école": "École", "commune": "Commune", "classe": "Nom de ma classe", "élèves": "Effectif"}
    request = replace(import_request(schools=(ACY,)), classes=replace(file, columns=chosen))
    assert do(tx, schools.import_schools, request).unchanged == 1
    assert {c.name: c.header for c in schools.read_columns(ask, tx).classes.columns if c.header} == chosen
