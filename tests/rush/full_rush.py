"""The rush at full size (``make test-rush``): on SQLite, and on PostgreSQL behind two processes of the portal.

The database of QUINZAINE_TEST_DATABASE_URL is used (``make servers``).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from services.embedded import House
from tests.rush.crowd import send_all
from tests.rush.keys import Counts, send_again_and_again
from tests.rush.stage import Audit, Rush, house_of, rush
from tests.stage import address, fresh_database

pytestmark = pytest.mark.timeout(7200)


@contextmanager
def doors(adapter: str, folder: Path, schools: int, places: list[int], control: bool = False) -> Iterator[Rush]:
    """Open the doors on one of both databases."""
    if adapter == "sqlite":
        with rush(folder, schools, places, control=control) as crowd:
            yield crowd
        return
    with (
        fresh_database(address("QUINZAINE_TEST_DATABASE_URL")) as url,
        rush(folder, schools, places, url, processes=2, control=control) as crowd,
    ):
        yield crowd


@contextmanager
def houses(adapter: str, folder: Path) -> Iterator[House]:
    """Open a house without doors on one of both databases."""
    with ExitStack() as stack:
        server = address("QUINZAINE_TEST_DATABASE_URL") if adapter == "postgresql" else ""
        url = stack.enter_context(fresh_database(server)) if server else ""
        yield stack.enter_context(house_of(folder, [300], url))


@pytest.fixture(params=["sqlite", "postgresql"])
def adapter(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_ten_thousand_for_one_place(adapter: str, tmp_path: Path) -> None:
    with doors(adapter, tmp_path, 10_000, [1]) as crowd:
        answers = send_all(crowd.ports, (school.register("atelier-0") for school in crowd.visitors))
        assert {answer.status for answer in answers} == {303}
        assert crowd.audit() == [Audit(1, 1, 1, 9_999)]
        pages = send_all(crowd.ports, (school.look() for school in crowd.visitors))
        assert {page.status for page in pages} == {200}
        assert sum("place acquise" in page.text for page in pages) == 1
        assert sum("Complet\u00a0: toutes les places sont prises." in page.text for page in pages) == 9_999


def test_forty_eight_thousand_for_sixty_two_times_fifteen(adapter: str, tmp_path: Path) -> None:
    with doors(adapter, tmp_path, 48_000, [15] * 62) as crowd:
        wishes = (school.register(f"atelier-{n % 62}") for n, school in enumerate(crowd.visitors))
        assert {answer.status for answer in send_all(crowd.ports, wishes)} == {303}
        audit = crowd.audit()
        assert {tuple(one)[:3] for one in audit} == {(15, 15, 15)}
        assert sum(one.held + one.waiting for one in audit) == 48_000


def test_a_thousand_forms_sent_ten_times_count_once(adapter: str, tmp_path: Path) -> None:
    with doors(adapter, tmp_path, 1_000, [300]) as crowd:
        tries = [school.register("atelier-0", key="one") for school in crowd.visitors for _ in range(10)]
        assert {answer.status for answer in send_all(crowd.ports, tries)} == {303}
        assert crowd.audit() == [Audit(300, 300, 300, 700)]


def test_a_thousand_keys_of_every_kind_of_form_count_once_and_are_answered_the_same(
    adapter: str, tmp_path: Path
) -> None:
    with houses(adapter, tmp_path) as house:
        assert send_again_and_again(house, schools=167) == Counts(forms=1_002, rows=1_002, effects=1_169, unequal=0)


def test_without_the_guard_the_same_crowd_overbooks(adapter: str, tmp_path: Path) -> None:
    with doors(adapter, tmp_path, 1_000, [1], control=True) as crowd:
        send_all(crowd.ports, (school.register("atelier-0") for school in crowd.visitors))
        assert crowd.audit()[0].held > 1
