"""What is held about a person is shown whole, and taken out of every service with a proof."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from services.contracts import rpc
from services.kit.people import mark_of
from services.kit.retention import Keeper
from tests.integration.small_house import ACY, SmallHouse

SERVICES = ("registration", "scheduling", "notifications")
ADDRESS, NAME, PHONE = "odile.marchand@ecole-acy.example", "Odile Marchand", "03 23 00 11 22"


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallHouse]:
    """A house in which one person has registered, was written to, left a draft and was named in a broken message."""
    house = SmallHouse(tmp_path_factory.mktemp("house"))
    house.register()
    form = house.ask(rpc.GetRegistrationForm(house.edition.id, ACY))
    person = {"contact-email": ADDRESS, "contact-name": NAME, "contact-phone": PHONE}
    house.ask(rpc.RegisterSchool(house.edition.id, ACY, form.fields | person, "key-1"))
    house.pump()
    house.send_all_but_welcome()
    house.release(hour=10)
    house.ask(rpc.SaveDraft(house.edition.id, ACY, form.fields | person))
    house.house.applications["scheduling"].bury("plan_released", json.dumps({"email": ADDRESS}), "broken")
    yield house
    house.close()


def erase(house: SmallHouse, address: str = ADDRESS) -> dict[str, rpc.Erasure]:
    mark = mark_of(house.settings.secret, address)
    house.ask(rpc.ErasePerson(mark))
    house.pump()
    return {name: next(e for e in house.ask(rpc.ListErasures(name)) if e.mark == mark) for name in SERVICES}


def test_everything_that_names_an_address_is_found_in_every_service(house: SmallHouse) -> None:
    held = {name: house.ask(rpc.FindPerson(name, ADDRESS.upper())) for name in SERVICES}
    tables = {name: {row.table for row in rows} for name, rows in held.items()}
    assert tables["registration"] == {"school", "draft", "answer_key"}
    assert tables["scheduling"] == {"registrations", "retry"}
    assert tables["notifications"] == {"school", "invitation", "mail", "party"}
    assert all(ADDRESS in text.lower() for rows in held.values() for row in rows for text in row.columns.values())
    assert house.ask(rpc.FindPerson("registration", "nobody@ecole-acy.example")) == ()
    assert house.ask(rpc.FindPerson("registration", " ")) == ()


def test_an_erased_person_is_nowhere_and_every_service_says_what_it_did(house: SmallHouse) -> None:
    before = {name: len(house.ask(rpc.FindPerson(name, ADDRESS))) for name in SERVICES}
    proofs = erase(house)
    assert {name: sum(proof.rows.values()) for name, proof in proofs.items()} == before
    assert [house.ask(rpc.FindPerson(name, ADDRESS)) for name in SERVICES] == [(), (), ()]
    kept = house.values()
    assert [word for word in (ADDRESS, NAME, PHONE) if word.encode() in kept] == []


def test_what_the_school_registered_and_answered_stays(house: SmallHouse) -> None:
    before = _counts(house)
    erase(house)
    assert _counts(house) == before
    (acy,) = [r for r in house.ask(rpc.ListRegistrations(house.edition.id)) if r.school.id == ACY]
    assert (acy.school.contact.email, acy.school.contact.phone) == ("", "")


def test_others_stay_as_they_were_and_their_pages_open(house: SmallHouse) -> None:
    registered = house.ask(rpc.ListRegistrations(house.edition.id))
    erase(house)
    after = house.ask(rpc.ListRegistrations(house.edition.id))
    assert [r for r in after if r.school.id != ACY] == [r for r in registered if r.school.id != ACY]
    visitor = house.visitor()
    for party in house.ask(rpc.ListParties(house.edition.id)):
        feed = visitor.get(f"/feeds/{party.feed_token}.ics")
        assert (feed.status_code, feed.text[:15]) == (200, "BEGIN:VCALENDAR")


def test_an_erasure_of_nobody_changes_nothing_but_its_note(house: SmallHouse) -> None:
    dumps = {name: _without_notes(body) for name, body in house.dump().items()}
    assert [proof.rows for proof in erase(house, "nobody@ecole.example").values()] == [{}, {}, {}]
    assert {name: _without_notes(body) for name, body in house.dump().items()} == dumps


def test_no_message_names_the_person_to_erase(house: SmallHouse) -> None:
    house.ask(rpc.ErasePerson(mark_of(house.settings.secret, ADDRESS)))
    registration = house.house.applications["registration"]
    with registration.database.read() as connection:
        bodies = connection.execute(sa.select(registration.messages.outbox.c.body)).scalars().all()
    assert [body for body in bodies if "person_erased" in body and ADDRESS in body] == []
    assert any("person_erased" in body for body in bodies)


def test_the_organiser_finds_downloads_and_erases_on_one_page(house: SmallHouse) -> None:
    organiser = house.visitor().sign_in()
    page = organiser.submit("/organisateur/personnes", {"address": ADDRESS, "action": "find"})
    assert page.text.count("<details>") == sum(len(house.ask(rpc.FindPerson(name, ADDRESS))) for name in SERVICES)
    rows = organiser.submit("/organisateur/personnes", {"address": ADDRESS, "action": "export"}).json()
    assert {row["service"] for row in rows} == set(SERVICES)
    unsure = organiser.submit("/organisateur/personnes", {"address": ADDRESS, "action": "erase"})
    assert (unsure.status_code, "Cochez la case" in unsure.text) == (422, True)
    sure = {"address": ADDRESS, "action": "erase", "sure": "on"}
    assert organiser.submit("/organisateur/personnes", sure).status_code == 303
    house.pump()
    proof = organiser.submit("/organisateur/personnes", {"address": ADDRESS, "action": "find"}).text
    assert "Aucune ligne ne nomme cette adresse" in proof
    assert len(re.findall(r"<li>(Inscriptions|Planification|Courriels et agendas) – ", proof)) == 3


def keepers(house: SmallHouse, days: int) -> dict[str, Keeper]:
    """Return every service's clocks as they will stand in some days."""
    later = dt.datetime.now(dt.timezone.utc) + dt.timedelta(days=days)
    apps = house.house.applications.items()
    return {name: Keeper(name, app.database, app.messages, house.settings, lambda: later) for name, app in apps}


