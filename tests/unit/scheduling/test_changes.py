"""What became of sessions from one plan to the next."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.contracts.values import Change, Place, Session
from services.scheduling.domain.changes import compare

NINE = dt.datetime(2020, 11, 5, 8, 0, tzinfo=dt.timezone.utc)
HOUR = dt.timedelta(hours=1)


def a_session(id_: str = "g1:robotics", start: dt.datetime = NINE) -> Session:
    place = Place("Acy", 49.3, 3.4)
    return Session(id_, "g1", "robotics", "quinzaine", "acy", "fab", "fab-1", start, start + HOUR, place)


def kinds(before: Session | None, after: Session | None) -> list[str]:
    return [change.kind for change in compare([before] if before else [], [after] if after else [])]


def test_a_session_that_stays_is_no_change() -> None:
    assert kinds(a_session(), a_session()) == []


def test_sessions_come_and_go() -> None:
    assert kinds(None, a_session()) == ["added"]
    assert kinds(a_session(), None) == ["dropped"]


def test_another_time_or_place_is_a_move() -> None:
    assert kinds(a_session(), a_session(start=NINE + HOUR)) == ["moved"]
    assert kinds(a_session(), replace(a_session(), end=NINE + 2 * HOUR)) == ["moved"]
    assert kinds(a_session(), replace(a_session(), venue_id="le-mail")) == ["moved"]
    assert kinds(a_session(), replace(a_session(), place=Place("Acy", 49.4, 3.4))) == ["moved"]


def test_another_team_at_the_same_time_is_a_reassignment() -> None:
    assert kinds(a_session(), replace(a_session(), team_id="fab-2")) == ["reassigned"]
    assert kinds(a_session(), replace(a_session(), provider_id="other", team_id="other-1")) == ["reassigned"]


def test_another_team_at_another_time_is_a_move() -> None:
    assert kinds(a_session(), replace(a_session(start=NINE + HOUR), team_id="fab-2")) == ["moved"]


def test_another_wording_is_an_update() -> None:
    assert kinds(a_session(), replace(a_session(), place=Place("École d’Acy", 49.3, 3.4))) == ["updated"]


def test_changes_come_in_the_order_of_time() -> None:
    late, early = a_session("a:robotics", NINE + HOUR), a_session("z:robotics")
    gone = a_session("m:robotics", NINE - HOUR)
    assert compare([gone], [late, early]) == (
        Change("dropped", "m:robotics", gone, None),
        Change("added", "z:robotics", None, early),
        Change("added", "a:robotics", None, late),
    )
