"""The API before the real registration service: effects counted in its rows."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.contracts import rpc
from services.contracts.events import EditionOpened, PlanReleased
from services.embedded import ask_in_thread
from services.kit.links import token_hash
from services.kit.settings import Settings
from services.portal.api.openapi import BASE
from services.portal.app import create_app
from services.registration.adapters import tables
from tests.integration.test_registration_house import EDITION, IMPORT, Lone
from tests.unit.registration.builders import a_session, an_edition


@pytest.fixture
def lone(tmp_path: Path) -> Iterator[Lone]:
    lone = Lone(tmp_path)
    lone.deliver(EditionOpened(an_edition()))
    lone.ask(IMPORT)
    for token, writes in (("writer", True), ("reader", False)):
        lone.ask(rpc.GrantAccess(EDITION, token, token, writes, token_hash(token)))
    yield lone
    lone.house.stop()


def call(lone: Lone, method: str, path: str, token: str = "writer", key: str = "k1", **options: Any) -> httpx.Response:
    app = create_app(ask_in_thread(lone.house), Settings(secret="x" * 32))
    headers = {"authorization": f"Bearer {token}", "idempotency-key": key}
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers) as client:
            return await client.request(method, BASE + path, **options)

    return asyncio.run(send())


def told(lone: Lone) -> Counter[str]:
    """Count what registration told the others, by kind of event."""
    return Counter(row.event_type for row in lone.rows(tables.messages.outbox))


def test_a_revoked_token_opens_nothing_from_then_on(lone: Lone) -> None:
    assert call(lone, "GET", "/schools", "reader").status_code == 200
    lone.ask(rpc.RevokeAccess(EDITION, "reader"))
    assert call(lone, "GET", "/schools", "reader").status_code == 401
    assert call(lone, "GET", "/schools", "writer").status_code == 200


def test_classes_declared_by_software_form_groups_once(lone: Lone) -> None:
    school = call(lone, "GET", "/schools").json()["items"][0]["school"]["id"]
    was = call(lone, "GET", f"/schools/{school}/classes").json()
    classes = [{name: one[name] for name in ("id", "name", "level", "programmes")} | {"pupils": 30} for one in was]
    before = told(lone)
    first = call(lone, "PUT", f"/schools/{school}/classes", json={"classes": classes})
    assert (first.status_code, [one["pupils"] for one in first.json()]) == (200, [30])
    assert (told(lone) - before)["registration_submitted"] == 1
    again = call(lone, "PUT", f"/schools/{school}/classes", json={"classes": classes})
    assert (again.json(), told(lone)) == (first.json(), before + Counter({"registration_submitted": 1}))
    groups = call(lone, "GET", f"/schools/{school}/groups").json()
    assert sum(group["pupils"] for group in groups) == 30
    wrong = call(lone, "PUT", f"/schools/{school}/classes", key="k2", json={"classes": [classes[0] | {"pupils": 400}]})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/classes/0/pupils")


def test_a_confirmation_sent_ten_times_counts_once(lone: Lone) -> None:
    lone.deliver(PlanReleased(EDITION, 1, (a_session(1),), ()))
    path: str = "/schools/acy/confirmations"
    body: dict[str, Any] = {"release": 1, "pupils": {"s1": 12}}
    answers = [call(lone, "POST", path, json=body) for _ in range(10)]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert told(lone)["slots_confirmed"] == 1
    assert [slot.answered_by for slot in lone.rows(tables.slot)] == ["organiser"]
    stale = call(lone, "POST", path, key="k2", json=body | {"release": 0})
    assert stale.status_code == 409
