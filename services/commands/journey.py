"""The main job from the first file to the last feed, played through the public doors.

Commands go by request, a school answers on its web page, a provider answers by mail: nothing here reaches into a
service. Each step can be played again and changes nothing then, so a journey goes on where a crash cut it off.
"""

from __future__ import annotations

import base64
import datetime as dt
import smtplib
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from services.commands import JourneyFailed
from services.commands.browser import Browser
from services.contracts import rpc
from services.contracts.errors import Refused
from services.contracts.values import PARIS, HalfDay, Session
from services.kit.settings import Settings
from services.portal.mail.mailroom import reply_to_invitation

A = TypeVar("A")


class AskNow(Protocol):
    """Sends a request and waits for its answer."""

    def __call__(self, request: rpc.Request[A]) -> A: ...


@dataclass(frozen=True)
class Doors:
    """Where the house answers: ``web`` is the portal's address, ``mail`` the host and port of its mail door."""

    web: str
    mail: tuple[str, int]

    @classmethod
    def of(cls, settings: Settings) -> Doors:
        """Return where the house of these settings answers."""
        return cls(settings.base_url, (settings.mail_host, settings.mail_port))


@dataclass(frozen=True)
class Journey:
    """Plays the steps. ``tell`` is called with one line a step, ``(message, facts)``, and while a plan is computed."""

    ask: AskNow
    doors: Doors
    tell: Callable[[str, dict[str, Any]], None]
    patience: float = 300.0

    def load(self, folder: Path, change: Callable[[str], str] = str) -> str:
        """Open the edition of a folder and register its schools; return the edition's id. Raises Refused, OSError.

        ``change`` is applied to the text of each file.
        """
        edition = self.ask(rpc.OpenEdition(file="edition.toml", text=change(read(folder / "edition.toml"))))
        self.tell("edition", {"name": edition.name, "days": len(edition.action_days)})
        schools, classes = (
            rpc.ImportFile(name, change(read(folder / name))) for name in ("schools.csv", "classes.csv")
        )
        request = rpc.ImportSchools(edition_id=edition.id, schools=schools, classes=classes)
        report = self._until(lambda: self._unless_refused(request, "edition_not_arrived"), "the edition to be known")
        demand = self._until(lambda: self._demand_of(edition.id), "the registrations to be known")
        if demand.groups < report.groups - report.open_exceptions:
            demand = self._until(lambda: self._demand_of(edition.id, report), "the groups to be known")
        self.tell("registered", {"schools": demand.schools, "groups": demand.groups, "pupils": demand.pupils})
        return edition.id

    def propose(self, edition_id: str, seconds: float) -> str:
        """Return the id of a plan computed in ``seconds``, or four times as long when sessions were left out."""
        job = self._solve(edition_id, seconds)
        if job.placed != job.sessions:
            job = self._solve(edition_id, 4 * seconds)
        if not job.placed or job.proposal_id is None:
            raise JourneyFailed(f"no session could be placed in {job.seconds:.0f} s: give the plan more time")
        return job.proposal_id

    def _solve(self, edition_id: str, seconds: float) -> rpc.Job:
        """Wait for the end of a job: the one under way, or a new one."""
        running = [job for job in self.ask(rpc.ListJobs(edition_id)) if job.state in ("queued", "running")]
        job = running[0] if running else self.ask(rpc.ProposePlan(edition_id, seconds=seconds))
        while job.state in ("queued", "running"):
            self.tell("solving", {"job": job})
            time.sleep(0.3)
            job = self.ask(rpc.GetJob(job.id))
        if job.state != "done":
            raise JourneyFailed(f"no plan: job {job.state}, {job.reason.code if job.reason else 'without a reason'}")
        return job

    def release(self, edition_id: str, proposal_id: str, number: int) -> rpc.Release:
        """Make the proposal release ``number`` and wait until every mail about it has left."""
        release = self.ask(rpc.ReleasePlan(edition_id, proposal_id, after=number - 1))
        self.tell("released", {"number": number})
        self._until(lambda: self._told(edition_id, release), f"the mails of release {number} to leave")
        return release

    def plan_first(self, edition_id: str, seconds: float) -> rpc.Plan:
        """Propose and release the first plan, unless that is done."""
        if not self.ask(rpc.ListReleases(edition_id)):
            self.release(edition_id, self.propose(edition_id, seconds), 1)
        release = self.ask(rpc.ListReleases(edition_id))[-1]
        self._until(lambda: self._told(edition_id, release), "the mails of release 1 to leave")
        plan = self.ask(rpc.GetPlan(edition_id, release=1))
        placed = len(plan.sessions)
        self.tell("planned", {"placed": placed, "total": placed + len(plan.unplaced)})
        return plan

    def school_confirms(self, edition_id: str, school_id: str) -> int:
        """Confirm all a school is offered, on its page as a browser does; return how many sessions it has confirmed."""
        registration = next(r for r in self.ask(rpc.ListRegistrations(edition_id)) if r.school.id == school_id)
        self._until(lambda: self.ask(rpc.GetSchoolPage(edition_id, school_id)).release, "the slots to be offered")
        page = self.ask(rpc.GetSchoolPage(edition_id, school_id))
        known = {offer.session.id: offer.pupils for offer in page.offers if offer.answer == "offered"}
        if known:
            Browser(self.doors.web).confirm(f"/ecole/{registration.token}", known)
        self._until(lambda: self._confirmed_in_plan(edition_id, school_id), "the confirmation to reach the plan")
        confirmed = self._confirmed_in_plan(edition_id, school_id)
        self.tell("confirmed", {"school": page.school.name, "sessions": confirmed})
        return confirmed

    def provider_accepts(self, edition_id: str, session_id: str) -> None:
        """Answer a provider's invitation to a session by mail, as its calendar would."""
        if self._provider_answer(edition_id, session_id) != "accepted":
            invitation = self._invitation(edition_id, session_id)
            with smtplib.SMTP(*self.doors.mail, timeout=10) as server:
                server.send_message(reply_to_invitation(invitation, "ACCEPTED"))
        self._until(lambda: self._provider_answer(edition_id, session_id) == "accepted", "the acceptance to arrive")
        planned = self._planned(edition_id, session_id)
        start = planned.session.start
        facts = {"provider": planned.provider_name, "day": start.date(), "hour": start}
        self.tell("accepted", facts)

    def close_school(self, edition_id: str, school_id: str, day: dt.date, seconds: float) -> rpc.Release:
        """Close a school for a day, replan, and release the change as version 2, unless that is done."""
        half_days = (HalfDay(day, "am"), HalfDay(day, "pm"))
        self.ask(rpc.CloseSchool(edition_id, school_id, half_days))
        if len(self.ask(rpc.ListReleases(edition_id))) < 2:
            self.tell("closed", {"school": school_id, "day": day})
            self._until(lambda: self.ask(rpc.GetPlan(edition_id)).outdated, "the closure to reach scheduling")
            self.release(edition_id, self.propose(edition_id, seconds), 2)
        second = next(r for r in self.ask(rpc.ListReleases(edition_id)) if r.number == 2)
        self._until(lambda: self._told(edition_id, second), "the mails of release 2 to leave")
        self.tell("changed", {"number": second.number, "changes": sum(second.changes.values())})
        return second

    def fetch(self, path: str) -> bytes:
        """Return what the portal serves at a path, such as a feed."""
        return Browser(self.doors.web).get(path)

    # -------------------------------------------------------------------------------------------------------

    def _unless_refused(self, request: rpc.Request[A], code: str) -> A | None:
        try:
            return self.ask(request)
        except Refused as refusal:
            if {problem.code for problem in refusal.problems} != {code}:
                raise
            return None

    def _demand_of(self, edition_id: str, report: rpc.ImportReport | None = None) -> rpc.Demand | None:
        demand = self.ask(rpc.GetDemand(edition_id))
        registered = len(self.ask(rpc.ListRegistrations(edition_id)))
        enough = report is None or demand.groups >= report.groups - report.open_exceptions
        return demand if demand.schools == registered and enough else None

    def _told(self, edition_id: str, release: rpc.Release) -> bool:
        """Whether every session that changed has its mails, and none waits any more."""
        mails = [mail for mail in self.ask(rpc.ListMails(edition_id)) if mail.release == release.number]
        digests = any(mail.kind == "digest" for mail in mails) or not any(release.changes.values())
        return digests and all(mail.state in ("sent", "superseded") for mail in mails)

    def _confirmed_in_plan(self, edition_id: str, school_id: str) -> int:
        answers = Counter(
            planned.school_answer
            for planned in self.ask(rpc.GetPlan(edition_id)).sessions
            if planned.session.school_id == school_id
        )
        return 0 if answers.keys() - {"confirmed", "declined"} else answers["confirmed"]

    def _planned(self, edition_id: str, session_id: str) -> rpc.PlannedSession:
        return next(p for p in self.ask(rpc.GetPlan(edition_id)).sessions if p.session.id == session_id)

    def _provider_answer(self, edition_id: str, session_id: str) -> str:
        return self._planned(edition_id, session_id).provider_answer

    def _invitation(self, edition_id: str, session_id: str) -> bytes:
        mails = self.ask(rpc.ListMails(edition_id))
        latest = next(mail for mail in mails if mail.kind == "invitation" and mail.session_id == session_id)
        return base64.b64decode(self.ask(rpc.GetMail(latest.id)).raw)

    def _until(self, condition: Callable[[], Any], what: str) -> Any:
        end = time.monotonic() + self.patience
        while not (result := condition()):
            if time.monotonic() > end:
                raise JourneyFailed(f"waited {self.patience:.0f} s for {what}")
            time.sleep(0.05)
        return result


def first_session_of(plan: rpc.Plan, provider_id: str | None = None) -> Session:
    """Return the earliest session of a plan, of one provider when given."""
    sessions = [p.session for p in plan.sessions if provider_id in (None, p.session.provider_id)]
    return min(sessions, key=lambda session: (session.start, session.id))


def day_to_close(plan: rpc.Plan) -> tuple[str, dt.date]:
    """Return the school and the day whose closing moves the fewest sessions, past the middle of the plan."""
    visits = Counter((p.session.school_id, p.session.start.astimezone(PARIS).date()) for p in plan.sessions)
    days = sorted({day for _, day in visits})
    late = {visit: count for visit, count in visits.items() if visit[1] >= days[len(days) // 2]}
    return min(late, key=lambda visit: (late[visit], visit[1], visit[0]))


def read(path: Path) -> str:
    """Return the text of a file of an example. Raises OSError."""
    return path.read_text(encoding="utf-8-sig")
