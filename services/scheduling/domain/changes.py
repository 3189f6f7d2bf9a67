"""What became of each session from one plan to the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from services.contracts.values import Change, ChangeKind, Session


def compare(before: Iterable[Session], after: Iterable[Session]) -> tuple[Change, ...]:
    """Return the changes in the order of time (of the new session, else the old); sessions that stay are left out."""
    changes = _changes({s.id: s for s in before}, {s.id: s for s in after})
    return tuple(sorted(changes, key=_when))


def _changes(before: dict[str, Session], after: dict[str, Session]) -> Iterator[Change]:
    for id_ in before.keys() | after.keys():
        old, new = before.get(id_), after.get(id_)
        if old != new:
            yield Change(_kind(old, new), id_, old, new)


def _kind(old: Session | None, new: Session | None) -> ChangeKind:
    if old is None:
        return "added"
    if new is None:
        return "dropped"
    if _where_and_when(old) != _where_and_when(new):
        return "moved"
    return "reassigned" if (old.provider_id, old.team_id) != (new.provider_id, new.team_id) else "updated"


def _where_and_when(session: Session) -> tuple[object, ...]:
    return session.start, session.end, session.venue_id, session.place.lat, session.place.lon


def _when(change: Change) -> tuple[object, ...]:
    session = change.after or change.before
    return (session.start if session else None, change.session_id)
