"""The site map: it leads to every heading of every edition, and every link of it opens."""

from __future__ import annotations

import re

from services.portal.web.labels import HEADINGS
from tests.unit.portal import builders as b
from tests.unit.portal.fakes import FakeServices, Visitor


def _links(page: str) -> set[str]:
    return set(re.findall(r'href="(/[^"?#]*)"', page.partition("<main")[2].partition("</main>")[0]))


def test_the_site_map_leads_everywhere() -> None:
    visitor = Visitor(FakeServices()).sign_in()
    links = _links(visitor.get("/organisateur/plan-du-site").text)
    routes = [route for _, pages in HEADINGS for route, _ in pages]
    assert {visitor.app.url_path_for(route, edition=b.EDITION_ID) for route in routes} < links
    assert {visitor.get(link).status_code for link in links} == {200}


def test_who_has_not_signed_in_sees_no_edition() -> None:
    visitor = Visitor(FakeServices())
    links = _links(visitor.get("/plan-du-site").text)
    assert links == {"/", "/accessibilite", "/mentions-legales", "/donnees-personnelles", "/connexion"}
    assert {visitor.get(link).status_code for link in links} == {200}