def due(house: SmallHouse, days: int) -> dict[str, dict[str, int]]:
    found = {}
    for name, keeper in keepers(house, days).items():
        with keeper.database.read() as connection:
            found[name] = keeper._sweep(connection, really=False)
    return found


def test_nothing_is_over_while_the_edition_is_fresh_though_its_days_are_long_past(house: SmallHouse) -> None:
    assert [house.ask(rpc.ListDue(name)) for name in SERVICES] == [{}, {}, {}]


def test_each_kind_goes_at_its_own_term_and_the_dry_run_said_so(house: SmallHouse) -> None:
    assert {name: set(kinds) for name, kinds in due(house, 184).items()} == {
        "registration": set(),
        "scheduling": set(),
        "notifications": {"mails"},
    }
    announced = due(house, 366)
    assert set(announced["registration"]) == {"contacts", "history"}
    assert set(announced["notifications"]) == {"contacts", "history", "mails"}
    before = _counts(house)
    for keeper in keepers(house, 366).values():
        keeper.tick()
    assert due(house, 366) == {name: {} for name in SERVICES}
    assert _counts(house) == before
    kept = house.values()
    assert [word for word in (NAME, PHONE, ADDRESS, "direction@ecole-belleu.example") if word.encode() in kept] == [
        ADDRESS
    ]


def _counts(house: SmallHouse) -> list[object]:
    registered = house.ask(rpc.ListRegistrations(house.edition.id))
    page = house.ask(rpc.GetSchoolPage(house.edition.id, ACY))
    return [[(r.classes, r.groups, r.answers) for r in registered], [replace(o, answered_at=None) for o in page.offers]]


def _without_notes(body: bytes) -> bytes:
    """Return a dump without what an event leaves however little it did."""
    notes = rb'INSERT INTO "?(erasure|inbox|journal|subject_in|subject_out|sqlite_sequence)'
    return b"\n".join(line for line in body.splitlines() if not re.match(notes, line))
