"""Settings from the environment: ``QUINZAINE_*``, or ``QUINZAINE_*_FILE`` naming a file that holds the value.

Defaults run from a fresh clone. A wrong value stops the start with one sentence (SettingError).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit


class SettingError(Exception):
    """A setting that cannot be used; the text says which, why and what is expected."""


@dataclass(frozen=True)
class Settings:
    """Everything a process can be told. URLs carry their credentials; secrets are better given as files.

    ``database_url`` empty: SQLite files under ``data_dir``. ``amqp_url`` empty: the embedded house.
    ``base_url``: the address people use; unless given, that of this machine at ``port``.
    ``smtp_url`` empty: the development mailbox of this process, on ``mail_port``.
    ``imap_url``: mailbox from which answers are collected; empty: they come to the mail door.
    ``language``: of the command line. ``solver_memory``: MiB a solve may use, 0 for no limit.
    ``quiet_seconds``: how long mails about changes wait for further ones. ``mails_per_minute``: at most.
    ``mails_per_person``: summaries, receipts and reminders to one address in a day, at most.
    ``sms_url``: gateway of short texts, posted to with ``sms_headers`` (a line each) and ``sms_body``; empty: in
    development texts show in the mailbox, in service there are none.
    ``dkim_key``: RSA key in PEM that signs mails under ``dkim_selector``; empty: nothing is signed.
    ``authserv_id``: name of the mail server whose Authentication-Results are believed.
    ``start_seconds``: how long a service waits at its start for RabbitMQ and PostgreSQL.
    ``keep_contacts_days``, ``keep_mails_days``, ``keep_history_days``: terms after which data are taken out.
    ``name``: what the organisation is called on pages, sheets and mails of its own; empty: Quinzaine.
    ``organisations``: TOML, further organisations beside the one these settings describe (``kit.organisations``).
    ``administrator``: mail address for which ``quinzaine serve`` prints a link at its first start.
    ``secret``: key from which links and sessions are derived, 32 characters at least.
    """

    data_dir: Path = Path("data")
    database_url: str = ""
    amqp_url: str = ""
    smtp_url: str = ""
    imap_url: str = ""
    base_url: str = "http://127.0.0.1:8080"
    host: str = "127.0.0.1"
    port: int = 8080
    mail_host: str = "127.0.0.1"
    mail_port: int = 8025
    mailbox: str = "development"
    answer_address: str = "agenda@quinzaine.example"
    authserv_id: str = ""
    quiet_seconds: float = 0.0
    mails_per_minute: int = 600
    mails_per_person: int = 12
    sms_url: str = ""
    sms_headers: str = ""
    sms_body: str = ""
    dkim_key: str = ""
    dkim_selector: str = "quinzaine"
    secret: str = ""
    administrator: str = "administration@quinzaine.example"
    name: str = ""
    organisations: str = ""
    solver_seconds: float = 60.0
    solver_memory: int = 0
    start_seconds: float = 30.0
    keep_contacts_days: int = 365
    keep_mails_days: int = 183
    keep_history_days: int = 365
    log_level: str = "INFO"
    language: str = "fr"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings. Raises SettingError at the first wrong one."""
        known = {field.name: field for field in fields(cls)}
        _refuse_unknown(environment, known)
        values = {
            name: _convert(name, field.type, _value(environment, name))
            for name, field in known.items()
            if _is_set(environment, name)
        }
        values.setdefault("base_url", f"http://127.0.0.1:{values.get('port', cls.port)}")
        settings = cls(**values)  # type: ignore[arg-type]
        settings.check()
        return settings

    @property
    def development(self) -> bool:
        """Whether the portal shows all mails, links that sign in among them: only where nobody else reaches it.

        Never under https or a name other than this machine's, nor beside a mail server.
        """
        return self.mailbox == "development" and not self.smtp_url and _is_this_machine(self.base_url)

    @property
    def sms_header_lines(self) -> tuple[str, ...]:
        """Headers for the gateway of short texts, such as ``Authorization: Bearer ...``."""
        return tuple(line.strip() for line in self.sms_headers.splitlines() if line.strip())

    def check(self) -> None:
        """Raise SettingError when values contradict what the house can do."""
        _check_url("database_url", self.database_url, ("postgresql",))
        _check_url("amqp_url", self.amqp_url, ("amqp", "amqps"))
        _check_url("smtp_url", self.smtp_url, ("smtp", "smtps", "smtp+starttls"))
        _check_url("imap_url", self.imap_url, ("imaps", "imap"))
        _check_url("sms_url", self.sms_url, ("https",))
        _check_gateway(self)
        for name in ("port", "mail_port"):
            _check_between(name, getattr(self, name), 0, 65535)
        _check_url("base_url", self.base_url, ("http", "https"))
        _check_terms(self)
        _check_between("mails_per_minute", self.mails_per_minute, 1, 100_000)
        _check_between("mails_per_person", self.mails_per_person, 1, 1_000)
        for name in ("solver_seconds", "start_seconds", "quiet_seconds"):
            _check_between(name, getattr(self, name), 0, 86400)
        _check_between("solver_memory", self.solver_memory, 0, 1_048_576)
        if self.log_level not in LOG_LEVELS:
            raise SettingError(f"QUINZAINE_LOG_LEVEL is {self.log_level!r}: give one of {', '.join(LOG_LEVELS)}.")
        if self.language not in ("fr", "en"):
            raise SettingError(f"QUINZAINE_LANGUAGE is {self.language!r}: give fr or en.")
        if self.mailbox not in ("development", "off"):
            raise SettingError(f"QUINZAINE_MAILBOX is {self.mailbox!r}: give development or off.")
        if self.secret and len(self.secret) < 32:
            raise SettingError(
                "QUINZAINE_SECRET is too short: give 32 characters or more, for example from `openssl rand -hex 32`."
            )
        if "@" not in self.administrator:
            raise SettingError(f"QUINZAINE_ADMINISTRATOR is {self.administrator!r}: give a whole mail address.")


