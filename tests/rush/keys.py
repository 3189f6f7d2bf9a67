"""Forms of every kind that a school sends, each clicked twice and then sent ten times more with its key."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa

from services.contracts import rpc
from services.contracts.codec import encode
from services.contracts.events import PlanReleased
from services.contracts.values import HalfDay, Session
from services.embedded import House
from services.registration.adapters import tables
from tests.rush.stage import EDITION, deliver, put_on_file
from tests.unit.registration.builders import NOW, a_session

FIELDS = {
    "contact-name": "Direction",
    "contact-email": "direction@ecole.example",
    "hours-1": "09:00-12:00",
    "rooms": "1",
    "class-0-name": "CM1",
    "class-0-pupils": "12",
    "class-0-in-atelier-0": "on",
}


class Counts(NamedTuple):
    """What sending forms again and again has left.

    ``rows``: keys kept; ``effects``: lines of the history; ``unequal``: forms with more than one answer.
    """

    forms: int
    rows: int
    effects: int
    unequal: int


def send_again_and_again(house: House, schools: int, retries: int = 10) -> Counts:
    """Send six forms for each school, each twice at once; once all are sent, send each again."""
    put_on_file(house.applications["registration"], schools)
    names = [f"ecole-{number}" for number in range(schools)]
    deliver(house, PlanReleased(EDITION, 1, tuple(one for name in names for one in _sessions(name)), ()))
    before = _rows(house, tables.history)
    answers = {form: set(_at_once(house, form)) for name in names for form in _forms(house, name)}
    for form, said in answers.items():
        said.update(_answer(house, form) for _ in range(retries))
    effects = _rows(house, tables.history) - before
    unequal = sum(len(said) != 1 for said in answers.values())
    return Counts(len(answers), _rows(house, tables.answer_key), effects, unequal)


def _sessions(school: str) -> list[Session]:
    changes = {"programme_id": "atelier-0", "activity_id": "robotics"}
    return [a_session(n, school, id=f"{school}-s{n}", **changes) for n in (1, 2)]


class _Form(NamedTuple):
    kind: type[rpc.Request[Any]]
    body: str


def _forms(house: House, school: str) -> Iterator[_Form]:
    """Each form is made when those before it were taken: the next one answers the page as it is then."""
    where, first, second = (EDITION, school), f"{school}-s1", f"{school}-s2"
    yield _form(rpc.RegisterSchool(*where, FIELDS, "register"))
    (group,) = house.ask(rpc.GetSchoolPage(*where)).places
    yield _form(rpc.AnswerPlace(*where, group.group_id, "give_up", 12, "place"))
    yield _form(rpc.ConfirmSlots(*where, 1, {first: 12}, "confirm"))
    yield _form(rpc.UndoAnswer(*where, 1, first, "undo"))
    yield _form(rpc.DeclineSlot(*where, 1, second, "sortie", "decline"))
    other = rpc.Alternative(HalfDay(dt.date(2020, 11, 6), "am"), NOW, "zft", 1, 2, 3, exact=True)
    yield _form(rpc.AskForSlot(*where, 1, first, other, "", "wish"))


def _form(request: rpc.Request[Any]) -> _Form:
    return _Form(type(request), json.dumps(encode(request)))


def _at_once(house: House, form: _Form) -> list[str]:
    said: list[str] = []
    clicks = [threading.Thread(target=lambda: said.append(_answer(house, form))) for _ in range(2)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert len(said) == 2
    return said


def _answer(house: House, form: _Form) -> str:
    answer = house.applications["registration"].answer(form.kind, json.loads(form.body))
    assert "answer" in answer, answer
    return json.dumps(answer)


def _rows(house: House, table: sa.Table) -> int:
    with house.applications["registration"].database.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
