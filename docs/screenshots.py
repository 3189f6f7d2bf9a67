"""Make the pictures of docs/images again: `python -m docs.screenshots`. Needs Chromium; takes a minute or two.

The 2020 edition is planned, sent out, answered and changed in a house of its own, then each page is opened in a real
browser, as wide as a desktop and as a telephone.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from docs.small_png import smaller
from services.commands.administrator import link_for
from services.commands.journey import AskNow, Doors, Journey, day_to_close, first_session_of
from services.commands.running import free_port, running
from services.contracts import rpc
from services.kit.settings import Settings
from tests.browser.chromium import Chromium, Tab, chromium

IMAGES = Path(__file__).parent / "images"
EXAMPLE = Path(__file__).parents[1] / "examples" / "soissons-2020"
ADDRESS = "anne@ville.example"
DESKTOP, PHONE = 1280, 390
TALLEST = {DESKTOP: 1400, PHONE: 1500}


def main() -> None:
    """Play the edition and take every picture."""
    with tempfile.TemporaryDirectory() as folder, running(_settings(Path(folder))) as house, chromium() as browser:
        doors = Doors(house.settings.base_url, (house.settings.mail_host, house.settings.mail_port))
        edition_id = _play(Journey(house.ask, doors, _tell))
        _take_all(browser, house.ask, doors.web, edition_id)


def _settings(folder: Path) -> Settings:
    port = free_port()
    return Settings(
        data_dir=folder,
        port=port,
        mail_port=free_port(),
        base_url=f"http://127.0.0.1:{port}",
    )


def _play(journey: Journey) -> str:
    edition_id = journey.load(EXAMPLE)
    plan = journey.plan_first(edition_id, seconds=20)
    first = first_session_of(plan)
    journey.school_confirms(edition_id, first.school_id)
    journey.provider_accepts(edition_id, first.id)
    journey.close_school(edition_id, *day_to_close(plan), seconds=20)
    return edition_id


def _take_all(browser: Chromium, ask: AskNow, web: str, edition_id: str) -> None:
    camera = Camera(browser)
    organiser, guest = Tab(browser), Tab(browser)
    organiser.open(f"{link_for(ask, ADDRESS, web)}?lang=fr")
    organiser.submit("main button")
    for name, address in _organiser_pages(ask, web, edition_id).items():
        camera.take(organiser, name, address)
    organiser.scheme("dark")
    camera.take(organiser, "plan-dark", f"{web}/organisateur/editions/{edition_id}/plan")
    for link in _links(ask, edition_id):
        guest.open(f"{web}{link}?lang=fr")
    for name, path in {"home": "/", "school": "/ecole", "provider": "/prestataire", "mailbox": "/mailbox"}.items():
        camera.take(guest, name, web + path)


def _organiser_pages(ask: AskNow, web: str, edition_id: str) -> dict[str, str]:
    edition = f"{web}/organisateur/editions/{edition_id}"
    job = ask(rpc.ListJobs(edition_id))[0]
    school = ask(rpc.ListRegistrations(edition_id))[1].school
    invitation = next(mail for mail in ask(rpc.ListMails(edition_id)) if mail.kind == "invitation")
    return {
        "editions": f"{web}/organisateur",
        "edition": edition,
        "import": f"{edition}/import",
        "registrations": f"{edition}/inscriptions",
        "registration": f"{edition}/ecoles/{school.id}",
        "plan": f"{edition}/plan",
        "plan-by-school": f"{edition}/plan?vue=ecoles",
        "plan-map": f"{edition}/plan?vue=carte",
        "proposals": f"{edition}/calculs",
        "job": f"{edition}/calculs/{job.id}",
        "proposal": f"{edition}/propositions/{job.proposal_id}",
        "releases": f"{edition}/versions",
        "differences": f"{edition}/versions/differences",
        "mails": f"{edition}/courriels",
        "mail": f"{edition}/courriels/{invitation.id}",
        "links": f"{edition}/liens",
        "incidents": f"{edition}/imprevus",
        "days": f"{edition}/journees",
        "sessions": f"{edition}/seances?chiffre=confirmed",
        "reach": f"{edition}/bilan",
        "journal": f"{edition}/journal",
        "state": f"{web}/organisateur/etat",
    }


def _links(ask: AskNow, edition_id: str) -> tuple[str, str]:
    school = ask(rpc.ListRegistrations(edition_id))[1]
    provider = next(party for party in ask(rpc.ListParties(edition_id)) if party.kind == "provider")
    return f"/ecole/{school.token}", f"/prestataire/{provider.page_token}"


class Camera:
    """Takes each page as wide as a desktop and as a telephone."""

    def __init__(self, browser: Chromium) -> None:
        self._darkroom = Tab(browser)

    def take(self, tab: Tab, name: str, address: str) -> None:
        """Open an address and keep its pictures."""
        for width, kind in ((DESKTOP, "desktop"), (PHONE, "phone")):
            tab.resize(width)
            tab.open(address)
            picture = smaller(self._darkroom, tab.picture(TALLEST[width]))
            (IMAGES / f"{name}-{kind}.png").write_bytes(picture)


def _tell(step: str, facts: dict[str, Any]) -> None:
    if step != "solving":
        sys.stderr.write(f"{step} {facts}\n")


if __name__ == "__main__":
    main()
