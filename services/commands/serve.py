"""``quinzaine serve``: everything in this process, with an example planned and sent out at the first start if asked."""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import signal
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.commands.administrator import link_for
from services.commands.journey import Doors, Journey, first_session_of, read
from services.commands.moved import moved
from services.commands.stopping import terminated_as_interrupted
from services.commands.telling import Teller
from services.contracts import rpc
from services.contracts.errors import Refused
from services.contracts.values import PARIS
from services.kit.i18n import N_, translations
from services.kit.organisations import FIRST, organisations
from services.kit.settings import Settings

if TYPE_CHECKING:
    from services.embedded import House


MOVED = N_("Démonstration : les dates de l’exemple sont déplacées, pour que rien n’en soit passé.")
"""Kept in French with the edition; each reader is told it in a language of their own."""


def add(commands: Any) -> None:
    """Declare the command."""
    serve = commands.add_parser("serve", help="run everything in this process (SQLite, no broker)")
    serve.add_argument("--demo", type=Path, metavar="DIR", help="plan and send out an example edition at first start")
    serve.add_argument("--seconds", type=float, default=15.0, help="time the example's plan may take (default 15)")
    serve.set_defaults(run=_run)


def _run(options: argparse.Namespace, settings: Settings) -> int:
    from services.commands.running import running_all

    tell = Teller(settings.language, sys.stdout)
    _ = translations(settings.language).gettext
    hosted = running_all(organisations(settings))
    with contextlib.suppress(KeyboardInterrupt), terminated_as_interrupted(), hosted as houses:
        house = houses[FIRST]
        tell.say(_("Quinzaine répond sur {address}").format(address=settings.base_url))
        if options.demo:
            change = _moved(house, options.demo, tell)
            _play_opening(Journey(house.ask, Doors.of(settings), tell), options.demo, change, options.seconds)
        for house in houses.values():
            _tell_addresses(tell, house, bool(options.demo), _)
        tell.say(_("Ctrl+C pour arrêter."))
        signal.pause()
    tell.say(_("Arrêt : les données sont gardées dans {folder}.").format(folder=settings.data_dir))
    return 0


def _moved(house: House, folder: Path, tell: Teller) -> Callable[[str], str]:
    """Return how the files of the example are changed, so that nothing of it is past; as at the first start."""
    first_days = {edition.id: edition.first_day for edition in house.ask(rpc.ListEditions())}
    example = moved(read(folder / "edition.toml"), dt.datetime.now(PARIS).date(), first_days)
    if example.weeks:
        tell.say(translations(house.settings.language).gettext(MOVED))
    return partial(example.text, note=MOVED)


def _play_opening(journey: Journey, folder: Path, change: Callable[[str], str], seconds: float) -> None:
    """Plan and send out the edition; the first school and the first provider answer."""
    plan = journey.plan_first(journey.load(folder, change), seconds)
    first = first_session_of(plan)
    journey.school_confirms(plan.edition_id, first.school_id)
    journey.provider_accepts(plan.edition_id, first.id)


def _way_in(house: House, demo: bool, _: Callable[[str], str]) -> tuple[str, str, str]:
    """Return how to enter: by a link made here until someone has, and in a demonstration; by the sign-in page else."""
    email, base = house.settings.administrator, house.settings.base_url
    if demo or not any(account.seen_at for account in house.ask(rpc.ListAccounts())):
        return _("Organisateur"), link_for(house.ask, email, base), _("sert une fois, pendant une heure")
    return _("Organisateur"), f"{base}/organisateur", _("par un lien de courriel ou un mot de passe")


def _tell_addresses(tell: Teller, house: House, demo: bool, _: Callable[[str], str]) -> None:
    rows, base = [_way_in(house, demo, _)], house.settings.base_url
    if house.settings.development:
        rows += _links(house, base, _)
        rows.append((_("Courriels"), f"{base}/mailbox", _("tous les courriels envoyés (développement)")))
    tell.table(rows)


def _links(house: House, base: str, _: Callable[[str], str]) -> Iterator[tuple[str, str, str]]:
    """Yield links of a school and of a provider to try, where an edition has any that every service knows of."""
    for edition in house.ask(rpc.ListEditions())[:1]:
        with contextlib.suppress(Refused):
            for registration in house.ask(rpc.ListRegistrations(edition.id))[:1]:
                yield _("Une école"), f"{base}/ecole/{registration.token}", registration.school.name
            for provider in house.ask(rpc.ListParties(edition.id))[:1]:
                yield _("Un prestataire"), f"{base}/prestataire/{provider.page_token}", provider.name
                yield _("Son agenda"), f"{base}/feeds/{provider.feed_token}.ics", provider.name
