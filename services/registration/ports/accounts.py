"""People who organise, and how they sign in."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from services.registration.domain.accounts import Account, Limit, SignIn


class Accounts(Protocol):
    """The people who organise."""

    def all(self) -> tuple[Account, ...]:
        """Return every account."""
        ...

    def lock_all(self) -> tuple[Account, ...]:
        """As ``all``; no one else changes accounts until this transaction ends."""
        ...

    def get(self, account_id: str) -> Account | None:
        """Return one account."""
        ...

    def lock(self, account_id: str) -> Account | None:
        """As ``get``; no one else changes it until this transaction ends."""
        ...

    def lock_address(self, email: str) -> Account | None:
        """Return the account of a mail address, upper case or lower; locked as by ``lock``."""
        ...

    def marked(self, mark: str) -> Account | None:
        """Return the account whose address has this mark."""
        ...

    def save(self, person: Account) -> None:
        """Keep the account in place of the one with its id."""
        ...

    def remove(self, account_id: str) -> None:
        """Forget the account with all that opens it."""
        ...

    def take_step(self, account_id: str, step: int) -> bool:
        """Take a code's time step, once: False when it or a later one was taken."""
        ...


class SignIns(Protocol):
    """Browsers signed in."""

    def get(self, id_: str) -> SignIn | None:
        """Return a sign-in, over or not."""
        ...

    def of_account(self, account_id: str) -> tuple[SignIn, ...]:
        """Return a person's sign-ins, latest used first."""
        ...

    def save(self, began: SignIn) -> None:
        """Keep the sign-in in place of the one with its id."""
        ...

    def note(self, id_: str, seen_at: dt.datetime) -> None:
        """Note that a sign-in is in use; one that has ended stays so."""
        ...

    def end(self, account_id: str, ids: tuple[str, ...] | None = None) -> None:
        """Forget those of a person with these ids, or all."""
        ...

    def forget(self, began_before: dt.datetime) -> None:
        """Forget those of anyone that began by then."""
        ...


class SignInLinks(Protocol):
    """Links that sign in once; only hashes of their tokens are kept."""

    def make(self, account_id: str, until: dt.datetime) -> tuple[str, str]:
        """Make a link; return its seed and its token."""
        ...

    def use(self, token_sha256: str, now: dt.datetime) -> str | None:
        """Use a link up; return whose it was, None when it is over, used or unknown."""
        ...

    def end(self, account_id: str) -> None:
        """Forget those of a person."""
        ...

    def forget(self, over_at: dt.datetime) -> None:
        """Forget those of anyone that are over then."""
        ...


class RecoveryCodes(Protocol):
    """Codes that open once in place of a device; only their hashes are kept."""

    def replace(self, account_id: str, codes: tuple[str, ...]) -> None:
        """Keep these in place of the person's last ones."""
        ...

    def use(self, account_id: str, code: str) -> bool:
        """Use a code up; say whether it was one."""
        ...


class Attempts(Protocol):
    """Tries to sign in, by mail address."""

    def latest(self, limit: Limit, email: str) -> tuple[dt.datetime, ...]:
        """Return when the latest tries were, as many as the limit allows."""
        ...

    def add(self, limit: Limit, email: str, at: dt.datetime) -> None:
        """Note a try."""
        ...


class Passwords(Protocol):
    """Makes and checks hashes of passwords."""

    def hash(self, password: str) -> str:
        """Return what is kept of a password."""
        ...

    def fits(self, kept: str, password: str) -> bool:
        """Whether it is the password; takes as long where none is kept."""
        ...

    def outdated(self, kept: str) -> bool:
        """Whether the hash was made with other costs than today's."""
        ...


class Codes(Protocol):
    """Checks codes of devices."""

    def new_seed(self) -> str:
        """Return what makes the secret of a new device unlike every other."""
        ...

    def secret(self, seed: str) -> str:
        """Return the secret of a device, in base32."""
        ...

    def step(self, seed: str, code: str, now: dt.datetime) -> int | None:
        """Return the time step of a code, if it is right within a step of now."""
        ...

    def recovery_codes(self) -> tuple[str, ...]:
        """Return ten new recovery codes."""
        ...
