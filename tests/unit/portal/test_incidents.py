"""How an organiser says why a plan has to change, and chooses among the plans that follow."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import pytest

from services.contracts import rpc
from services.contracts.causes import (
    Cause,
    HealthRule,
    Lockdown,
    SchoolCancels,
    SchoolClosed,
    SnowDay,
    TeamAway,
    VehicleDown,
)
from services.contracts.errors import Problem, refused
from services.contracts.values import HalfDay
from services.portal.acts.causes import CAUSES, in_words
from services.portal.views.organiser.incidents import names_of
from services.portal.web.words import Words
from tests.unit.portal import builders as b
from tests.unit.portal.fakes import FakeServices, Visitor

EDITION = f"/organisateur/editions/{b.EDITION_ID}"
INCIDENTS, JOB = f"{EDITION}/imprevus", f"{EDITION}/calculs/{b.JOB_ID}"
AM, PM = HalfDay(b.DAYS[0], "am"), HalfDay(b.DAYS[1], "pm")
FIRST, SECOND = "2020-11-02", "2020-11-03"


FILLED: list[tuple[str, dict[str, Any], Cause]] = [
    ("ecole-fermee", {"school": "acy", "half_days": [f"{SECOND} pm", f"{FIRST} am"]}, SchoolClosed("acy", (AM, PM))),
    ("ecole-annule", {"school": "acy", "since": f"{SECOND} pm"}, SchoolCancels("acy", PM)),
    ("equipe-absente", {"team": "truck", "half_days": f"{FIRST} am"}, TeamAway("truck", (AM,))),
    ("equipe-absente", {"team": "truck/truck-1", "half_days": f"{FIRST} am"}, TeamAway("truck", (AM,), "truck-1")),
    ("vehicule-en-panne", {"vehicle": "truck-1", "since": f"{FIRST} am"}, VehicleDown("truck-1", AM)),
    (
        "vehicule-en-panne",
        {"vehicle": "truck-1", "since": f"{FIRST} am", "until": f"{SECOND} pm"},
        VehicleDown("truck-1", AM, PM),
    ),
    ("neige", {"half_days": f"{FIRST} am"}, SnowDay((AM,))),
    (
        "interruption",
        {"since_day": SECOND, "resumes": "2020-11-30", "ends": "2020-12-11"},
        Lockdown(b.DAYS[1], dt.date(2020, 11, 30), dt.date(2020, 12, 11)),
    ),
    ("regle-sanitaire", {"since_day": SECOND, "cleaning": "20"}, HealthRule(b.DAYS[1], 20)),
    ("regle-sanitaire", {"since_day": SECOND, "at_school": "yes"}, HealthRule(b.DAYS[1], 0, True)),
    ("regle-sanitaire", {"since_day": SECOND, "largest": "15"}, HealthRule(b.DAYS[1], largest=15)),
]


@pytest.mark.parametrize(("slug", "fields", "cause"), FILLED)
def test_a_form_is_recorded_and_other_plans_are_looked_for(
    services: FakeServices, organiser: Visitor, slug: str, fields: dict[str, Any], cause: Cause
) -> None:
    answer = organiser.submit(f"{INCIDENTS}/{slug}", {**fields, "why": "Grève", "key": "k1"})
    assert (answer.status_code, answer.headers["location"]) == (303, JOB)
    assert services.commands() == [
        rpc.ReportIncident(b.EDITION_ID, cause, "Organisatrice", "Grève", "k1"),
        rpc.ProposePlan(b.EDITION_ID, 60.0, frozen_before=cause.first_day, several=True),
    ]


def test_every_cause_has_its_form(organiser: Visitor) -> None:
    assert {slug for slug, _, _ in FILLED} == {cause.slug for cause in CAUSES}
    page = organiser.get(INCIDENTS).text
    for cause in CAUSES:
        assert f'href="{INCIDENTS}/{cause.slug}"' in page
        form = organiser.get(f"{INCIDENTS}/{cause.slug}").text
        fields = {*cause.fields, "why", "key", "frozen_before"}
        assert fields <= set(re.findall(r'name="(\w+)"', form))
    assert organiser.get(f"{INCIDENTS}/autre").status_code == 404


@pytest.mark.parametrize(
    ("slug", "fields"),
    [
        ("ecole-fermee", ["school", "half_days"]),
        ("ecole-annule", ["school", "since"]),
        ("equipe-absente", ["team", "half_days"]),
        ("vehicule-en-panne", ["vehicle", "since"]),
        ("neige", ["half_days"]),
        ("interruption", ["since_day", "resumes", "ends"]),
        ("regle-sanitaire", ["since_day", "cleaning", "largest"]),
    ],
)
def test_an_empty_form_says_what_is_missing(
    services: FakeServices, organiser: Visitor, slug: str, fields: list[str]
) -> None:
    answer = organiser.submit(f"{INCIDENTS}/{slug}", {"why": "Grève", "cleaning": "vingt", "largest": "trop"})
    assert answer.status_code == 422
    assert re.findall(r'<li><a href="#(\w+)">', answer.text) == fields
    assert ">Grève</textarea>" in answer.text
    assert services.commands() == []


def test_a_day_is_asked_for_as_its_field_takes_it(organiser: Visitor) -> None:
    page = organiser.submit(f"{INCIDENTS}/interruption", {}).text
    said = re.findall(r'<li><a href="#(\w+)">([^<]*)', page)
    typed = "Indiquez un jour, par exemple 2026-11-06."
    assert said == [("since_day", "Choisissez un jour dans la liste."), ("resumes", typed), ("ends", typed)]


def test_a_refusal_is_said_at_its_field_and_nothing_typed_is_lost(services: FakeServices, organiser: Visitor) -> None:
    services.answers[rpc.ReportIncident] = refused("incident_no_new_day", first="2020-12-19", last="2020-12-31")
    fields = {"since_day": SECOND, "resumes": "2020-12-19", "ends": "2020-12-31", "key": "k1"}
    answer = organiser.submit(f"{INCIDENTS}/interruption", fields)
    assert answer.status_code == 422
    assert '<a href="#resumes">Il n’y a aucun jour d’action du samedi 19 décembre 2020 au jeudi 31' in answer.text
    assert 'value="2020-12-19"' in answer.text and 'name="key" value="k1"' in answer.text
    assert f'<option value="{SECOND}" selected>' in answer.text


def test_before_the_first_release_an_incident_is_only_recorded(services: FakeServices, organiser: Visitor) -> None:
    services.answers[rpc.ListReleases] = ()
    answer = organiser.submit(f"{INCIDENTS}/neige", {"half_days": f"{FIRST} am"})
    assert answer.headers["location"] == INCIDENTS
    assert [type(command) for command in services.commands()] == [rpc.ReportIncident]
    assert "frozen_before" not in organiser.get(f"{INCIDENTS}/neige").text


def test_an_incident_recorded_while_a_plan_is_computed_says_so(services: FakeServices, organiser: Visitor) -> None:
    services.answers[rpc.ProposePlan] = refused("job_running")
    answer = organiser.submit(f"{INCIDENTS}/neige", {"half_days": f"{FIRST} am"})
    assert answer.headers["location"] == INCIDENTS
    page = organiser.get(INCIDENTS).text
    assert "L’imprévu est enregistré. Un calcul est déjà en cours" in page


def test_the_first_day_that_may_change_can_be_chosen(services: FakeServices, organiser: Visitor) -> None:
    organiser.submit(f"{INCIDENTS}/neige", {"half_days": f"{FIRST} am", "frozen_before": SECOND})
    assert services.commands()[1] == rpc.ProposePlan(b.EDITION_ID, 60.0, frozen_before=b.DAYS[1], several=True)


def test_an_incident_is_withdrawn(services: FakeServices, organiser: Visitor) -> None:
    answer = organiser.submit(INCIDENTS, {"incident": "k1"})
    assert answer.headers["location"] == INCIDENTS
    assert services.commands() == [rpc.WithdrawIncident(b.EDITION_ID, "k1")]
    services.answers[rpc.WithdrawIncident] = refused("unknown_incident")
    assert organiser.submit(INCIDENTS, {"incident": "x"}).status_code == 422


def test_incidents_are_said_in_both_languages() -> None:
    names = names_of(b.an_edition(), (b.a_registration(),))
    said = [[in_words(i.cause, Words(language), names) for i in b.some_incidents()] for language in ("fr", "en")]
    assert [text.replace("\u00a0", " ") for text in said[0]] == [
        "École d’Acy : école fermée, lun. 2 nov. matin, mar. 3 nov. après-midi",
        "gone : ne participe plus à partir du mar. 3 nov. après-midi",
        "Ze Fab Truck : absence, lun. 2 nov. matin",
        "Ze Fab Truck, Le camion : véhicule en panne à partir du lun. 2 nov. matin",
        "Ze Fab Truck, Le camion : véhicule en panne du lun. 2 nov. matin au mar. 3 nov. après-midi",
        "Neige ou intempéries : rien n’ouvre, lun. 2 nov.",
        "Interruption à partir du mar. 3 nov. ; reprise du lun. 30 nov. au ven. 11 déc.",
        "Règle sanitaire à partir du mar. 3 nov. : "
        "20 min de nettoyage entre deux séances, ateliers à l’école seulement",
    ]
    assert said[1][5:7] == [
        "Snow or bad weather: nothing opens, Mon 2 Nov",
        "Break from Tue 3 Nov; going on from Mon 30 Nov to Fri 11 Dec",
    ]


def test_a_school_closed_by_an_incident_shows_it(services: FakeServices, organiser: Visitor) -> None:
    page = f"{EDITION}/ecoles/{b.SCHOOL_ID}"
    snow = b.an_incident(SnowDay((HalfDay(b.DAYS[1], "am"),)))
    services.answers[rpc.ListIncidents] = (snow,)
    assert organiser.get(page).text.count("fermée\u00a0: imprévu") == 1
    elsewhere = b.an_incident(SchoolClosed("belleu", (AM,)))
    services.answers[rpc.ListIncidents] = (replace(snow, withdrawn_at=b.MADE_AT), elsewhere)
    assert "fermée\u00a0: imprévu" not in organiser.get(page).text


# The job --------------------------------------------------------------------------------------------------


def test_a_job_is_stopped_keeping_its_best_or_given_up(services: FakeServices, organiser: Visitor) -> None:
    assert organiser.submit(JOB, {"action": "keep"}).headers["location"] == JOB
    assert organiser.submit(JOB, {"action": "cancel"}).headers["location"] == JOB
    assert services.commands() == [rpc.StopJob(b.JOB_ID), rpc.CancelJob(b.JOB_ID)]
    services.answers[rpc.StopJob] = refused("job_without_plan")
    answer = organiser.submit(JOB, {"action": "keep"})
    assert (answer.status_code, "n’a pas encore trouvé de plan" in answer.text) == (409, True)


def test_the_choices_show_their_prices(services: FakeServices, organiser: Visitor) -> None:
    services.answers[rpc.GetJob] = b.a_replan()
    page = organiser.get(JOB, headers={"accept-language": "fr"}).text.replace("\u00a0", " ")
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    for sentence in (
        "Choix 1 : 62 séances placées",
        "15 séances changent de demi-journée ou de lieu (dont 3 confirmées)",
        "9 écoles et prestataires à prévenir",
        "812 km de route",
        "Choix 2 : 59 séances placées",
        "3 ateliers laissés de côté (dont 3 déjà annoncés)",
        "prouvé : aucun plan n’en dérange moins en plaçant autant",
        "aucun atelier laissé de côté",
        "2 écoles déplacées une fois de plus",
        "4 séances annoncées ne sont plus demandées : elles seront annulées",
        "Rien ne change avant mardi 3 novembre 2020",
    ):
        assert sentence in text
    for proposal in ("prop-2", "prop-3"):
        assert f'href="{EDITION}/propositions/{proposal}/diffusion"' in page


def test_a_replan_in_the_list_leads_to_its_choices(services: FakeServices, organiser: Visitor) -> None:
    services.answers[rpc.ListJobs] = (b.a_replan(),)
    services.answers[rpc.ListReleases] = (b.a_release(2, proposal_id="prop-3"), b.a_release(1))
    page = organiser.get(f"{EDITION}/calculs").text
    assert f'<a href="{JOB}#choix">Choisir parmi 2 plans</a>' in page
    assert "version 2 publiée" in page


def test_choices_are_offered_while_others_are_looked_for(services: FakeServices, organiser: Visitor) -> None:
    running = b.a_replan(state="running", phase="alternatives")
    services.answers[rpc.GetJob] = replace(running, choices=running.choices[:1])
    page = organiser.get(JOB).text
    assert "recherche d’autres choix" in page
    assert "D’autres choix sont encore cherchés" in page
    assert page.count("data-refresh") == 2
    services.answers[rpc.GetJob] = replace(running, choices=(), placed=None, moved=None, proposal_id=None)
    assert "Le premier plan apparaît ici" in organiser.get(JOB).text


def test_a_refused_half_day_proposed_again_is_pointed_out(services: FakeServices, organiser: Visitor) -> None:
    services.answers[rpc.GetPlan] = b.a_proposal(refused=("s1",))
    for page in ("", "/diffusion"):
        assert "1 séance sur une demi-journée refusée" in organiser.get(f"{EDITION}/propositions/prop-2{page}").text


def test_a_failed_job_says_why_and_keeps_its_best_plan(services: FakeServices, organiser: Visitor) -> None:
    services.answers[rpc.GetJob] = b.a_job(state="failed", reason=Problem("solver_out_of_memory"), starts=2)
    page = organiser.get(JOB).text.replace("\u00a0", " ")
    assert "a manqué de mémoire" in page
    assert "Le meilleur plan trouvé jusque-là est gardé." in page
    assert f'href="{EDITION}/propositions/{b.PROPOSAL_ID}"' in page
    assert "1 fois, après un arrêt du service" in page
    reason = Problem("plan_breaks_rules", {"rules": "hours, rooms"})
    services.answers[rpc.GetJob] = b.a_job(state="failed", reason=reason, proposal_id=None)
    assert "(opening hours and closures, number of rooms)" in organiser.get(JOB + "?lang=en").text


def test_groups_that_a_rule_wants_split_are_named_with_the_way_to_mend_it(
    services: FakeServices, organiser: Visitor
) -> None:
    large, just = b.a_group(name="Trop grand", pupils=16), b.a_group(name="Juste assez petit", pupils=15)
    rule = b.an_incident(HealthRule(b.DAYS[1], largest=15))
    services.answers[rpc.ListRegistrations] = (b.a_registration(groups=(large, just)),)
    services.answers[rpc.ListIncidents] = (rule,)
    page = organiser.get(INCIDENTS).text.replace("\u00a0", " ")
    assert re.findall(r"<ul><li>(.*?)</li></ul>", page) == ["École d’Acy, Trop grand : 16 élèves"]
    assert "groupes de 15 élèves au plus" in page and f'<a href="{EDITION}/inscriptions">Déclarez' in page
    services.answers[rpc.ListIncidents] = (replace(rule, withdrawn_at=b.MADE_AT),)
    assert "Trop grand" not in organiser.get(INCIDENTS).text
