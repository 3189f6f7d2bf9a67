"""What the handlers need from outside: the rows of one transaction."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Protocol

from services.contracts.events import Event
from services.contracts.rpc import Access, AccessScope
from services.contracts.values import Edition
from services.registration.domain.accounts import Account, Limit, SignIn
from services.registration.domain.answers import Slot
from services.registration.domain.asking import Asking
from services.registration.domain.declaration import Draft
from services.registration.domain.enrolment import Enrolment
from services.registration.domain.places import Capacity, Claim
from services.registration.domain.wishes import Wish


class Editions(Protocol):
    """Copies of the editions, with the number of the release last offered (0: none)."""

    def get(self, edition_id: str) -> Edition | None:
        """Return the edition as last told."""
        ...

    def lock(self, edition_id: str) -> Edition | None:
        """Return the edition; no one else changes registrations of it until this transaction ends."""
        ...

    def hold(self, edition_id: str) -> Edition | None:
        """Return the edition; no one locks it until this transaction ends, others may hold it as well."""
        ...

    def save(self, edition: Edition) -> None:
        """Keep the edition in place of the one with its id; its release stays."""
        ...

    def release(self, edition_id: str) -> int:
        """Return the number of the release last offered."""
        ...

    def set_release(self, edition_id: str, release: int) -> None:
        """Keep the number of the release now offered."""
        ...


class Enrolments(Protocol):
    """The schools of each edition."""

    def all(self, edition_id: str) -> tuple[Enrolment, ...]:
        """Return every school of the edition, by id."""
        ...

    def lock_all(self, edition_id: str) -> tuple[Enrolment, ...]:
        """As ``all``; no one else answers for these schools until this transaction ends."""
        ...

    def get(self, edition_id: str, school_id: str) -> Enrolment | None:
        """Return one school."""
        ...

    def lock(self, edition_id: str, school_id: str) -> Enrolment | None:
        """As ``get``; no one else answers for this school until this transaction ends."""
        ...

    def save(self, enrolment: Enrolment) -> None:
        """Keep the school in place of the one with its id."""
        ...


class Drafts(Protocol):
    """Forms that schools have begun and not sent."""

    def get(self, edition_id: str, school_id: str) -> Draft | None:
        """Return a school's draft."""
        ...

    def save(self, edition_id: str, school_id: str, fields: dict[str, str], at: dt.datetime) -> None:
        """Keep the draft in place of the school's last one."""
        ...

    def remove(self, edition_id: str, school_id: str) -> None:
        """Forget the draft."""
        ...


class Headers(Protocol):
    """Under which headers the organiser's files keep our columns, as chosen last."""

    def get(self, kind: str) -> dict[str, str]:
        """Return column -> header for a kind of file (``schools``, ``classes``); empty when nothing was chosen."""
        ...

    def save(self, kind: str, columns: dict[str, str]) -> None:
        """Keep the choice in place of the last one."""
        ...


class Slots(Protocol):
    """The sessions offered to each school now."""

    def of_school(self, edition_id: str, school_id: str) -> dict[str, Slot]:
        """Return a school's slots by session id, in order of time."""
        ...

    def count(self, edition_id: str) -> dict[str, Counter[str]]:
        """Return how many slots have each answer, by school."""
        ...

    def answered_since(self, edition_id: str, instant: dt.datetime) -> dict[str, int]:
        """Return how many slots were answered then or later, by school; schools without one are left out."""
        ...

    def save(self, edition_id: str, slot: Slot) -> None:
        """Keep the slot in place of the one of its session."""
        ...

    def remove(self, edition_id: str, session_id: str) -> None:
        """Forget the slot."""
        ...


class AskingBook(Protocol):
    """How the schools of each edition are asked."""

    def get(self, edition_id: str) -> Asking:
        """Return what the organiser set, else the usual."""
        ...

    def save(self, edition_id: str, asking: Asking) -> None:
        """Keep it in place of the edition's last one."""
        ...


