"""Draw how the effort and the gap grow with the schools: growth.svg from the measured rows of growth.json.

usage: python benchmarks/planner/growth.py
A row: ``schools``, ``sessions``, ``placed``; ``whole``: seconds on two free cores until the first plan with no session
left out (null: none); ``cpu``: CPU seconds of the whole run, all processes together; ``above``: by how many percent the
cost is above the bound (null: no bound, or sessions left out); ``how``: the command.
"""

from __future__ import annotations

import json
from pathlib import Path

from pictures import curve

HERE = Path(__file__).parent


def main() -> None:
    """Write the picture beside this file."""
    rows = json.loads((HERE / "growth.json").read_text(encoding="utf-8"))
    lines = [
        ("CPU seconds of the run", "#2a6f97", [(r["schools"], r["cpu"]) for r in rows]),
        ("seconds to the first whole plan", "#468c3a", [(r["schools"], r["whole"]) for r in rows if r["whole"]]),
        ("% above the bound", "#b00020", [(r["schools"], r["above"]) for r in rows if r["above"]]),
    ]
    curve(HERE / "growth.svg", "Schools planned, both axes logarithmic", lines)


if __name__ == "__main__":
    main()
