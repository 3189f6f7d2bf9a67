"""People who organise: their roles, how long a sign-in lasts, how often one may try."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from services.contracts.values import Role

Way = Literal["link", "password"]

IDLE = dt.timedelta(hours=2)
"""A sign-in that is not used ends after this."""
LONGEST = dt.timedelta(hours=12)
"""Any sign-in ends after this: a working day."""
NOTED_EVERY = dt.timedelta(minutes=1)
"""How exactly it is known when a sign-in was last used."""

LINK_LASTS = dt.timedelta(minutes=15)
INVITATION_LASTS = dt.timedelta(days=3)
PRINTED_LASTS = dt.timedelta(hours=1)
"""A link printed for whoever runs the server."""


@dataclass(frozen=True)
class Account:
    """A person who organises.

    ``password``: its hash, empty for none. ``seed`` with the house's secret makes the secret of the device that gives
    codes; it counts from ``codes_since``. ``offered``: seed of a device to come. ``last_step``: the time step of the
    last code taken (RFC 6238 section 5.2).
    """

    id: str
    email: str
    name: str
    language: str
    role: Role
    made_at: dt.datetime
    seen_at: dt.datetime | None = None
    disabled_at: dt.datetime | None = None
    password: str = ""
    seed: str = ""
    codes_since: dt.datetime | None = None
    offered: str = ""
    last_step: int = 0

    @property
    def administers(self) -> bool:
        """Whether the person may administer now."""
        return self.role == "administrator" and self.disabled_at is None


@dataclass(frozen=True)
class SignIn:
    """A browser that a person signed in with. ``id``: SHA-256 of its token; ``waits``: for a code."""

    id: str
    account_id: str
    way: Way
    device: str
    began_at: dt.datetime
    seen_at: dt.datetime
    waits: bool

    def over(self, now: dt.datetime) -> bool:
        """Whether it has ended, for want of use or by age."""
        return now >= self.seen_at + IDLE or now >= self.began_at + LONGEST


@dataclass(frozen=True)
class Limit:
    """How many tries of a kind there may be within a time."""

    kind: str
    tries: int
    within: dt.timedelta


PASSWORDS = Limit("password", 5, dt.timedelta(minutes=5))
CODES = Limit("code", 5, dt.timedelta(minutes=5))
LINKS = Limit("link", 3, dt.timedelta(minutes=15))


def seconds_to_wait(limit: Limit, tries: Iterable[dt.datetime], now: dt.datetime) -> int:
    """Return how long to wait before the next try; 0: none. ``tries``: the latest ones, in any order."""
    latest = sorted(tries, reverse=True)[: limit.tries]
    if len(latest) < limit.tries:
        return 0
    left = (latest[-1] + limit.within - now).total_seconds()
    return max(0, round(left))
