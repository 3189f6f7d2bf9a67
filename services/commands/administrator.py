"""``quinzaine administrator``: a link that signs in once, for whoever runs the server."""

from __future__ import annotations

import argparse
import sys
import uuid
from typing import Any

from services.commands.journey import AskNow
from services.commands.reaching import reached
from services.contracts import rpc
from services.kit.organisations import organisation
from services.kit.settings import Settings


def add(commands: Any) -> None:
    """Declare the command."""
    administrator = commands.add_parser("administrator", help="make someone an administrator; print a link to sign in")
    administrator.add_argument("email", help="mail address of the person")
    administrator.add_argument("--organisation", default="", metavar="NAME", help="which, where there are several")
    administrator.set_defaults(run=_run)


def _run(options: argparse.Namespace, settings: Settings) -> int:
    settings = organisation(settings, options.organisation)
    with reached(settings) as (ask, _secret):
        sys.stdout.write(f"{link_for(ask, options.email, settings.base_url)}\n")
    return 0


def link_for(ask: AskNow, email: str, base_url: str) -> str:
    """Make a person an administrator; return the address that signs in once, within an hour. Raises Refused."""
    return f"{base_url}/connexion/{ask(rpc.MakeAdministrator(uuid.uuid4().hex, email))}"
