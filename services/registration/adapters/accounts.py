"""Accounts, sign-ins and all that opens them: hashes only."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from services.contracts.codec import dumps, loads
from services.kit.database import put
from services.kit.links import new_seed, token, token_hash
from services.kit.people import mark_of
from services.registration.adapters.tables import account, attempt, recovery_code, sign_in, sign_in_link
from services.registration.domain.accounts import Account, Limit, SignIn

REMEMBERED = dt.timedelta(hours=1)
PERSON = ("email", "name", "language")


class AccountRows:
    """Port Accounts. Addresses are found by their mark, so that they stand in one column only."""

    def __init__(self, connection: sa.Connection, secret: str) -> None:
        self._connection = connection
        self._secret = secret

    def all(self) -> tuple[Account, ...]:
        return tuple(_account(row) for row in self._connection.execute(sa.select(account)))

    def lock_all(self) -> tuple[Account, ...]:
        rows = sa.select(account).order_by(account.c.id).with_for_update()
        return tuple(_account(row) for row in self._connection.execute(rows))

    def lock(self, account_id: str) -> Account | None:
        return self._one(sa.select(account).where(account.c.id == account_id).with_for_update())

    def lock_address(self, email: str) -> Account | None:
        mine = account.c.mark == mark_of(self._secret, email)
        return self._one(sa.select(account).where(mine).with_for_update())

    def marked(self, mark: str) -> Account | None:
        return self._one(sa.select(account).where(account.c.mark == mark))

    def get(self, account_id: str) -> Account | None:
        return self._one(sa.select(account).where(account.c.id == account_id))

    def save(self, person: Account) -> None:
        row = {name: value for name, value in vars(person).items() if name not in PERSON}
        row["body"] = dumps({name: getattr(person, name) for name in PERSON})
        put(self._connection, account, mark=mark_of(self._secret, person.email), **row)

    def remove(self, account_id: str) -> None:
        self._connection.execute(sa.delete(account).where(account.c.id == account_id))

    def take_step(self, account_id: str, step: int) -> bool:
        newer = sa.update(account).where(account.c.id == account_id, account.c.last_step < step)
        return self._connection.execute(newer.values(last_step=step)).rowcount == 1

    def _one(self, query: sa.Select[Any]) -> Account | None:
        row = self._connection.execute(query).first()
        return _account(row) if row else None


def _account(row: Any) -> Account:
    kept = {name: value for name, value in row._mapping.items() if name not in ("mark", "body")}
    person: dict[str, Any] = loads(dict[str, str], row.body)
    return Account(**person, **kept)


class SignInRows:
    """Port SignIns."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, id_: str) -> SignIn | None:
        row = self._connection.execute(sa.select(sign_in).where(sign_in.c.id == id_)).first()
        return SignIn(**row._mapping) if row else None

    def of_account(self, account_id: str) -> tuple[SignIn, ...]:
        mine = sa.select(sign_in).where(sign_in.c.account_id == account_id)
        rows = self._connection.execute(mine.order_by(sign_in.c.seen_at.desc(), sign_in.c.id))
        return tuple(SignIn(**row._mapping) for row in rows)

    def save(self, began: SignIn) -> None:
        put(self._connection, sign_in, **vars(began))

    def note(self, id_: str, seen_at: dt.datetime) -> None:
        self._connection.execute(sa.update(sign_in).where(sign_in.c.id == id_).values(seen_at=seen_at))

    def end(self, account_id: str, ids: tuple[str, ...] | None = None) -> None:
        mine = sa.delete(sign_in).where(sign_in.c.account_id == account_id)
        self._connection.execute(mine if ids is None else mine.where(sign_in.c.id.in_(ids)))

    def forget(self, began_before: dt.datetime) -> None:
        self._connection.execute(sa.delete(sign_in).where(sign_in.c.began_at <= began_before))


class SignInLinkRows:
    """Port SignInLinks. Notifications, told of the seed, derives the same token to write it into a mail that leaves."""

    def __init__(self, connection: sa.Connection, secret: str) -> None:
        self._connection = connection
        self._secret = secret

    def make(self, account_id: str, until: dt.datetime) -> tuple[str, str]:
        seed = new_seed()
        made = token(self._secret, "account", "", account_id, seed)
        row = {"token_sha256": token_hash(made), "account_id": account_id, "until": until}
        self._connection.execute(sa.insert(sign_in_link), row)
        return seed, made

    def use(self, token_sha256: str, now: dt.datetime) -> str | None:
        mine = (sign_in_link.c.token_sha256 == token_sha256, sign_in_link.c.until > now)
        account_id: str | None = self._connection.execute(sa.select(sign_in_link.c.account_id).where(*mine)).scalar()
        won = self._connection.execute(sa.delete(sign_in_link).where(*mine)).rowcount == 1
        return account_id if won else None

    def end(self, account_id: str) -> None:
        self._connection.execute(sa.delete(sign_in_link).where(sign_in_link.c.account_id == account_id))

    def forget(self, over_at: dt.datetime) -> None:
        self._connection.execute(sa.delete(sign_in_link).where(sign_in_link.c.until <= over_at))


class RecoveryCodeRows:
    """Port RecoveryCodes."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def replace(self, account_id: str, codes: tuple[str, ...]) -> None:
        self._connection.execute(sa.delete(recovery_code).where(recovery_code.c.account_id == account_id))
        rows = [{"account_id": account_id, "code_sha256": token_hash(code)} for code in codes]
        if rows:
            self._connection.execute(sa.insert(recovery_code), rows)

    def use(self, account_id: str, code: str) -> bool:
        mine = (recovery_code.c.account_id == account_id, recovery_code.c.code_sha256 == token_hash(code))
        return self._connection.execute(sa.delete(recovery_code).where(*mine)).rowcount == 1


class AttemptRows:
    """Port Attempts."""

    def __init__(self, connection: sa.Connection, secret: str) -> None:
        self._connection = connection
        self._secret = secret

    def latest(self, limit: Limit, email: str) -> tuple[dt.datetime, ...]:
        mine = (attempt.c.kind == limit.kind, attempt.c.mark == mark_of(self._secret, email))
        rows = sa.select(attempt.c.at).where(*mine).order_by(attempt.c.at.desc()).limit(limit.tries)
        return tuple(self._connection.execute(rows).scalars())

    def add(self, limit: Limit, email: str, at: dt.datetime) -> None:
        self._connection.execute(sa.delete(attempt).where(attempt.c.at < at - REMEMBERED))
        self._connection.execute(sa.insert(attempt).values(kind=limit.kind, mark=mark_of(self._secret, email), at=at))
