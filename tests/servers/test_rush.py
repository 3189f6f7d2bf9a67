"""Schools that want the same places at once, on PostgreSQL behind two processes of the portal.

The control without the guard: tests/integration/test_rush.py on SQLite, and make test-rush.
"""

from __future__ import annotations

from pathlib import Path

from tests.rush.crowd import send_all
from tests.rush.stage import Audit, rush
from tests.stage import address, fresh_database


def test_a_crowd_gets_every_place_once(tmp_path: Path) -> None:
    with (
        fresh_database(address("QUINZAINE_TEST_DATABASE_URL")) as url,
        rush(tmp_path, schools=60, places=[1, 15], database_url=url, processes=2) as crowd,
    ):
        wishes = (school.register(f"atelier-{n % 2}") for n, school in enumerate(crowd.visitors))
        assert {answer.status for answer in send_all(crowd.ports, wishes)} == {303}
        assert crowd.audit() == [Audit(1, 1, 1, 29), Audit(15, 15, 15, 15)]