class Capacities(Protocol):
    """How many groups each programme takes; only programmes that are limited have one."""

    def all(self, edition_id: str) -> tuple[Capacity, ...]:
        """Return those of an edition, by programme."""
        ...

    def lock(self, edition_id: str, programme_id: str) -> Capacity | None:
        """Return a capacity; no one else changes it, or claims to its places, until this transaction ends."""
        ...

    def save(self, capacity: Capacity) -> None:
        """Keep what the organiser set; places taken stay taken."""
        ...

    def lift(self, edition_id: str, programme_id: str) -> None:
        """Forget the limit and all claims to its places."""
        ...

    def take(self, edition_id: str, programme_id: str) -> bool:
        """Take a place if one is free; say whether it was."""
        ...

    def free(self, edition_id: str, programme_id: str) -> None:
        """Give a place back."""
        ...

    def queue(self, edition_id: str, programme_id: str) -> int | None:
        """Return the next number of the waiting list; None when a place is free."""
        ...


class Claims(Protocol):
    """What groups have of the places of limited programmes."""

    def get(self, edition_id: str, group_id: str) -> Claim | None:
        """Return a group's claim."""
        ...

    def of_school(self, edition_id: str, school_id: str) -> tuple[Claim, ...]:
        """Return the claims of a school's groups."""
        ...

    def in_line(self, edition_id: str, programme_id: str) -> tuple[Claim, ...]:
        """Return the groups on offer, then those that wait, in the order in which they are served."""
        ...

    def first_waiting(self, edition_id: str, programme_id: str) -> Claim | None:
        """Return who is served next."""
        ...

    def position(self, claim: Claim) -> int:
        """Return the place of a waiting group on its list, from 1."""
        ...

    def overdue(self, now: dt.datetime) -> Claim | None:
        """Return an offer whose time is over."""
        ...

    def save(self, claim: Claim) -> None:
        """Keep the claim in place of the one of its group."""
        ...

    def remove(self, claim: Claim) -> None:
        """Forget the claim."""
        ...


class Wishes(Protocol):
    """Other slots that schools wish for: the last wish for each session."""

    def of_edition(self, edition_id: str) -> tuple[tuple[str, Wish], ...]:
        """Return every wish with its school, in the order of schools and sessions."""
        ...

    def of_school(self, edition_id: str, school_id: str) -> dict[str, Wish]:
        """Return a school's wishes by session."""
        ...

    def save(self, edition_id: str, school_id: str, wish: Wish) -> None:
        """Keep the wish in place of the session's last one."""
        ...

    def remove(self, edition_id: str, school_id: str, session_id: str) -> None:
        """Forget the wish for a session, if there is one."""
        ...


class Keys(Protocol):
    """Hashed keys of the forms that took effect, each with what it was answered, so that a double click counts once."""

    def claim(self, key: str, fingerprint: str, at: dt.datetime) -> bool:
        """Take a key for a form with this fingerprint; False when it is taken. Who tries the same one waits in line."""
        ...

    def keep(self, key: str, answer: str) -> None:
        """Keep what the form with this key is answered."""
        ...

    def get(self, key: str) -> tuple[str, str]:
        """Return the fingerprint of the form that took this key and what it was answered."""
        ...


class Links(Protocol):
    """Links that open a school's page. Tokens are derived from a seed of their own; only their hashes are kept."""

    def issue(self, edition_id: str, school_id: str, at: dt.datetime) -> str:
        """Make the school's first link, unless it has had one; return the seed of its last link."""
        ...

    def revoke(self, edition_id: str, school_id: str, at: dt.datetime) -> None:
        """End the school's links."""
        ...

    def renew(self, edition_id: str, school_id: str, at: dt.datetime) -> str:
        """Make a new link and return its seed; those before must be revoked."""
        ...

    def tokens(self, edition_id: str) -> dict[str, str]:
        """Return the token of each school's valid link, by school."""
        ...

    def find(self, token_sha256: str) -> tuple[str, str, dt.datetime] | None:
        """Return the edition, the school and the making of the link with this hash, unless it is revoked."""
        ...


class Accesses(Protocol):
    """Programs let in by the API; only hashes of their tokens are kept."""

    def all(self, edition_id: str) -> tuple[Access, ...]:
        """Return those of an edition, latest first."""
        ...

    def add(self, edition_id: str, access: Access, token_sha256: str) -> None:
        """Let a program in."""
        ...

    def revoke(self, edition_id: str, access_id: str, at: dt.datetime) -> None:
        """Keep a program out; does nothing when it is."""
        ...

    def find(self, token_sha256: str) -> AccessScope | None:
        """Return what the token with this hash opens, unless it is revoked."""
        ...


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
