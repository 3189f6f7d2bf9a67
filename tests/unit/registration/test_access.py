"""Software let in by the API: what a token opens, and that revoking ends it."""

from __future__ import annotations

import pytest

from services.contracts import rpc
from services.contracts.errors import Refused
from services.contracts.events import EditionOpened
from services.registration.handlers import access, schools
from tests.unit.registration.builders import NOW, an_edition
from tests.unit.registration.fakes import FakeTransaction

EDITION = "soissons-2020"
GRANT = rpc.GrantAccess(EDITION, "a1", "  ENT  de l’Aisne ", True, "hash")


@pytest.fixture
def tx() -> FakeTransaction:
    tx = FakeTransaction()
    schools.edition_opened(EditionOpened(an_edition()), tx)
    return tx


def code(caught: pytest.ExceptionInfo[Refused]) -> str:
    return caught.value.problems[0].code


def test_a_token_opens_its_edition_until_it_is_revoked(tx: FakeTransaction) -> None:
    granted = access.grant_access(GRANT, tx)
    assert granted == rpc.Access("a1", "ENT de l’Aisne", True, NOW)
    assert access.list_accesses(rpc.ListAccesses(EDITION), tx) == (granted,)
    assert access.open_access(rpc.OpenAccess("hash"), tx) == rpc.AccessScope("a1", EDITION, True)
    for _ in range(2):
        assert access.revoke_access(rpc.RevokeAccess(EDITION, "a1"), tx).revoked_at == NOW
    with pytest.raises(Refused) as caught:
        access.open_access(rpc.OpenAccess("hash"), tx)
    assert code(caught) == "unknown_token"


@pytest.mark.parametrize("name", ["", " ", "x" * 81])
def test_an_access_needs_a_name(tx: FakeTransaction, name: str) -> None:
    with pytest.raises(Refused) as caught:
        access.grant_access(rpc.GrantAccess(EDITION, "a1", name, True, "hash"), tx)
    assert (code(caught), tx.accesses.rows) == ("access_name", {})


def test_an_access_is_granted_once(tx: FakeTransaction) -> None:
    access.grant_access(GRANT, tx)
    with pytest.raises(Refused) as caught:
        access.grant_access(rpc.GrantAccess(EDITION, "a1", "ENT", True, "another hash"), tx)
    assert code(caught) == "access_granted"
    with pytest.raises(Refused) as caught:
        access.revoke_access(rpc.RevokeAccess(EDITION, "nobody"), tx)
    assert code(caught) == "unknown_access"
