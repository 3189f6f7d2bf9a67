"""Places of programmes, and who claims them."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from services.registration.domain.places import Capacity, Claim


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
