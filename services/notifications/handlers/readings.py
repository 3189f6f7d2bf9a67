"""Feeds are read: by which program and when, and what a reading leads to."""

from __future__ import annotations

from services.contracts import rpc
from services.notifications.handlers.office import Office
from services.notifications.ports import Desk, Tx


def note_feed_read(request: rpc.NoteFeedRead, tx: Tx, *, desk: Desk) -> None:
    """Note who read a feed, and take out for the next reading what was cancelled long ago."""
    token_sha256 = desk.names.digest_of(request.token)
    tx.links.note_read(token_sha256, tx.now, request.client[:80])
    if found := tx.links.find("feed", token_sha256):
        edition_id, party, _, _ = found
        if tx.parties.feed(edition_id, party).shows_cancelled:
            Office(tx, tx.editions.lock(edition_id), desk).render_feeds({party})
