"""A mail scanner that runs scripts opens every link of every mail and looks on for ten seconds: nothing changes."""

from __future__ import annotations

import time
from pathlib import Path

from services.commands.running import free_port
from services.embedded import ask_in_thread
from tests.browser.chromium import Tab, chromium
from tests.browser.test_pages_in_chromium import Portal
from tests.integration.small_house import SmallHouse


def test_ten_seconds_of_scripts_change_nothing(tmp_path: Path) -> None:
    port = free_port()
    house = SmallHouse(tmp_path, f"http://127.0.0.1:{port}")
    portal = Portal(ask_in_thread(house.house), house.settings, port)
    try:
        house.register()
        house.send_every_kind()
        house.release(hour=10)
        portal.open()
        links = sorted({link for found in house.links().values() for link in found if not link.endswith(".ics")})
        before = house.dump()
        with chromium() as browser:
            tabs = {link: Tab(browser) for link in links}
            for link, tab in tabs.items():
                tab.open(portal.web + link)
            time.sleep(10)
            shown = {link: tab.evaluate("location.pathname") for link, tab in tabs.items()}
        doors = {"ecole": "/ecole", "prestataire": "/prestataire", "": "/"}
        kinds = {link: link.strip("/").partition("/")[0] for link in links}
        assert shown == {link: link if kind == "connexion" else doors[kind] for link, kind in kinds.items()}
        assert {name: body == before[name] for name, body in house.dump().items()} == dict.fromkeys(before, True)
    finally:
        portal.close()
        house.close()
