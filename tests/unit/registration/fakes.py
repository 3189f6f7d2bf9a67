"""Registration's ports in memory, written by hand."""

from __future__ import annotations

import copy
import datetime as dt
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from services.contracts.events import Event
from services.contracts.rpc import Access, AccessScope
from services.contracts.values import Edition
from services.kit.links import token_hash
from services.registration.domain.answers import Slot
from services.registration.domain.asking import Asking
from services.registration.domain.declaration import Draft
from services.registration.domain.enrolment import Enrolment
from services.registration.domain.wishes import Wish
from tests.unit.registration.builders import NOW
from tests.unit.registration.place_fakes import FakeCapacities, FakeClaims


class FakeEditions:
    def __init__(self) -> None:
        self.rows: dict[str, Edition] = {}
        self.releases: dict[str, int] = {}

    def get(self, edition_id: str) -> Edition | None:
        return self.rows.get(edition_id)

    lock = hold = get

    def save(self, edition: Edition) -> None:
        self.rows[edition.id] = edition

    def release(self, edition_id: str) -> int:
        return self.releases.get(edition_id, 0)

    def set_release(self, edition_id: str, release: int) -> None:
        self.releases[edition_id] = release


class FakeEnrolments:
    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Enrolment] = {}

    def all(self, edition_id: str) -> tuple[Enrolment, ...]:
        return tuple(self.rows[key] for key in sorted(self.rows) if key[0] == edition_id)

    lock_all = all

    def get(self, edition_id: str, school_id: str) -> Enrolment | None:
        return self.rows.get((edition_id, school_id))

    lock = get

    def save(self, enrolment: Enrolment) -> None:
        self.rows[enrolment.edition_id, enrolment.school.id] = enrolment


class FakeDrafts:
    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Draft] = {}

    def get(self, edition_id: str, school_id: str) -> Draft | None:
        return self.rows.get((edition_id, school_id))

    def save(self, edition_id: str, school_id: str, fields: dict[str, str], at: dt.datetime) -> None:
        self.rows[edition_id, school_id] = Draft(fields, at)

    def remove(self, edition_id: str, school_id: str) -> None:
        self.rows.pop((edition_id, school_id), None)


class FakeHeaders:
    def __init__(self) -> None:
        self.rows: dict[str, dict[str, str]] = {}

    def get(self, kind: str) -> dict[str, str]:
        return self.rows.get(kind, {})

    def save(self, kind: str, columns: dict[str, str]) -> None:
        self.rows[kind] = columns


class FakeSlots:
    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Slot] = {}

    def of_school(self, edition_id: str, school_id: str) -> dict[str, Slot]:
        mine = [
            s for (edition, _), s in self.rows.items() if edition == edition_id and s.session.school_id == school_id
        ]
        return {s.session.id: s for s in sorted(mine, key=lambda s: (s.session.start, s.session.id))}

    def count(self, edition_id: str) -> dict[str, Counter[str]]:
        counts: dict[str, Counter[str]] = {}
        for (edition, _), slot in self.rows.items():
            if edition == edition_id:
                counts.setdefault(slot.session.school_id, Counter())[slot.answer] += 1
        return counts

    def answered_since(self, edition_id: str, instant: dt.datetime) -> dict[str, int]:
        late = [s for (e, _), s in self.rows.items() if e == edition_id and s.answered_at and s.answered_at >= instant]
        return dict(Counter(slot.session.school_id for slot in late))

    def save(self, edition_id: str, slot: Slot) -> None:
        self.rows[edition_id, slot.session.id] = slot

    def remove(self, edition_id: str, session_id: str) -> None:
        del self.rows[edition_id, session_id]


class FakeAsking:
    def __init__(self) -> None:
        self.rows: dict[str, Asking] = {}

    def get(self, edition_id: str) -> Asking:
        return self.rows.get(edition_id, Asking())

    def save(self, edition_id: str, asking: Asking) -> None:
        self.rows[edition_id] = asking


class FakeWishes:
    def __init__(self) -> None:
        self.rows: dict[tuple[str, str, str], Wish] = {}

    def of_edition(self, edition_id: str) -> tuple[tuple[str, Wish], ...]:
        return tuple((key[1], self.rows[key]) for key in sorted(self.rows) if key[0] == edition_id)

    def of_school(self, edition_id: str, school_id: str) -> dict[str, Wish]:
        return {key[2]: self.rows[key] for key in sorted(self.rows) if key[:2] == (edition_id, school_id)}

    def save(self, edition_id: str, school_id: str, wish: Wish) -> None:
        self.rows[edition_id, school_id, wish.session_id] = wish

    def remove(self, edition_id: str, school_id: str, session_id: str) -> None:
        self.rows.pop((edition_id, school_id, session_id), None)


