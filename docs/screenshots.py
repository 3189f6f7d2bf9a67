"""Make the pictures of docs/images again: `python -m docs.screenshots`. Needs Chromium; takes some minutes.

The 2020 edition, moved to weeks to come, is planned, sent out, answered and changed in a house of its own. Then every
page is opened in a real browser. ``docs/images/pages`` keeps one sheet of each: as wide as a desktop, the same in the
dark, as wide as a telephone, printed. A sheet that is no page's any more goes.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
import smtplib
import sys
import tempfile
from pathlib import Path
from typing import Any

import pyotp

from docs.pages import addresses, movable
from services.commands.administrator import link_for
from services.commands.journey import AskNow, Doors, Journey, day_to_close, first_session_of, read
from services.commands.moved import moved
from services.commands.running import free_port, running
from services.contracts import rpc
from services.contracts.values import PARIS
from services.kit.settings import Settings
from tests.browser.chromium import Chromium, Tab, chromium
from tests.integration.small_house import another_hour

IMAGES = Path(__file__).parent / "images"
SHEETS = IMAGES / "pages"
EXAMPLE = Path(__file__).parents[1] / "examples" / "soissons-2020"
ADDRESS = "anne@ville.example"
STATES = {
    "desktop": (1280, "light", ""),
    "dark": (1280, "dark", ""),
    "phone": (360, "light", ""),
    "print": (720, "light", "print"),
}
"""Width in CSS pixels, colours, and the medium where it is not the screen."""
TALLEST = 1500
ALONE = {"plan": "desktop", "edition": "desktop", "school": "phone"}
"""Pages of which a guide shows one state, in its full size."""


def main(whole: str = "") -> None:
    """Play the edition and take every picture. ``whole``: a folder for each picture in full, to be looked at."""
    with tempfile.TemporaryDirectory() as folder, running(_settings(Path(folder))) as house, chromium() as browser:
        doors = Doors.of(house.settings)
        edition_id = _play(Journey(house.ask, doors, _tell), house.ask)
        camera = Camera(browser, Path(whole) if whole else None)
        _take_all(browser, camera, house.ask, doors.web, edition_id)
        for sheet in set(SHEETS.glob("*.webp")) - camera.taken:
            sheet.unlink()


def _settings(folder: Path) -> Settings:
    port = free_port()
    return Settings(data_dir=folder, port=port, mail_port=free_port(), base_url=f"http://127.0.0.1:{port}")


# The edition ------------------------------------------------------------------------------------------------------


def _play(journey: Journey, ask: AskNow) -> str:
    """Plan, tell, answer, change; leave a draft and something of every kind that waits for a person."""
    ahead = moved(read(EXAMPLE / "edition.toml"), dt.datetime.now(PARIS).date(), {})
    edition_id = journey.load(EXAMPLE, lambda text: ahead.text(text, ""))
    ask(rpc.SetPermissionLevels(edition_id, {"director": "warn", "inspector": "warn"}))
    plan = journey.plan_first(edition_id, seconds=20)
    first = first_session_of(plan)
    journey.school_confirms(edition_id, first.school_id)
    journey.provider_accepts(edition_id, first.id)
    journey.close_school(edition_id, *day_to_close(plan), seconds=20)
    ask(rpc.SetPublic(edition_id, True))
    _ask_for_more(journey, ask, edition_id)
    return edition_id


def _ask_for_more(journey: Journey, ask: AskNow, edition_id: str) -> None:
    """Let a school decline one session and wish for another hour of one, a provider for another hour of a third."""
    plan = ask(rpc.GetPlan(edition_id))
    declined, countered = [one.session for one in plan.sessions if one.school_answer == "offered"][:2]
    release = plan.release or 1
    ask(rpc.DeclineSlot(edition_id, declined.school_id, release, declined.id, "Sortie scolaire", "declined"))
    wished, elsewhere = movable(ask, edition_id, "confirmed")
    words = "Nous préférons ce jour-là."
    ask(rpc.AskForSlot(edition_id, wished.school_id, release, wished.id, elsewhere, words, "wish"))
    invitation = next(mail for mail in ask(rpc.ListMails(edition_id)) if mail.session_id == countered.id)
    with smtplib.SMTP(*journey.doors.mail, timeout=10) as server:
        server.send_message(another_hour(base64.b64decode(ask(rpc.GetMail(invitation.id)).raw)))


# The pictures -----------------------------------------------------------------------------------------------------


class Camera:
    """Takes each page in every state and keeps a sheet of it. ``whole``: a folder for each picture in full."""

    def __init__(self, browser: Chromium, whole: Path | None) -> None:
        self._darkroom, self._whole = Tab(browser), whole
        self.taken: set[Path] = set()

    def take(self, tab: Tab, name: str) -> None:
        """Keep a sheet of the page that a tab shows."""
        pictures = []
        for state, (width, scheme, media) in STATES.items():
            tab.look(scheme, media)
            tab.resize(width)
            pictures.append(tab.picture(TALLEST, 0.5))
            if ALONE.get(name) == state:
                (IMAGES / f"{name}-{state}.webp").write_bytes(self._join([tab.picture(TALLEST)]))
            if self._whole:
                (self._whole / f"{name}-{state}.png").write_bytes(tab.picture(9000))
        tab.look("light")
        self.taken.add(SHEETS / f"{name}.webp")
        (SHEETS / f"{name}.webp").write_bytes(self._join(pictures))

    def _join(self, pictures: list[bytes]) -> bytes:
        """Return the pictures side by side as one WebP."""
        found = json.dumps(["data:image/png;base64," + base64.b64encode(picture).decode() for picture in pictures])
        return base64.b64decode(self._darkroom.evaluate(f"({JOIN})({found})"))


JOIN = """async (addresses) => {
  const found = await Promise.all(addresses.map(async (a) => createImageBitmap(await (await fetch(a)).blob())));
  const gap = 8, width = found.reduce((sum, one) => sum + one.width + gap, -gap);
  const canvas = new OffscreenCanvas(width, Math.max(...found.map((one) => one.height)));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#777"; pen.fillRect(0, 0, canvas.width, canvas.height);
  let x = 0;
  for (const one of found) { pen.drawImage(one, x, 0); x += one.width + gap; }
  const bytes = new Uint8Array(await (await canvas.convertToBlob({type: "image/webp", quality: 0.6})).arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}"""


def _take_all(browser: Chromium, camera: Camera, ask: AskNow, web: str, edition_id: str) -> None:
    organiser, guest = Tab(browser), Tab(browser)
    organiser.open(f"{link_for(ask, ADDRESS, web)}?lang=fr")
    organiser.submit("main button")
    guest.open(f"{web}/mailbox?lang=fr")
    letter = str(guest.evaluate("document.querySelector('main a[href^=\"/mailbox/\"]').pathname.split('/')[2]"))
    for link in _links(ask, edition_id):
        guest.open(web + link)
    for name, path in addresses(ask, edition_id, letter).items():
        tab = organiser if path.startswith("/organisateur") else guest
        tab.open(web + path)
        camera.take(tab, name)
    _take_on_the_way(browser, camera, ask, web)


def _take_on_the_way(browser: Chromium, camera: Camera, ask: AskNow, web: str) -> None:
    """Sign in with codes of a telephone, and see what is said on the way; open what is not there."""
    tab = Tab(browser)
    tab.open(f"{web}/rien?lang=fr")
    camera.take(tab, "error")
    tab.open(f"{web}/connexion")
    tab.fill("email", ADDRESS)
    tab.submit("main button")
    camera.take(tab, "sign_in_sent")
    tab.open(link_for(ask, "bob@ville.example", web))
    tab.submit("main button")
    tab.open(f"{web}/organisateur/mon-compte")
    tab.submit("form[action$=codes] button")
    camera.take(tab, "codes")
    key = re.sub(r"\s", "", str(tab.evaluate("document.querySelector('main code').textContent")))
    tab.fill("code", pyotp.TOTP(key).now())
    tab.submit("main button")
    camera.take(tab, "recovery")
    tab.open(f"{web}/organisateur/mon-compte")
    words = "quatre mots qui vont ensemble"
    tab.fill("password", words)
    tab.submit("form[action$=mot-de-passe] button")
    again = Tab(browser)
    again.open(f"{web}/connexion?lang=fr")
    again.fill("username", "bob@ville.example")
    again.fill("password", words)
    again.submit("form:has(#password) button")
    camera.take(again, "code")


def _links(ask: AskNow, edition_id: str) -> tuple[str, str]:
    """Return the links of the school and the provider of the first session that waits for an answer."""
    waiting = next(one.session for one in ask(rpc.GetPlan(edition_id)).sessions if one.school_answer == "offered")
    school = next(one for one in ask(rpc.ListRegistrations(edition_id)) if one.school.id == waiting.school_id)
    parties = [party for party in ask(rpc.ListParties(edition_id)) if party.kind == "provider"]
    provider = next(party for party in parties if party.id == waiting.provider_id)
    return f"/ecole/{school.token}", f"/prestataire/{provider.page_token}"


def _tell(step: str, facts: dict[str, Any]) -> None:
    if step != "solving":
        sys.stderr.write(f"{step} {facts}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
