"""Every page has its picture, and every picture its page."""

from __future__ import annotations

from pathlib import Path

from docs.pages import NO_PAGES, ROUTES, names

SHEETS = Path(__file__).parents[2] / "docs" / "images" / "pages"


def test_every_page_has_its_picture() -> None:
    """A new page: name it in ``docs.pages`` if it is none, else run ``make screenshots`` and look at what came."""
    assert {sheet.stem for sheet in SHEETS.iterdir()} == set(names())


def test_what_is_left_out_is_there_to_be_left_out() -> None:
    assert NO_PAGES - ROUTES.keys() == set()
