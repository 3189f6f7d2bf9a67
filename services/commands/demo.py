"""``quinzaine demo``: the whole chain without a browser, its results in a folder, and a check of every one of them."""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from services.commands.journey import Doors, Journey, day_to_close, first_session_of
from services.commands.stopping import terminated_as_interrupted
from services.commands.telling import Teller
from services.contracts import rpc
from services.kit.i18n import N_, translations
from services.kit.settings import Settings

EXAMPLE = Path("examples/soissons-2020")

WORDS = {
    "sessions": N_("séances placées"),
    "groups": N_("groupes"),
    "days": N_("jours d’action"),
    "violations": N_("règles enfreintes, d’après le vérificateur"),
    "invitations": N_("invitations aux prestataires"),
    "digests": N_("courriels aux écoles"),
    "confirmed": N_("séances confirmées par une école"),
    "kept": N_("séances placées après la fermeture d’une école"),
    "closed_day": N_("séances dans l’école fermée ce jour-là"),
    "told": N_("courriels pour le changement"),
    "told_wrongly": N_("personnes prévenues à tort, ou oubliées"),
}
"""What a check counts -> French words (msgids of the catalogues)."""


@dataclass(frozen=True)
class Check:
    """One thing that must hold: what is counted, what it must be, what was found."""

    what: str
    expected: object
    found: object

    @property
    def holds(self) -> bool:
        """Whether it does."""
        return self.expected == self.found

    def in_text(self) -> dict[str, str]:
        """Return it as text."""
        return {"what": self.what, "expected": str(self.expected), "found": str(self.found)}


@dataclass
class Outcome:
    """What a demo left: its checks in order."""

    checks: list[Check] = field(default_factory=list)

    def check(self, what: str, expected: object, found: object) -> None:
        """Note a check."""
        self.checks.append(Check(what, expected, found))

    @property
    def holds(self) -> bool:
        """Whether every check does."""
        return all(check.holds for check in self.checks)


def add(commands: Any) -> None:
    """Declare the command."""
    demo = commands.add_parser("demo", help="play the whole chain and check it")
    demo.add_argument("--out", type=Path, required=True, metavar="DIR", help="where plan, mails and feeds go")
    demo.add_argument("--example", type=Path, default=EXAMPLE, metavar="DIR", help=f"the edition (default {EXAMPLE})")
    demo.add_argument("--connected", action="store_true", help="play it on the running services of the settings")
    demo.add_argument("--seconds", type=float, default=15.0, help="time a plan may take to compute (default 15)")
    demo.set_defaults(run=_run)


def _run(options: argparse.Namespace, settings: Settings) -> int:
    tell = Teller(settings.language, sys.stdout)
    options.out.mkdir(parents=True, exist_ok=True)
    hosted = _connected(settings, tell) if options.connected else _embedded(settings, options.out / "data", tell)
    with terminated_as_interrupted(), hosted as journey:
        outcome = play(journey, options.example, options.out, options.seconds)
    tell.table(list(_rows(outcome, settings.language)))
    return 0 if outcome.holds else 1


def _rows(outcome: Outcome, language: str) -> Iterator[tuple[str, str, str]]:
    _ = translations(language).gettext
    yield _("Vérification"), _("attendu"), _("obtenu")
    for check in outcome.checks:
        yield _(WORDS[check.what]), str(check.expected), str(check.found) if check.holds else f"{check.found}  ✗"


@contextlib.contextmanager
def _embedded(settings: Settings, data_dir: Path, tell: Teller) -> Iterator[Journey]:
    from services.commands.running import free_port, running

    port, mail_port = free_port(), free_port()
    address = f"http://127.0.0.1:{port}"
    settings = replace(settings, data_dir=data_dir, port=port, mail_port=mail_port, base_url=address)
    with running(settings) as house:
        yield Journey(house.ask, Doors.of(settings), tell)


