"""Every page: in both languages, in good form, small, protected."""

from __future__ import annotations

import io
from collections import Counter
from html.parser import HTMLParser
from importlib.resources import files

import pytest
from babel.messages.pofile import read_po

from tests.unit.portal.addresses import SHOWN
from tests.unit.portal.fakes import FakeServices, Visitor

VARIANTS = ["?vue=ecoles", "?vue=carte", "?etat=failed"]


@pytest.fixture(scope="module")
def everyone() -> Visitor:
    """A browser in which the organiser signed in and both links were opened."""
    return Visitor(FakeServices()).sign_in().open_school().open_provider()


class Reader(HTMLParser):
    """Reads what a page is made of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []
        self._hidden = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text.append(" ".join(data.split()))

    def every(self, *names: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.tags if tag in names]


def french_only() -> set[str]:
    """Return the French sentences, without braces, that differ from their English."""
    catalogue = read_po(io.BytesIO((files("services.kit") / "locale" / "en.po").read_bytes()))
    return {
        message.id
        for message in catalogue
        if isinstance(message.id, str) and message.id and message.id != message.string and "{" not in message.id
    }


@pytest.mark.parametrize("path", SHOWN)
def test_a_page_speaks_french(everyone: Visitor, path: str) -> None:
    page = everyone.get(path, headers={"accept-language": "fr-FR,fr;q=0.9,en;q=0.5"})
    assert page.status_code == 200
    assert '<html lang="fr">' in page.text


@pytest.mark.parametrize("path", SHOWN)
def test_a_page_in_english_has_no_french_sentence_left(everyone: Visitor, path: str) -> None:
    page = everyone.get(path, headers={"accept-language": "en-GB"})
    assert '<html lang="en">' in page.text
    assert french_only() & set(Reader(page.text).text) - {""} == set()


@pytest.mark.parametrize("path", SHOWN)
def test_a_page_has_one_title_landmarks_and_a_way_past_the_header(everyone: Visitor, path: str) -> None:
    page = Reader(everyone.get(path).text)
    count = Counter(tag for tag, _ in page.tags)
    assert {name: count[name] for name in ("h1", "main", "header", "footer", "title")} == {
        "h1": 1, "main": 1, "header": 1, "footer": 1, "title": 1,
    }  # fmt: skip
    assert page.every("a")[0] == {"class": "skip", "href": "#contenu"}
    assert page.every("main")[0]["id"] == "contenu"


@pytest.mark.parametrize("path", SHOWN)
def test_every_field_has_its_label_and_every_reference_its_target(everyone: Visitor, path: str) -> None:
    page = Reader(everyone.get(path).text)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    fields = [
        a
        for a in page.every("input", "select", "textarea", "progress")
        if a.get("type") != "hidden" and "hidden" not in a
    ]
    loose = {a["id"] for a in fields if "id" in a} - {label.get("for") for label in page.every("label")}
    assert loose == set()
    assert [a for a in fields if "id" not in a and a.get("type") not in ("radio", "checkbox")] == []
    assert [id_ for id_, times in Counter(ids).items() if times > 1] == []
    named = [a[name] for _, a in page.tags for name in ("aria-describedby", "aria-labelledby") if name in a]
    assert {id_ for text in named for id_ in text.split()} - set(ids) == set()


@pytest.mark.parametrize("path", SHOWN)
def test_every_table_says_what_it_holds(everyone: Visitor, path: str) -> None:
    page = Reader(everyone.get(path).text)
    tables, captions = page.every("table"), page.every("caption")
    assert len(captions) == len(tables)
    assert [a for a in page.every("th") if "scope" not in a] == []


@pytest.mark.parametrize("path", SHOWN)
def test_a_page_is_small_and_asks_nobody_else(everyone: Visitor, path: str) -> None:
    answer = everyone.get(path)
    page = Reader(answer.text)
    parts = page.every("script", "link", "img", "iframe")
    loaded = [a.get("src") or a.get("href", "") for a in parts if a.get("loading") != "lazy"]  # asked for when unfolded
    assert len(answer.content) < 100_000
    assert len(set(loaded)) < 10
    assert [address for address in loaded if not address.startswith("/")] == []


@pytest.mark.parametrize("path", SHOWN)
def test_a_page_has_no_script_or_style_of_its_own(everyone: Visitor, path: str) -> None:
    page = Reader(everyone.get(path).text)
    assert page.every("style") == []
    assert [a for a in page.every("script") if "src" not in a] == []
    assert [name for _, a in page.tags for name in a if name == "style" or name.startswith("on")] == []


@pytest.mark.parametrize("variant", VARIANTS)
def test_views_of_a_list_can_be_chosen_by_address(everyone: Visitor, variant: str) -> None:
    path = "/organisateur/editions/demo-2020/" + ("plan" if "vue" in variant else "courriels")
    assert everyone.get(path + variant).status_code == 200


def test_the_language_is_remembered_once_chosen() -> None:
    visitor = Visitor(FakeServices())
    visitor.get("/?lang=en")
    assert '<html lang="en">' in visitor.get("/", headers={"accept-language": "fr"}).text


def test_the_language_link_keeps_the_rest_of_the_address(everyone: Visitor) -> None:
    page = Reader(everyone.get("/organisateur/editions/demo-2020/plan?vue=ecoles").text)
    assert [a["href"] for a in page.every("a") if a.get("hreflang") == "en"] == ["?vue=ecoles&lang=en"]


def test_the_proposal_says_what_it_costs(everyone: Visitor) -> None:
    assert "100\u202f422 points" in everyone.get("/organisateur/editions/demo-2020/propositions/prop-2").text


def test_a_running_job_refreshes_without_javascript(everyone: Visitor) -> None:
    page = everyone.get("/organisateur/editions/demo-2020/calculs/job-1").text
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page
