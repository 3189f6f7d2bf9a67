"""What a service holds about a person, wherever it stands in its tables, and how the person is taken out.

Every column that can hold text is read, so that a new one cannot be forgotten.
"""

from __future__ import annotations

import datetime as dt
import email
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Protocol

import sqlalchemy as sa

from services.contracts import rpc
from services.contracts.codec import dumps, loads
from services.contracts.events import PersonErased
from services.kit.links import token
from services.kit.messages import MessageTables

ADDRESS = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
NAMES_OF_OURS = re.compile(r"(?:[0-9a-f-]{36}-g\d+|[a-z]+\.[0-9a-f]{32})@")
"""UIDs of invitations and Message-IDs, which look like addresses."""
ERASED = "(effacé)"
"""What stands in place of a name or of an address within a sentence."""


class Work(Protocol):
    """The transaction of a service."""

    @property
    def connection(self) -> sa.Connection: ...
    @property
    def now(self) -> dt.datetime: ...


def mark_of(secret: str, address: str) -> str:
    """Return what stands for a mail address where the address itself must not be kept."""
    return token(secret, "person", address.strip().lower())


def find(service: str, connection: sa.Connection, messages: MessageTables, address: str) -> tuple[rpc.Held, ...]:
    """Return every row that names an address, with the columns that do."""
    wanted, found = address.strip().lower(), []
    for table, row in rows_of(connection, messages):
        named = {name: _readable(value) for name, value in row.items() if wanted in _readable(value).lower()}
        if wanted and named:
            found.append(rpc.Held(service, table.name, _key(table, row), named))
    return tuple(found)


def person_erased(event: PersonErased, tx: Work, *, messages: MessageTables, secret: str) -> None:
    """Take out the person with this mark, and note how many rows that changed; done again it finds nobody."""
    held = list(rows_of(tx.connection, messages))
    known = {found for _, row in held for found in addresses_in(row)}
    address = next((found for found in known if mark_of(secret, found) == event.mark), None)
    rows = erase(tx.connection, held, address) if address else Counter[str]()
    note = {"at": tx.now, "rows": dumps(dict(rows))}
    table = messages.erasure
    if not tx.connection.execute(sa.update(table).where(table.c.mark == event.mark).values(note)).rowcount:
        tx.connection.execute(sa.insert(table).values(mark=event.mark, **note))


def erasures(connection: sa.Connection, messages: MessageTables) -> tuple[rpc.Erasure, ...]:
    """Return every erasure, latest first."""
    rows = connection.execute(sa.select(messages.erasure).order_by(messages.erasure.c.at.desc()))
    return tuple(rpc.Erasure(row.mark, row.at, loads(dict[str, int], row.rows)) for row in rows)


# Tables -----------------------------------------------------------------------------------------------------------


Row = tuple[sa.Table, dict[str, Any]]


def rows_of(connection: sa.Connection, messages: MessageTables) -> Iterator[Row]:
    """Yield each row of each table of the service, with its key and its columns that can hold text."""
    for table in messages.erasure.metadata.sorted_tables:
        columns = [c for c in table.columns if c.primary_key or isinstance(c.type, (sa.String, sa.LargeBinary))]
        for row in connection.execute(sa.select(*columns)).all():
            yield table, dict(row._mapping)


def _key(table: sa.Table, row: dict[str, Any]) -> dict[str, str]:
    return {column.name: str(row[column.name]) for column in table.primary_key}


def addresses_in(row: dict[str, Any]) -> set[str]:
    """Return every mail address that a row names, in lower case."""
    found = {address.lower() for value in row.values() for address in ADDRESS.findall(_readable(value))}
    return {address for address in found if not NAMES_OF_OURS.match(address)}


def erase(connection: sa.Connection, held: list[Row], address: str) -> Counter[str]:
    """Take an address out of these rows, with the name and the telephone beside it; return how many by table."""
    beside = {word for _, row in held for value in row.values() for word in _beside(parsed(value), address)}
    changed: Counter[str] = Counter()
    for table, row in held:
        free = {name: value for name, value in row.items() if not table.c[name].primary_key}
        after = {name: _without(value, address, beside) for name, value in free.items()}
        if after != free:
            mine = [column == row[column.name] for column in table.primary_key]
            connection.execute(sa.update(table).where(*mine).values(after))
            changed[table.name] += 1
            row.update(after)
    return changed


# Values -----------------------------------------------------------------------------------------------------------


def _readable(value: Any) -> str:
    """Return a value as text: a mail decoded, a calendar with its long lines joined (RFC 5545 section 3.1)."""
    if not isinstance(value, bytes):
        return value if isinstance(value, str) else ""
    if b"MIME-Version:" in value[:4000]:
        mail = email.message_from_bytes(value)
        parts = [part.get_payload(decode=True) for part in mail.walk() if not part.is_multipart()]
        heads = "\n".join(f"{name}: {text}" for name, text in mail.items())
        value = heads.encode("utf-8", "replace") + b"\n" + b"\n".join(p for p in parts if isinstance(p, bytes))
    return str(value, "utf-8", "replace").replace("\r\n ", "")


def parsed(value: Any) -> Any:
    """Return what a text holds as JSON; None when it holds none."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return None
    return None


def _beside(data: Any, address: str) -> Iterator[str]:
    """Yield the names and telephone numbers that stand beside the address."""
    if isinstance(data, dict):
        yield from (data[name] for name in _siblings(data, address) if isinstance(data[name], str) and data[name])
    for inner in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _beside(inner, address)


def _siblings(data: dict[str, Any], address: str) -> list[str]:
    """Return the fields of the same person: ``name`` and ``phone`` beside ``email``, or all three with a prefix."""
    ours = [name for name, value in data.items() if isinstance(value, str) and value.strip().lower() == address]
    prefixes = {name.removesuffix("email") for name in ours if name.endswith("email")}
    return [prefix + field for prefix in prefixes for field in ("name", "phone") if prefix + field in data]


def _without(value: Any, address: str, beside: set[str]) -> Any:
    """Return a value with the person taken out; the bytes of a mail or calendar go whole."""
    if isinstance(value, bytes):
        return b"" if address in _readable(value).lower() else value
    data = parsed(value)
    if data is not None:
        cleaned = _walk(data, address, beside)
        return value if cleaned == data else dumps(cleaned)
    return _clean(value, address, beside) if isinstance(value, str) else value


def _walk(data: Any, address: str, beside: set[str]) -> Any:
    if isinstance(data, dict):
        own = _siblings(data, address)
        blank = {name: ERASED if name.endswith("name") else "" for name in own}
        return {name: blank[name] if name in blank else _walk(inner, address, beside) for name, inner in data.items()}
    if isinstance(data, list):
        return [_walk(inner, address, beside) for inner in data]
    return _clean(data, address, beside) if isinstance(data, str) else data


def _clean(text: str, address: str, beside: set[str]) -> str:
    """Return a text without the person; one that does not name the address stays as it is."""
    if text.strip().lower() == address:
        return ""
    if address not in text.lower():
        return text
    longest_first = sorted({address, *beside}, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest_first)), ERASED, text, flags=re.IGNORECASE)
