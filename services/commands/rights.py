"""``quinzaine rights``: what is held about a mail address (GDPR article 15), taking it out (17), what is over (5)."""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

from services.commands.journey import AskNow
from services.commands.one_service import SERVICES
from services.commands.reaching import reached
from services.contracts import rpc
from services.contracts.codec import encode
from services.kit.organisations import organisation
from services.kit.people import mark_of
from services.kit.settings import SettingError, Settings

PATIENCE = 60
"""Seconds within which every service has to have answered for an erasure."""


def add(commands: Any) -> None:
    """Declare the commands."""
    rights = commands.add_parser("rights", help="what is held about a mail address, as JSON; taking it out")
    rights.add_argument("act", choices=("export", "erase", "retention"))
    rights.add_argument("address", nargs="?", default="", help="a whole mail address, to export or erase")
    rights.add_argument("--dry-run", action="store_true", help="retention: what has outlived its term, still there")
    rights.add_argument("--organisation", default="", metavar="NAME", help="whose data, where there are several")
    rights.set_defaults(run=_run)


def _run(options: argparse.Namespace, settings: Settings) -> int:
    if (options.act == "retention") != options.dry_run:
        raise SettingError("Say `rights retention --dry-run`: every service takes out what is over by itself, hourly.")
    if options.act != "retention" and "@" not in options.address:
        raise SettingError(f"{options.address!r} is no mail address: give a whole one, such as name@town.example.")
    with reached(organisation(settings, options.organisation)) as (ask, secret):
        if options.act == "retention":
            _put({name: ask(rpc.ListDue(name)) for name in SERVICES})
        elif options.act == "export":
            _put([encode(row) for name in SERVICES for row in ask(rpc.FindPerson(name, options.address))])
        else:
            _put(_erase(ask, options.address, mark_of(secret, options.address)))
    return 0


def _erase(ask: AskNow, address: str, mark: str) -> dict[str, Any]:
    """Return by service what it changed and how many rows still name the address, once all have answered."""
    before = {name: _proof(ask, name, mark) for name in SERVICES}
    ask(rpc.ErasePerson(mark))
    end = time.monotonic() + PATIENCE
    while any(_proof(ask, name, mark) == before[name] for name in SERVICES):
        if time.monotonic() > end:
            raise SettingError(f"Not every service has answered within {PATIENCE} s: look at the state of the service.")
        time.sleep(0.1)
    return {
        name: {"erased": encode(_proof(ask, name, mark)), "left": len(ask(rpc.FindPerson(name, address)))}
        for name in SERVICES
    }


def _proof(ask: AskNow, name: str, mark: str) -> rpc.Erasure | None:
    return next((done for done in ask(rpc.ListErasures(name)) if done.mark == mark), None)


def _put(data: Any) -> None:
    json.dump(data, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")
