"""``python -m services.green NAME``: the process of one service on nameko."""

import services.kit.green  # noqa: F401

# isort: split
import sys

from services.distributed import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
