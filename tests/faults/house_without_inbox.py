"""Run ``quinzaine`` with one guard changed, for the control of the kill suite.

``slow``: an event stays in the outbox a little after it was delivered, so that a kill meets that moment.
``no-inbox``: the same, and every delivery counts as the first.
"""

from __future__ import annotations

import sys
import time

from services import cli
from services.kit import application, outbox


def slow_removal() -> None:
    """Widen the moment between delivery and removal, in which a crash delivers again."""
    remove = outbox._remove

    def late(*arguments: object) -> None:
        time.sleep(0.02)
        remove(*arguments)

    outbox._remove = late


def no_inbox() -> None:
    """Handle every delivery as if it were the first."""
    application.Application._first_time = lambda *_: True


if __name__ == "__main__":
    mode = sys.argv.pop(1)
    slow_removal()
    if mode == "no-inbox":
        no_inbox()
    sys.exit(cli.main())
