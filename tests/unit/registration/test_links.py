"""Links of schools: what they open, for how long, and how they are ended."""

from __future__ import annotations

import datetime as dt

import pytest

from services.contracts import rpc
from services.contracts.errors import Refused
from services.contracts.events import RegistrationSubmitted
from services.kit.links import token_hash
from services.registration.handlers import links, schools
from tests.unit.registration.builders import an_edition
from tests.unit.registration.fakes import FakeTransaction
from tests.unit.registration.test_handlers import EDITION, tx

__all__ = ["tx"]


def token(tx: FakeTransaction, school: str = "acy") -> str:
    found = schools.list_registrations(rpc.ListRegistrations(EDITION), tx)
    return next(registration.token for registration in found if registration.school.id == school)


def opens(tx: FakeTransaction, token: str) -> rpc.SchoolScope:
    return links.open_school_link(rpc.OpenSchoolLink(token_hash(token)), tx)


def revoke(tx: FakeTransaction, renew: bool) -> rpc.Registration:
    return links.revoke_school_link(rpc.RevokeSchoolLink(EDITION, "acy", renew), tx)


def refusal(tx: FakeTransaction, token: str) -> list[str]:
    with pytest.raises(Refused) as refused:
        opens(tx, token)
    return [problem.code for problem in refused.value.problems]


def test_a_link_opens_its_school_only(tx: FakeTransaction) -> None:
    assert opens(tx, token(tx)) == rpc.SchoolScope(EDITION, "acy")
    assert opens(tx, token(tx, "belleu")) == rpc.SchoolScope(EDITION, "belleu")
    assert refusal(tx, "guess") == ["unknown_link"]


def test_a_revoked_link_opens_nothing_until_there_is_a_new_one(tx: FakeTransaction) -> None:
    old, others = token(tx), token(tx, "belleu")
    assert revoke(tx, renew=False).token == ""
    assert refusal(tx, old) == ["unknown_link"]
    new = revoke(tx, renew=True).token
    assert opens(tx, new) == rpc.SchoolScope(EDITION, "acy")
    assert refusal(tx, old) == ["unknown_link"]
    assert opens(tx, others) == rpc.SchoolScope(EDITION, "belleu")
    assert tx.history.codes()[-2:] == [("acy", "link_revoked"), ("acy", "link_renewed")]


def test_others_are_told_the_seed_of_a_new_link_and_no_token(tx: FakeTransaction) -> None:
    revoke(tx, renew=False)
    assert tx.take() == []
    after = revoke(tx, renew=True)
    assert tx.take() == [RegistrationSubmitted(EDITION, after.school, after.classes, after.groups, link="2")]


def test_a_link_ends_thirty_days_after_the_edition(tx: FakeTransaction) -> None:
    known = token(tx)
    tx.now = dt.datetime.combine(an_edition().last_day + dt.timedelta(days=30), dt.time(12), dt.timezone.utc)
    assert opens(tx, known) == rpc.SchoolScope(EDITION, "acy")
    tx.now += dt.timedelta(days=1)
    assert refusal(tx, known) == ["link_expired"]


def test_a_link_made_after_the_edition_lasts_thirty_days_too(tx: FakeTransaction) -> None:
    tx.now = dt.datetime(2026, 11, 22, 12, tzinfo=dt.timezone.utc)
    new = revoke(tx, renew=True).token
    tx.now += dt.timedelta(days=30)
    assert opens(tx, new) == rpc.SchoolScope(EDITION, "acy")
    tx.now += dt.timedelta(days=1)
    assert refusal(tx, new) == ["link_expired"]
