"""All that an organisation shows: its pages followed link by link as each of its visitors, its files, its API."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import quote

import httpx
from starlette.routing import Match, Route

from services.commands.moved import Moved, moved
from services.contracts import rpc
from services.contracts.values import PARIS
from services.portal.api.endpoints import ENDPOINTS
from services.portal.api.openapi import BASE
from services.portal.routes import all_routes
from tests.integration.small_house import ACY, EXAMPLE
from tests.unit.portal.fakes import Visitor

Ask = Callable[[rpc.Request[Any]], Any]
Page = tuple[str, str]
Pages = dict[Page, tuple[int, str, bytes]]
"""By visitor and address: status, kind of content, bytes."""

LAON = """
[laon]
base_url = "http://laon.localhost"
answer_address = "agenda@laon.example"
"""
"""A second organisation."""

ROUTES = [r for r in all_routes(with_mailbox=True) if isinstance(r, Route) and "GET" in (r.methods or ())]
LINK = re.compile(r'(?:href|src|action)="(/[^"#]*)')
MASKED = re.compile(rb'(name="(?:csrf|key)" value="|<dt>Date</dt><dd>|, vu le )[^"<]+')
"""Drawn by lot for each page; a mail seen before it leaves is dated now, and a browser was seen just now."""

WRITTEN_AT = "docProps/core.xml"


class Browser(Visitor):
    """Visits an organisation at a door, where ``host`` tells its name when the door's address does not."""

    def __init__(self, transport: httpx.AsyncBaseTransport, door: str, session: str = "", host: str = "") -> None:
        headers = {"host": host} if host else {}
        self._client = httpx.AsyncClient(transport=transport, base_url=door, headers=headers, timeout=60)
        self.cookies = self._client.cookies
        if session:
            self.cookies.set("session", session, domain=httpx.URL(door).host)


def look_around(browser: Callable[[str], Visitor], ask: Ask, edition: str, draft: str, access: str) -> Pages:
    """Look at every page that links lead to, an address or two of each, as each visitor; ask the API.

    ``draft``: a plan that is not released; ``access``: the token of software.
    """
    pages: Pages = {}
    for who, starts in _starts(ask, edition, draft).items():
        _follow(browser(who), who, starts, pages)
    for endpoint in ENDPOINTS:
        if endpoint.method == "GET":
            path, headers = BASE + endpoint.path.format(school=ACY), {"authorization": f"Bearer {access}"}
            pages["software", endpoint.name] = shown_by(browser("software").get(path, headers=headers))
    return pages


def a_draft(ask: Ask, edition: str) -> str:
    """Move a session of the release in a draft; return the draft's id."""
    session = ask(rpc.GetSchoolPage(edition, ACY)).offers[1].session.id
    elsewhere = ask(rpc.PriceAlternatives(edition, session))[0].half_day
    return str(ask(rpc.MoveSession(edition, session, elsewhere)))


def _starts(ask: Ask, edition: str, draft: str) -> dict[str, list[str]]:
    home = f"/organisateur/editions/{edition}"
    plan, session = f"{home}/propositions/{draft}", quote(ask(rpc.GetSchoolPage(edition, ACY)).offers[1].session.id)
    countered = [mail.id for mail in ask(rpc.ListIncoming()) if mail.outcome == "countered"]
    feeds = [f"/feeds/{feed.token}.ics" for feed in ask(rpc.ListFeeds(edition))]
    unlinked = ["/robots.txt", "/livez", "/readyz", "/health", "/connexion", "/connexion/code", "/connexion/x"]
    drafts = [f"{plan}/pourquoi", f"{plan}/cases?seance={session}", f"{plan}/diffusion"]
    return {
        "anyone": ["/", "/mailbox", f"/programme/{edition}", *unlinked],
        "organiser": [
            "/organisateur",
            f"{home}/journal",
            f"{home}/lettres",
            *drafts,
            *(f"{home}/courriels-recus/{mail}/horaire" for mail in countered),
        ],
        "school": [link_of(ask, edition, "school"), "/ecole", "/ecole/place"],
        "provider": [link_of(ask, edition, "provider"), "/prestataire"],
        "calendar": feeds,  # last: pages tell when each was read
    }


def link_of(ask: Ask, edition: str, who: str) -> str:
    """Return the link of a school or of a provider."""
    if who == "school":
        return f"/ecole/{ask(rpc.ListRegistrations(edition))[0].token}"
    return f"/prestataire/{next(party for party in ask(rpc.ListParties(edition)) if party.kind == who).page_token}"


def _follow(browser: Visitor, who: str, starts: list[str], pages: Pages) -> None:
    waiting, looked, most = list(starts), Counter[str](), 2 if who == "anyone" else 1
    while waiting:
        address = waiting.pop(0)
        name = route_of(address)
        if (who, address) in pages or not name or (looked[name] >= most and address not in starts):
            continue
        looked[name] += 1
        answer = browser.get(address)
        pages[who, address] = shown_by(answer)
        waiting += [html.unescape(link) for link in LINK.findall(answer.text)]


def route_of(address: str) -> str:
    """Return the name of the page at an address; empty when there is none."""
    scope = {"type": "http", "path": address.partition("?")[0], "method": "GET"}
    return next((route.name for route in ROUTES if route.matches(scope)[0] is Match.FULL), "")


def shown_by(answer: httpx.Response) -> tuple[int, str, bytes]:
    """Return what an answer shows, but for what is new each time."""
    kind, content = answer.headers.get("content-type", ""), answer.content
    if "spreadsheet" in kind:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            content = b"".join(parts.read(name) for name in sorted(parts.namelist()) if name != WRITTEN_AT)
    return answer.status_code, kind, MASKED.sub(rb"\1", content)


def differing(one: Pages, other: Pages) -> list[Page]:
    """Return the pages that are not the same in both."""
    return sorted(page for page in one.keys() | other.keys() if one.get(page) != other.get(page))


@cache
def ahead() -> Moved:
    """Return how far the example is moved, so that nothing of it is past."""
    return moved((EXAMPLE / "edition.toml").read_text(encoding="utf-8"), dt.datetime.now(PARIS).date(), {})


def two_schools(text: str) -> str:
    """Leave two schools in a CSV file of the example, and move every date."""
    rows = text.splitlines()
    kept = [row for row in rows if row.startswith(("#", "école;", "Acy;", "Belleu;"))]
    return ahead().text("\n".join(kept) if ";" in rows[5] else text, "")


def other_words(text: str) -> str:
    """Leave two schools and say other things of them under the same ids."""
    return two_schools(text).replace("Robotique", "Menuiserie").replace("GrandSoissons", "Ailleurs")
