"""``quinzaine run`` and ``health``: one service of the distributed house."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any

from services.contracts import rpc
from services.kit.organisations import organisations
from services.kit.settings import Settings

SERVICES = ("registration", "scheduling", "notifications")


def add(commands: Any) -> None:
    """Declare the commands."""
    run = commands.add_parser("run", help="run one service on RabbitMQ and PostgreSQL")
    run.add_argument("service", choices=(*SERVICES, "portal"))
    run.set_defaults(run=_run)
    health = commands.add_parser("health", help="ask a running service how it is")
    health.add_argument("service", choices=SERVICES)
    health.set_defaults(run=_health)


def _run(options: argparse.Namespace, settings: Settings) -> int:
    if options.service == "portal":
        from services.portal.process import serve

        return serve(settings)
    # eventlet must patch a fresh process: this one becomes it
    os.execv(sys.executable, [sys.executable, "-P", "-m", "services.green", options.service])  # noqa: S606


def _health(options: argparse.Namespace, settings: Settings) -> int:
    from services.kit.amqp import ask_once

    for name, one in organisations(settings).items():
        sys.stdout.write(f"{name}: {ask_once(one, rpc.GetHealth(options.service), timeout=5)}\n")
    return 0
