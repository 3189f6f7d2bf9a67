"""How things are shown: the public programme of an edition, lines under its maps, the look of all pages."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace

from services.contracts import rpc
from services.contracts.errors import refused
from services.contracts.values import Edition, Session
from services.scheduling.domain.changes import compare
from services.scheduling.domain.contours import read_contours
from services.scheduling.domain.names import Names
from services.scheduling.domain.plan import Release
from services.scheduling.domain.theme import read_colour, type_of_logo
from services.scheduling.ports import Transaction


def get_display(request: rpc.GetDisplay, tx: Transaction) -> rpc.Display:
    """How an edition is shown."""
    tx.editions.get(request.edition_id)
    return tx.displays.of(request.edition_id)


def set_public(request: rpc.SetPublic, tx: Transaction) -> rpc.Display:
    """Open the programme to everyone, or close it."""
    tx.editions.lock(request.edition_id)
    return _saved(replace(tx.displays.of(request.edition_id), public=request.public), tx)


def set_contours(request: rpc.SetContours, tx: Transaction) -> rpc.Display:
    """Draw these lines under the maps from now on."""
    tx.editions.lock(request.edition_id)
    return _saved(replace(tx.displays.of(request.edition_id), contours=read_contours(request.geojson)), tx)


def get_theme(request: rpc.GetTheme, tx: Transaction) -> rpc.Theme:
    """How all pages look."""
    return tx.displays.theme()


def set_theme(request: rpc.SetTheme, tx: Transaction) -> rpc.Theme:
    """Give all pages a colour and a logo."""
    logo = tx.displays.theme().logo if request.logo is None else request.logo
    theme = rpc.Theme(read_colour(request.colour), logo, type_of_logo(logo))
    tx.displays.save_theme(theme)
    return theme


def get_public_programme(request: rpc.GetPublicProgramme, tx: Transaction) -> rpc.PublicProgramme:
    """The programme that everyone may read; one that is closed and one that never was look the same."""
    edition = _opened(request.edition_id, tx)
    release = tx.releases.current(edition.id)
    sessions: tuple[rpc.PublicSession, ...] = ()
    if release:
        sessions = tuple(map(_public_by(tx, release), release.sessions))
    return rpc.PublicProgramme(
        edition_id=edition.id,
        name=edition.name,
        territory=edition.territory,
        first_day=edition.first_day,
        last_day=edition.last_day,
        release=release.number if release else 0,
        sessions=sessions,
    )


def get_public_changes(request: rpc.GetPublicChanges, tx: Transaction) -> rpc.PublicChanges:
    """What each release changed of the programme, the latest first."""
    edition = _opened(request.edition_id, tx)
    releases = sorted(tx.releases.of(edition.id), key=lambda release: release.number)
    told = [_told(tx, before, release) for before, release in zip([None, *releases], releases, strict=False)]
    return rpc.PublicChanges(edition.id, edition.name, edition.territory, tuple(reversed(told)))


def _opened(edition_id: str, tx: Transaction) -> Edition:
    edition = tx.editions.find(edition_id)
    if edition is None or not tx.displays.of(edition_id).public:
        raise refused("unknown_programme")
    return edition


def _told(tx: Transaction, before: Release | None, release: Release) -> rpc.PublicRelease:
    if before is None:
        return rpc.PublicRelease(release.number, release.released_at, len(release.sessions), ())
    old, new = _public_by(tx, before), _public_by(tx, release)
    changes = tuple(
        rpc.PublicChange(one.kind, old(one.before) if one.before else None, new(one.after) if one.after else None)
        for one in compare(before.sessions, release.sessions)
    )
    return rpc.PublicRelease(release.number, release.released_at, 0, changes)


def _public_by(tx: Transaction, release: Release) -> Callable[[Session], rpc.PublicSession]:
    """Return how a session of a release is told, in the names of its time."""
    basis = tx.proposals.get(release.edition_id, release.proposal_id).basis
    names, programmes = Names(basis), {one.id: one.name for one in basis.edition.programmes}
    return lambda session: _public(release.edition_id, session, names, programmes)


def _saved(display: rpc.Display, tx: Transaction) -> rpc.Display:
    tx.displays.save(display)
    return display


def _public(edition_id: str, session: Session, names: Names, programmes: dict[str, str]) -> rpc.PublicSession:
    """Return what everyone may know. Ids of sessions hold names of classes, which may be a teacher's: none leaves."""
    return rpc.PublicSession(
        id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"quinzaine:{edition_id}:{session.id}")),
        start=session.start,
        end=session.end,
        activity_name=names.activity(session.activity_id),
        programme_name=programmes[session.programme_id],
        school_name=names.school(session.school_id),
        provider_name=names.provider(session.provider_id),
        place_name=session.place.name if session.venue_id else names.school(session.school_id),
    )
