"""Every page a person can open in a house that has played an edition, from the portal's own table of addresses."""

from __future__ import annotations

from urllib.parse import quote

from starlette.routing import Route

from services.commands.journey import AskNow
from services.contracts import rpc
from services.contracts.values import PARIS, Session
from services.portal.acts.causes import CAUSES
from services.portal.routes import all_routes

NO_PAGES = {
    *("robots", "livez", "readyz", "health", "theme_style", "theme_logo", "feed", "feed_qr"),
    *("programme_changes_feed", "programme_ics", "programme_csv", "programme_xlsx", "programme_xml", "programme_json"),
    *("school_link", "provider_link", "back_from_confirm", "back_from_decline", "back_from_undo", "back_from_place"),
    *("back_from_agree", "plan_json", "plan_xlsx", "rotation", "reach_csv", "cells"),
    *("preview_mail_html", "mail_html", "mail_raw", "mailbox_html", "mailbox_raw"),
}
"""Addresses that hand over a file, a part of a page, or lead elsewhere."""
ON_THE_WAY = ("error", "sign_in_sent", "codes", "recovery", "code")
"""Pages that only an act leads to."""
ASKED = {
    "plan-schools": ("plan", "vue=ecoles"),
    "plan-map": ("plan", "vue=carte"),
    "sessions-confirmed": ("sessions", "chiffre=confirmed"),
    **{f"new_incident-{cause.slug}": ("new_incident", "") for cause in CAUSES},
}
"""Pages that show something else when asked for it: a name, its route and the query."""
ROUTES = {r.name: r.path for r in all_routes(with_mailbox=True) if isinstance(r, Route) and "GET" in (r.methods or ())}


def names() -> list[str]:
    """Return the name of each picture: that of the page's route, and what was asked."""
    plain = [name for name in ROUTES if name not in {*NO_PAGES, *ON_THE_WAY, "new_incident"}]
    return [*plain, *ASKED, *ON_THE_WAY]


def movable(ask: AskNow, edition_id: str, answer: str) -> tuple[Session, rpc.Alternative]:
    """Return a session to which its school gave this answer, and where else it could be."""
    sessions = [one.session for one in ask(rpc.GetPlan(edition_id)).sessions if one.school_answer == answer]
    priced = ((session, ask(rpc.PriceAlternatives(edition_id, session.id))) for session in sessions)
    return next((session, found[0]) for session, found in priced if found)


def addresses(ask: AskNow, edition_id: str, letter: str) -> dict[str, str]:
    """Return the path of every page that can simply be opened. ``letter``: one of the development mailbox.

    Makes a draft, which some of them show.
    """
    planned, elsewhere = movable(ask, edition_id, "offered")
    draft = ask(rpc.MoveSession(edition_id, planned.id, elsewhere.half_day))
    values = _values(ask, edition_id, planned) | {"proposal": draft, "letter": letter}
    queries = _queries(ask, edition_id, planned, draft)
    found = {}
    for name in names():
        if name not in ON_THE_WAY:
            route, query = ASKED.get(name, (name, queries.get(name, "")))
            own = {
                "mail": values["countered"] if route == "counter" else values["mail"],
                "kind": name.partition("-")[2],
            }
            found[name] = ROUTES[route].format(**values | own) + (f"?{query}" if query else "")
    return found


def _values(ask: AskNow, edition_id: str, planned: Session) -> dict[str, str]:
    """Return what fills the braces of addresses."""
    return {
        "edition": edition_id,
        "school": planned.school_id,
        "provider": planned.provider_id,
        "team": planned.team_id,
        "day": planned.start.astimezone(PARIS).date().isoformat(),
        "job": next(job.id for job in ask(rpc.ListJobs(edition_id)) if job.proposal_id),
        "mail": next(mail.id for mail in ask(rpc.ListMails(edition_id)) if mail.kind == "invitation"),
        "countered": next(mail.id for mail in ask(rpc.ListIncoming()) if mail.outcome == "countered"),
        "token": "un-lien",
    }


def _queries(ask: AskNow, edition_id: str, planned: Session, draft: str) -> dict[str, str]:
    """Return what pages are asked, by the name of their route."""
    session, release = f"seance={quote(planned.id)}", ask(rpc.ListReleases(edition_id))[0].number
    moved = ask(rpc.GetPlan(edition_id, proposal_id=draft)).sessions
    preview = ask(rpc.PreviewRelease(edition_id, release + 1, tuple(one.session for one in moved)))
    jobs = [job.proposal_id for job in ask(rpc.ListJobs(edition_id)) if job.proposal_id]
    return {
        **dict.fromkeys(("session", "other_slots", "telephone_slots", "why_here"), session),
        "preview_mail": f"courriel={quote(preview.mails[0].id)}",
        "compare": f"plan={draft}&plan={jobs[0]}",
    }
