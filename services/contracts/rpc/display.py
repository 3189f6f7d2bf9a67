"""What scheduling is asked about how things are shown: public programme, lines under maps, look of all pages."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from services.contracts.rpc.request import Query, Request
from services.contracts.values import ChangeKind

Line = tuple[tuple[float, float], ...]
"""Points of a line, each as longitude and latitude in degrees (WGS84), in the order of GeoJSON."""


@dataclass(frozen=True)
class Display:
    """How an edition is shown. ``public``: everyone may read its programme. ``contours``: lines under its maps."""

    edition_id: str
    public: bool = False
    contours: tuple[Line, ...] = ()


@dataclass(frozen=True)
class GetDisplay(Query[Display]):
    """How an edition is shown."""

    service = "scheduling"
    answer = Display
    edition_id: str


@dataclass(frozen=True)
class SetPublic(Request[Display]):
    """Open the programme of an edition to everyone, or close it."""

    service = "scheduling"
    answer = Display
    edition_id: str
    public: bool


@dataclass(frozen=True)
class SetContours(Request[Display]):
    """Draw the lines of a GeoJSON text (RFC 7946) under the maps; an empty text takes them away.

    Refused when it is none, is too large or leaves the globe.
    """

    service = "scheduling"
    answer = Display
    edition_id: str
    geojson: str


@dataclass(frozen=True)
class Theme:
    """How all pages look. ``colour``: as ``#rrggbb``, or empty. ``logo``: a picture in base64, or empty."""

    colour: str = ""
    logo: str = ""
    logo_type: str = ""


@dataclass(frozen=True)
class GetTheme(Query[Theme]):
    """How all pages look."""

    service = "scheduling"
    answer = Theme


@dataclass(frozen=True)
class SetTheme(Request[Theme]):
    """Give all pages a colour and a logo (base64; None: the one there is stays; empty: none).

    Refused (``bad_colour``, ``large_logo``, ``unknown_logo``) with nothing changed.
    """

    service = "scheduling"
    answer = Theme
    colour: str = ""
    logo: str | None = None


@dataclass(frozen=True)
class PublicSession:
    """A session as everyone may know it. ``id``: a UUID that tells nothing; it stays for the life of the session."""

    id: str
    start: dt.datetime
    end: dt.datetime
    activity_name: str
    programme_name: str
    school_name: str
    provider_name: str
    place_name: str


@dataclass(frozen=True)
class PublicProgramme:
    """The sessions of the release in force, without classes, head counts or people."""

    edition_id: str
    name: str
    territory: str
    first_day: dt.date
    last_day: dt.date
    release: int
    sessions: tuple[PublicSession, ...]


@dataclass(frozen=True)
class PublicChange:
    """What became of a session in a release, as everyone may know it. One side is None when it came or went."""

    kind: ChangeKind
    before: PublicSession | None
    after: PublicSession | None


@dataclass(frozen=True)
class PublicRelease:
    """A release as everyone may know it. ``announced``: sessions of the first one, whose changes are not listed."""

    number: int
    released_at: dt.datetime
    announced: int
    changes: tuple[PublicChange, ...]


@dataclass(frozen=True)
class PublicChanges:
    """The change log of an edition, latest release first."""

    edition_id: str
    name: str
    territory: str
    releases: tuple[PublicRelease, ...]


@dataclass(frozen=True)
class GetPublicChanges(Query[PublicChanges]):
    """What each release changed of the public programme. Refused (``unknown_programme``) as that one is."""

    service = "scheduling"
    answer = PublicChanges
    edition_id: str


@dataclass(frozen=True)
class GetPublicProgramme(Query[PublicProgramme]):
    """The programme that everyone may read. Refused (``unknown_programme``) unless the organiser opened it."""

    service = "scheduling"
    answer = PublicProgramme
    edition_id: str
