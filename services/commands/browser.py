"""A browser without pictures, through which a journey answers as a school does."""

from __future__ import annotations

import http.cookiejar
import urllib.parse
import urllib.request
from dataclasses import dataclass
from html.parser import HTMLParser


class Browser:
    """Keeps cookies, reads forms, sends them."""

    def __init__(self, base: str) -> None:
        self.base = base
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar)

    def get(self, path: str) -> bytes:
        """Return a page. Raises urllib.error.HTTPError for any status from 400 on."""
        with self._opener.open(urllib.parse.urljoin(self.base, path), timeout=30) as response:
            return bytes(response.read())

    def post(self, path: str, fields: list[tuple[str, str]]) -> bytes:
        """Send a form and return the page that follows."""
        data = urllib.parse.urlencode(fields).encode()
        with self._opener.open(urllib.parse.urljoin(self.base, path), data, timeout=30) as response:
            return bytes(response.read())

    def confirm(self, link: str, pupils: dict[str, int]) -> None:
        """Fill in the head counts on a school's page and confirm."""
        page = FormReader(self.get(link).decode())
        form = next(form for form in page.forms if form.action.endswith("/confirmer"))
        fields = [(n, v) for n, v in form.fields if not n.startswith("pupils-")]
        self.post(form.action, fields + [(f"pupils-{session}", str(count)) for session, count in pupils.items()])


@dataclass
class Form:
    """A form as its page gives it."""

    action: str
    fields: list[tuple[str, str]]


class FormReader(HTMLParser):
    """Reads the forms of a page: their action and the fields that would be sent as they stand."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect forms and inputs."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), []))
        elif tag == "input" and self.forms and "name" in given:
            ticked = given.get("type") not in ("checkbox", "radio") or "checked" in given
            if ticked:
                self.forms[-1].fields.append((given["name"], given.get("value", "")))
