"""A party's calendar as a whole, ready to be rendered."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from services.notifications.domain.invitation import Invitation, Revision


@dataclass(frozen=True)
class FeedContent:
    """Everything a feed shows: its name, and each UID with its revision, by date."""

    name: str
    language: str
    items: tuple[tuple[str, Revision], ...]


@dataclass(frozen=True)
class StoredFeed:
    """A rendered feed. ``etag``: SHA-256 of the body in hexadecimal; ``modified``: whole seconds, never decreasing."""

    body: bytes
    etag: str
    modified: dt.datetime

    def unchanged_for(self, etag: str, since: dt.datetime | None) -> bool:
        """Whether a client that has ``etag``, or without one asks by date, has this very body (RFC 9110 13.1)."""
        return etag == self.etag if etag else since is not None and self.modified <= since


def rendered(known: StoredFeed | None, body: bytes, now: dt.datetime) -> StoredFeed:
    """Return the feed with this body: ``known`` itself when it has it already, else one that is newer by its date too.

    Clients that ask by date alone would keep cancelled sessions for ever if the date stood still or fell.
    """
    if known and known.body == body:
        return known
    now = now.replace(microsecond=0)
    modified = max(now, known.modified + dt.timedelta(seconds=1)) if known else now
    return StoredFeed(body, hashlib.sha256(body).hexdigest(), modified)


def feed_of(name: str, language: str, invitations: Iterable[Invitation]) -> FeedContent:
    """Return what the feed shows; cancelled sessions stay visible."""
    ordered = sorted(invitations, key=lambda i: (i.revision.entry.start, i.uid))
    return FeedContent(name, language, tuple((i.uid, i.revision) for i in ordered))
