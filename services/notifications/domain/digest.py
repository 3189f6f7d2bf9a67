"""A school's summary of a release: all its sessions, each with what became of it since the summary before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from services.notifications.domain.entry import Entry

ItemState = Literal["new", "moved", "reassigned", "cancelled", "unchanged"]


@dataclass(frozen=True)
class Item:
    """A line of the summary. ``entry``: the session as it is now, or was when cancelled; ``before``: as last told."""

    state: ItemState
    entry: Entry
    before: Entry | None = None


def compare(told: Mapping[str, Entry], now: Mapping[str, Entry]) -> tuple[Item, ...]:
    """Return every session of a school, by date, and what became of it. ``told``/``now``: entry by session id."""
    items = [_item(told.get(session_id), entry) for session_id, entry in now.items()]
    items += [Item("cancelled", entry, entry) for session_id, entry in told.items() if session_id not in now]
    return tuple(sorted(items, key=lambda item: (item.entry.start, item.entry.summary)))


def concerns(items: tuple[Item, ...]) -> bool:
    """Whether there is anything to tell."""
    return any(item.state != "unchanged" for item in items)


def _item(before: Entry | None, entry: Entry) -> Item:
    if before is None:
        return Item("new", entry)
    if entry.moved_from(before):
        return Item("moved", entry, before)
    return Item("reassigned" if entry.by != before.by else "unchanged", entry, before)
