"""Short texts (SMS): what is urgent enough for one, when it may leave, and how many messages it makes."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from services.contracts.values import PARIS
from services.notifications.domain.digest import Item, compare
from services.notifications.domain.entry import Entry, Party

MOST = 4
"""Texts that one person gets within a day; the organiser sends any further one by hand."""
REMINDS_FROM, QUIET_FROM, QUIET_UNTIL = dt.time(15), dt.time(20), dt.time(8)
"""When reminders of the next day leave, and the hours in which no text does."""
NOTICE = dt.timedelta(hours=3)
"""A text about a session that begins early leaves so long before it, quiet hours or not."""


@dataclass(frozen=True)
class Texted:
    """Who asked for texts, as the contact with this mail address, and the number in E.164.

    Another contact has not asked: the number is void once the address changes.
    """

    email: str
    phone: str

    def recipient(self, party_id: str) -> str:
        """Return under which name its texts wait: never the number."""
        return self.email or party_id


def thread(edition_id: str, party: Party) -> str:
    """Return the thread of a party's texts about changes: of what waits, the newest tells all."""
    return f"text/{edition_id}/{party.kind}/{party.id}"


def reminder_thread(edition_id: str, party: Party, day: dt.date) -> str:
    """Return the thread of the reminder a party gets on that day."""
    return f"{thread(edition_id, party)}/{day}"


def eve(day: dt.date) -> dt.date:
    """Return the last weekday before a day."""
    return day - dt.timedelta(days={6: 2, 0: 3}.get(day.weekday(), 1))


def news(told: Mapping[str, Entry], now: Mapping[str, Entry], at: dt.datetime) -> tuple[Item, ...]:
    """Return what came, moved or went of the sessions of today and of the next weekday, by date."""
    changed = (item for item in compare(told, now) if item.state in ("new", "moved", "cancelled"))
    return tuple(item for item in changed if any(_is_near(start, at) for start in _starts(item)))


def first_of(items: tuple[Item, ...], at: dt.datetime) -> dt.datetime:
    """Return when the first session begins that the news is about, before or after its change."""
    return min(start for item in items for start in _starts(item) if start > at)


def _starts(item: Item) -> tuple[dt.datetime, ...]:
    return tuple(entry.start for entry in (item.entry, item.before) if entry)


def _is_near(start: dt.datetime, at: dt.datetime) -> bool:
    return start > at and eve(start.astimezone(PARIS).date()) <= at.astimezone(PARIS).date()


def leaves_at(at: dt.datetime, begins: dt.datetime) -> dt.datetime:
    """Return when a text leaves at the earliest, about a session that ``begins`` then."""
    here = at.astimezone(PARIS)
    if QUIET_UNTIL <= here.time() < QUIET_FROM:
        return at
    day = here.date() + dt.timedelta(days=here.time() >= QUIET_FROM)
    morning = dt.datetime.combine(day, QUIET_UNTIL, PARIS).astimezone(dt.timezone.utc)
    return max(at, min(morning, begins - NOTICE))


# Length (3GPP TS 23.038 6.2.1, TS 23.040 9.2.3.24.1) -----------------------------------------------------------

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWICE = "^{}\\[~]|€"
_ALIKE = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-", "…": "...", "œ": "oe", "Œ": "OE"}
)


def plain(text: str) -> str:
    """Return a text on one line in the letters a short message has: others lose their accent or, at worst, stay.

    ê, î, ô, û and ç are not among them (GSM 03.38); one such letter would shorten every message to 70 characters.
    """
    return "".join(_plain(letter) for letter in " ".join(text.split()).translate(_ALIKE))


def _plain(letter: str) -> str:
    if letter in _BASIC + _TWICE:
        return letter
    bare = "".join(c for c in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(c))
    return bare if bare and all(c in _BASIC + _TWICE for c in bare) else letter


def segments(text: str) -> int:
    """Return how many messages a text makes: 160 letters or 70 of any script, fewer once it takes several."""
    if all(letter in _BASIC + _TWICE for letter in text):
        size, one, each = sum(1 + (letter in _TWICE) for letter in text), 160, 153
    else:
        size, one, each = len(text.encode("utf-16-le")) // 2, 70, 67
    return 1 if size <= one else -(-size // each)
