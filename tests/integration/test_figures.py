"""Every figure of an edition opens a list, and the list holds as many as the figure says."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterator

import pytest

from services.contracts import rpc
from services.kit.clock import utc_now
from tests.integration.small_house import ACY, SmallHouse
from tests.integration.test_two_organisations import plan
from tests.unit.portal.fakes import Visitor

BEFORE = dt.datetime(2020, 10, 1, 8, tzinfo=dt.timezone.utc)
PAGES = ("", "/inscriptions", "/reponses", "/journees", "/plan", "/plan?vue=carte", "/bilan", "/versions")
FIGURE = re.compile(r'<a href="([^"]*/seances\b[^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
NUMBER = re.compile(r"\d+")
COLUMNS = {
    "élèves différents": "Élèves différents",
    "dont élèves": "Élèves différents",
    "participations": "Participations",
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallHouse]:
    """Three schools planned before the edition and answered; two sessions were held and one cancelled since."""
    house = SmallHouse(tmp_path_factory.mktemp("house"))
    for application in house.house.applications.values():
        application.clock = lambda: BEFORE
    house.register(change=three_schools)
    plan(house)
    for application in house.house.applications.values():
        application.clock = utc_now
    held, shortened, cancelled, *_ = (p.session for p in house.ask(rpc.GetPlan(house.edition.id)).sessions)
    for session, told in (
        (held, {"state": "held", "pupils": 11}),
        (shortened, {"state": "shortened", "pupils": 10, "minutes": 40}),
        (cancelled, {"state": "cancelled", "cancelled_by": "school"}),
    ):
        house.ask(rpc.RecordOutcome(house.edition.id, session.id, session.start, **told))
    house.pump()
    yield house
    house.close()


@pytest.fixture(scope="module")
def organiser(house: SmallHouse) -> Visitor:
    return house.visitor().sign_in()


def three_schools(text: str) -> str:
    rows = text.splitlines()
    if not any(row.startswith("école;") for row in rows):
        return text
    return "\n".join(row for row in rows if row.startswith(("#", "école;", "Acy;", "Belleu;", "École du Centre")))


@pytest.mark.parametrize("page", PAGES)
def test_every_figure_opens_a_list_of_as_many(house: SmallHouse, organiser: Visitor, page: str) -> None:
    figures = figures_on(organiser, edition(house) + page)
    shown = [(plain(said), first_number(said)) for _, said in figures]
    listed = [(plain(said), counted(organiser.get(html.unescape(to)).text, plain(said))) for to, said in figures]
    assert shown == listed != []


def test_the_figures_are_not_all_nothing(house: SmallHouse, organiser: Visitor) -> None:
    figures = figures_on(organiser, f"{edition(house)}/bilan")
    numbers = {plain(said).partition(" ")[2]: first_number(said) for _, said in figures}
    assert (numbers["séances publiées"], numbers["séances tenues"], numbers["participations"]) == (18, 2, 21)
    assert (numbers["séances confirmées par les écoles"], numbers["séances annulées par l’école"]) == (1, 1)


def test_schools_groups_and_pupils_are_the_sums_of_the_list_they_open(house: SmallHouse, organiser: Visitor) -> None:
    overview = organiser.get(edition(house)).text.partition('class="figures"')[2]
    shown = [first_number(said) for _, said in re.findall(r'<a href="([^"]*#ecoles)">(.*?)</a>', overview)]
    rows = rows_of(organiser.get(f"{edition(house)}/inscriptions").text)
    assert shown == [len(rows), summed(rows, "Groupes"), summed(rows, "Élèves")]


def figures_on(organiser: Visitor, page: str) -> list[tuple[str, str]]:
    """Return the lists that a page leads to, with the words that lead there."""
    return FIGURE.findall(organiser.get(page).text.partition("<main")[2])


def edition(house: SmallHouse) -> str:
    assert house.ask(rpc.GetSchoolPage(house.edition.id, ACY)).offers
    return f"/organisateur/editions/{house.edition.id}"


def counted(page: str, said: str) -> int:
    """Count in a list what a figure of these words speaks of."""
    main = page.partition("<main")[2]
    schools = rows_of(main)
    column = next((column for words, column in COLUMNS.items() if words in said), None)
    if said.partition(" ")[2].startswith("écoles"):
        return len(schools)
    if re.fullmatch(r"\d+ : .*", said):  # pupils of a team's day
        return summed(schools, "Élèves attendus")
    return summed(schools, column) if column else main.count("#seance-") + without_place(main)


def without_place(page: str) -> int:
    return page.partition("sans place dans le plan</caption>")[2].count('<th scope="row">')


def rows_of(page: str) -> list[str]:
    """Return the rows of the first table that lead to a school, without the sums below them."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return re.findall(r"<tr>.*?</tr>", body, re.DOTALL)


def summed(rows: list[str], column: str) -> int:
    found = (re.search(rf'data-label="{column}">(\d+)<', row) for row in rows)
    return sum(int(cell[1]) for cell in found if cell)


def plain(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def first_number(text: str) -> int:
    found = NUMBER.search(plain(text))
    assert found, text
    return int(found[0])