def _is_this_machine(url: str) -> bool:
    """Whether an address leads nowhere but here (``localhost``: RFC 6761 6.3)."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.scheme == "http" and (host in ("127.0.0.1", "::1") or host.split(".")[-1] == "localhost")


def _check_gateway(settings: Settings) -> None:
    said = settings.sms_url + settings.sms_body
    if settings.sms_url and not ("{text}" in said and ("{to}" in said or "{digits}" in said)):
        raise SettingError("QUINZAINE_SMS_BODY must say where the words and the number stand: write {text} and {to}.")
    if not all(re.fullmatch(r"[!#-'*+.^_`|~\w-]+:[ -~]+", line, re.ASCII) for line in settings.sms_header_lines):
        raise SettingError("QUINZAINE_SMS_HEADERS must have a name, a colon and a value on each line.")


def _check_terms(settings: Settings) -> None:
    for name in ("keep_contacts_days", "keep_mails_days", "keep_history_days"):
        _check_between(name, getattr(settings, name), 1, 3660)


PREFIX = "QUINZAINE_"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def _refuse_unknown(environment: Mapping[str, str], known: Mapping[str, object]) -> None:
    for variable in sorted(environment):
        name = variable.removeprefix(PREFIX).removesuffix("_FILE").lower()
        if variable.startswith(PREFIX) and not variable.startswith(PREFIX + "TEST_") and name not in known:
            raise SettingError(
                f"{variable} is not a setting of Quinzaine: see docs/reference/settings.md for the list."
            )


def _is_set(environment: Mapping[str, str], name: str) -> bool:
    variable = PREFIX + name.upper()
    return variable in environment or variable + "_FILE" in environment


def _value(environment: Mapping[str, str], name: str) -> str:
    variable = PREFIX + name.upper()
    if variable in environment and variable + "_FILE" in environment:
        raise SettingError(f"{variable} and {variable}_FILE are both set: keep one.")
    if variable in environment:
        return environment[variable]
    path = Path(environment[variable + "_FILE"])
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingError(f"{variable}_FILE names {path}, which cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise SettingError(f"{variable}_FILE names {path}, which is not text in UTF-8.") from None


def _convert(name: str, kind: object, text: str) -> object:
    variable = PREFIX + name.upper()
    try:
        if kind == "int":
            return int(text)
        if kind == "float":
            return float(text)
    except ValueError:
        raise SettingError(f"{variable} is {text!r}: a number is expected.") from None
    return Path(text) if kind == "Path" else text


def _check_between(name: str, number: float, low: int, high: int) -> None:
    if not low <= number <= high:  # nan is not
        raise SettingError(f"{PREFIX}{name.upper()} is {number}: give a number from {low} to {high}.")


def _check_url(name: str, url: str, schemes: tuple[str, ...]) -> None:
    if not url:
        return
    try:
        parts = urlsplit(url)
        complete = bool(parts.hostname) and parts.port != 0
    except ValueError:
        complete = False
    if not complete or parts.scheme not in schemes:
        begins = " or ".join(f"{scheme}://" for scheme in schemes)
        raise SettingError(f"{PREFIX}{name.upper()} is no address: it must begin with {begins} and name a host.")
