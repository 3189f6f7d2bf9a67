"""The public programme of an edition, as a page and as files, once the organiser has opened it."""

from __future__ import annotations

import asyncio
from itertools import groupby

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.contracts.rpc import GetPublicChanges, GetPublicProgramme, ListFeeds, PublicProgramme, PublicSession
from services.contracts.values import PARIS
from services.kit.i18n import N_
from services.portal.acts.calendars import feed_addresses
from services.portal.files import conference
from services.portal.files.workbook import WORKBOOK, csv_file, table_workbook
from services.portal.web.pages import answer_or_none, ask, document, download, show, words_of
from services.portal.web.words import Words

COLUMNS = (
    N_("Jour"),
    N_("Début"),
    N_("Fin"),
    N_("Parcours"),
    N_("Activité"),
    N_("École"),
    N_("Lieu"),
    N_("Prestataire"),
)


async def page(request: Request) -> Response:
    """The programme by day."""
    programme = await _programme(request)
    return show(
        request,
        "programme.html",
        programme=programme,
        days=[(day, list(held)) for day, held in groupby(programme.sessions, key=lambda one: _local(one)[0])],
    )


async def changes(request: Request) -> Response:
    """What each release changed, the latest first."""
    log = await ask(request, GetPublicChanges(request.path_params["edition"]))
    return show(request, "programme_changes.html", log=log)


async def changes_feed(request: Request) -> Response:
    """The same as an Atom feed (RFC 4287): an entry for each release."""
    log = await ask(request, GetPublicChanges(request.path_params["edition"]))
    base = request.app.state.settings.base_url.rstrip("/")
    page = f"{base}{request.app.url_path_for('programme_changes', edition=log.edition_id)}"
    feed = document(request, "programme_changes.xml", log=log, address=page)
    return Response(feed, media_type="application/atom+xml")


async def calendar(request: Request) -> Response:
    """Lead to the public calendar, which notifications keeps."""
    programme = await _programme(request)
    feeds = await answer_or_none(request, ListFeeds(programme.edition_id))
    feed = next((feed for feed in feeds or () if feed.kind == "public"), None)
    if feed is None:
        raise HTTPException(404)
    return RedirectResponse(feed_addresses(request, feed).web)


async def schedule_xml(request: Request) -> Response:
    """schedule.xml for conference tools."""
    programme = await _programme(request)
    return Response(conference.as_xml(programme, *_addresses(request, programme)), media_type="application/xml")


async def schedule_json(request: Request) -> Response:
    """schedule.json for conference tools."""
    programme = await _programme(request)
    return Response(conference.as_json(programme, *_addresses(request, programme)), media_type="application/json")


async def as_csv(request: Request) -> Response:
    """The programme as CSV."""
    programme, words = await _programme(request), words_of(request)
    return download(csv_file(COLUMNS, _rows(programme), words), f"programme-{programme.edition_id}.csv", "text/csv")


async def as_workbook(request: Request) -> Response:
    """The programme as a workbook."""
    programme, words = await _programme(request), Words(words_of(request).language)
    content = await asyncio.to_thread(table_workbook, N_("Programme"), COLUMNS, _rows(programme), words)
    return download(content, f"programme-{programme.edition_id}.xlsx", WORKBOOK)


async def _programme(request: Request) -> PublicProgramme:
    return await ask(request, GetPublicProgramme(request.path_params["edition"]))


def _rows(programme: PublicProgramme) -> list[tuple[object, ...]]:
    return [
        (*_local(one), one.programme_name, one.activity_name, one.school_name, one.place_name, one.provider_name)
        for one in programme.sessions
    ]


def _local(one: PublicSession) -> tuple[object, object, object]:
    """Return day, start and end as people in Paris read them."""
    start, end = one.start.astimezone(PARIS), one.end.astimezone(PARIS)
    return start.date(), start.time(), end.time()


def _addresses(request: Request, programme: PublicProgramme) -> tuple[str, str]:
    base = request.app.state.settings.base_url.rstrip("/")
    return base, f"{base}{request.app.url_path_for('programme', edition=programme.edition_id)}"
