"""Two organisations on PostgreSQL and RabbitMQ: nothing that one holds or does is reached or seen from the other."""

from __future__ import annotations

import base64
import smtplib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from services.commands.journey import Doors, Journey
from services.contracts import rpc
from services.kit.amqp import SyncAsk
from services.kit.links import token_hash
from services.kit.organisations import host_of, organisations
from services.kit.settings import Settings
from tests.integration.looking import (
    LAON,
    ROUTES,
    Browser,
    Pages,
    a_draft,
    differing,
    look_around,
    other_words,
    route_of,
    shown_by,
    two_schools,
)
from tests.integration.small_house import ACY, EXAMPLE, another_hour
from tests.servers.real_house import SERVICES, RealHouse
from tests.stage import OwnServers, eventually
from tests.unit.portal.fakes import ADDRESS


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServers]:
    with OwnServers(tmp_path_factory.mktemp("servers")) as servers:
        servers.make_room("laon")
        yield servers


# PostgreSQL: the same attacks against roles and against row-level security --------------------------------------------


@contextmanager
def as_role(servers: OwnServers, organisation: str, service: str = "registration") -> Iterator[sa.Connection]:
    """Connect as a service does for an organisation."""
    house = Settings(database_url=servers.database_url_of(service), organisations=LAON, secret="s" * 32)
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


# The whole house: all that the second shows, with and without the first ----------------------------------------------


class Organisation:
    """One organisation of a running house, as its people meet it."""

    def __init__(self, house: RealHouse, name: str, ask: SyncAsk) -> None:
        self.house, self.name, self.ask = house, name, ask
        self.settings = house.organisations[name]
        self.door = ("127.0.0.1", house.mail_port)
        self.access = f"access {name}"

    def play(self, change: Callable[[str], str]) -> str:
        """Plan and release the edition; a school and a provider answer; software gets a token. Return its id."""
        journey = Journey(self.ask, Doors(self.settings.base_url, self.door), lambda *_: None)
        edition = journey.load(EXAMPLE, change)
        journey.plan_first(edition, 2.0)
        self.ask(rpc.SetPublic(edition, True))
        self.ask(rpc.GrantAccess(edition, "grant", "logiciel", True, token_hash(self.access)))
        eventually(lambda: self.ask(rpc.GetSchoolPage(edition, ACY)).release == 1)
        offer = self.ask(rpc.GetSchoolPage(edition, ACY)).offers[0]
        self.ask(rpc.ConfirmSlots(edition, ACY, 1, {offer.session.id: 12}, "k"))
        invitation = next(mail for mail in self.ask(rpc.ListMails(edition)) if mail.kind == "invitation")
        with smtplib.SMTP(*self.door, timeout=10) as server:
            server.send_message(another_hour(base64.b64decode(self.ask(rpc.GetMail(invitation.id)).raw)))
        eventually(lambda: self.is_quiet(edition))
        return edition

    def is_quiet(self, edition: str) -> bool:
        """Whether no message and no mail is under way."""
        health = [self.ask(rpc.GetHealth(name)) for name in SERVICES]
        mails = {mail.state for mail in self.ask(rpc.ListMails(edition))}
        return not any(state.outbox or state.retrying for state in health) and mails == {"sent"}

    def sign_in(self) -> str:
        """Return the cookie of an organiser."""
        guest = self.browser()
        guest.link = lambda: self.ask(rpc.MakeAdministrator("anne", ADDRESS))
        return str(guest.sign_in().cookies["session"])

    def browser(self, session: str = "") -> Browser:
        """Return a browser that asks for this organisation's host at the door of all."""
        each_alone = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))
        return Browser(each_alone, f"http://127.0.0.1:{self.house.port}", session, host_of(self.settings.base_url))

    def look(self, edition: str, session: str, draft: str) -> Pages:
        """Return all that it shows, and forget that calendars were looked at."""

        def browser(who: str) -> Browser:
            return self.browser(session if who == "organiser" else "")

        pages = look_around(browser, self.ask, edition, draft, self.access)
        with as_role(self.house.servers, self.name, "notifications") as connection:
            rows(connection, "update link set read_at = null, client = ''")
        return pages


@pytest.fixture
def both(servers: OwnServers, tmp_path: Path) -> Iterator[list[Organisation]]:
    with RealHouse(servers, tmp_path, LAON) as house, ExitStack() as stack:
        asks = {name: stack.enter_context(SyncAsk(one)) for name, one in house.organisations.items()}
        yield [Organisation(house, name, ask) for name, ask in asks.items()]


@pytest.mark.timeout(900)
def test_the_second_shows_the_same_with_and_without_the_first(both: list[Organisation]) -> None:
    first, second = both
    edition = second.play(two_schools)
    session, draft = second.sign_in(), a_draft(second.ask, edition)
    alone = second.look(edition, session, draft)
    assert {route.name for route in ROUTES} - {route_of(address) for _, address in alone} == set()
    assert first.play(other_words) == edition
    assert differing(alone, second.look(edition, session, draft)) == []

    # The control: a request of the first that reaches the second, as on a broker without virtual hosts.
    second.ask(rpc.OpenEdition("edition.toml", other_words((EXAMPLE / "edition.toml").read_text(encoding="utf-8"))))
    here = ("organiser", f"/organisateur/editions/{edition}")
    assert differing({here: alone[here]}, {here: shown_by(second.browser(session).get(here[1]))}) == [here]
