"""What the handlers need from outside: the rows of one transaction."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from services.contracts.events import Event
from services.registration.ports.accounts import Accounts, Attempts, RecoveryCodes, SignInLinks, SignIns
from services.registration.ports.doors import Accesses, Links
from services.registration.ports.places import Capacities, Claims
from services.registration.ports.schools import AskingBook, Drafts, Editions, Enrolments, Headers, Keys, Slots, Wishes


class History(Protocol):
    """What was done, one row for each effect; never changed."""

    def add(self, edition_id: str, school_id: str, code: str, **facts: str) -> None:
        """Append a row."""
        ...


class Transaction(Protocol):
    """Work that commits or fails whole."""

    @property
    def now(self) -> dt.datetime:
        """The instant of this work, in UTC."""
        ...

    @property
    def editions(self) -> Editions:
        """Copies of the editions."""
        ...

    @property
    def enrolments(self) -> Enrolments:
        """Schools."""
        ...

    @property
    def drafts(self) -> Drafts:
        """Forms begun."""
        ...

    @property
    def headers(self) -> Headers:
        """Headers chosen for imports."""
        ...

    @property
    def slots(self) -> Slots:
        """Sessions offered."""
        ...

    @property
    def asking(self) -> AskingBook:
        """How schools are asked."""
        ...

    @property
    def capacities(self) -> Capacities:
        """Places of programmes."""
        ...

    @property
    def claims(self) -> Claims:
        """Claims to places."""
        ...

    @property
    def wishes(self) -> Wishes:
        """Other slots wished for."""
        ...

    @property
    def keys(self) -> Keys:
        """Keys of answers."""
        ...

    @property
    def links(self) -> Links:
        """Links of schools."""
        ...

    @property
    def accesses(self) -> Accesses:
        """Programs let in."""
        ...

    @property
    def accounts(self) -> Accounts:
        """People who organise."""
        ...

    @property
    def sign_ins(self) -> SignIns:
        """Browsers signed in."""
        ...

    @property
    def sign_in_links(self) -> SignInLinks:
        """Links that sign in."""
        ...

    @property
    def recovery_codes(self) -> RecoveryCodes:
        """Codes in place of a device."""
        ...

    @property
    def attempts(self) -> Attempts:
        """Tries to sign in."""
        ...

    @property
    def history(self) -> History:
        """What was done."""
        ...

    def emit(self, event: Event) -> None:
        """Record a fact that other services will hear of once this work is committed."""
        ...
