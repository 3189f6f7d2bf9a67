"""The command ``quinzaine``. Exit codes: 0 done, 1 refused or failed, 2 wrong use of the command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from services.commands import administrator, check, demo, explain, lint_ics, one_service, rights, serve, solve
from services.commands.journey import JourneyFailed
from services.contracts.errors import Refused, Unavailable
from services.kit.i18n import sentence
from services.kit.settings import SettingError, Settings

COMMANDS = (serve, demo, one_service, administrator, rights, lint_ics, solve, check, explain)


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
    for module in COMMANDS:
        module.add(commands)
    return parser
