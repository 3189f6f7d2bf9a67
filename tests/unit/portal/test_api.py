"""The API: who may come in, what each endpoint asks and answers, how refusals are said, that its document is true."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import httpx
import pytest

from services.contracts import rpc
from services.contracts.codec import encode
from services.contracts.errors import SENTENCES, Problem, Refused, Unavailable, refused
from services.contracts.values import MOST_CLASSES, HalfDay
from services.kit.i18n import translations
from services.portal.api.endpoints import ENDPOINTS
from services.portal.api.openapi import BASE, document
from services.portal.web.forms import MAX_BODY
from tests.house.test_docs import ROOT
from tests.unit.portal import builders as b
from tests.unit.portal.fakes import FakeServices, Visitor

SCHOOL = f"/schools/{b.SCHOOL_ID}"
CLASSES = {"classes": [{"name": "CM1", "pupils": 24, "programmes": ["quinzaine"], "level": "CM1"}]}
BODIES: dict[str, Any] = {
    "import_schools": {"schools": {"name": "s.csv", "text": "x"}, "classes": {"name": "c.csv", "text": "y"}},
    "close_school": {"half_days": [{"day": "2020-11-02", "half": "am"}]},
    "reopen_school": {"half_days": [{"day": "2020-11-02", "half": "am"}]},
    "put_classes": CLASSES,
    "settle_exception": {"class_id": "acy/cm", "programme_id": "quinzaine", "choice": "two_groups"},
    "confirm": {"release": 1, "pupils": {"s1": 12}},
    "decline": {"release": 1, "session_id": "s1", "reason": "sortie"},
    "undo": {"release": 1, "session_id": "s1"},
}
HALF_DAYS = (HalfDay(b.DAYS[0], "am"),)
EXPECTED = {
    "import_schools": rpc.ImportSchools(b.EDITION_ID, rpc.ImportFile("s.csv", "x"), rpc.ImportFile("c.csv", "y")),
    "close_school": rpc.CloseSchool(b.EDITION_ID, b.SCHOOL_ID, HALF_DAYS),
    "reopen_school": rpc.ReopenSchool(b.EDITION_ID, b.SCHOOL_ID, HALF_DAYS),
    "settle_exception": rpc.SettleException(b.EDITION_ID, "acy/cm", "quinzaine", "two_groups"),
    "confirm": rpc.ConfirmSlots(b.EDITION_ID, b.SCHOOL_ID, 1, {"s1": 12}, "access-1:k1", "organiser"),
    "decline": rpc.DeclineSlot(b.EDITION_ID, b.SCHOOL_ID, 1, "s1", "sortie", "access-1:k1", "organiser"),
    "undo": rpc.UndoAnswer(b.EDITION_ID, b.SCHOOL_ID, 1, "s1", "access-1:k1", "organiser"),
}


def call(services: FakeServices, method: str, path: str, token: str = "writer", **options: Any) -> httpx.Response:
    headers = {"authorization": f"Bearer {token}", "idempotency-key": "k1"} | options.pop("headers", {})
    return Visitor(services).request(method, BASE + path, headers=headers, **options)


def answer(services: FakeServices, name: str, **options: Any) -> httpx.Response:
    """Call an endpoint by its name, with a body that is right."""
    endpoint = next(one for one in ENDPOINTS if one.name == name)
    body = {"json": BODIES[name]} if endpoint.body else {}
    return call(services, endpoint.method, endpoint.path.format(school=b.SCHOOL_ID), **(body | options))


def codes(response: httpx.Response) -> tuple[int, list[tuple[str, str]]]:
    """Return the status of a problem with the code and place of each fault."""
    assert response.headers["content-type"] == "application/problem+json"
    found = response.json()
    assert (found["type"], found["status"]) == ("about:blank", response.status_code)
    return response.status_code, [(fault["code"], fault["pointer"]) for fault in found["errors"]]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_change_asks_what_a_page_asks(services: FakeServices, name: str) -> None:
    assert answer(services, name).status_code == 200
    assert services.commands() == [EXPECTED[name]]


def test_schools_are_given_without_their_links_page_by_page(services: FakeServices) -> None:
    one = b.a_registration()
    named = [replace(one, school=replace(one.school, id=id_)) for id_ in ("c", "a", "b")]
    services.answers[rpc.ListRegistrations] = tuple(named)
    first = call(services, "GET", "/schools?limit=2", "reader")
    assert "token" not in first.text
    assert [school["school"]["id"] for school in first.json()["items"]] == ["a", "b"]
    last = call(services, "GET", "/" + first.json()["next"], "reader").json()
    assert ([school["school"]["id"] for school in last["items"]], last["next"]) == (["c"], None)


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "²", "9" * 30])
def test_a_limit_out_of_bounds_is_refused(services: FakeServices, limit: str) -> None:
    assert codes(call(services, "GET", f"/schools?limit={limit}")) == (400, [("api_limit", "")])


def test_classes_are_declared_anew_and_the_rest_of_the_registration_stays(services: FakeServices) -> None:
    kept = {"contact-name": "Direction", "class-0-name": "old", "class-1-name": "older"}
    services.answers[rpc.GetRegistrationForm] = b.a_registration_form(fields=kept, programmes={"quinzaine": "Q"})
    assert answer(services, "put_classes").json() == encode(b.a_registration().classes)
    fields = {
        "contact-name": "Direction",
        "class-0-id": "",
        "class-0-name": "CM1",
        "class-0-level": "CM1",
        "class-0-pupils": "24",
        "class-0-in-quinzaine": "on",
    }
    assert services.commands() == [rpc.RegisterSchool(b.EDITION_ID, b.SCHOOL_ID, fields, "access-1:k1")]


def test_what_no_form_could_say_of_classes_is_refused(services: FakeServices) -> None:
    services.answers[rpc.GetRegistrationForm] = b.a_registration_form(programmes={"quinzaine": "Q"})
    unknown = {"classes": [*CLASSES["classes"], CLASSES["classes"][0] | {"programmes": ["quinzaine", "nothing"]}]}
    refusal = answer(services, "put_classes", json=unknown)
    assert codes(refusal) == (422, [("programme_unknown", "/classes/1/programmes")])
    many = {"classes": CLASSES["classes"] * (MOST_CLASSES + 1)}
    assert codes(answer(services, "put_classes", json=many)) == (409, [("api_many_classes", "")])
    services.answers[rpc.GetRegistrationForm] = b.a_registration_form(drafted_at=b.MADE_AT)
    assert codes(answer(services, "put_classes")) == (409, [("api_draft", "")])
    assert services.commands() == []


def test_a_fault_names_its_place_in_the_body_and_says_how_to_mend_it(services: FakeServices) -> None:
    services.answers[rpc.GetRegistrationForm] = b.a_registration_form(programmes={"quinzaine": "Q"})
    wrong = Problem("number_malformed", {"low": "1", "high": "40"}, column="class-0-pupils", value="400")
    services.answers[rpc.RegisterSchool] = Refused(wrong)
    refusal = answer(services, "put_classes")
    assert codes(refusal) == (422, [("number_malformed", "/classes/0/pupils")])
    assert refusal.json()["detail"] == "Il faut ici un nombre entier de 1 à 40."
    english = answer(services, "put_classes", headers={"accept-language": "en"})
    assert english.json()["detail"] == translations("en").gettext(SENTENCES["number_malformed"]).format(low=1, high=40)
    services.answers[rpc.ConfirmSlots] = refused("pupils_out_of_range", session="s1", low=1, high=40)
    assert codes(answer(services, "confirm")) == (409, [("pupils_out_of_range", "/pupils/s1")])
    services.answers[rpc.DeclineSlot] = refused("reason_too_long", longest=500)
    assert codes(answer(services, "decline")) == (409, [("reason_too_long", "/reason")])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", ("api_not_json", "")),
        (b"{", ("api_not_json", "")),
        (b"\xff", ("api_not_json", "")),
        (b"[" * 100_000, ("api_not_json", "")),
        (b"[]", ("malformed_request", "")),
        (b'{"release": "1", "pupils": {}}', ("malformed_request", "/release")),
        (b'{"release": 1}', ("malformed_request", "/pupils")),
        (b'{"release": 1, "pupils": {"s1": "12"}}', ("malformed_request", "/pupils/s1")),
        (b'{"release": 1, "pupils": {"s\\u0000": 12}}', ("malformed_request", "/pupils")),
        (b'{"release": 1, "pupils": {"\\ud800": 12}}', ("malformed_request", "/pupils")),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(services: FakeServices, body: bytes, expected: tuple[str, str]) -> None:
    assert codes(answer(services, "confirm", json=None, content=body)) == (400, [expected])
    assert services.commands() == []


def test_a_change_that_counts_twice_needs_its_key(services: FakeServices) -> None:
    for key in ("", "k" * 201):
        refusal = answer(services, "confirm", headers={"idempotency-key": key})
        assert codes(refusal) == (400, [("api_idempotency_key", "")])
    assert services.commands() == []


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: one.name)
@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer wrong", "Basic d3JpdGVy", "writer"])
def test_nothing_is_done_without_a_token(services: FakeServices, endpoint: Any, header: str) -> None:
    refusal = answer(services, endpoint.name, headers={"authorization": header})
    assert codes(refusal) == (401, [("unknown_token", "")])
    assert refusal.headers["www-authenticate"] == 'Bearer realm="quinzaine"'
    assert [type(asked) for asked in services.asked] in ([], [rpc.OpenAccess])


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: one.name)
def test_a_token_that_reads_changes_nothing(services: FakeServices, endpoint: Any) -> None:
    response = answer(services, endpoint.name, token="reader")
    assert response.status_code == (403 if endpoint.method != "GET" else 200)
    assert services.commands() == []


def test_a_session_of_the_pages_opens_nothing(services: FakeServices) -> None:
    organiser = Visitor(services).sign_in()
    assert organiser.get(f"{BASE}/schools").status_code == 401


def test_what_is_not_there_too_large_or_broken_is_said_as_a_problem(services: FakeServices) -> None:
    assert codes(call(services, "GET", "/nothing")) == (404, [("api_no_such_address", "")])
    assert codes(call(services, "GET", "/schools/nobody")) == (404, [("unknown_school", "")])
    assert codes(call(services, "DELETE", "/schools")) == (405, [("api_method", "")])
    large = answer(services, "confirm", json=None, content=b" " * (MAX_BODY + 1))
    assert codes(large) == (413, [("api_too_large", "")])
    services.answers[rpc.ListRegistrations] = Unavailable("registration")
    assert codes(call(services, "GET", "/schools")) == (503, [("api_unavailable", "")])
    services.answers[rpc.ListRegistrations] = RuntimeError("secret detail")
    broken = call(services, "GET", "/schools")
    assert codes(broken) == (500, [("api_failed", "")])
    assert "secret detail" not in broken.text


# The document -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def openapi() -> dict[str, Any]:
    found: dict[str, Any] = Visitor(FakeServices()).get(f"{BASE}/openapi.json").json()
    return found


def test_the_document_is_open_and_names_every_endpoint(openapi: dict[str, Any]) -> None:
    described = {(m.upper(), path) for path, methods in openapi["paths"].items() for m in methods}
    assert described == {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS}
    assert openapi == document(ENDPOINTS, "http://testserver")
    assert openapi["openapi"] == "3.1.0"


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: one.name)
def test_answers_and_bodies_are_as_the_document_says(
    services: FakeServices, openapi: dict[str, Any], endpoint: Any
) -> None:
    operation = openapi["paths"][endpoint.path][endpoint.method.lower()]
    content = operation["responses"]["200"]["content"]["application/json"]
    assert misfits(openapi, content["schema"], answer(services, endpoint.name).json()) == []
    if endpoint.body:
        content = operation["requestBody"]["content"]["application/json"]
        assert misfits(openapi, content["schema"], BODIES[endpoint.name]) == []
        assert misfits(openapi, content["schema"], []) != [], "the check can fail"
    refusal = answer(services, endpoint.name, token="wrong").json()
    problem = operation["responses"]["default"]["content"]["application/problem+json"]
    assert misfits(openapi, problem["schema"], refusal) == []


def test_the_reference_page_lists_every_endpoint() -> None:
    page = (ROOT / "docs/reference/api.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([A-Z]+) ([^`]+)` \|", page, re.MULTILINE) == [(e.method, e.path) for e in ENDPOINTS]


KINDS: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
    "array": list,
    "object": dict,
}


def misfits(openapi: dict[str, Any], schema: dict[str, Any], value: Any, path: str = "$") -> list[str]:
    """Return where a value is not what a schema says; unknown words of a schema are an error of the test."""
    if "$ref" in schema:
        schema = openapi["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        found = [misfits(openapi, option, value, path) for option in schema["anyOf"]]
        return [] if [] in found else found[0]
    if "enum" in schema:
        return [] if value in schema["enum"] else [path]
    kind = schema.get("type")
    if kind is None:
        return [] if schema == {} else [f"{path}: {json.dumps(schema)}"]
    if not isinstance(value, KINDS[kind]) or (isinstance(value, bool) and kind != "boolean"):
        return [path]
    if kind == "array":
        parts = schema.get("prefixItems") or [schema["items"]] * len(value)
        return [fault for i, item in enumerate(value) for fault in misfits(openapi, parts[i], item, f"{path}[{i}]")]
    return _object_misfits(openapi, schema, value, path) if kind == "object" else []


def _object_misfits(openapi: dict[str, Any], schema: dict[str, Any], value: Any, path: str) -> list[str]:
    known = schema.get("properties", {})
    missing = [f"{path}.{name}" for name in schema.get("required", ()) if name not in value]
    others = schema.get("additionalProperties")
    undeclared = [f"{path}.{name}" for name in value if name not in known and others is None]
    parts = [(name, known.get(name, others)) for name in value if name in known or others is not None]
    inside = [fault for name, part in parts for fault in misfits(openapi, part, value[name], f"{path}.{name}")]
    return missing + undeclared + inside
