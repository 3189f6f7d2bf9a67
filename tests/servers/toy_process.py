"""``python toy_process.py NAME [no-inbox]``: one toy service as its own process, as ``services.green`` does."""

import services.kit.green  # noqa: F401

# isort: split
import sys

from services.kit.application import Application
from services.kit.process import serve
from services.kit.settings import SettingError, Settings
from tests.toys import TOYS

if __name__ == "__main__":
    if sys.argv[2:] == ["no-inbox"]:
        Application._first_time = lambda *_: True  # the control: every delivery counts as the first
    try:
        sys.exit(serve(TOYS[sys.argv[1]], TOYS.values(), Settings.from_environment()))
    except SettingError as fault:
        sys.exit(str(fault))
