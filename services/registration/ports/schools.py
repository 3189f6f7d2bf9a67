"""What schools say, are offered and answer."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Protocol

from services.contracts.values import Edition
from services.registration.domain.answers import Slot
from services.registration.domain.asking import Asking
from services.registration.domain.declaration import Draft
from services.registration.domain.enrolment import Enrolment
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
