"""Feeds: a calendar at an address that only its party knows. What clients need of it: docs/architecture.md.

A feed that cannot be had is an error, never an empty calendar: clients would delete every session.
"""

from __future__ import annotations

import datetime as dt
import gzip
import io
import logging
import re
import time
from contextlib import suppress
from email.utils import format_datetime, parsedate_to_datetime

import segno
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from services.contracts.errors import Refused, Unavailable
from services.contracts.rpc import Feed, GetFeed, NoteFeedRead
from services.portal.acts.calendars import webcal
from services.portal.web.pages import ask

log = logging.getLogger(__name__)

GZIPPED = "-gzip"
"""Ends the entity tag of the compressed form: two forms never share a strong one (RFC 9110 section 8.8.3)."""
NOTED_FOR = 300.0
"""Seconds in which further readings of a feed by the same program are not noted again."""
MOST_NOTED = 10_000
PROGRAMS = {"Google-Calendar-Importer": "Google Agenda", "Microsoft": "Outlook", "iOS": "iPhone", "macOS": "Mac"}


class Readings:
    """Which readings of feeds are worth a note: clients ask again and again."""

    def __init__(self) -> None:
        self._noted: dict[tuple[str, str], float] = {}

    def is_news(self, token: str, client: str, now: float) -> bool:
        """Whether a reading at ``now`` (seconds) is not noted yet; it is from then on."""
        if now - self._noted.get((token, client), -NOTED_FOR) < NOTED_FOR:
            return False
        if len(self._noted) >= MOST_NOTED:
            self._noted.clear()
        self._noted[token, client] = now
        return True


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
    answer = _answer(request, found, known)
    client = program(request.headers.get("user-agent", ""))
    if request.app.state.readings.is_news(question.token, client, time.monotonic()):
        answer.background = BackgroundTask(_note, request, NoteFeedRead(question.token, client))
    return answer


async def qr(request: Request) -> Response:
    """A picture of a feed's address that a telephone subscribes by."""
    token = request.path_params["token"]
    await ask(request, GetFeed(token))
    web = f"{request.app.state.settings.base_url.rstrip('/')}{request.app.url_path_for('feed', token=token)}"
    picture = io.BytesIO()
    segno.make(webcal(web), micro=False).save(picture, kind="svg", scale=5, light="#fff")
    return Response(picture.getvalue(), media_type="image/svg+xml", headers={"Cache-Control": "private, max-age=300"})


def program(user_agent: str) -> str:
    """Return the name of a program as people know it."""
    found = next((name for mark, name in PROGRAMS.items() if mark in user_agent), "")
    own = re.findall(r"([A-Za-z][\w .-]*)/", user_agent)
    return found or ("Thunderbird" if "Thunderbird" in own else " ".join(own[:1])[:40])


async def _note(request: Request, reading: NoteFeedRead) -> None:
    with suppress(Refused, Unavailable):
        await ask(request, reading)


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
