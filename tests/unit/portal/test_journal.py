"""The page of who did what."""

from __future__ import annotations

import datetime as dt
import inspect
import re

from services.contracts import rpc
from services.kit.journal import is_act
from services.portal.web.labels import ACTS
from tests.unit.portal import builders as b
from tests.unit.portal.fakes import FakeServices, Visitor

JOURNAL = f"/organisateur/editions/{b.EDITION_ID}/journal"


def test_every_act_has_its_words() -> None:
    kinds = {kind for _, kind in inspect.getmembers(rpc, inspect.isclass) if issubclass(kind, rpc.Request)}
    acts = {kind.method() for kind in kinds if hasattr(kind, "answer") and is_act(kind)}
    assert set(ACTS) == acts


def test_the_acts_of_all_services_stand_in_the_order_of_time() -> None:
    page = Visitor(FakeServices()).sign_in().get(JOURNAL).text
    said = re.findall(r'<td data-label="Quoi">(.*?)</td>', page)
    assert said == ["plan publié", "séances confirmées"]
    assert "école École d’Acy" in page


def test_an_incident_is_called_by_its_cause() -> None:
    services, incident = FakeServices(), b.some_incidents()[0]
    act = rpc.Act(b.MADE_AT, "account:a1", "report_incident", b.EDITION_ID, {"incident_id": incident.id})
    services.answers[rpc.ListActs] = lambda question: (act,) if question.target == "scheduling" else ()
    page = Visitor(services).sign_in().get(JOURNAL).text
    (named,) = re.findall(r'<td data-label="Sur quoi">(.*?)</td>', page)
    assert named and named in Visitor(services).sign_in().get(f"/organisateur/editions/{b.EDITION_ID}/imprevus").text


def test_a_release_is_called_by_its_number() -> None:
    services = FakeServices()
    about = {"proposal_id": b.a_release(2).proposal_id}
    act = rpc.Act(b.MADE_AT, "account:a1", "release_plan", b.EDITION_ID, about)
    services.answers[rpc.ListReleases] = (b.a_release(2),)
    services.answers[rpc.ListActs] = lambda question: (act,) if question.target == "scheduling" else ()
    page = Visitor(services).sign_in().get(JOURNAL).text
    assert re.findall(r'<td data-label="Sur quoi">(.*?)</td>', page) == ["version 2"]


def test_the_journal_is_filtered_by_day_kind_and_school() -> None:
    services = FakeServices()
    organiser = Visitor(services).sign_in()
    organiser.get(f"{JOURNAL}?jour=2020-11-05&quoi=confirm_slots&sur={b.SCHOOL_ID}")
    organiser.get(f"{JOURNAL}?jour=hier&quoi=autre")
    asked = [question for question in services.asked if isinstance(question, rpc.ListActs)]
    assert [(q.day, q.act, q.about) for q in asked[::3]] == [
        (dt.date(2020, 11, 5), "confirm_slots", b.SCHOOL_ID),
        (None, "", ""),
    ]
