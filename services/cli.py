"""The command ``quinzaine``. Exit codes: 0 done, 1 refused or failed, 2 wrong use of the command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from services.commands import JourneyFailed
from services.contracts.errors import Refused, Unavailable
from services.kit.i18n import sentence
from services.kit.settings import SettingError, Settings

COMMANDS = {
    "serve": "serve",
    "demo": "demo",
    "run": "one_service",
    "health": "one_service",
    "administrator": "administrator",
    "rights": "rights",
    "lint-ics": "lint_ics",
    "solve": "solve",
    "check": "check",
    "explain": "explain",
}
"""The words typed, and the module of ``services.commands`` that knows each; it alone is loaded, which saves seconds."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code; what goes wrong is one clear sentence, not a traceback."""
    words = sys.argv[1:] if arguments is None else arguments
    options = _parser(words[0] if words else "").parse_args(words)
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


def _parser(word: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="quinzaine", description="Plan a Quinzaine du Numérique.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for module in dict.fromkeys([COMMANDS[word]] if word in COMMANDS else COMMANDS.values()):
        import_module(f"services.commands.{module}").add(commands)
    return parser
