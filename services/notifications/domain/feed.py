"""Calendars as a whole, ready to be rendered: whose sessions each shows, and what it says."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from services.contracts.values import Edition
from services.notifications.domain.entry import Party
from services.notifications.domain.invitation import Invitation, Revision

CANCELLED_SHOWN = dt.timedelta(days=7)
"""How long after its hour a cancelled session is still to be seen."""


@dataclass(frozen=True)
class FeedContent:
    """Everything a feed shows: its name, and each UID with its revision, by date.

    ``cards``: an entry of the whole day stands before the sessions of each day.
    """

    name: str
    language: str
    items: tuple[tuple[str, Revision], ...]
    cards: bool = False

    @property
    def digest(self) -> str:
        """What tells it from any other content: a feed is rendered once for each."""
        return hashlib.sha256(repr(self).encode()).hexdigest()


@dataclass(frozen=True)
class StoredFeed:
    """A rendered feed. ``etag``: SHA-256 of the body in hexadecimal; ``modified``: whole seconds, never decreasing."""

    body: bytes
    etag: str
    modified: dt.datetime

    @property
    def shows_cancelled(self) -> bool:
        """Whether a cancelled session is to be seen in it."""
        return b"\nSTATUS:CANCELLED\r" in self.body

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


def feed_of(name: str, language: str, invitations: Iterable[Invitation], now: dt.datetime) -> FeedContent:
    """Return what the feed shows; cancelled sessions stay visible until some days after they would have been."""
    shown = [i for i in invitations if i.live or now <= i.revision.entry.end + CANCELLED_SHOWN]
    ordered = sorted(shown, key=lambda i: (i.revision.entry.start, i.uid))
    return FeedContent(name, language, tuple((i.uid, i.revision) for i in ordered))


def readers(invitation: Invitation) -> set[Party]:
    """Return everyone whose feed shows an invitation."""
    party, session = invitation.party, invitation.session
    if party.kind == "provider":
        return {party, team_of(party.id, session.team_id)}
    if party.kind == "edition":
        at_venue = {Party("venue", session.venue_id)} if session.venue_id else set()
        return {party, Party("public", party.id)} | at_venue
    return {party}


def source(reader: Party, edition_id: str) -> Party:
    """Return whose invitations the feed of ``reader`` is made of."""
    if reader.kind == "team":
        return Party("provider", reader.id.partition("/")[0])
    return Party("edition", edition_id) if reader.kind in ("venue", "public") else reader


def team_of(provider_id: str, team_id: str) -> Party:
    """Return a team as the reader of a feed."""
    return Party("team", f"{provider_id}/{team_id}")


def readers_of_edition(edition: Edition) -> dict[Party, str]:
    """Return everyone the edition itself has a feed for, in the order of lists, with their names; schools come after.

    The edition's own feeds have no name of their own.
    """
    named = {Party("edition", edition.id): "", Party("public", edition.id): ""}
    for provider in edition.providers:
        named[Party("provider", provider.id)] = provider.name
        named |= {team_of(provider.id, team.id): team.name for team in provider.teams}
    return named | {Party("venue", venue.id): venue.place.name for venue in edition.venues}


def without_details(content: FeedContent) -> FeedContent:
    """Return what everyone may read: what, when and where, nothing about people."""
    bare = tuple((uid, replace(r, entry=replace(r.entry, description=""))) for uid, r in content.items)
    return replace(content, items=bare)
