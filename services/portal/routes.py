"""The addresses of the portal: each with its view and its gate. No POST is read without its CSRF check."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.routing import BaseRoute, Mount, Route

from services.contracts.values import Role
from services.portal.views import (
    feeds,
    health,
    mailbox,
    programme,
    provider,
    public,
    registration,
    running,
    school,
    signing_in,
    theme,
)
from services.portal.views.organiser import (
    account,
    accounts,
    asking,
    board,
    counters,
    days,
    display,
    editions,
    explanations,
    imports,
    incidents,
    journal,
    links,
    look,
    mails,
    people,
    permissions,
    places,
    plans,
    proposals,
    reach,
    registrations,
    releases,
    software,
    state,
    wishes,
    wordings,
)
from services.portal.web.assets import assets
from services.portal.web.auth import View, provider_only, school_only
from services.portal.web.forms import with_form
from services.portal.web.roles import Gate, administrator_only, anyone, least_role, organiser_only, reader_only

EDITION = "/organisateur/editions/{edition}"


def page(path: str, name: str, view: View, gate: Gate) -> Route:
    """An address that only shows: GET and HEAD."""
    return Route(path, gate(view), methods=["GET"], name=name)


def action(path: str, name: str, view: View, gate: Gate) -> Route:
    """An address that acts: POST, from one of our own forms."""
    return Route(path, gate(with_form(view)), methods=["POST"], name=name)


def all_routes(with_mailbox: bool) -> list[BaseRoute]:
    """Return every route, those of schools, who come in crowds, first; the development mailbox where there is one."""
    routes = [*_school(), *_public(), *_provider(), *_organiser(), *_edition(), *(_mailbox() if with_mailbox else ())]
    return [*routes, Mount("/static", assets, name="static")]


def roles_asked(routes: Iterable[BaseRoute]) -> tuple[dict[str, Role], dict[str, Role]]:
    """Return which role a route asks for, by its name, and which one the forms do that go to its address."""
    found = [route for route in routes if isinstance(route, Route)]
    sends = {route.path: least_role(route.endpoint) for route in found if "POST" in (route.methods or ())}
    opens = {route.name: role for route in found if (role := least_role(route.endpoint))}
    return opens, {route.name: role for route in found if (role := sends.get(route.path))}


def _public() -> list[BaseRoute]:
    return [
        page("/", "home", public.home, anyone),
        page("/accessibilite", "accessibility", public.accessibility, anyone),
        page("/mentions-legales", "legal", public.legal, anyone),
        page("/donnees-personnelles", "privacy", public.privacy, anyone),
        page("/connexion", "sign_in", signing_in.sign_in, anyone),
        action("/connexion", "do_sign_in", signing_in.do_sign_in, anyone),
        page("/connexion/code", "code", signing_in.code, anyone),
        action("/connexion/code", "give_code", signing_in.give_code, anyone),
        page("/connexion/{token}", "sign_in_link", signing_in.link, anyone),
        action("/connexion/{token}", "use_sign_in_link", signing_in.use_link, anyone),
        action("/deconnexion", "sign_out", signing_in.sign_out, anyone),
        page("/plan-du-site", "site_map", public.site_map, anyone),
        page("/robots.txt", "robots", public.robots, anyone),
        page("/apparence.css", "theme_style", theme.style, anyone),
        page("/apparence.logo", "theme_logo", theme.logo, anyone),
        page("/programme/{edition}", "programme", programme.page, anyone),
        page("/programme/{edition}/changements", "programme_changes", programme.changes, anyone),
        page("/programme/{edition}/changements.atom", "programme_changes_feed", programme.changes_feed, anyone),
        page("/programme/{edition}/programme.ics", "programme_ics", programme.calendar, anyone),
        page("/programme/{edition}/programme.csv", "programme_csv", programme.as_csv, anyone),
        page("/programme/{edition}/programme.xlsx", "programme_xlsx", programme.as_workbook, anyone),
        page("/programme/{edition}/schedule.xml", "programme_xml", programme.schedule_xml, anyone),
        page("/programme/{edition}/schedule.json", "programme_json", programme.schedule_json, anyone),
        page("/feeds/{token}.ics", "feed", feeds.feed, anyone),
        page("/feeds/{token}.svg", "feed_qr", feeds.qr, anyone),
        page("/livez", "livez", health.livez, anyone),
        page("/readyz", "readyz", health.readyz, anyone),
        page("/health", "health", health.summary, anyone),
    ]


def _school() -> list[BaseRoute]:
    return [
        page("/ecole", "school", school.sessions, school_only),
        page("/ecole/confirmer", "back_from_confirm", school.back, anyone),
        action("/ecole/confirmer", "confirm", school.confirm, school_only),
        page("/ecole/refuser", "back_from_decline", school.back, anyone),
        action("/ecole/refuser", "decline", school.decline, school_only),
        page("/ecole/annuler", "back_from_undo", school.back, anyone),
        action("/ecole/annuler", "undo", school.undo, school_only),
        page("/ecole/place", "back_from_place", school.back, anyone),
        action("/ecole/place", "answer_place", school.place, school_only),
        page("/ecole/accord", "back_from_agree", school.back, anyone),
        action("/ecole/accord", "agree", school.agree, school_only),
        page("/ecole/autre-creneau", "other_slots", school.other_slots, school_only),
        action("/ecole/autre-creneau", "wish", school.wish, school_only),
        page("/ecole/jours/{day}", "school_day", running.school_day, school_only),
        page("/ecole/inscription", "registration_form", registration.form, school_only),
        action("/ecole/inscription", "send_registration", registration.send, school_only),
        action("/ecole/sms", "school_texts", school.texts, school_only),
        action("/ecole/agenda", "school_calendar", school.calendar, school_only),
        page("/ecole/{token}", "school_link", school.open_link, anyone),
    ]


def _provider() -> list[BaseRoute]:
    return [
        action("/prestataire/sms", "provider_texts", provider.texts, provider_only),
        action("/prestataire/agenda", "provider_calendar", provider.calendar, provider_only),
        action("/prestataire/autre-agenda", "provider_busy", provider.busy, provider_only),
        page("/prestataire/attestation", "provider_certificate", running.provider_certificate, provider_only),
        page("/prestataire/jours/{day}", "provider_day", running.provider_day, provider_only),
        action("/prestataire/jours/{day}", "record_provider_day", running.record, provider_only),
        page("/prestataire/jours/{day}/{team}", "provider_route", running.provider_route, provider_only),
        page("/prestataire/{token}", "provider_link", provider.open_link, anyone),
        page("/prestataire", "provider", provider.sessions, provider_only),
    ]


def _organiser() -> list[BaseRoute]:
    return [
        page("/organisateur", "editions", editions.all_editions, reader_only),
        page("/organisateur/plan-du-site", "organiser_map", editions.site_map, reader_only),
        page("/organisateur/nouvelle-edition", "new_edition", imports.new_edition, organiser_only),
        action("/organisateur/nouvelle-edition", "open_edition", imports.open_edition, organiser_only),
        page("/organisateur/etat", "state", state.problems, reader_only),
        action("/organisateur/etat", "settle_problem", state.settle, organiser_only),
        page("/organisateur/apparence", "look", look.look, administrator_only),
        action("/organisateur/apparence", "set_look", look.set_look, administrator_only),
        page("/organisateur/personnes", "people", people.people, administrator_only),
        action("/organisateur/personnes", "people_act", people.act, administrator_only),
        page("/organisateur/comptes", "accounts", accounts.accounts, administrator_only),
        action("/organisateur/comptes", "invite_account", accounts.invite, administrator_only),
        action("/organisateur/comptes/changer", "change_account", accounts.change, administrator_only),
        page("/organisateur/mon-compte", "account", account.account, reader_only),
        action("/organisateur/mon-compte", "change_own_account", account.change, reader_only),
        action("/organisateur/mon-compte/mot-de-passe", "set_password", account.set_password, reader_only),
        action("/organisateur/mon-compte/codes", "start_codes", account.start_codes, reader_only),
        action("/organisateur/mon-compte/appareils", "end_sign_ins", account.end_sign_ins, reader_only),
    ]


def _edition() -> list[BaseRoute]:
    return [
        page(EDITION, "edition", editions.edition, reader_only),
        page(f"{EDITION}/import", "import", imports.files, organiser_only),
        action(f"{EDITION}/import", "do_import", imports.import_schools, organiser_only),
        page(f"{EDITION}/inscriptions", "registrations", registrations.all_schools, reader_only),
        action(f"{EDITION}/inscriptions", "settle_exception", registrations.settle, organiser_only),
        page(f"{EDITION}/ecoles/{{school}}", "registration", registrations.one_school, reader_only),
        action(f"{EDITION}/ecoles/{{school}}", "close_school", registrations.close_or_reopen, organiser_only),
        page(f"{EDITION}/ecoles/{{school}}/telephone", "telephone", registrations.telephone, organiser_only),
        action(
            f"{EDITION}/ecoles/{{school}}/telephone/confirmer",
            "telephone_confirm",
            registrations.telephone_confirm,
            organiser_only,
        ),
        action(
            f"{EDITION}/ecoles/{{school}}/telephone/refuser",
            "telephone_decline",
            registrations.telephone_decline,
            organiser_only,
        ),
        action(
            f"{EDITION}/ecoles/{{school}}/telephone/annuler",
            "telephone_undo",
            registrations.telephone_undo,
            organiser_only,
        ),
        action(
            f"{EDITION}/ecoles/{{school}}/telephone/place",
            "telephone_place",
            registrations.telephone_place,
            organiser_only,
        ),
        page(
            f"{EDITION}/ecoles/{{school}}/telephone/autre-creneau",
            "telephone_slots",
            registrations.telephone_slots,
            organiser_only,
        ),
        action(
            f"{EDITION}/ecoles/{{school}}/telephone/autre-creneau",
            "telephone_wish",
            registrations.telephone_wish,
            organiser_only,
        ),
        page(f"{EDITION}/reponses/autorisations", "permissions", permissions.permissions, reader_only),
        action(f"{EDITION}/reponses/autorisations", "mark_permission", permissions.mark, organiser_only),
        action(f"{EDITION}/reponses/autorisations/suivi", "set_levels", permissions.set_levels, organiser_only),
        action(f"{EDITION}/reponses/relances", "prepare_reminders", asking.prepare_reminders, organiser_only),
        action(f"{EDITION}/reponses/creneaux", "settle_wish", wishes.settle, organiser_only),
        page(f"{EDITION}/reponses", "asking", asking.answers, reader_only),
        action(f"{EDITION}/reponses/date-limite", "set_deadline", asking.set_deadline, organiser_only),
        page(f"{EDITION}/places", "places", places.places, reader_only),
        action(f"{EDITION}/places", "set_places", places.set_places, organiser_only),
        action(f"{EDITION}/places/priorites", "set_priorities", places.set_priorities, organiser_only),
        page(f"{EDITION}/plan", "plan", plans.current, reader_only),
        page(f"{EDITION}/plan.json", "plan_json", plans.as_json, reader_only),
        page(f"{EDITION}/plan.xlsx", "plan_xlsx", plans.as_workbook, reader_only),
        page(f"{EDITION}/rotation-{{part}}.json", "rotation", plans.rotation, reader_only),
        page(f"{EDITION}/journees", "days", days.all_days, reader_only),
        page(f"{EDITION}/journees/{{day}}/{{team}}", "team_day", days.team_day, reader_only),
        action(f"{EDITION}/journees/{{day}}/{{team}}", "record_team_day", days.record, organiser_only),
        page(f"{EDITION}/journees/{{day}}/{{team}}/feuille", "route_sheet", days.route_sheet, reader_only),
        page(f"{EDITION}/ecoles/{{school}}/jours/{{day}}", "school_day_sheet", days.school_sheet, reader_only),
        page(f"{EDITION}/attestations/{{provider}}", "certificate", days.provider_certificate, reader_only),
        page(f"{EDITION}/bilan", "reach", reach.reach, reader_only),
        page(f"{EDITION}/seances", "sessions", reach.sessions, reader_only),
        page(f"{EDITION}/bilan.csv", "reach_csv", reach.as_csv, reader_only),
        page(f"{EDITION}/affichage", "display", display.display, organiser_only),
        action(f"{EDITION}/affichage", "set_public", display.set_public, organiser_only),
        action(f"{EDITION}/affichage/contours", "set_contours", display.set_contours, organiser_only),
        page(f"{EDITION}/imprevus", "incidents", incidents.all_incidents, reader_only),
        action(f"{EDITION}/imprevus", "withdraw_incident", incidents.withdraw, organiser_only),
        page(f"{EDITION}/imprevus/{{kind}}", "new_incident", incidents.new_incident, organiser_only),
        action(f"{EDITION}/imprevus/{{kind}}", "report_incident", incidents.report, organiser_only),
        page(f"{EDITION}/calculs", "jobs", proposals.jobs, reader_only),
        action(f"{EDITION}/calculs", "propose", proposals.propose, organiser_only),
        page(f"{EDITION}/calculs/{{job}}", "job", proposals.job, reader_only),
        action(f"{EDITION}/calculs/{{job}}", "end_job", proposals.end, organiser_only),
        page(f"{EDITION}/comparer", "compare", proposals.compare, reader_only),
        action(f"{EDITION}/propositions/{{proposal}}", "settle_proposal", proposals.settle, organiser_only),
        page(f"{EDITION}/propositions/{{proposal}}", "proposal", proposals.proposal, reader_only),
        page(f"{EDITION}/propositions/{{proposal}}/cases", "cells", board.cells, organiser_only),
        page(f"{EDITION}/propositions/{{proposal}}/seance", "session", board.session, organiser_only),
        action(f"{EDITION}/propositions/{{proposal}}/seance", "change_session", board.change, organiser_only),
        page(f"{EDITION}/propositions/{{proposal}}/pourquoi", "why", explanations.why, reader_only),
        page(f"{EDITION}/propositions/{{proposal}}/pourquoi-ici", "why_here", explanations.why_here, reader_only),
        page(f"{EDITION}/propositions/{{proposal}}/diffusion", "release", releases.confirm, organiser_only),
        action(f"{EDITION}/propositions/{{proposal}}/diffusion", "do_release", releases.release, organiser_only),
        page(f"{EDITION}/propositions/{{proposal}}/courriel", "preview_mail", releases.preview_mail, organiser_only),
        page(
            f"{EDITION}/propositions/{{proposal}}/courriel/html",
            "preview_mail_html",
            releases.preview_mail_html,
            organiser_only,
        ),
        page(f"{EDITION}/versions", "releases", releases.all_releases, reader_only),
        action(f"{EDITION}/versions", "restore", releases.restore, organiser_only),
        page(f"{EDITION}/journal", "journal", journal.journal, reader_only),
        page(f"{EDITION}/versions/differences", "differences", releases.differences, reader_only),
        page(f"{EDITION}/courriels", "mails", mails.sent, reader_only),
        action(f"{EDITION}/courriels", "review_mails", mails.review, organiser_only),
        page(f"{EDITION}/lettres", "letters", mails.letters, organiser_only),
        action(f"{EDITION}/lettres", "mark_printed", mails.mark_printed, organiser_only),
        page(f"{EDITION}/courriels-recus", "incoming", mails.incoming, reader_only),
        action(f"{EDITION}/courriels-recus", "settle_incoming", mails.settle, organiser_only),
        page(f"{EDITION}/courriels-recus/{{mail}}/horaire", "counter", counters.price, organiser_only),
        action(f"{EDITION}/courriels-recus/{{mail}}/horaire", "accept_counter", counters.accept, organiser_only),
        page(f"{EDITION}/courriels/textes", "wordings", wordings.wordings, organiser_only),
        action(f"{EDITION}/courriels/textes", "change_wording", wordings.change, organiser_only),
        page(f"{EDITION}/courriels/{{mail}}", "mail", mails.one, reader_only),
        page(f"{EDITION}/courriels/{{mail}}/html", "mail_html", mails.html_part, reader_only),
        page(f"{EDITION}/courriels/{{mail}}/brut", "mail_raw", mails.raw, reader_only),
        page(f"{EDITION}/logiciels", "software", software.software, administrator_only),
        action(f"{EDITION}/logiciels", "grant_access", software.grant, administrator_only),
        action(f"{EDITION}/logiciels/revoquer", "revoke_access", software.revoke, administrator_only),
        action(f"{EDITION}/logiciels/adresses", "add_webhook", software.add_webhook, administrator_only),
        action(f"{EDITION}/logiciels/adresses/retirer", "remove_webhook", software.remove_webhook, administrator_only),
        action(f"{EDITION}/logiciels/renvoyer", "send_again", software.send_again, administrator_only),
        page(f"{EDITION}/liens", "parties", links.parties, organiser_only),
        action(f"{EDITION}/liens", "change_link", links.change, organiser_only),
        action(f"{EDITION}/liens/autre-agenda", "set_busy", links.busy, organiser_only),
    ]


def _mailbox() -> list[BaseRoute]:
    return [
        page("/mailbox", "mailbox", mailbox.letters, anyone),
        page("/mailbox/{letter}", "mailbox_letter", mailbox.one, anyone),
        page("/mailbox/{letter}/html", "mailbox_html", mailbox.html_part, anyone),
        page("/mailbox/{letter}/brut", "mailbox_raw", mailbox.raw, anyone),
        action("/mailbox/{letter}", "mailbox_reply", mailbox.reply, anyone),
    ]
