"""Every wrong setting is refused with one sentence that names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.kit.settings import SettingError, Settings

FAULTS = {
    "unknown": ({"QUINZAINE_DATABSE_URL": "x"}, "QUINZAINE_DATABSE_URL is not a setting of Quinzaine"),
    "no number": ({"QUINZAINE_PORT": "eighty"}, "QUINZAINE_PORT is 'eighty': a number is expected."),
    "port too high": ({"QUINZAINE_PORT": "70000"}, "QUINZAINE_PORT is 70000: give a number from 0 to 65535."),
    "no duration": ({"QUINZAINE_SOLVER_SECONDS": "nan"}, "QUINZAINE_SOLVER_SECONDS is nan: give a number"),
    "negative": ({"QUINZAINE_START_SECONDS": "-1"}, "QUINZAINE_START_SECONDS is -1.0: give a number"),
    "foreign database": ({"QUINZAINE_DATABASE_URL": "mysql://a/b"}, "QUINZAINE_DATABASE_URL is no address: it must"),
    "no host": ({"QUINZAINE_AMQP_URL": "amqp://"}, "QUINZAINE_AMQP_URL is no address: it must begin with amqp://"),
    "broken host": ({"QUINZAINE_AMQP_URL": "amqp://[::1"}, "QUINZAINE_AMQP_URL is no address"),
    "broken port": ({"QUINZAINE_SMTP_URL": "smtp://a:99999"}, "QUINZAINE_SMTP_URL is no address"),
    "no address": ({"QUINZAINE_BASE_URL": "quinzaine.example"}, "QUINZAINE_BASE_URL is no address"),
    "open gateway": ({"QUINZAINE_SMS_URL": "http://sms.example"}, "QUINZAINE_SMS_URL is no address: it must begin"),
    "wordless gateway": (
        {"QUINZAINE_SMS_URL": "https://sms.example", "QUINZAINE_SMS_BODY": "to={to}"},
        "QUINZAINE_SMS_BODY must say where the words and the number stand: write {text} and {to}.",
    ),
    "no header": ({"QUINZAINE_SMS_HEADERS": "Bearer k"}, "QUINZAINE_SMS_HEADERS must have a name, a colon"),
    "log level": ({"QUINZAINE_LOG_LEVEL": "loud"}, "QUINZAINE_LOG_LEVEL is 'loud': give one of DEBUG"),
    "language": ({"QUINZAINE_LANGUAGE": "pi"}, "QUINZAINE_LANGUAGE is 'pi': give fr or en."),
    "mailbox": ({"QUINZAINE_MAILBOX": "yes"}, "QUINZAINE_MAILBOX is 'yes': give development or off."),
    "short secret": ({"QUINZAINE_SECRET": "hunter2"}, "QUINZAINE_SECRET is too short: give 32 characters"),
    "no mail address": ({"QUINZAINE_ADMINISTRATOR": "anne"}, "QUINZAINE_ADMINISTRATOR is 'anne'"),
    "missing file": (
        {"QUINZAINE_SECRET_FILE": "/nowhere"},
        "QUINZAINE_SECRET_FILE names /nowhere, which cannot be read",
    ),
    "said twice": (
        {"QUINZAINE_PORT": "1", "QUINZAINE_PORT_FILE": "f"},
        "QUINZAINE_PORT and QUINZAINE_PORT_FILE are both",
    ),
}


@pytest.mark.parametrize(("environment", "sentence"), FAULTS.values(), ids=FAULTS.keys())
def test_wrong_setting_is_one_sentence(environment: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingError) as refused:
        Settings.from_environment(environment)
    assert str(refused.value).startswith(sentence)
    assert "\n" not in str(refused.value)


def test_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingError, match="which is not text in UTF-8"):
        Settings.from_environment({"QUINZAINE_SECRET_FILE": str(tmp_path / "secret")})


def test_secret_from_a_file_loses_its_line_end(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s" * 32 + "\n")
    assert Settings.from_environment({"QUINZAINE_SECRET_FILE": str(tmp_path / "secret")}).secret == "s" * 32


def test_defaults_run_from_a_fresh_clone() -> None:
    assert Settings.from_environment({"PATH": "/bin"}) == Settings()


def test_values_have_their_types() -> None:
    settings = Settings.from_environment(
        {"QUINZAINE_PORT": "80", "QUINZAINE_DATA_DIR": "/d", "QUINZAINE_START_SECONDS": "2"}
    )
    assert (settings.port, settings.data_dir, settings.start_seconds) == (80, Path("/d"), 2.0)


def test_address_follows_the_port_unless_it_is_given() -> None:
    moved = Settings.from_environment({"QUINZAINE_PORT": "9000"})
    assert moved.base_url == "http://127.0.0.1:9000"
    given = Settings.from_environment({"QUINZAINE_PORT": "9000", "QUINZAINE_BASE_URL": "https://ateliers.example"})
    assert given.base_url == "https://ateliers.example"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({}, True),
        ({"base_url": "http://localhost:9000"}, True),
        ({"base_url": "http://laon.localhost:8080"}, True),
        ({"base_url": "https://localhost"}, False),
        ({"base_url": "http://ateliers.example"}, False),
        ({"base_url": "http://localhost.example"}, False),
        ({"base_url": "http://192.168.1.7:8080"}, False),
        ({"smtp_url": "smtp://mail.example"}, False),
        ({"mailbox": "off"}, False),
    ],
)
def test_the_portal_shows_mails_only_where_nobody_else_reaches_it(given: dict[str, str], shown: bool) -> None:
    assert Settings(**given).development is shown  # type: ignore[arg-type]
