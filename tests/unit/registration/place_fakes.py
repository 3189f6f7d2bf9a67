"""Ports of places in memory, written by hand."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace

from services.registration.domain.places import Capacity, Claim


class FakeCapacities:
    def __init__(self, claims: FakeClaims) -> None:
        self.rows: dict[tuple[str, str], Capacity] = {}
        self.asked: Counter[tuple[str, str]] = Counter()
        self._claims = claims

    def all(self, edition_id: str) -> tuple[Capacity, ...]:
        return tuple(row for key, row in sorted(self.rows.items()) if key[0] == edition_id)

    def lock(self, edition_id: str, programme_id: str) -> Capacity | None:
        return self.rows.get((edition_id, programme_id))

    def save(self, capacity: Capacity) -> None:
        known = self.lock(capacity.edition_id, capacity.programme_id)
        self._put(replace(capacity, taken=known.taken) if known else capacity)

    def lift(self, edition_id: str, programme_id: str) -> None:
        self.rows.pop((edition_id, programme_id), None)
        self.asked.pop((edition_id, programme_id), None)
        for claim in [
            c for c in self._claims.rows.values() if (c.edition_id, c.programme_id) == (edition_id, programme_id)
        ]:
            self._claims.remove(claim)

    def take(self, edition_id: str, programme_id: str) -> bool:
        row = self.rows[edition_id, programme_id]
        if row.taken < row.places:
            self._put(replace(row, taken=row.taken + 1))
        return row.taken < row.places

    def free(self, edition_id: str, programme_id: str) -> None:
        row = self.rows[edition_id, programme_id]
        assert row.taken > 0
        self._put(replace(row, taken=row.taken - 1))

    def queue(self, edition_id: str, programme_id: str) -> int | None:
        row = self.rows[edition_id, programme_id]
        if row.taken < row.places:
            return None
        self.asked[edition_id, programme_id] += 1
        return self.asked[edition_id, programme_id]

    def _put(self, capacity: Capacity) -> None:
        self.rows[capacity.edition_id, capacity.programme_id] = capacity


class FakeClaims:
    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Claim] = {}

    def get(self, edition_id: str, group_id: str) -> Claim | None:
        return self.rows.get((edition_id, group_id))

    def of_school(self, edition_id: str, school_id: str) -> tuple[Claim, ...]:
        return tuple(c for c in self._sorted() if (c.edition_id, c.school_id) == (edition_id, school_id))

    def in_line(self, edition_id: str, programme_id: str) -> tuple[Claim, ...]:
        mine = [c for c in self._sorted() if (c.edition_id, c.programme_id) == (edition_id, programme_id)]
        return tuple(c for c in mine if c.state in ("offered", "waiting"))

    def first_waiting(self, edition_id: str, programme_id: str) -> Claim | None:
        return next((c for c in self.in_line(edition_id, programme_id) if c.state == "waiting"), None)

    def position(self, claim: Claim) -> int:
        waiting = [c for c in self.in_line(claim.edition_id, claim.programme_id) if c.state == "waiting"]
        return waiting.index(claim) + 1

    def overdue(self, now: dt.datetime) -> Claim | None:
        return next((c for c in self._sorted() if c.is_over(now)), None)

    def save(self, claim: Claim) -> None:
        self.rows[claim.edition_id, claim.group_id] = claim

    def remove(self, claim: Claim) -> None:
        self.rows.pop((claim.edition_id, claim.group_id))

    def _sorted(self) -> list[Claim]:
        return sorted(self.rows.values(), key=lambda c: (c.state, c.rank, c.number, c.group_id))
