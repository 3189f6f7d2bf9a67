"""The command ``quinzaine``. Exit codes: 0 done, 1 refused or failed, 2 wrong use of the command."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from services import planning_commands
from services.contracts import rpc
from services.contracts.errors import Refused, Unavailable
from services.journey import Doors, Journey, JourneyFailed
from services.kit.i18n import sentence, translations
from services.kit.settings import SettingError, Settings
from services.telling import Teller

EXAMPLE = Path("examples/soissons-2020")
SERVICES = ("registration", "scheduling", "notifications")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; what goes wrong is one clear sentence, not a traceback."""
    options = _parser().parse_args(arguments)
    language = getattr(options, "language", "fr")
    try:
        settings = Settings.from_environment()
        language = getattr(options, "language", settings.language)
        return int(options.run(options, settings))
    except Refused as refusal:
        failures: list[object] = [sentence(problem, language) for problem in refusal.problems]
    except (SettingError, Unavailable, JourneyFailed) as failure:
        failures = [failure]
    except OSError as failure:
        failures = [f"{failure.filename or 'quinzaine'}: {failure.strerror or failure}"]
    for text in failures:
        print(text, file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="quinzaine", description="Plan a Quinzaine du Numérique.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="run everything in this process (SQLite, no broker)")
    serve.add_argument("--demo", type=Path, metavar="DIR", help="plan and send out an example edition at first start")
    serve.add_argument("--seconds", type=float, default=15.0, help="time the example's plan may take (default 15)")
    serve.set_defaults(run=_serve)
    demo = commands.add_parser("demo", help="play the whole chain and check it")
    demo.add_argument("--out", type=Path, required=True, metavar="DIR", help="where plan, mails and feeds go")
    demo.add_argument("--example", type=Path, default=EXAMPLE, metavar="DIR", help=f"the edition (default {EXAMPLE})")
    demo.add_argument("--connected", action="store_true", help="play it on the running services of the settings")
    demo.add_argument("--seconds", type=float, default=15.0, help="time a plan may take to compute (default 15)")
    demo.set_defaults(run=_demo)
    run = commands.add_parser("run", help="run one service on RabbitMQ and PostgreSQL")
    run.add_argument("service", choices=(*SERVICES, "portal"))
    run.set_defaults(run=_run)
    health = commands.add_parser("health", help="ask a running service how it is")
    health.add_argument("service", choices=SERVICES)
    health.set_defaults(run=_health)
    lint = commands.add_parser("lint-ics", help="check calendars as strictly as those this house sends")
    lint.add_argument("files", nargs="+", type=Path, metavar="FILE")
    lint.set_defaults(run=_lint)
    planning_commands.add_commands(commands)
    return parser


def _serve(options: argparse.Namespace, settings: Settings) -> int:
    from services.serve import running

    tell = Teller(settings.language, sys.stdout)
    _ = translations(settings.language).gettext
    with contextlib.suppress(KeyboardInterrupt), _terminated_as_interrupted(), running(settings) as house:
        tell.say(_("Quinzaine répond sur {address}").format(address=settings.base_url))
        if options.demo:
            _play_opening(Journey(house.ask, _doors(settings), tell), options.demo, options.seconds)
        _tell_addresses(tell, house, _)
        signal.pause()
    tell.say(_("Arrêt : les données sont gardées dans {folder}.").format(folder=settings.data_dir))
    return 0


def _play_opening(journey: Journey, folder: Path, seconds: float) -> None:
    """Plan and send out the edition; the first school and the first provider answer."""
    plan = journey.plan_first(journey.load(folder), seconds)
    first = min(plan.sessions, key=lambda planned: (planned.session.start, planned.session.id)).session
    journey.school_confirms(plan.edition_id, first.school_id)
    journey.provider_accepts(plan.edition_id, first.id)


def _tell_addresses(tell: Teller, house: Any, _: Callable[[str], str]) -> None:
    base = house.settings.base_url
    rows = [(_("Organisateur"), f"{base}/organisateur", _("mot de passe : ") + house.settings.organiser_password)]
    for edition in house.ask(rpc.ListEditions())[:1]:
        parties = house.ask(rpc.ListParties(edition.id))
        registration = house.ask(rpc.ListRegistrations(edition.id))[0]
        provider = next(party for party in parties if party.kind == "provider")
        rows.append((_("Une école"), f"{base}/ecole/{registration.token}", registration.school.name))
        rows.append((_("Un prestataire"), f"{base}/prestataire/{provider.page_token}", provider.name))
        rows.append((_("Son agenda"), f"{base}/feeds/{provider.feed_token}.ics", provider.name))
    rows.append((_("Courriels"), f"{base}/mailbox", _("tous les courriels envoyés (développement)")))
    tell.table(rows)
    tell.say(_("Ctrl+C pour arrêter."))


def _demo(options: argparse.Namespace, settings: Settings) -> int:
    from services.demo import WORDS, play

    tell = Teller(settings.language, sys.stdout)
    options.out.mkdir(parents=True, exist_ok=True)
    hosted = _connected(settings, tell) if options.connected else _embedded(settings, options.out / "data", tell)
    with _terminated_as_interrupted(), hosted as journey:
        outcome = play(journey, options.example, options.out, options.seconds)
    _ = translations(settings.language).gettext
    tell.table(
        [(_("Vérification"), _("attendu"), _("obtenu"))]
        + [
            (_(WORDS[check.what]), str(check.expected), str(check.found) if check.holds else f"{check.found}  ✗")
            for check in outcome.checks
        ]
    )
    return 0 if outcome.holds else 1


@contextlib.contextmanager
def _embedded(settings: Settings, data_dir: Path, tell: Teller) -> Iterator[Journey]:
    from services.serve import free_port, running

    port, mail_port = free_port(), free_port()
    address = f"http://127.0.0.1:{port}"
    settings = replace(settings, data_dir=data_dir, port=port, mail_port=mail_port, base_url=address)
    with running(settings) as house:
        yield Journey(house.ask, _doors(settings), tell)


@contextlib.contextmanager
def _connected(settings: Settings, tell: Teller) -> Iterator[Journey]:
    from services.kit.amqp import SyncAsk

    with SyncAsk(settings) as ask:
        yield Journey(ask, _doors(settings), tell)


def _doors(settings: Settings) -> Doors:
    return Doors(settings.base_url, (settings.mail_host, settings.mail_port))


def _run(options: argparse.Namespace, settings: Settings) -> int:
    if options.service == "portal":
        from services.portal.process import serve

        return serve(settings)
    # eventlet must patch a fresh process: this one becomes it
    os.execv(sys.executable, [sys.executable, "-P", "-m", "services.green", options.service])  # noqa: S606


def _health(options: argparse.Namespace, settings: Settings) -> int:
    from services.kit.amqp import ask_once

    health = ask_once(settings, rpc.GetHealth(options.service), timeout=5)
    print(health)
    return 0


def _lint(options: argparse.Namespace, _settings: Settings) -> int:
    from services.notifications.adapters.lint_files import lint_files

    return lint_files(options.files, sys.stdout)


@contextlib.contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """Let SIGTERM end the block as Ctrl+C does, so that everything closes in order."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
