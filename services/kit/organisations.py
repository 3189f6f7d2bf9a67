"""Organisations: territories that share a server and nothing else.

The settings describe the first one; ``QUINZAINE_ORGANISATIONS`` adds others. Each becomes Settings of its own, with its
own address, secret, databases and virtual host on the broker, so that nothing behind them knows of organisations.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from services.kit.links import token
from services.kit.settings import SettingError, Settings

FIRST = "first"
"""How the organisation that the settings themselves describe is called."""

SETTING = "QUINZAINE_ORGANISATIONS"
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST_NAME = 30
NEEDED, OPTIONAL = {"base_url", "answer_address"}, {"smtp_url", "imap_url", "name"}


def organisations(settings: Settings) -> dict[str, Settings]:
    """Return the settings of each organisation by its name, the first one first. Raises SettingError."""
    tables = _read(settings.organisations)
    found = {FIRST: settings} | {name: _settings_of(settings, name, table) for name, table in tables.items()}
    _refuse_shared(found, "host name", lambda one: host_of(one.base_url))
    _refuse_shared(found, "answer address", lambda one: plain_address(one.answer_address))
    return found


def organisation(settings: Settings, name: str) -> Settings:
    """Return the settings of one organisation; its name may be empty where there is only one. Raises SettingError."""
    found = organisations(settings)
    if name not in found and (name or len(found) > 1):
        raise SettingError(f"--organisation is {name!r}: give one of {', '.join(found)}.")
    return found[name or FIRST]


def host_of(url: str) -> str:
    """Return the host name of an address, in lower case and without port: cookies know no ports (RFC 6265 8.5)."""
    return urlsplit(url).hostname or ""


def plain_address(address: str) -> str:
    """Return a mail address in lower case and without ``+tag``, as the mail door compares it."""
    local, _, domain = address.casefold().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


# One table ---------------------------------------------------------------------------------------------------------


def _read(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise SettingError(f"{SETTING} is not TOML: {fault}. A file is named by {SETTING}_FILE.") from None


def _settings_of(house: Settings, name: str, table: object) -> Settings:
    given = _checked(name, table)
    settings = replace(
        house,
        organisations="",
        name=given.get("name", ""),
        base_url=given["base_url"],
        answer_address=given["answer_address"],
        smtp_url=given.get("smtp_url", house.smtp_url),
        imap_url=given.get("imap_url", ""),
        data_dir=house.data_dir / "organisations" / name,
        database_url=_database_of(house.database_url, name),
        amqp_url=house.amqp_url and urlsplit(house.amqp_url)._replace(path=f"/quinzaine-{name}").geturl(),
        secret=house.secret and token(house.secret, "organisation", name),
    )
    try:
        settings.check()
    except SettingError as fault:
        raise SettingError(f"{SETTING}, [{name}]: {fault}") from None
    return settings


def _checked(name: str, table: object) -> dict[str, str]:
    if not isinstance(table, dict):
        raise SettingError(f"{SETTING}: {name} stands outside a table: begin with a line such as [laon].")
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME or name == FIRST:
        rule = f"up to {LONGEST_NAME} small letters, digits and single hyphens, a letter first, and not {FIRST!r}"
        raise SettingError(f"{SETTING}: [{name}] is no name of an organisation: give {rule}.")
    for key in sorted(NEEDED - table.keys()):
        raise SettingError(f"{SETTING}, [{name}]: {key} is missing.")
    for key in sorted(table.keys() - NEEDED - OPTIONAL):
        raise SettingError(f"{SETTING}, [{name}]: {key} is nothing that an organisation has of its own.")
    for key, value in table.items():
        if not isinstance(value, str) or not value:
            raise SettingError(f"{SETTING}, [{name}]: {key} is {value!r}: write an address between quotes.")
    return table


def _database_of(url: str, name: str) -> str:
    """Return the same database entered by a role of the organisation's own, which sees one schema.

    Its password is the SHA-256 of the service's password and the name: ``deploy/postgres/provision.sh`` sets it so.
    """
    if not url:
        return ""
    parts = sa.make_url(url)
    password = parts.password and hashlib.sha256(f"{parts.password}/{name}".encode()).hexdigest()
    return parts.set(username=f"{parts.username}_{name}", password=password).render_as_string(hide_password=False)


def _refuse_shared(found: dict[str, Settings], what: str, of: Callable[[Settings], str]) -> None:
    for value, number in Counter(map(of, found.values())).items():
        if number > 1:
            both = " and ".join(name for name, one in found.items() if of(one) == value)
            raise SettingError(f"{SETTING}: {both} have the same {what}, {value}: give each its own.")
