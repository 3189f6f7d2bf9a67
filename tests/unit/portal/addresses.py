"""Every address of the portal with what fills its braces, and who may open it."""

from __future__ import annotations

from services.portal.routes import all_routes
from tests.unit.portal import builders as b

VALUES = {
    "edition": b.EDITION_ID,
    "school": b.SCHOOL_ID,
    "part": "instance",
    "job": b.JOB_ID,
    "kind": "ecole-fermee",
    "proposal": b.PROPOSAL_ID,
    "mail": b.MAIL_ID,
    "day": b.DAYS[0].isoformat(),
    "team": "truck-1",
    "provider": b.PROVIDER_ID,
    "letter": "20201020T073000000000-0123456789ab",
}
LINKS = {
    "/connexion/{token}": "/connexion/a-token-of-a-mail",
    "/ecole/{token}": f"/ecole/{b.SCHOOL_TOKEN}",
    "/prestataire/{token}": f"/prestataire/{b.PROVIDER_TOKEN}",
    "/feeds/{token}.ics": f"/feeds/{b.FEED_TOKEN}.ics",
    "/feeds/{token}.svg": f"/feeds/{b.FEED_TOKEN}.svg",
}
MAIL_OF_A_PLAN = "?courriel=digest.1"
"""What the preview of a mail is asked for."""
SCHOOL_FORMS = ("confirmer", "refuser", "annuler", "autre-creneau", "accord", "place", "inscription", "agenda")


def addresses(method: str) -> list[str]:
    """Return the addresses that answer to a method, the development mailbox aside."""
    routes = [route for route in all_routes(with_mailbox=False) if method in (getattr(route, "methods", None) or ())]
    found = [LINKS.get(route.path) or route.path.format(**VALUES) for route in routes]
    return [path + MAIL_OF_A_PLAN * ("/courriel" in path) for path in found]


def who_opens(path: str) -> str:
    """Return the identity an address asks for."""
    if path.startswith("/organisateur"):
        return "organiser"
    if path.startswith("/ecole/jours/") or path in ("/ecole", *(f"/ecole/{form}" for form in SCHOOL_FORMS)):
        return "school"
    provider = path in ("/prestataire", "/prestataire/agenda", "/prestataire/attestation")
    return "provider" if provider or path.startswith("/prestataire/jours/") else "anyone"


def is_document(path: str) -> bool:
    """Whether an address answers with a document to print, which holds its own style and no navigation."""
    day = f"/jours/{VALUES['day']}"
    return path.endswith(("/feuille", "/attestation", "/lettres", f"/attestations/{VALUES['provider']}")) or (
        day in path and path != f"/prestataire{day}"
    )


PAGES = [path for path in addresses("GET") if "." not in path and path not in ("/livez", "/readyz", "/health")]
DOCUMENTS = [path for path in PAGES if is_document(path)]
SHOWN = [
    path
    for path in PAGES
    if not is_document(path)
    and not path.endswith(
        (
            b.SCHOOL_TOKEN,
            b.PROVIDER_TOKEN,
            "/connexion/code",
            "/brut",
            "/html",
            f"/html{MAIL_OF_A_PLAN}",
            "/ecole/confirmer",
            "/ecole/refuser",
            "/ecole/annuler",
            "/ecole/place",
            "/ecole/accord",
            "/seance",
            "/cases",
        )
    )
]
SHOWN += ["/ecole/autre-creneau?seance=s1"]
SHOWN += [path + "?seance=s1" for path in PAGES if path.endswith("/seance")]
"""Pages that show something themselves, rather than lead elsewhere or hand over a file."""
