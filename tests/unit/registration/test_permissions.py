from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.contracts import rpc
from services.contracts.events import PermissionLevelsSet, PermissionsMarked
from services.contracts.values import GivenPermission, PermissionKind, PermissionLevel
from services.registration.handlers import answers, permissions, schools
from tests.unit.registration.builders import NOW, a_session
from tests.unit.registration.fakes import FakeTransaction
from tests.unit.registration.test_handlers import EDITION, confirm, do, import_request, page, refusal, release, tx

__all__ = ["tx"]


def mark(kind: PermissionKind = "director", given: bool = True, **changes: str) -> rpc.MarkPermission:
    facts = {"school_id": "acy", "programme_id": "quinzaine", "by": "organiser"} | changes
    return rpc.MarkPermission(EDITION, kind=kind, given=given, **facts)  # type: ignore[arg-type]


def levels(tx: FakeTransaction, **chosen: PermissionLevel) -> dict[PermissionKind, PermissionLevel]:
    return permissions.set_permission_levels(rpc.SetPermissionLevels(EDITION, chosen), tx).levels  # type: ignore[arg-type]


def listed(tx: FakeTransaction) -> list[tuple[str, list[tuple[str, bool]]]]:
    found = permissions.list_permissions(rpc.ListPermissions(EDITION), tx)
    return [(one.school_name, [(each.kind, each.given_at is not None) for each in one.permissions]) for one in found]


def test_schools_stand_where_people_look_for_them(tx: FakeTransaction) -> None:
    for id_, name in (("acy", "École 10"), ("belleu", "ecole 2")):
        enrolment = tx.enrolments.lock(EDITION, id_)
        assert enrolment
        tx.enrolments.save(replace(enrolment, imported=replace(enrolment.imported, name=name)))
    assert [name for name, _ in listed(tx)] == ["ecole 2", "École 10"]


def test_the_directors_agreement_alone_is_watched_at_first(tx: FakeTransaction) -> None:
    assert listed(tx) == [("Acy", [("director", False)]), ("Belleu", [("director", False)])]
    release(tx, 1, a_session())
    do(tx, answers.confirm_slots, confirm(s1=13))
    assert page(tx).offers[0].answer == "confirmed"


def test_what_is_needed_stops_a_confirmation_until_it_is_ticked(tx: FakeTransaction) -> None:
    release(tx, 1, a_session())
    assert levels(tx, director="block", inspector="block") == {
        "director": "block",
        "inspector": "block",
        "erun": "off",
        "convention": "off",
    }
    missing = ["permission_director", "permission_inspector"]
    assert refusal(tx, answers.confirm_slots, confirm(s1=13)) == missing
    do(tx, permissions.mark_permission, mark("inspector"))
    do(tx, permissions.mark_permission, mark(by="school"))
    do(tx, answers.confirm_slots, confirm(s1=13))
    assert page(tx).offers[0].answer == "confirmed"


def test_a_permission_is_kept_with_who_and_when_and_counts_once(tx: FakeTransaction) -> None:
    for later in (0, 1):
        tx.now = NOW + dt.timedelta(hours=later)
        do(tx, permissions.mark_permission, mark(by="school"))
    expected = rpc.Permission("director", "quinzaine", "Robotique puis vidéo", "warn", NOW, "school")
    assert page(tx).permissions == (expected,)
    facts = {"programme": "quinzaine", "kind": "director", "by": "school"}
    assert tx.history.rows == [("acy", "permitted", facts)]
    assert tx.take() == [PermissionsMarked(EDITION, "acy", (GivenPermission("director", "quinzaine"),))]
    do(tx, permissions.mark_permission, mark(given=False))
    assert listed(tx)[0] == ("Acy", [("director", False)])


def test_levels_are_told_whole(tx: FakeTransaction) -> None:
    chosen = levels(tx, convention="block")
    assert tx.take() == [PermissionLevelsSet(EDITION, chosen)]


def test_permissions_outlive_an_import_and_tell_nobody_of_it(tx: FakeTransaction) -> None:
    do(tx, permissions.mark_permission, mark())
    tx.take()
    classes = ("Acy;Acy;CM1;CM1;14;", "Belleu;Belleu;CM1;CM1;12;")
    do(tx, schools.import_schools, import_request(classes=classes))
    assert listed(tx)[0] == ("Acy", [("director", True)])
    assert len(tx.take()) == 1  # the head count


def test_a_school_ticks_its_directors_agreement_only_and_for_its_programmes(tx: FakeTransaction) -> None:
    assert refusal(tx, permissions.mark_permission, mark("erun", by="school")) == ["permission_not_yours"]
    assert refusal(tx, permissions.mark_permission, mark(programme_id="autre")) == ["programme_not_taken"]
    assert refusal(tx, permissions.mark_permission, mark(school_id="oz")) == ["unknown_school"]
