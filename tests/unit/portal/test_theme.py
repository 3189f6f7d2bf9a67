"""The territory's look: whatever colour is chosen can be read, and pages stand without it."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts import rpc
from services.contracts.errors import Problem, Refused
from services.portal.display.theme import LEGIBLE, contrast, shown_as, style_of
from tests.unit.portal.fakes import SETTINGS, FakeServices, Visitor

PNG = b"\x89PNG\r\n\x1a\n0000"
BEHIND = {"light": ((255, 255, 255), (250, 249, 245)), "dark": ((26, 35, 39), (18, 25, 28))}
"""Cards and paper of portal.css."""


def properties(sheet: str) -> dict[str, dict[str, tuple[int, int, int]]]:
    light, dark = sheet.strip().split("\n")
    return {
        scheme: {name: tuple(bytes.fromhex(code)) for name, code in re.findall(r"--([a-z-]+): #([0-9a-f]{6});", rules)}
        for scheme, rules in (("light", light), ("dark", dark))
    }  # type: ignore[return-value]


@given(st.integers(0, 0xFFFFFF))
def test_any_colour_is_read_on_each_of_its_grounds(number: int) -> None:
    for scheme, found in properties(style_of(f"#{number:06x}")).items():
        for text in ("accent", "accent-strong"):
            assert min(contrast(found[text], ground) for ground in (found["tint"], *BEHIND[scheme])) >= LEGIBLE
            assert contrast(found["on-accent"], found[text]) >= LEGIBLE


def test_contrast_is_that_of_wcag() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == 21
    assert round(contrast((0x77, 0x77, 0x77), (255, 255, 255)), 2) == 4.48


def test_a_legible_colour_stays_as_it_was_chosen_and_a_light_one_is_darkened() -> None:
    assert shown_as("#0f5c63") == "#0f5c63"
    assert shown_as("#ffdd00") not in ("#ffdd00", "#000000")


def test_no_colour_changes_nothing() -> None:
    assert style_of("") == ""


def test_every_page_links_the_sheet_and_the_logo_and_browsers_keep_them_five_minutes() -> None:
    visitor = Visitor(FakeServices())
    page = visitor.get("/").text
    assert '<link rel="stylesheet" href="/apparence.css">' in page
    assert '<img src="/apparence.logo" alt="">' in page
    sheet = visitor.get("/apparence.css")
    assert (sheet.text, sheet.headers["Cache-Control"]) == (style_of("#b3500a"), "public, max-age=300")


def test_every_page_bears_the_name_of_the_organisation_or_else_ours() -> None:
    named = Visitor(FakeServices(), replace(SETTINGS, name="GrandSoissons")).get("/").text
    ours = Visitor(FakeServices()).get("/").text
    assert ('alt="">GrandSoissons</a>' in named, "· GrandSoissons</title>" in named) == (True, True)
    assert ('alt="">Quinzaine</a>' in ours, "· Quinzaine</title>" in ours) == (True, True)


def test_the_logo_is_the_territorys_or_else_ours() -> None:
    services = FakeServices()
    services.answers[rpc.GetTheme] = rpc.Theme("", b64encode(PNG).decode(), "image/png")
    visitor = Visitor(services)
    assert (visitor.get("/apparence.logo").content, visitor.get("/apparence.logo").headers["Content-Type"]) == (
        PNG,
        "image/png",
    )
    services.answers[rpc.GetTheme] = rpc.Theme()
    assert visitor.get("/apparence.logo").headers["Content-Type"] == "image/svg+xml"


@pytest.mark.parametrize("path", ["/apparence.css", "/apparence.logo"])
def test_a_silent_service_leaves_pages_as_they_are_and_nobody_keeps_that(path: str) -> None:
    services = FakeServices()
    services.silence("scheduling")
    answer = Visitor(services).get(path)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


def test_a_chosen_logo_is_sent_and_no_file_keeps_the_one_there_is() -> None:
    services = FakeServices()
    visitor = Visitor(services).sign_in()
    page = "/organisateur/apparence"
    visitor.submit(page, {"colour": "#123456"}, files={"logo": ("logo.png", PNG)})
    visitor.submit(page, {"colour": "#123456"})
    visitor.submit(page, {"action": "remove", "colour": "#123456"})
    assert services.commands() == [
        rpc.SetTheme("#123456", b64encode(PNG).decode()),
        rpc.SetTheme("#123456", None),
        rpc.SetTheme("", ""),
    ]


def test_a_refused_colour_stays_in_its_field_with_what_is_wrong() -> None:
    services = FakeServices()
    services.answers[rpc.SetTheme] = Refused(Problem("bad_colour", {"colour": "bleu"}))
    answer = Visitor(services).sign_in().submit("/organisateur/apparence", {"colour": "bleu"})
    assert answer.status_code == 422
    assert 'value="bleu"' in answer.text
    assert "« bleu » n’est pas une couleur" in answer.text.replace("\u00a0", " ")
