"""Who may open what; what a page must never do; what is said when something is wrong."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from services.contracts import rpc
from services.contracts.errors import Unavailable
from services.portal.web.auth import Throttle
from tests.unit.portal import builders as b
from tests.unit.portal.addresses import PAGES, addresses, who_opens
from tests.unit.portal.fakes import ADDRESS, PASSWORD, SETTINGS, FakeServices, Visitor

SIGNING_IN = {"email": ADDRESS, "password": PASSWORD}
GUARDED = [path for path in PAGES if who_opens(path) != "anyone" and not path.startswith("/ecole/")]


def a_visitor(identity: str, services: FakeServices | None = None) -> Visitor:
    visitor = Visitor(services or FakeServices())
    enter = {"organiser": visitor.sign_in, "school": visitor.open_school, "provider": visitor.open_provider}
    return enter.get(identity, lambda: visitor)()


# Who --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("identity", ["anyone", "school", "provider", "organiser"])
@pytest.mark.parametrize("path", GUARDED)
def test_a_page_opens_to_its_own_visitor_only(path: str, identity: str) -> None:
    answer = a_visitor(identity).get(path)
    if who_opens(path) == identity:
        assert answer.status_code == 200
    elif who_opens(path) == "organiser":
        assert (answer.status_code, answer.headers["location"]) == (303, f"/connexion?suite={path.partition('?')[0]}")
    else:
        assert answer.status_code == 403


@pytest.mark.parametrize("identity", ["anyone", "school", "provider", "organiser"])
@pytest.mark.parametrize("path", addresses("POST"))
def test_a_post_needs_its_own_visitor_and_its_form(path: str, identity: str) -> None:
    services = FakeServices()
    visitor = a_visitor(identity, services)
    forged = [visitor.post(path, data=fields).status_code for fields in ({}, {"csrf": "x"}, {"csrf": "AAAA"})]
    expected = 403 if who_opens(path) in ("anyone", identity, "school", "provider") else 303
    assert forged == [expected] * 3
    assert services.commands() == []


def test_a_token_of_another_session_is_refused() -> None:
    services = FakeServices()
    theirs = Visitor(services).sign_in().csrf("/organisateur/etat")
    fields = {"csrf": theirs, "service": "scheduling", "letter": "dead-1", "action": "replay"}
    assert Visitor(services).sign_in().post("/organisateur/etat", data=fields).status_code == 403
    assert services.commands() == []


def test_a_school_sees_its_own_data_only() -> None:
    services = FakeServices()
    page = Visitor(services).open_school().get("/ecole").text
    assert [r for r in services.asked if isinstance(r, rpc.GetSchoolPage)] == [
        rpc.GetSchoolPage(b.EDITION_ID, b.SCHOOL_ID)
    ]
    assert "feed-token-0002" in page
    assert "feed-token-of-belleu" not in page


def test_a_link_leaves_no_token_in_the_address() -> None:
    visitor = Visitor(FakeServices())
    for link, place in ((f"/ecole/{b.SCHOOL_TOKEN}", "/ecole"), (f"/prestataire/{b.PROVIDER_TOKEN}", "/prestataire")):
        answer = visitor.get(link)
        assert (answer.status_code, answer.headers["location"]) == (303, place)
        assert answer.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/ecole/unknown", "/prestataire/unknown"])
def test_an_unknown_link_says_how_to_get_a_new_one(path: str) -> None:
    answer = Visitor(FakeServices()).get(path)
    assert answer.status_code == 404
    assert "demandez-en un nouveau à l’organisateur" in answer.text


def test_the_organiser_signs_in_and_out() -> None:
    visitor = Visitor(FakeServices())
    answer = visitor.submit("/connexion", SIGNING_IN | {"suite": "/organisateur/etat"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/organisateur/etat")
    assert visitor.submit("/deconnexion", {}, page="/organisateur").status_code == 303
    assert visitor.get("/organisateur").status_code == 303


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil", "/organisateur\\@evil", "/ecole"]
)
def test_signing_in_never_leads_elsewhere(target: str) -> None:
    answer = Visitor(FakeServices()).submit("/connexion", SIGNING_IN | {"suite": target})
    assert answer.headers["location"] == "/organisateur"


def test_a_sign_in_that_was_ended_is_closed_at_the_next_visit() -> None:
    services = FakeServices()
    visitor = Visitor(services).sign_in()
    assert visitor.get("/organisateur").status_code == 200
    services.signed_in.clear()
    assert visitor.get("/organisateur").status_code == 303


def test_too_many_wrong_passwords_must_wait() -> None:
    visitor = Visitor(FakeServices())
    wrong = [visitor.submit("/connexion", SIGNING_IN | {"password": "guess"}).status_code for _ in range(6)]
    right = visitor.submit("/connexion", SIGNING_IN)
    assert wrong == [401] * 5 + [429]
    assert right.status_code == 429
    assert 1 <= int(right.headers["retry-after"]) <= 300


def test_a_throttle_forgets_after_its_window_and_keeps_few_addresses() -> None:
    now = [0.0]
    throttle = Throttle(limit=2, window=10, addresses=2, clock=lambda: now[0])
    for address in ("a", "a", "b", "c"):
        throttle.failed(address)
    assert [throttle.wait(address) for address in ("a", "b", "c")] == [0, 0, 0]
    throttle.failed("b")
    assert throttle.wait("b") == 10
    now[0] = 11
    assert throttle.wait("b") == 0


def test_cookies_are_bound_to_the_host_over_https() -> None:
    visitor = Visitor(FakeServices(), replace(SETTINGS, base_url="https://quinzaine.example"))
    answer = visitor.get("/connexion?lang=en")
    cookies = sorted(cookie.split("=")[0] for cookie in answer.headers.get_list("set-cookie"))
    assert cookies == ["__Host-lang", "__Host-session"]
    for cookie in answer.headers.get_list("set-cookie"):
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"path=/", "httponly", "samesite=lax", "secure"} <= parts
    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


# Never ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_looking_changes_nothing(method: str) -> None:
    services = FakeServices()
    visitor = Visitor(services).sign_in().open_school().open_provider()
    for path in addresses("GET"):
        visitor.request(method, path)
    assert services.commands() == []


@pytest.mark.parametrize("path", [*addresses("GET"), "/nowhere", "/static/portal.css"])
def test_every_answer_is_protected(path: str) -> None:
    answer = Visitor(FakeServices()).sign_in().get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert ("unsafe-inline" in policy) == ("/html" in path)
    assert "frame-ancestors" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"


def test_pages_are_not_kept_by_browsers_and_assets_are() -> None:
    visitor = Visitor(FakeServices()).sign_in()
    assert visitor.get("/organisateur").headers["cache-control"] == "no-store"
    assert visitor.get("/static/portal.css").headers["cache-control"] == "public, max-age=31536000, immutable"


def test_the_access_log_names_routes_not_visitors(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        visitor = Visitor(FakeServices()).sign_in().open_school().open_provider()
        for path in (f"/feeds/{b.FEED_TOKEN}.ics", "/ecole/unknown-token-0009", "/organisateur/editions/demo-2020"):
            visitor.get(path)
    lines = [record.getMessage() for record in caplog.records if record.name == "services.portal.access"]
    assert [line.split(" ")[:3] for line in lines[-3:]] == [
        ["GET", "/feeds/{token}.ics", "200"],
        ["GET", "/ecole/{token}", "404"],
        ["GET", "/organisateur/editions/{edition}", "200"],
    ]
    said = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("services"))
    secrets = (b.FEED_TOKEN, b.SCHOOL_TOKEN, b.PROVIDER_TOKEN, "unknown-token-0009", PASSWORD, "direction@")
    assert [secret for secret in secrets if secret in said] == []


# When something is wrong --------------------------------------------------------------------------------------


def test_an_address_that_leads_nowhere_has_a_page() -> None:
    answer = Visitor(FakeServices()).get("/nowhere")
    assert (answer.status_code, "Cette page n’existe pas" in answer.text) == (404, True)


def test_an_unknown_edition_has_its_sentence() -> None:
    answer = Visitor(FakeServices()).sign_in().get("/organisateur/editions/lost")
    assert answer.status_code == 404
    assert "lost" in answer.text


def test_a_wrong_method_has_a_page() -> None:
    answer = Visitor(FakeServices()).request("DELETE", "/organisateur")
    assert (answer.status_code, "Cela ne se fait pas ici" in answer.text) == (405, True)


@pytest.mark.parametrize("path", ["/ecole", "/prestataire", "/organisateur/editions/demo-2020/plan"])
def test_a_silent_service_is_said_and_tried_again(path: str) -> None:
    services = FakeServices()
    visitor = Visitor(services).sign_in().open_school().open_provider()
    for service in ("registration", "scheduling", "notifications"):
        services.silence(service)
    answer = visitor.get(path)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert "Rien n’est perdu" in answer.text


def test_a_school_answers_while_notifications_is_silent() -> None:
    services = FakeServices()
    visitor = Visitor(services).open_school()
    services.silence("notifications")
    answer = visitor.get("/ecole")
    assert answer.status_code == 200
    assert "n’est pas disponible pour l’instant" in answer.text


def test_a_fault_of_ours_shows_a_reference_and_no_details() -> None:
    services = FakeServices()
    services.answers[rpc.ListEditions] = RuntimeError("secret detail")
    answer = Visitor(services).sign_in().get("/organisateur")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "référence" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_too_large_a_request_is_refused() -> None:
    visitor = Visitor(FakeServices()).sign_in()
    path = "/organisateur/nouvelle-edition"
    for length in (4 * 1024 * 1024, 40 * 1024 * 1024):
        answer = visitor.submit(path, {"edition-text": "x" * length})
        assert answer.status_code == 413
        assert "Un fichier ne peut pas dépasser 1 Mio. Rien n’a été changé." in answer.text
    assert visitor.app.state.ask.commands() == []


def test_health_tells_supervisors_the_truth() -> None:
    services = FakeServices()
    visitor = Visitor(services)
    assert [visitor.get(path).status_code for path in ("/livez", "/readyz", "/health")] == [200, 200, 200]
    services.answers[rpc.GetHealth] = a_health_without_scheduling
    assert [visitor.get(path).status_code for path in ("/livez", "/readyz", "/health")] == [200, 503, 503]
    assert visitor.get("/readyz").text == "no answer from scheduling\n"
    assert visitor.get("/health").json()["services"]["scheduling"] is None


def a_health_without_scheduling(request: rpc.GetHealth) -> rpc.Health:
    if request.target == "scheduling":
        raise Unavailable("scheduling")
    return rpc.Health(request.target, 0, 0.0, 0, 0)
