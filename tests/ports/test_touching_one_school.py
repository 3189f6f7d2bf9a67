"""What a registration costs notifications among few schools, it costs among many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from services.contracts.events import Event
from services.kit.application import Context
from services.kit.database import Database
from services.kit.migrate import migrate
from services.notifications.adapters import repository, tables
from services.notifications.adapters.repository import NotificationsTransaction
from tests.unit.notifications.builders import NOW, a_session, edition_opened, registered, released
from tests.unit.notifications.fakes import handle


class Work:
    """Statements run, and rows read as JSON, while events are heard."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.database = database
        self.statements = self.rows = 0
        sa.event.listen(database.engine, "before_cursor_execute", self._count)
        monkeypatch.setattr(repository, "loads", self._counted(repository.loads))

    def hear(self, *events: Event) -> tuple[int, int]:
        before = self.statements, self.rows
        for event in events:
            with self.database.begin() as connection:
                tx = NotificationsTransaction(connection, tables.messages, lambda: NOW, Context("trace", 1))
                handle(event, tx)
        return self.statements - before[0], self.rows - before[1]

    def _count(self, *_about: Any) -> None:
        self.statements += 1

    def _counted(self, read: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
        def counting(kind: Any, text: str) -> Any:
            self.rows += 1
            return read(kind, text)

        return counting


def test_a_registration_touches_its_own_school_only(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate("notifications", database)
    work = Work(database, monkeypatch)
    few, many = [f"school-{n}" for n in range(3)], [f"school-{n}" for n in range(30)]
    work.hear(edition_opened(), *(registered(name) for name in few))
    among_few = work.hear(registered("school-1", "École A"))
    work.hear(*(registered(name) for name in many))
    assert work.hear(registered("school-1", "École B")) == among_few
    work.hear(released(1, *(a_session(name) for name in many[2:])))
    assert work.hear(registered("school-1", "École C")) == among_few
    assert work.hear(registered("school-2", "École D")) > among_few  # the control: this one has a session
