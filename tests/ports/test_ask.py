"""Requests and events give the same answers in the embedded house and over RabbitMQ."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from services.contracts.errors import Problem, Refused
from services.contracts.rpc import GetHealth, Health
from services.kit.rpc import ACTOR
from tests.stage import Ask, eventually
from tests.toys import Count, ReadBook, WhoAsks


@pytest.fixture(scope="module")
def fresh() -> Iterator[int]:
    """Numbers that no other test of this module counts."""
    return count(0, 1000)


def test_answer_has_the_type_of_its_request(ask: Ask) -> None:
    assert ask(GetHealth("counter")) == Health("counter", 0, 0.0, 0, 0)


def test_event_reaches_its_reader(ask: Ask, fresh: Iterator[int]) -> None:
    first = next(fresh)
    assert ask(Count(first, first + 30)) == 30
    eventually(lambda: set(ask(ReadBook())) >= set(range(first, first + 30)))
    assert sorted(number for number in ask(ReadBook()) if first <= number < first + 1000) == [*range(first, first + 30)]


def test_refusal_comes_back_with_its_problems(ask: Ask) -> None:
    with pytest.raises(Refused) as refused:
        ask(Count(3, 0))
    assert refused.value.problems == (Problem("unknown_edition", {"edition": "backwards"}),)


def test_refused_request_emits_nothing(ask: Ask, fresh: Iterator[int]) -> None:
    first = next(fresh)
    with pytest.raises(Refused):
        ask(Count(first, first - 1))
    ask(Count(first + 1, first + 2))
    eventually(lambda: first + 1 in ask(ReadBook()))
    assert first not in ask(ReadBook())


def test_simultaneous_requests_get_their_own_answers(ask: Ask, fresh: Iterator[int]) -> None:
    first = next(fresh)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: ask(Count(first + n * 10, first + n * 10 + n % 10)), range(40)))
    assert answers == [n % 10 for n in range(40)]


def test_a_service_knows_who_asks_and_forgets_it_with_the_request(ask: Ask) -> None:
    def asked_by(actor: str) -> str:
        before = ACTOR.set(actor)
        try:
            return ask(WhoAsks())
        finally:
            ACTOR.reset(before)

    actors = [f"account:{n}" for n in range(20)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(asked_by, actors)) == actors
    assert ask(WhoAsks()) == ""


def test_failure_of_a_handler_is_kept_for_a_later_try(ask: Ask, fresh: Iterator[int]) -> None:
    before = ask(GetHealth("ledger")).retrying
    first = next(fresh)
    ask(Count(first, first + 2, "poison"))
    eventually(lambda: ask(GetHealth("ledger")).retrying == before + 2)
