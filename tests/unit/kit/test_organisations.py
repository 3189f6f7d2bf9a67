"""Several organisations out of one set of settings: nothing shared, and every wrong table refused with one sentence."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest

from services.kit.organisations import FIRST, organisation, organisations
from services.kit.settings import SettingError, Settings

LAON = """
[laon]
base_url = "https://laon.quinzaine.example"
answer_address = "agenda@laon.quinzaine.example"
"""
BOTH = LAON + LAON.replace("laon", "chauny")

HOUSE = Settings(
    secret="x" * 32,
    database_url="postgresql://registration:p%2Fw@db.example/quinzaine",
    amqp_url="amqp://quinzaine:pw@broker.example:5672/",
    smtp_url="smtp://mail.example",
    imap_url="imaps://agenda:pw@mail.example",
)


def test_without_the_setting_there_is_the_first_one_as_the_settings_say() -> None:
    assert organisations(HOUSE) == {FIRST: HOUSE}
    assert organisation(HOUSE, "") is organisation(HOUSE, FIRST) is HOUSE


def test_another_one_has_everything_of_its_own_and_changes_nothing_of_the_first() -> None:
    house = replace(HOUSE, organisations=LAON)
    found = organisations(house)
    assert found[FIRST] == house
    laon = found["laon"]
    differing = {f.name for f in fields(Settings) if getattr(laon, f.name) != getattr(house, f.name)}
    assert differing == {
        "organisations",
        "base_url",
        "answer_address",
        "data_dir",
        "database_url",
        "amqp_url",
        "imap_url",
        "secret",
    }
    assert (laon.data_dir, laon.imap_url) == (Path("data/organisations/laon"), "")
    assert laon.amqp_url == "amqp://quinzaine:pw@broker.example:5672/quinzaine-laon"
    # printf 'p/w/laon' | sha256sum
    password = "927fce1198d7e5a41040b6d4388c677ac0eb65521ed299ccc3c7ffdf85ae3ae4"
    assert laon.database_url == f"postgresql://registration_laon:{password}@db.example/quinzaine"


def test_secrets_are_derived_one_way_and_differ() -> None:
    found = organisations(replace(HOUSE, organisations=BOTH))
    assert len({one.secret for one in found.values()}) == len({one.database_url for one in found.values()}) == 3
    assert organisations(replace(HOUSE, organisations=BOTH)) == found


def test_a_house_without_servers_or_secret_gives_none() -> None:
    laon = organisation(Settings(organisations=LAON), "laon")
    assert (laon.secret, laon.database_url, laon.amqp_url) == ("", "", "")


def test_which_organisation_has_to_be_said_where_there_are_several() -> None:
    for name in ("", "soissons"):
        with pytest.raises(SettingError) as refused:
            organisation(replace(HOUSE, organisations=BOTH), name)
        assert str(refused.value) == f"--organisation is {name!r}: give one of first, laon, chauny."


FAULTS = {
    "no TOML": ("/etc/quinzaine.toml", "QUINZAINE_ORGANISATIONS is not TOML: "),
    "twice": (LAON + LAON, "QUINZAINE_ORGANISATIONS is not TOML: Cannot declare ('laon',) twice"),
    "outside": (
        'laon = "x"',
        "QUINZAINE_ORGANISATIONS: laon stands outside a table: begin with a line such as [laon].",
    ),
    "folder": ('["../laon"]', "QUINZAINE_ORGANISATIONS: [../laon] is no name of an organisation: give up to 30 small"),
    "too long": (f"[{'a' * 31}]", f"QUINZAINE_ORGANISATIONS: [{'a' * 31}] is no name of an organisation"),
    "the first": ("[first]", "QUINZAINE_ORGANISATIONS: [first] is no name of an organisation"),
    "missing": ("[laon]", "QUINZAINE_ORGANISATIONS, [laon]: answer_address is missing."),
    "unknown": (
        LAON + 'secret = "x"',
        "QUINZAINE_ORGANISATIONS, [laon]: secret is nothing that an organisation has",
    ),
    "number": (
        LAON + "smtp_url = 25",
        "QUINZAINE_ORGANISATIONS, [laon]: smtp_url is 25: write an address",
    ),
    "bad address": (
        LAON.replace("https://", ""),
        "QUINZAINE_ORGANISATIONS, [laon]: QUINZAINE_BASE_URL is no address: it must begin with http:// or https://",
    ),
    "one host": (
        BOTH.replace("https://chauny.", "http://LAON."),
        "QUINZAINE_ORGANISATIONS: laon and chauny have the same host name, laon.quinzaine.example: give each its own.",
    ),
    "the first's host": (
        LAON.replace("https://laon.quinzaine.example", "http://127.0.0.1:9000"),
        "QUINZAINE_ORGANISATIONS: first and laon have the same host name, 127.0.0.1: give each its own.",
    ),
    "one answer address": (
        BOTH.replace("agenda@chauny", "Agenda+x@laon"),
        "QUINZAINE_ORGANISATIONS: laon and chauny have the same answer address, agenda@laon.quinzaine.example: give",
    ),
}


@pytest.mark.parametrize(("text", "sentence"), FAULTS.values(), ids=FAULTS.keys())
def test_wrong_table_is_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(SettingError) as refused:
        organisations(replace(HOUSE, organisations=text))
    assert str(refused.value).startswith(sentence)
    assert "\n" not in str(refused.value)
