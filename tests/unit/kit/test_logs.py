"""A log line is one JSON object, with the trace id and the stack as fields."""

from __future__ import annotations

import io
import json
import logging
import sys

from services.kit.logs import JsonLines, configure


def line(record: logging.LogRecord) -> dict[str, str]:
    text = JsonLines("registration").format(record)
    assert "\n" not in text
    found: dict[str, str] = json.loads(text)
    return found


def test_line_has_its_fields() -> None:
    record = logging.makeLogRecord(
        {
            "name": "a.b",
            "levelname": "INFO",
            "msg": "%s écoles",
            "args": (15,),
            "created": 1604304000.5,
            "traceid": "t1",
        }
    )
    assert line(record) == {
        "time": "2020-11-02T08:00:00.500+00:00",
        "level": "INFO",
        "service": "registration",
        "logger": "a.b",
        "message": "15 écoles",
        "traceid": "t1",
    }


def test_stack_stays_on_the_line() -> None:
    try:
        raise ValueError("broken\nline")
    except ValueError:
        record = logging.makeLogRecord({"name": "a", "msg": "failed", "exc_info": sys.exc_info()})
    assert line(record)["stack"].endswith("ValueError: broken\nline")


def test_addresses_of_mails_are_not_logged() -> None:
    root = logging.getLogger()
    before, level, out = root.handlers[:], root.level, io.StringIO()
    try:
        configure("quinzaine", "INFO", out)
        logging.getLogger("mail.log").info("recip: direction@ecole.example")
        logging.getLogger("services").info("said")
    finally:
        root.handlers[:], root.level = before, level
    assert [json.loads(text)["message"] for text in out.getvalue().splitlines()] == ["said"]