@contextlib.contextmanager
def _connected(settings: Settings, tell: Teller) -> Iterator[Journey]:
    from services.kit.amqp import SyncAsk

    with SyncAsk(settings) as ask:
        yield Journey(ask, Doors.of(settings), tell)


def play(journey: Journey, folder: Path, out: Path, seconds: float) -> Outcome:
    """Play the journey of an example folder and write what it leaves to ``out``. Goes on where a crash cut it off."""
    from services.commands.results import write_results

    outcome = Outcome()
    edition_id = journey.load(folder)
    first = journey.plan_first(edition_id, seconds)
    _check_first(outcome, journey, first)
    session = first_session_of(first)
    confirmed = journey.school_confirms(edition_id, session.school_id)
    outcome.check("confirmed", _of_school(first, session.school_id), confirmed)
    journey.provider_accepts(edition_id, session.id)
    _play_change(outcome, journey, edition_id, first, seconds)
    write_results(journey, edition_id, out, [c.in_text() for c in outcome.checks])
    return outcome


def _check_first(outcome: Outcome, journey: Journey, plan: rpc.Plan) -> None:
    demand = journey.ask(rpc.GetDemand(plan.edition_id))
    edition = journey.ask(rpc.GetEdition(plan.edition_id))
    outcome.check("sessions", demand.sessions, len(plan.sessions))
    outcome.check("groups", demand.groups, len({p.session.group_id for p in plan.sessions}))
    outcome.check(
        "days", len(edition.action_days), _days_of(journey.ask(rpc.ExportRotation(plan.edition_id, release=1)))
    )
    outcome.check("violations", 0, len(plan.violations))
    sent = Counter(mail.kind for mail in _mails(journey, plan.edition_id, 1))
    outcome.check("invitations", len(plan.sessions), sent["invitation"])
    outcome.check("digests", demand.schools, sent["digest"])


def _play_change(outcome: Outcome, journey: Journey, edition_id: str, first: rpc.Plan, seconds: float) -> None:
    school_id, day = day_to_close(first)
    journey.close_school(edition_id, school_id, day, seconds)
    changes = [named.change for named in journey.ask(rpc.CompareReleases(edition_id, before=1, after=2))]
    mails = _mails(journey, edition_id, 2)
    told = Counter((mail.kind, mail.party) for mail in mails)
    second = journey.ask(rpc.GetPlan(edition_id, release=2))
    outcome.check("kept", len(first.sessions), len(second.sessions))
    outcome.check("closed_day", 0, _visits(second, school_id, day))
    expected = _to_tell(changes)
    outcome.check("told", expected.total(), told.total())
    outcome.check("told_wrongly", 0, ((told - expected) + (expected - told)).total())


def _to_tell(changes: Iterable[Any]) -> Counter[tuple[str, str]]:
    """Return who must hear of changes, by kind of mail: providers once a session, schools once in all."""
    providers: Counter[tuple[str, str]] = Counter()
    schools = set()
    for change in changes:
        before, after = change.before, change.after
        schools.add((after or before).school_id)
        if before and (after is None or after.provider_id != before.provider_id):
            providers["cancellation", before.provider_id] += 1
        if after and change.kind != "updated":
            providers["invitation", after.provider_id] += 1
    return providers + Counter(("digest", school) for school in schools)


def _mails(journey: Journey, edition_id: str, release: int) -> list[rpc.MailSummary]:
    kinds = ("invitation", "cancellation", "digest")
    return [m for m in journey.ask(rpc.ListMails(edition_id)) if m.release == release and m.kind in kinds]


def _days_of(files: rpc.RotationFiles) -> int:
    return len(files.instance["days"])


def _visits(plan: rpc.Plan, school_id: str, day: dt.date) -> int:
    return sum(p.session.school_id == school_id and p.session.start.date() == day for p in plan.sessions)


def _of_school(plan: rpc.Plan, school_id: str) -> int:
    return sum(p.session.school_id == school_id for p in plan.sessions)
