"""Two organisations on PostgreSQL: what one holds cannot be reached from the other by any statement."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from services.kit.organisations import organisations
from services.kit.settings import Settings
from tests.stage import OwnServers

LAON = '[laon]\nbase_url = "http://laon.example"\nanswer_address = "agenda@laon.example"\n'


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServers]:
    with OwnServers(tmp_path_factory.mktemp("servers")) as servers:
        servers.make_room("laon")
        yield servers


# PostgreSQL: the same attacks against roles and against row-level security --------------------------------------------


@contextmanager
def as_role(servers: OwnServers, organisation: str) -> Iterator[sa.Connection]:
    """Connect as registration does for an organisation; nothing is kept."""
    house = Settings(database_url=servers.database_url_of("registration"), organisations=LAON, secret="s" * 32)
    url = organisations(house)[organisation].database_url.replace("postgresql", "postgresql+psycopg2", 1)
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def rows(connection: sa.Connection, *statements: str) -> list[Any]:
    """Carry out statements; return the rows of the last."""
    for statement in statements:
        result = connection.execute(sa.text(statement))
    return [tuple(row) for row in result] if result.returns_rows else []


def test_a_role_reaches_nothing_but_its_own_schema(servers: OwnServers) -> None:
    with as_role(servers, "first") as first, as_role(servers, "laon") as laon:
        for connection, name in ((first, "registration"), (laon, "registration_laon")):
            assert rows(connection, "select current_user, current_schema()") == [(name, name)]
            assert rows(connection, "create table kept (id int primary key)", "insert into kept values (1)") == []
            assert rows(connection, "select id from kept") == [(1,)]
        for connection, other in ((first, "registration_laon"), (laon, "registration")):
            for attack in (f'select * from "{other}".kept', f'set role "{other}"', f'grant "{other}" to current_user'):
                with pytest.raises(sa.exc.ProgrammingError, match=r"permission denied|must have admin option"):
                    rows(connection, attack)
            rows(connection, f'set search_path = "{other}"')
            with pytest.raises(sa.exc.ProgrammingError, match='relation "kept" does not exist'):
                rows(connection, "select * from kept")
            rows(connection, "reset search_path", "drop table kept")


def test_row_level_security_gives_way_to_attacks_that_roles_withstand(servers: OwnServers) -> None:
    """The control: forced row-level security in its usual form, by a setting of the session."""
    mine = "organisation = current_setting('app.organisation')"
    with as_role(servers, "first") as shared:
        rows(shared, "create table note (organisation text, id int primary key)")
        rows(shared, "alter table note enable row level security", "alter table note force row level security")
        rows(shared, f"create policy apart on note using ({mine}) with check ({mine})")
        rows(shared, "set app.organisation = 'soissons'", "insert into note values ('soissons', 1)")
        assert rows(shared, "set app.organisation = 'laon'", "select * from note") == []
        with pytest.raises(sa.exc.IntegrityError, match="duplicate key"):
            rows(shared, "insert into note values ('laon', 1)")
        assert rows(shared, "set app.organisation = 'soissons'", "select * from note") == [("soissons", 1)]
        rows(shared, "drop table note")
