"""What the organiser does on each page, and what reaches the services."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from dataclasses import replace
from typing import Any

import pytest

from services.commands.serve import MOVED
from services.contracts import rpc
from services.contracts.codec import encode
from services.contracts.errors import Problem, Refused, refused
from services.contracts.values import HalfDay, PermissionLevel
from services.kit.i18n import LANGUAGES
from services.notifications.adapters.queue import NO_SERVER
from services.portal.views.organiser.editions import steps_of
from tests.unit.portal import builders as b
from tests.unit.portal.fakes import FakeServices, Visitor

EDITION = f"/organisateur/editions/{b.EDITION_ID}"
IMPORT = f"{EDITION}/import"
ALL_MAILS = [mail.id for mail in b.a_preview().mails]


def refuse(services: FakeServices, kind: type[Any], *problems: Problem) -> None:
    services.answers[kind] = Refused(*problems)


# Files ------------------------------------------------------------------------------------------------------


def test_an_edition_is_opened_from_its_file(services: FakeServices, organiser: Visitor) -> None:
    path = "/organisateur/nouvelle-edition"
    upload = {"edition": ("edition.toml", 'id = "é"\r\n'.encode(), "text/plain")}
    answer = organiser.submit(path, {}, files=upload)
    assert (answer.status_code, answer.headers["location"]) == (303, EDITION)
    assert services.commands() == [rpc.OpenEdition("edition.toml", 'id = "é"\r\n')]


def test_the_note_of_a_demonstration_is_said_in_the_reader_s_language(
    services: FakeServices, organiser: Visitor
) -> None:
    services.answers[rpc.GetEdition] = b.an_edition(notes=MOVED)
    notes = [re.findall(r'<p class="note">(.*?)</p>', organiser.get(f"{EDITION}?lang={one}").text) for one in LANGUAGES]
    assert notes == [
        ["Démonstration\u00a0: les dates de l’exemple sont déplacées, pour que rien n’en soit passé."],
        ["Demonstration: the dates of the example are moved, so that nothing of it is past."],
    ]


def test_a_faulty_edition_stays_on_screen_to_be_mended(services: FakeServices, organiser: Visitor) -> None:
    refuse(services, rpc.OpenEdition, Problem("edition_twice", file="edition.toml", line=3, column="id", value="a"))
    path = "/organisateur/nouvelle-edition"
    answer = organiser.submit(path, {"edition-text": "id = <1>", "edition-name": "mine.toml"})
    assert answer.status_code == 422
    assert "edition.toml, ligne 3" in answer.text
    assert ">\nid = &lt;1&gt;</textarea>" in answer.text
    assert 'name="edition-name" value="mine.toml"' in answer.text


def csv_files(schools: bytes = b"a;b\n1;2\n", classes: bytes = b"c;d\n3;4\n") -> dict[str, Any]:
    return {"schools": ("ecoles.csv", schools, "text/csv"), "classes": ("classes.csv", classes, "text/csv")}


def test_both_files_are_shown_and_then_imported(services: FakeServices, organiser: Visitor) -> None:
    answer = organiser.submit(IMPORT, {}, files=csv_files("\ufeffécole\n".encode()))
    schools, classes = rpc.ImportFile("ecoles.csv", "école\n"), rpc.ImportFile("classes.csv", "c;d\n3;4\n")
    assert (answer.status_code, "Rien n’est encore écrit" in answer.text) == (200, True)
    answer = organiser.submit(IMPORT, hidden_fields(answer.text) | {"action": "import"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{EDITION}/inscriptions")
    seen = rpc.ImportSchools(b.EDITION_ID, schools, classes, preview=True)
    assert services.commands() == [seen, replace(seen, preview=False)]
    assert "Écoles créées\u00a0: 2, modifiées\u00a0: " in organiser.get(f"{EDITION}/inscriptions").text


def test_a_file_of_schools_is_enough(services: FakeServices, organiser: Visitor) -> None:
    found = rpc.FileColumns(("Nom",), (rpc.ColumnChoice("école", True, "Nom"),), certain=False)
    services.answers[rpc.ReadColumns] = rpc.ImportColumns(found)
    answer = organiser.submit(IMPORT, {}, files={"schools": csv_files()["schools"]})
    chosen = {"schools-column-école": "Nom"}
    answer = organiser.submit(IMPORT, hidden_fields(answer.text) | chosen)
    assert "aucun fichier\u00a0: elles restent comme elles sont" in answer.text
    organiser.submit(IMPORT, hidden_fields(answer.text) | {"action": "import"})
    seen = rpc.ImportSchools(b.EDITION_ID, rpc.ImportFile("ecoles.csv", "a;b\n1;2\n", {"école": "Nom"}), preview=True)
    assert services.commands() == [seen, replace(seen, preview=False)]


def test_columns_that_are_not_ours_are_chosen_first(services: FakeServices, organiser: Visitor) -> None:
    choices = (rpc.ColumnChoice("école", True, "Nom"), rpc.ColumnChoice("uai", False, ""))
    found = rpc.FileColumns(("Nom", "Code"), choices, certain=False)
    services.answers[rpc.ReadColumns] = rpc.ImportColumns(found, replace(found, columns=(), certain=True))
    answer = organiser.submit(IMPORT, {}, files=csv_files())
    assert (answer.status_code, services.commands()) == (200, [])
    assert '<option value="Nom" selected>Nom</option>' in answer.text
    chosen = {"schools-column-école": "Nom", "schools-column-uai": "Code"}
    answer = organiser.submit(IMPORT, hidden_fields(answer.text) | chosen)
    organiser.submit(IMPORT, hidden_fields(answer.text) | {"action": "import"})
    columns = [request.schools.columns for request in services.commands()]  # type: ignore[attr-defined]
    assert columns == [{"école": "Nom", "uai": "Code"}] * 2


def test_an_empty_file_is_told_so_rather_than_asked_for_its_columns(services: FakeServices, organiser: Visitor) -> None:
    found = rpc.FileColumns((), (rpc.ColumnChoice("école", True, ""),), certain=False)
    services.answers[rpc.ReadColumns] = rpc.ImportColumns(found, replace(found, columns=(), certain=True))
    refuse(services, rpc.ImportSchools, Problem("csv_empty", {"expected": "école"}, "schools.csv", 1))
    answer = organiser.submit(IMPORT, {}, files=csv_files())
    assert answer.status_code == 422
    assert "Le fichier est vide." in answer.text


def hidden_fields(page: str) -> dict[str, str]:
    """Return what the form of a step carries to the next one."""
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
    texts = dict(re.findall(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', page, re.DOTALL))
    del fields["csrf"]
    return {name: html.unescape(text) for name, text in (fields | texts).items()}


def test_every_fault_is_listed_by_file_and_nothing_is_lost(services: FakeServices, organiser: Visitor) -> None:
    refuse(
        services,
        rpc.ImportSchools,
        Problem("value_missing", file="ecoles.csv", line=2, column="courriel"),
        Problem("number_malformed", {"low": "1", "high": "60"}, "classes.csv", 5, "élèves", "beaucoup"),
    )
    answer = organiser.submit(IMPORT, {}, files=csv_files())
    assert answer.status_code == 422
    assert "Il y a 2 points à corriger" in answer.text
    assert '<a href="#schools">ecoles.csv, ligne 2, colonne «\u00a0courriel\u00a0»' in answer.text
    assert (
        '<a href="#classes">classes.csv, ligne 5, colonne «\u00a0élèves\u00a0», valeur «\u00a0beaucoup\u00a0»'
        in answer.text
    )
    assert ">\na;b\n1;2\n</textarea>" in answer.text


def test_mended_text_is_sent_under_the_name_of_its_file(services: FakeServices, organiser: Visitor) -> None:
    fields = {"schools-text": "a\r\nb", "schools-name": "ecoles.csv", "classes-text": "c", "classes-name": "cl.csv"}
    organiser.submit(IMPORT, fields)
    files = rpc.ImportFile("ecoles.csv", "a\nb"), rpc.ImportFile("cl.csv", "c")
    expected = rpc.ImportSchools(b.EDITION_ID, *files, preview=True)
    assert services.commands() == [expected]


def test_a_missing_or_unreadable_file_is_said(services: FakeServices, organiser: Visitor) -> None:
    answer = organiser.submit(IMPORT, {}, files={"schools": ("é.csv", b"\x00\x01", "text/csv")})
    assert answer.status_code == 422
    assert '<a href="#schools">«\u00a0é.csv\u00a0» n’est ni un texte ni un classeur' in answer.text
    answer = organiser.submit(IMPORT, {}, files={"classes": csv_files()["classes"]})
    assert '<a href="#schools">Choisissez un fichier.</a>' in answer.text
    assert services.commands() == []


def test_what_is_no_description_of_an_edition_is_said(services: FakeServices, organiser: Visitor) -> None:
    upload = {"edition": ("logo.png", b"\x89PNG\x00", "image/png")}
    answer = organiser.submit("/organisateur/nouvelle-edition", {}, files=upload)
    assert "n’est pas un texte\u00a0: donnez la description de l’édition, edition.toml." in answer.text
    assert services.commands() == []


def test_a_file_of_more_than_one_mebibyte_is_refused(services: FakeServices, organiser: Visitor) -> None:
    answer = organiser.submit(IMPORT, {}, files=csv_files(schools=b"x" * (1024 * 1024 + 1)))
    assert answer.status_code == 422
    assert "«\u00a0ecoles.csv\u00a0» dépasse 1 Mio." in answer.text
    assert services.commands() == []


# Registrations ----------------------------------------------------------------------------------------------


def test_an_exception_is_settled_by_a_choice(services: FakeServices, organiser: Visitor) -> None:
    fields = {"class": "acy/cm", "programme": "quinzaine", "choice": "two_groups"}
    assert organiser.submit(f"{EDITION}/inscriptions", fields).status_code == 303
    assert services.commands() == [rpc.SettleException(b.EDITION_ID, "acy/cm", "quinzaine", "two_groups", "")]


def test_a_settled_exception_can_be_changed_on_the_page_of_its_school(
    services: FakeServices, organiser: Visitor
) -> None:
    decided = (replace(b.an_exception(), chosen="one_group"),)
    services.answers[rpc.ListRegistrations] = (b.a_registration(exceptions=(), decided=decided),)
    page = organiser.get(f"{EDITION}/ecoles/{b.SCHOOL_ID}").text
    assert 'value="one_group" required checked' in page
    assert '<input type="hidden" name="before" value="one_group">' in page
    fields = {"class": "acy/cm", "programme": "quinzaine", "choice": "two_groups", "before": "one_group"}
    organiser.submit(f"{EDITION}/inscriptions", fields)
    assert services.commands() == [rpc.SettleException(b.EDITION_ID, "acy/cm", "quinzaine", "two_groups", "one_group")]


def test_the_choices_show_the_sizes_they_give(organiser: Visitor) -> None:
    page = organiser.get(f"{EDITION}/inscriptions").text
    assert "(9 + 8)" in page
    assert "trop d’élèves pour un groupe, trop peu pour deux" in page
    assert "La règle demande des groupes de 10 à 15 élèves." in page


def test_a_choice_must_be_one_of_those_offered(services: FakeServices, organiser: Visitor) -> None:
    answer = organiser.submit(f"{EDITION}/inscriptions", {"class": "acy/cm", "programme": "quinzaine"})
    assert answer.status_code == 422
    assert '<a href="#choice-acy/cm-quinzaine">' in answer.text
    assert services.commands() == []


@pytest.mark.parametrize(("action", "command"), [("close", rpc.CloseSchool), ("reopen", rpc.ReopenSchool)])
def test_a_school_is_closed_and_reopened_by_half_days(
    services: FakeServices, organiser: Visitor, action: str, command: Any
) -> None:
    fields = {"half_day": ["2020-11-02 am", "2020-11-03 pm", "soon", "2020-13-45 am"], "action": action}
    assert organiser.submit(f"{EDITION}/ecoles/acy", fields).status_code == 303
    assert services.commands() == [command(b.EDITION_ID, "acy", (HalfDay(b.DAYS[0], "am"), HalfDay(b.DAYS[1], "pm")))]


def test_closing_without_a_half_day_is_said(services: FakeServices, organiser: Visitor) -> None:
    answer = organiser.submit(f"{EDITION}/ecoles/acy", {"action": "close"})
    assert (answer.status_code, '<a href="#half_days">' in answer.text) == (422, True)
    assert services.commands() == []


def test_a_school_shows_when_it_is_closed_and_when_there_is_no_class(
    services: FakeServices, organiser: Visitor
) -> None:
    services.answers[rpc.ListIncidents] = ()
    page = organiser.get(f"{EDITION}/ecoles/acy").text
    assert page.count("<strong>fermée</strong>") == 1
    assert page.count("pas de classe") == 1
    assert page.count("à éviter") == 1
    assert f'value="http://testserver/ecole/{b.SCHOOL_TOKEN}"' in page


def test_an_unknown_school_has_no_page(organiser: Visitor) -> None:
    assert organiser.get(f"{EDITION}/ecoles/lost").status_code == 404


# Plans ------------------------------------------------------------------------------------------------------


def test_a_solve_is_started_and_watched(services: FakeServices, organiser: Visitor) -> None:
    answer = organiser.submit(f"{EDITION}/calculs", {"seconds": "30"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{EDITION}/calculs/{b.JOB_ID}")
    assert services.commands() == [rpc.ProposePlan(b.EDITION_ID, 30.0)]


@pytest.mark.parametrize("seconds", ["", "zéro", "0", "3601", "99999999999"])
def test_a_time_that_is_none_is_said(services: FakeServices, organiser: Visitor, seconds: str) -> None:
    answer = organiser.submit(f"{EDITION}/calculs", {"seconds": seconds})
    assert (answer.status_code, '<a href="#seconds">' in answer.text) == (422, True)
    assert services.commands() == []


def test_a_second_solve_is_refused_in_words(services: FakeServices, organiser: Visitor) -> None:
    refuse(services, rpc.ProposePlan, Problem("job_running"))
    answer = organiser.submit(f"{EDITION}/calculs", {"seconds": "30"})
    assert "Un calcul est déjà en cours" in answer.text


def test_a_solve_is_stopped(services: FakeServices, organiser: Visitor) -> None:
    organiser.submit(f"{EDITION}/calculs/{b.JOB_ID}", {})
    assert services.commands() == [rpc.CancelJob(b.JOB_ID)]


def test_a_release_names_what_was_in_force_when_it_was_read(services: FakeServices, organiser: Visitor) -> None:
    path = f"{EDITION}/propositions/prop-2/diffusion"
    page = organiser.get(path).text
    assert 'name="after" value="2"' in page
    assert "Ce plan laisse de côté des séances demandées" in page
    answer = organiser.submit(path, {"after": "2"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{EDITION}/plan")
    assert services.commands() == [rpc.ReleasePlan(b.EDITION_ID, "prop-2", 2)]


def test_a_release_shows_every_mail_and_holds_back_what_is_unticked(services: FakeServices, organiser: Visitor) -> None:
    path = f"{EDITION}/propositions/prop-2"
    page = organiser.get(f"{path}/diffusion").text
    assert [f'name="mail" value="{id_}" checked' in page for id_ in ALL_MAILS] == [True] * 3
    assert [f'href="{path}/courriel?courriel={id_}"' in page for id_ in ALL_MAILS] == [True] * 3
    organiser.submit(f"{path}/diffusion", {"after": "2", "shown": ALL_MAILS, "mail": ALL_MAILS[1:]})
    assert services.commands() == [rpc.ReleasePlan(b.EDITION_ID, "prop-2", 2, ("invitation.1",))]
    assert "1 courriel est retenu." in organiser.get(f"{EDITION}/plan").text


def test_a_second_release_of_a_proposal_says_that_it_holds_nothing_back(
    services: FakeServices, organiser: Visitor
) -> None:
    services.answers[rpc.ReleasePlan] = replace(b.a_release(), again=True)
    organiser.submit(f"{EDITION}/propositions/prop-2/diffusion", {"after": "1", "shown": ALL_MAILS, "mail": []})
    page = html.unescape(organiser.get(f"{EDITION}/plan").text)
    assert "est déjà publiée\u00a0: ce nouveau clic ne change rien à ses courriels." in page
    assert "retenu" not in page.partition("<h1")[0]


def test_what_was_unticked_stays_so_when_the_release_is_refused(services: FakeServices, organiser: Visitor) -> None:
    refuse(services, rpc.ReleasePlan, Problem("release_in_between", {"current": "3"}))
    form = {"after": "2", "shown": ALL_MAILS, "mail": ALL_MAILS[1:]}
    page = organiser.submit(f"{EDITION}/propositions/prop-2/diffusion", form).text
    assert [f'name="mail" value="{id_}" checked' in page for id_ in ALL_MAILS] == [False, True, True]


def test_a_mail_of_a_release_is_read_before_it_leaves(services: FakeServices, organiser: Visitor) -> None:
    services.answers[rpc.PreviewRelease] = replace(b.a_preview(), mail=b.a_mail())
    address = f"{EDITION}/propositions/prop-2/courriel?courriel=invitation.1"
    assert "ne partira qu’à la publication" in organiser.get(address).text
    html = organiser.get(address.replace("courriel?", "courriel/html?"))
    assert html.headers["content-security-policy"].startswith("sandbox")
    services.answers[rpc.PreviewRelease] = b.a_preview()
    assert organiser.get(address).status_code == 404


@pytest.mark.parametrize(("level", "buttons"), [("warn", 1), ("block", 0)])
def test_a_missing_permission_is_named_with_its_sessions_and_may_hold_the_release_back(
    services: FakeServices, organiser: Visitor, level: PermissionLevel, buttons: int
) -> None:
    lacking = rpc.LackingPermission("convention", level, b.SCHOOL_ID, "École d’Acy", "Robotique puis vidéo", ("s1",))
    services.answers[rpc.GetPlan] = b.a_plan(release=None, lacking=(lacking,))
    page = organiser.get(f"{EDITION}/propositions/{b.PROPOSAL_ID}/diffusion").text
    said = "École d’Acy, Robotique puis vidéo\u00a0: Robotique (CM1-CM2 groupe 1, "
    assert (page.count(said), page.count("Publier et prévenir")) == (1, buttons)
    assert "convention avec le prestataire" in page


def test_a_release_that_came_in_between_is_said(services: FakeServices, organiser: Visitor) -> None:
    refuse(services, rpc.ReleasePlan, Problem("release_in_between", {"current": "3"}))
    answer = organiser.submit(f"{EDITION}/propositions/prop-2/diffusion", {"after": "2"})
    assert (answer.status_code, "La version 3 a été publiée" in answer.text) == (409, True)


@pytest.mark.parametrize("flaw", [{"outdated": True}, {"violations": (b.a_violation(),)}])
def test_a_flawed_proposal_offers_no_way_to_publish(
    services: FakeServices, organiser: Visitor, flaw: dict[str, Any]
) -> None:
    services.answers[rpc.GetPlan] = b.a_proposal(**flaw)
    assert "/diffusion" not in organiser.get(f"{EDITION}/propositions/prop-2").text


def test_differences_compare_any_two_releases(services: FakeServices, organiser: Visitor) -> None:
    for query in ("", "?avant=0&apres=2", "?avant=x&apres=1"):
        organiser.get(f"{EDITION}/versions/differences{query}")
    compared = [(r.before, r.after) for r in services.asked if isinstance(r, rpc.CompareReleases)]
    assert compared == [(1, 2), (0, 2), (0, 1)]


def test_the_plan_can_be_kept_as_json_and_workbook(organiser: Visitor) -> None:
    plan = organiser.get(f"{EDITION}/plan.json?version=1")
    assert json.loads(plan.content) == encode(b.a_plan())
    assert plan.headers["content-disposition"] == 'attachment; filename="plan-demo-2020-1.json"'
    book = organiser.get(f"{EDITION}/plan.xlsx")
    assert zipfile.ZipFile(io.BytesIO(book.content)).testzip() is None
    parts = [organiser.get(f"{EDITION}/rotation-{part}.json") for part in ("instance", "solution")]
    assert [part.json() for part in parts] == [{"format": "rotation-1"}, {"sessions": []}]
    assert organiser.get(f"{EDITION}/rotation-other.json").status_code == 404


def test_before_the_first_release_the_pages_say_so(services: FakeServices, organiser: Visitor) -> None:
    services.answers |= {
        rpc.GetPlan: refused("no_release"),
        rpc.GetDemand: refused("unknown_edition", edition="x"),
        rpc.ListRegistrations: (),
        rpc.ListReleases: (),
        rpc.ListJobs: (),
        rpc.ListMails: (),
        rpc.ListIncoming: (),
        rpc.ListParties: (),
        rpc.ListDeadLetters: (),
    }
    paths = ("", "/plan", "/versions", "/versions/differences", "/courriels", "/liens", "/calculs", "/inscriptions")
    assert [organiser.get(EDITION + path).status_code for path in paths] == [200] * len(paths)
    assert "À faire\u00a0: Inscrire les écoles" in organiser.get(EDITION).text


# Next step --------------------------------------------------------------------------------------------------

REGISTERED = (b.a_registration(exceptions=(), answers={}),)
OPEN = (b.a_registration(answers={}),)
ANSWERED = (b.a_registration(exceptions=(), answers={"confirmed": 2, "offered": 0}),)
WAITING = (b.a_registration(exceptions=(), answers={"confirmed": 1, "offered": 1}),)


@pytest.mark.parametrize(
    ("registrations", "jobs", "plan", "expected"),
    [
        ((), (), None, "Inscrire les écoles"),
        (OPEN, (), None, "Régler les exceptions"),
        (REGISTERED, (), None, "Calculer un plan"),
        (REGISTERED, (b.a_job(state="failed", proposal_id=None),), None, "Calculer un plan"),
        (REGISTERED, (b.a_job(),), None, "Publier le plan"),
        (WAITING, (b.a_job(),), b.a_plan(), "Suivre les réponses"),
        (WAITING, (b.a_job(),), b.a_plan(outdated=True), "Calculer un plan"),
        (ANSWERED, (b.a_job(),), b.a_plan(), None),
    ],
)
def test_the_next_step_is_the_first_not_done(registrations: Any, jobs: Any, plan: Any, expected: str | None) -> None:
    steps = steps_of(registrations, jobs, plan)
    assert next((step.name for step in steps if not step.done), None) == expected


# Mails and problems -----------------------------------------------------------------------------------------


def test_a_mail_is_read_as_people_and_calendars_read_it(organiser: Visitor) -> None:
    page = organiser.get(f"{EDITION}/courriels/{b.MAIL_ID}").text
    assert "une séance vous est confiée." in page
    assert "REQUEST · CONFIRMED" in page
    assert "lundi 2 novembre 2020, 9\u00a0h\u00a000 – 10\u00a0h\u00a015" in page
    assert "alert(1)" not in page


def test_the_html_of_a_mail_is_shut_in_a_sandbox(organiser: Visitor) -> None:
    answer = organiser.get(f"{EDITION}/courriels/{b.MAIL_ID}/html")
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")


def test_a_mail_can_be_kept_as_it_left(organiser: Visitor) -> None:
    answer = organiser.get(f"{EDITION}/courriels/{b.MAIL_ID}/brut")
    assert answer.content == b.a_raw_mail()
    assert answer.headers["content-disposition"] == 'attachment; filename="mail-1.eml"'


def test_mails_can_be_listed_by_state(services: FakeServices, organiser: Visitor) -> None:
    for query in ("", "?etat=failed", "?etat=lost"):
        organiser.get(f"{EDITION}/courriels{query}")
    assert [r.state for r in services.asked if isinstance(r, rpc.ListMails)] == [None, "failed", None]


def test_a_failed_message_is_replayed_or_discarded_with_a_reason(services: FakeServices, organiser: Visitor) -> None:
    letter = {"service": "scheduling", "letter": "dead-1"}
    organiser.submit("/organisateur/etat", letter | {"action": "replay"})
    unsaid = organiser.submit("/organisateur/etat", letter | {"action": "discard", "reason": " "})
    organiser.submit("/organisateur/etat", letter | {"action": "discard", "reason": "Test"})
    organiser.submit("/organisateur/etat", letter | {"action": "replay", "service": "portal"})
    assert (unsaid.status_code, '<a href="#reason-dead-1">' in unsaid.text) == (422, True)
    assert services.commands() == [
        rpc.ReplayDeadLetter("scheduling", "dead-1"),
        rpc.DiscardDeadLetter("scheduling", "dead-1", "Test"),
    ]


def test_a_service_that_does_not_answer_shows_as_such(services: FakeServices, organiser: Visitor) -> None:
    def health(request: rpc.GetHealth) -> rpc.Health:
        if request.target == "registration":
            raise b.unavailable()
        return rpc.Health(request.target, 0, 0.0, 0, 0)

    services.answers[rpc.GetHealth] = health
    page = organiser.get("/organisateur/etat").text
    assert page.count("ne répond pas") == 1
    assert page.count("tout va bien") == 2


def test_a_mail_server_that_does_not_answer_is_said(services: FakeServices, organiser: Visitor) -> None:
    services.answers[rpc.GetHealth] = lambda asked: rpc.Health(asked.target, 0, 0.0, 0, 0, trouble=NO_SERVER)
    assert organiser.get("/organisateur/etat").text.count("Le serveur de courriel ne répond pas") == 3
    assert "The mail server does not answer" in organiser.get("/organisateur/etat?lang=en").text