class FakeKeys:
    def __init__(self) -> None:
        self.rows: dict[str, tuple[str, str]] = {}

    def claim(self, key: str, fingerprint: str, at: dt.datetime) -> bool:
        new = key not in self.rows
        self.rows.setdefault(key, (fingerprint, ""))
        return new

    def keep(self, key: str, answer: str) -> None:
        self.rows[key] = (self.rows[key][0], answer)

    def get(self, key: str) -> tuple[str, str]:
        return self.rows[key]


class FakeLinks:
    """Seeds count up; a school's token says which of its links it is."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], list[dt.datetime]] = {}
        self.revoked: set[tuple[str, str]] = set()

    def issue(self, edition_id: str, school_id: str, at: dt.datetime) -> str:
        return str(len(self.rows.setdefault((edition_id, school_id), [at])))

    def revoke(self, edition_id: str, school_id: str, at: dt.datetime) -> None:
        self.revoked.add((edition_id, school_id))

    def renew(self, edition_id: str, school_id: str, at: dt.datetime) -> str:
        self.rows[edition_id, school_id].append(at)
        self.revoked.discard((edition_id, school_id))
        return str(len(self.rows[edition_id, school_id]))

    def tokens(self, edition_id: str) -> dict[str, str]:
        live = self.rows.keys() - self.revoked
        return {school: f"token {len(self.rows[edition, school])} of {school}" for edition, school in live}

    def find(self, token_sha256: str) -> tuple[str, str, dt.datetime] | None:
        for (edition, school), made in self.rows.items():
            if token_sha256 == token_hash(self.tokens(edition).get(school, "")):
                return edition, school, made[-1]
        return None


class FakeAccesses:
    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], tuple[Access, str]] = {}

    def all(self, edition_id: str) -> tuple[Access, ...]:
        return tuple(access for (edition, _), (access, _) in self.rows.items() if edition == edition_id)

    def add(self, edition_id: str, access: Access, token_sha256: str) -> None:
        self.rows[edition_id, access.id] = (access, token_sha256)

    def revoke(self, edition_id: str, access_id: str, at: dt.datetime) -> None:
        if found := self.rows.get((edition_id, access_id)):
            self.rows[edition_id, access_id] = (replace(found[0], revoked_at=found[0].revoked_at or at), found[1])

    def find(self, token_sha256: str) -> AccessScope | None:
        for (edition, _), (access, token) in self.rows.items():
            if token == token_sha256 and access.revoked_at is None:
                return AccessScope(access.id, edition, access.writes)
        return None


class FakeHistory:
    def __init__(self) -> None:
        self.rows: list[tuple[str, str, dict[str, str]]] = []

    def add(self, edition_id: str, school_id: str, code: str, **facts: str) -> None:
        self.rows.append((school_id, code, facts))

    def codes(self) -> list[tuple[str, str]]:
        return [(school_id, code) for school_id, code, _ in self.rows]


class FakeTransaction:
    """One long transaction; ``work`` undoes what a refused handler did, as the real one would."""

    def __init__(self) -> None:
        self.now = NOW
        self.editions = FakeEditions()
        self.enrolments = FakeEnrolments()
        self.drafts = FakeDrafts()
        self.headers = FakeHeaders()
        self.slots = FakeSlots()
        self.asking = FakeAsking()
        self.claims = FakeClaims()
        self.capacities = FakeCapacities(self.claims)
        self.wishes = FakeWishes()
        self.keys = FakeKeys()
        self.links = FakeLinks()
        self.accesses = FakeAccesses()
        self.history = FakeHistory()
        self.emitted: list[Event] = []

    def emit(self, event: Event) -> None:
        self.emitted.append(event)

    @contextmanager
    def work(self) -> Iterator[FakeTransaction]:
        parts = [self, *(part for part in vars(self).values() if hasattr(part, "__dict__"))]
        before = [{name: copy.copy(kept) for name, kept in vars(part).items() if _holds_rows(kept)} for part in parts]
        try:
            yield self
        except BaseException:
            for part, kept in zip(parts, before, strict=True):
                vars(part).update(kept)
            raise

    def take(self) -> list[Event]:
        """Return the events since the last call."""
        taken, self.emitted = self.emitted, []
        return taken


def _holds_rows(kept: object) -> bool:
    return isinstance(kept, dict | list | set)
