"""What nameko's side decides without a broker: late requests, unreadable bodies, the text of a dead letter."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest

from services.kit.consuming import Request, Unreadable, json_text, printable
from services.kit.hosting import Hosted


def hosted() -> Hosted:
    provider = Hosted(lambda settings: None)  # type: ignore[arg-type, return-value]
    provider.application = "the application"
    return provider


def context(**data: Any) -> SimpleNamespace:
    return SimpleNamespace(data=data)


def test_request_in_time_gets_the_application() -> None:
    assert hosted().get_dependency(context(answer_by=time.monotonic() + 60)) == "the application"


def test_event_has_no_term() -> None:
    assert hosted().get_dependency(context()) == "the application"


def test_request_whose_caller_has_left_does_nothing() -> None:
    late = hosted().get_dependency(context(answer_by=time.monotonic() - 1))
    with pytest.raises(TimeoutError, match="nothing was done"):
        late.answer("any request", {}, "trace")


def test_term_of_a_request_comes_from_its_expiration_and_headers_stay_outside() -> None:
    message = SimpleNamespace(properties={"expiration": "5000"}, headers={"nameko.call_id_stack": 5})
    data = Request().unpack_message_headers(message)
    assert list(data) == ["answer_by", "actor"]
    assert time.monotonic() < data["answer_by"] <= time.monotonic() + 5


def test_request_without_expiration_has_no_term() -> None:
    assert Request().unpack_message_headers(SimpleNamespace(properties={}, headers={}))["answer_by"] is None


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"x", "application/x-python-serialize", "content type 'application/x-python-serialize'"),
        (b"x", None, "content type None"),
        (b"\xff", "application/json", "not UTF-8"),
    ],
)
def test_body_that_is_no_json_text_is_unreadable(body: bytes, content_type: str | None, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        json_text(SimpleNamespace(body=body, content_type=content_type))


@pytest.mark.parametrize("body", ["é".encode(), memoryview("é".encode()), "é"])
def test_body_in_utf8_is_text(body: Any) -> None:
    assert json_text(SimpleNamespace(body=body, content_type="application/json")) == "é"


def test_any_body_can_be_shown() -> None:
    assert [printable(body) for body in (b"\xffa", None, "b")] == ["\\xffa", "", "b"]
