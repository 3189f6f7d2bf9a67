"""Links kept as hashes of their tokens, and mails kept with blanks that the tokens fill when a mail leaves.

So no table ever holds a token, and a mail that waited names the link that is valid when it goes.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

import sqlalchemy as sa

from services.contracts.codec import loads
from services.notifications.adapters.queue import Claimed
from services.notifications.adapters.tables import edition, school
from services.notifications.adapters.tables import link as table
from services.notifications.domain.entry import Party, PartyKind, Registered
from services.notifications.domain.link import Link, Purpose


class Links:
    """Port Links."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of_edition(self, edition_id: str, party: Party | None = None) -> dict[tuple[Party, Purpose], Link]:
        """Every link of an edition, of one party when given."""
        query = sa.select(table).where(table.c.edition_id == edition_id)
        if party is not None:
            query = query.where(table.c.kind == party.kind, table.c.id == party.id)
        return {(Party(row.kind, row.id), row.purpose): _link(row) for row in self._connection.execute(query)}

    def save(self, edition_id: str, party: Party, purpose: Purpose, link: Link, token_sha256: str) -> None:
        """Keep a link in place of the party's last one for this purpose."""
        key = {"edition_id": edition_id, "kind": party.kind, "id": party.id, "purpose": purpose}
        values = {**vars(link), "token_sha256": token_sha256}
        mine = [table.c[name] == value for name, value in key.items()]
        if not self._connection.execute(sa.update(table).where(*mine).values(values)).rowcount:
            self._connection.execute(sa.insert(table).values(**key, **values))

    def find(self, purpose: Purpose, token_sha256: str) -> tuple[str, Party, Link, dt.date] | None:
        """The edition, party and link with this hash, and the edition's last day."""
        query = sa.select(table, edition.c.last_day).join(edition, edition.c.id == table.c.edition_id)
        wanted = (table.c.token_sha256 == token_sha256, table.c.purpose == purpose)
        row = self._connection.execute(query.where(*wanted)).first()
        return (row.edition_id, Party(row.kind, row.id), _link(row), row.last_day) if row else None

    def filled(self, edition_id: str, party: str, raw: bytes, tokens: Tokens) -> bytes:
        """A kept mail with the links its reader has now."""
        return filled(self._connection, edition_id, party, raw, tokens)

    def note_read(self, token_sha256: str, now: dt.datetime, client: str) -> None:
        """Note who read a feed, and when."""
        mine = (table.c.token_sha256 == token_sha256, table.c.purpose == "feed")
        self._connection.execute(sa.update(table).where(*mine).values(read_at=now, client=client))


def _link(row: Any) -> Link:
    return Link(row.seed, row.issued_at, row.revoked_at, row.read_at, row.client)


# Blanks in mails -----------------------------------------------------------------------------------------------


class Tokens(Protocol):
    """Makes the token of a link from its seed."""

    def token(self, edition_id: str, party: Party, purpose: Purpose, seed: str) -> str:
        """Last part of the link's address."""
        ...


def blank(kind: PartyKind, purpose: Purpose) -> str:
    """Return what stands in a kept mail for a token of its reader: as long, of the same letters, never in a word."""
    return f"{kind}-{purpose}".ljust(43, "_")


def fill(raw: bytes, tokens: Mapping[str, str]) -> bytes:
    """Write each token in the place of its blank, also where a soft line break cuts it (RFC 2045 section 6.7 (5))."""
    for space, token in tokens.items():
        cut = re.compile(b"(?:=\r\n)?".join(re.escape(bytes([letter])) for letter in space.encode()))
        raw = cut.sub(lambda found, token=token: _over(found[0], token), raw)  # type: ignore[misc]
    return raw


def _over(cut: bytes, token: str) -> bytes:
    before, *after = cut.split(b"=\r\n")
    parts, start = [], 0
    for length in (len(before), *map(len, after)):
        parts.append(token[start : start + length].encode())
        start += length
    return b"=\r\n".join(parts)


def with_links(connection: sa.Connection, mail: Claimed, tokens: Tokens) -> Claimed:
    """Return a mail that leaves with the links its reader has now."""
    return replace(mail, raw=filled(connection, mail.edition_id, mail.party, mail.raw, tokens))


def filled(connection: sa.Connection, edition_id: str, party: str, raw: bytes, tokens: Tokens) -> bytes:
    """Return a kept mail with the links its reader has now."""
    found: dict[tuple[Party, Purpose], str] = {
        key: link.seed for key, link in Links(connection).of_edition(edition_id).items()
    }
    reader = sa.select(school.c.body).where(school.c.edition_id == edition_id, school.c.id == party)
    if body := connection.execute(reader).scalar():
        found[Party("school", party), "page"] = loads(Registered, body).link
    own = {key: seed for key, seed in found.items() if key[0].id == party}
    return fill(raw, {blank(p.kind, to): tokens.token(edition_id, p, to, seed) for (p, to), seed in own.items()})
