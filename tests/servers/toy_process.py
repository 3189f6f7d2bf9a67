"""``python toy_process.py NAME [MODE]``: one toy service as its own process, as ``services.green`` does.

``no-inbox``: the control of the kill suites, every delivery counts as the first.
``fragile``: the number 666 ends the process, as a crash in a library would.
``slow``: writing a number down takes a second.
"""

import services.kit.green  # noqa: F401

# isort: split
import os
import sys
import time
from typing import Any

from services.kit.application import Application
from services.kit.process import serve
from services.kit.settings import SettingError, Settings
from tests.toys import TOYS, Counted

receive = Application.receive


def fragile(application: Application[Any], kind: type[Counted], message: str) -> None:
    """Die of 666."""
    if '"number":666' in message:
        os._exit(66)
    receive(application, kind, message)


def slow(application: Application[Any], kind: type[Counted], message: str) -> None:
    """Take a second."""
    time.sleep(1)
    receive(application, kind, message)


if __name__ == "__main__":
    mode = sys.argv[2] if sys.argv[2:] else ""
    if mode == "no-inbox":
        Application._first_time = lambda *_: True
    if mode in ("fragile", "slow"):
        Application.receive = {"fragile": fragile, "slow": slow}[mode]
    try:
        sys.exit(serve(TOYS[sys.argv[1]], TOYS.values(), Settings.from_environment()))
    except SettingError as fault:
        sys.exit(str(fault))
