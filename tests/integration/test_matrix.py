"""Who may open what: every route of the portal by every kind of visitor, on the real services.

A new route without an entry in ``WHO`` fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from starlette.routing import Match, Route

from services.contracts import rpc
from services.contracts.values import ROLES
from services.kit.clock import utc_now
from services.portal.routes import all_routes
from tests.integration.small_house import ACY, BELLEU, SmallHouse
from tests.unit.portal.fakes import Visitor

WHO = {
    "anyone": "home accessibility legal privacy sign_in do_sign_in sign_out robots livez readyz health "
    "code give_code sign_in_link site_map theme_style theme_logo "
    "back_from_confirm back_from_decline back_from_undo back_from_place back_from_agree",
    "unpublished": "programme programme_changes programme_changes_feed programme_ics programme_csv programme_xlsx "
    "programme_xml programme_json",
    "link": "feed feed_qr school_link provider_link use_sign_in_link",
    "school": "school confirm decline undo answer_place agree other_slots wish registration_form send_registration "
    "school_calendar school_day school_texts",
    "provider": "provider provider_busy provider_calendar provider_certificate provider_day record_provider_day "
    "provider_route provider_texts",
    "reader": """
    editions organiser_map state account change_own_account set_password start_codes end_sign_ins edition
    registrations registration permissions asking places plan plan_json plan_xlsx rotation days team_day route_sheet
    school_day_sheet certificate reach reach_csv incidents jobs job compare proposal why why_here
    releases journal differences mails incoming mail mail_html mail_raw sessions
    """,
    "organiser": """
    new_edition open_edition settle_problem import do_import settle_exception close_school telephone
    telephone_confirm telephone_decline telephone_undo telephone_place telephone_slots telephone_wish
    mark_permission set_levels prepare_reminders settle_wish set_deadline set_places set_priorities record_team_day
    display set_public set_contours letters mark_printed withdraw_incident new_incident report_incident propose
    end_job settle_proposal cells session change_session release do_release preview_mail preview_mail_html restore
    review_mails settle_incoming counter accept_counter wordings change_wording parties change_link set_busy
    """,
    "administrator": """
    look set_look people people_act accounts invite_account change_account software grant_access revoke_access
    add_webhook remove_webhook send_again
    """,
}
"""Route names by the visitor they are for; ``link``: who has the token in the address; ``unpublished``: nobody yet."""

OPENS = {name: who for who, names in WHO.items() for name in names.split()}
ROUTES = [route for route in all_routes(with_mailbox=False) if isinstance(route, Route)]
IDENTITIES = ("own school", "other school", "other edition", "own provider", "other provider", "anonymous", "revoked")
SCHOOLS = {"own school", "other school", "other edition"}
PROVIDERS = {"own provider", "other provider"}
PEOPLE = ("administrator", "organiser", "reader", "disabled", "ended", "signed out")
"""Who has or had an account."""


@dataclass(frozen=True)
class Stage:
    """A house, its visitors by identity, and the words that only one party may read."""

    house: SmallHouse
    visitors: dict[str, Visitor]
    people: dict[str, Visitor]
    secrets: dict[str, set[str]]
    values: dict[str, str]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    house = SmallHouse(tmp_path_factory.mktemp("house"))
    second = house.register("autre-2020")
    first = house.register()
    house.release()
    standing_still = utc_now()
    house.house.applications["registration"].clock = lambda: standing_still  # that one looks changes nothing then
    visitors, values = _visitors(house, first, second), _values(house, first)
    yield Stage(house, visitors, _people(house), _secrets(house, first, second), values)
    house.close()


def _visitors(house: SmallHouse, first: str, second: str) -> dict[str, Visitor]:
    tokens = {edition: _tokens(house, edition) for edition in (first, second)}
    truck, *_, studio = _providers(house, first)
    doors = {
        "own school": f"/ecole/{tokens[first][ACY]}",
        "other school": f"/ecole/{tokens[first][BELLEU]}",
        "other edition": f"/ecole/{tokens[second][ACY]}",
        "own provider": f"/prestataire/{truck.page_token}",
        "other provider": f"/prestataire/{studio.page_token}",
        "revoked": f"/ecole/{tokens[first]['cuffies']}",
    }
    visitors = {name: house.visitor() for name in IDENTITIES}
    for name, door in doors.items():
        assert visitors[name].get(door).status_code == 303
    house.ask(rpc.RevokeSchoolLink(first, "cuffies", renew=False))
    return visitors


def _people(house: SmallHouse) -> dict[str, Visitor]:
    """Return a browser for each kind of person; the last three could once do everything."""
    people = {name: house.visitor() for name in PEOPLE}
    for name in PEOPLE:
        people[name].link = lambda name=name: house.ask(rpc.MakeAdministrator(name, f"{name.split()[0]}@ville.example"))
    people["administrator"].sign_in()
    for role in ("organiser", "reader"):
        house.ask(rpc.InviteAccount(role, f"{role}@ville.example", role, role, "fr"))
        house.pump()
        people[role].link = lambda role=role: house.sign_in_link(f"{role}@ville.example")
        people[role].sign_in()
    for name in ("disabled", "ended", "signed out"):
        people[name].sign_in()
        assert people[name].get("/organisateur/comptes").status_code == 200
    house.ask(rpc.ChangeAccount("disabled", "administrator", disabled=True))
    house.ask(rpc.EndSignIns("ended"))
    people["signed out"].submit("/deconnexion", {}, page="/organisateur")
    return people


def _secrets(house: SmallHouse, first: str, second: str) -> dict[str, set[str]]:
    """Return addresses and tokens by who may read them: each party its own."""
    found: dict[str, set[str]] = {}
    for edition in (first, second):
        for r in house.ask(rpc.ListRegistrations(edition)):
            contact = set() if edition == second else {r.school.contact.email}
            found.setdefault(f"{edition}/{r.school.id}", set()).update(contact | {r.token} - {""})
        for p in house.ask(rpc.ListParties(edition)):
            found.setdefault(f"{edition}/{p.id}", set()).update({p.feed_token} | ({p.page_token} - {""}))
    return found


def _values(house: SmallHouse, first: str) -> dict[str, str]:
    mail = house.ask(rpc.ListMails(first))[0].id
    team = house.edition.providers[0].teams[0].id
    of_a_day = {"day": house.edition.first_day.isoformat(), "team": team, "provider": house.edition.providers[0].id}
    unknown = {"part": "instance", "job": "x", "proposal": "x", "kind": "neige", "letter": "x", "token": "guess"}
    return unknown | of_a_day | {"edition": first, "school": ACY, "mail": mail}


def _tokens(house: SmallHouse, edition: str) -> dict[str, str]:
    return {r.school.id: r.token for r in house.ask(rpc.ListRegistrations(edition))}


def _providers(house: SmallHouse, edition: str) -> list[rpc.Party]:
    return [party for party in house.ask(rpc.ListParties(edition)) if party.kind == "provider"]


def test_every_route_says_who_opens_it() -> None:
    assert sorted(route.name for route in ROUTES) == sorted(OPENS)


@pytest.mark.parametrize("who", IDENTITIES)
def test_a_page_opens_to_whom_it_is_for_and_shows_only_what_is_theirs(stage: Stage, who: str) -> None:
    pages = {r.name: stage.visitors[who].get(r.path.format(**stage.values)) for r in ROUTES if "GET" in _methods(r)}
    assert {name: _outcome(answer) for name, answer in pages.items()} == {name: _may(who, name) for name in pages}
    hidden = set().union(*(words for owner, words in stage.secrets.items() if owner not in _own(stage, who)))
    assert {(name, word) for name, answer in pages.items() for word in hidden if word in answer.text} == set()


@pytest.mark.parametrize("who", IDENTITIES)
def test_an_action_of_others_is_refused_and_changes_nothing(stage: Stage, who: str) -> None:
    visitor, before = stage.visitors[who], stage.house.dump()
    foreign = [r for r in ROUTES if "POST" in _methods(r) and _may(who, r.name) != "open"]
    csrf = visitor.csrf("/connexion")
    fields = {"csrf": csrf, "school": ACY, "kind": "school", "id": ACY, "action": "renew", "session": "x"}
    answers = {r.name: visitor.post(r.path.format(**stage.values), data=fields) for r in foreign}
    assert {name: _outcome(answer) for name, answer in answers.items()} == {r.name: _may(who, r.name) for r in foreign}
    assert stage.house.dump() == before


def test_a_school_answers_for_no_other(stage: Stage) -> None:
    offers = stage.house.ask(rpc.GetSchoolPage(stage.values["edition"], ACY)).offers
    before, visitor = stage.house.dump(), stage.visitors["other school"]
    for school in (ACY, BELLEU):
        fields = {"school": school, "release": "1", "key": "k", f"pupils-{offers[0].session.id}": "12"}
        assert visitor.submit("/ecole/confirmer", fields, page="/ecole").status_code == 422
        fields = {"school": school, "release": "1", "key": "k", "session": offers[0].session.id, "reason": "non"}
        assert visitor.submit("/ecole/refuser", fields, page="/ecole").status_code == 422
    assert stage.house.dump() == before


# Roles ------------------------------------------------------------------------------------------------------------

OF_PEOPLE = [route for route in ROUTES if OPENS[route.name] in ROLES]


@pytest.mark.parametrize("who", PEOPLE)
def test_a_page_opens_to_its_role_and_to_those_that_may_more(stage: Stage, who: str) -> None:
    pages = {r.name: stage.people[who].get(r.path.format(**stage.values)) for r in OF_PEOPLE if "GET" in _methods(r)}
    assert {name: _met(answer) for name, answer in pages.items()} == {name: _to_meet(who, name) for name in pages}


@pytest.mark.parametrize("who", PEOPLE)
def test_an_action_of_a_role_that_may_more_is_refused_and_changes_nothing(stage: Stage, who: str) -> None:
    visitor, before = stage.people[who], stage.house.dump()
    foreign = [r for r in OF_PEOPLE if "POST" in _methods(r) and _to_meet(who, r.name) != "open"]
    fields = {"csrf": visitor.csrf("/connexion"), "school": ACY, "kind": "school", "id": ACY, "action": "renew"}
    answers = {r.name: visitor.post(r.path.format(**stage.values), data=fields) for r in foreign}
    assert {name: _met(answer) for name, answer in answers.items()} == {r.name: _to_meet(who, r.name) for r in foreign}
    refusals = [answer.text for answer in answers.values() if answer.status_code == 403]
    assert [text for text in refusals if "Votre rôle est" not in text] == []
    assert stage.house.dump() == before


def test_the_dump_would_show_what_an_administrator_may_do(stage: Stage) -> None:
    """The control: the same form, sent by who may, changes the house."""
    visitor, before = stage.people["administrator"], stage.house.dump()
    path = f"/organisateur/editions/{stage.values['edition']}/liens"
    assert visitor.submit(path, {"kind": "school", "id": ACY, "action": "renew"}).status_code == 303
    assert stage.house.dump() != before


def test_no_page_shows_a_form_that_its_reader_may_not_send(stage: Stage) -> None:
    shown: dict[str, set[str]] = {who: set() for who in ("organiser", "reader")}
    pages = [r.path.format(**stage.values) for r in OF_PEOPLE if "GET" in _methods(r)]
    for who, forms in shown.items():
        for path in pages:
            forms.update(re.findall(r'<form method="post" action="([^"]*)"', stage.people[who].get(path).text))
    mine = "/organisateur/mon-compte"
    own = {mine, *(f"{mine}/{page}" for page in ("mot-de-passe", "codes", "appareils"))}
    assert shown["reader"] == own | {"/deconnexion"}
    assert len(shown["organiser"]) > 15
    assert {path for path in shown["organiser"] if _least(path) == "administrator"} == set()


def _least(path: str) -> str:
    """Return who may post to a path."""
    scope = {"type": "http", "method": "POST", "path": path, "headers": []}
    return next(OPENS[r.name] for r in ROUTES if r.matches(scope)[0] is Match.FULL)


def _to_meet(who: str, name: str) -> str:
    if who not in ROLES:
        return "sign in"
    return "open" if ROLES.index(who) >= ROLES.index(OPENS[name]) else "refused"  # type: ignore[arg-type]


def _met(answer: httpx.Response) -> str:
    if answer.headers.get("location", "").startswith("/connexion?"):
        return "sign in"
    assert answer.status_code < 500 or answer.status_code == 503, answer.text
    return "refused" if answer.status_code == 403 else "open"


# ------------------------------------------------------------------------------------------------------------------


def _methods(route: Route) -> set[str]:
    return route.methods or set()


def _may(who: str, name: str) -> str:
    """Return what a visitor is to meet at a route."""
    opener = OPENS[name]
    if opener in ROLES:
        return "sign in"
    if opener in ("link", "unpublished"):
        return "closed"
    allowed = {"school": SCHOOLS, "provider": PROVIDERS}.get(opener, set(IDENTITIES))
    return "open" if who in allowed else "closed"


def _outcome(answer: httpx.Response) -> str:
    if answer.headers.get("location", "").startswith("/connexion?"):
        return "sign in"
    assert answer.status_code < 500 or answer.status_code == 503, answer.text
    return "closed" if answer.status_code in (403, 404, 410) else "open"


def _own(stage: Stage, who: str) -> set[str]:
    first = stage.values["edition"]
    truck, *_, studio = _providers(stage.house, first)
    served = {f"{first}/{ACY}", f"{first}/{BELLEU}"}
    return {
        "own school": {f"{first}/{ACY}"},
        "other school": {f"{first}/{BELLEU}"},
        "other edition": {f"autre-2020/{ACY}", f"{first}/{ACY}"},
        "own provider": {f"{first}/{truck.id}", *served},
        "other provider": {f"{first}/{studio.id}", *served},
    }.get(who, set())
