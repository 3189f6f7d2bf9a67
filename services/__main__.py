"""``python -m services`` is the command ``quinzaine``."""

import sys

from services.cli import main

sys.exit(main())
