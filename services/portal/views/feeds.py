"""Feeds: a calendar at an address that only its party knows. What clients need of it: docs/architecture.md.

A feed that cannot be had is an error, never an empty calendar: clients would delete every session.
"""

from __future__ import annotations

import datetime as dt
import gzip
import logging
from email.utils import format_datetime, parsedate_to_datetime

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from services.contracts.errors import Refused, Unavailable
from services.contracts.rpc import Feed, GetFeed
from services.portal.pages import ask

log = logging.getLogger(__name__)

GZIPPED = "-gzip"
"""Ends the entity tag of the compressed form: two forms never share a strong one (RFC 9110 section 8.8.3)."""


async def feed(request: Request) -> Response:
    """Answer with a feed, or 304 when the client has it."""
    known = _known_etags(request)
    question = GetFeed(
        token=request.path_params["token"],
        known_etag=known[0] if len(known) == 1 else "",
        known_since=None if known else _known_since(request),
    )
    try:
        found = await ask(request, question)
    except Refused:
        return PlainTextResponse("Unknown calendar.\n", 404)
    except Exception as failure:  # whatever it is: a client must keep what it has
        if not isinstance(failure, Unavailable):
            log.exception("a feed could not be had")
        return PlainTextResponse("Come back later.\n", 503, {"Retry-After": "300"})
    return _answer(request, found, known)


def _answer(request: Request, found: Feed, known: list[str]) -> Response:
    zipped = "gzip" in request.headers.get("accept-encoding", "")
    headers = {
        "ETag": f'"{found.etag}{GZIPPED if zipped else ""}"',
        "Last-Modified": format_datetime(found.last_modified.astimezone(dt.timezone.utc), usegmt=True),
        "Cache-Control": "private, max-age=300",
        "Vary": "Accept-Encoding",
    }
    if found.body is None or found.etag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    body = found.body.encode()
    if zipped:
        body, headers["Content-Encoding"] = gzip.compress(body, mtime=0), "gzip"
    return Response(body, media_type="text/calendar; charset=utf-8", headers=headers)


def _known_etags(request: Request) -> list[str]:
    """Return the entity tags the client has, compared weakly (RFC 9110 section 13.1.2)."""
    given = request.headers.get("if-none-match", "")
    return [tag.strip().removeprefix("W/").strip('"').removesuffix(GZIPPED) for tag in given.split(",") if tag.strip()]


def _known_since(request: Request) -> dt.datetime | None:
    try:
        since = parsedate_to_datetime(request.headers["if-modified-since"])
    except (KeyError, ValueError):
        return None
    return since if since.tzinfo else since.replace(tzinfo=dt.timezone.utc)
