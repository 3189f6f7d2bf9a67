"""The services as the portal's tests need them: fixed answers, and a memory of what was asked."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx

from services.contracts import rpc
from services.contracts.errors import Unavailable, refused
from services.kit.links import token_hash
from services.kit.settings import Settings
from services.portal.app import create_app
from tests.unit.portal import builders as b

ADDRESS, PASSWORD = "anne@ville.example", "correct horse battery"
SETTINGS = Settings(secret="0123456789abcdef0123456789abcdef", base_url="http://testserver")


class FakeServices:
    """Answers each kind of request from a table; ``asked`` keeps them in order.

    An answer may be a value, an exception to raise, or a function of the request.
    """

    def __init__(self) -> None:
        self.asked: list[rpc.Request[Any]] = []
        self.account = replace(b.some_accounts()[0], language="")  # pages in the language of the browser
        self.signed_in: set[str] = set()
        self.answers: dict[type[rpc.Request[Any]], Any] = {
            rpc.OpenSignIn: self._open_sign_in,
            rpc.SignInByPassword: self._sign_in,
            rpc.SignInByLink: self._sign_in,
            rpc.ListAccounts: b.some_accounts(),
            rpc.ListSignIns: lambda r: b.some_sign_ins(),
            rpc.EndSignIns: None,
            rpc.AskSignInLink: None,
            rpc.GetHealth: lambda r: rpc.Health(r.target, 2, 1.5, 0, int(r.target == "scheduling")),
            rpc.ListDeadLetters: lambda r: (b.a_dead_letter(),) if r.target == "scheduling" else (),
            rpc.ReplayDeadLetter: None,
            rpc.DiscardDeadLetter: None,
            rpc.ListEditions: (rpc.EditionSummary(b.EDITION_ID, "Quinzaine 2020", *b.DAYS, 1),),
            rpc.OpenEdition: b.an_edition(),
            rpc.GetEdition: _known(b.EDITION_ID, "unknown_edition", "edition_id", b.an_edition()),
            rpc.GetDemand: b.a_demand(),
            rpc.ListDemand: b.a_plan().unplaced,
            rpc.GetPlan: lambda r: b.a_proposal() if r.proposal_id else b.a_plan(),
            rpc.ListTeamDays: lambda r: (b.a_team_day(),),
            rpc.RecordOutcome: b.an_outcome(),
            rpc.GetTheme: rpc.Theme("#b3500a"),
            rpc.SetTheme: rpc.Theme(),
            rpc.GetDisplay: rpc.Display(b.EDITION_ID, True, (((3.3, 49.2), (3.5, 49.4)),)),
            rpc.SetPublic: rpc.Display(b.EDITION_ID),
            rpc.SetContours: rpc.Display(b.EDITION_ID),
            rpc.GetPublicChanges: _known(b.EDITION_ID, "unknown_programme", "edition_id", b.a_change_log()),
            rpc.GetPublicProgramme: _known(b.EDITION_ID, "unknown_programme", "edition_id", b.a_programme()),
            rpc.ProposePlan: b.a_running_job(),
            rpc.GetJob: b.a_running_job(),
            rpc.ListJobs: (b.a_job(),),
            rpc.ListActs: b.some_acts,
            rpc.ListProposals: b.some_proposals(),
            rpc.TakeUpProposal: "prop-3",
            rpc.DiscardProposal: None,
            rpc.CancelJob: b.a_job(state="cancelled", proposal_id=None),
            rpc.StopJob: b.a_job(state="running", stopping=True),
            rpc.ReportIncident: lambda r: b.an_incident(r.cause),
            rpc.WithdrawIncident: b.an_incident(withdrawn_at=b.MADE_AT),
            rpc.ListIncidents: b.some_incidents(),
            rpc.ReleasePlan: b.a_release(2),
            rpc.ExplainPlan: b.an_explanation(),
            rpc.ExplainSession: b.why_a_session_is_here(),
            rpc.ListReleases: (b.a_release(2), b.a_release(1)),
            rpc.CompareReleases: b.some_changes(),
            rpc.ExportRotation: rpc.RotationFiles({"format": "rotation-1"}, {"sessions": []}),
            rpc.ReadColumns: rpc.ImportColumns(rpc.FileColumns((), (), True), rpc.FileColumns((), (), True)),
            rpc.ImportSchools: rpc.ImportReport(2, 0, 0, 4, 1),
            rpc.ListRegistrations: (b.a_registration(),),
            rpc.ListAccesses: (b.an_access(), b.an_access(id="old", revoked_at=b.MADE_AT)),
            rpc.GrantAccess: lambda r: b.an_access(id=r.id, name=r.name, writes=r.writes),
            rpc.RevokeAccess: b.an_access(revoked_at=b.MADE_AT),
            rpc.OpenAccess: b.an_opened_access,
            rpc.ListWebhooks: (b.a_webhook(),),
            rpc.AddWebhook: b.a_webhook(),
            rpc.RemoveWebhook: None,
            rpc.SendAgain: None,
            rpc.SettleException: b.a_registration(exceptions=()),
            rpc.CloseSchool: b.a_registration(),
            rpc.ReopenSchool: b.a_registration(),
            rpc.FindPerson: (),
            rpc.ListErasures: (),
            rpc.ListDue: {"mails": 3},
            rpc.ErasePerson: None,
            rpc.OpenSchoolLink: _known(
                token_hash(b.SCHOOL_TOKEN), "unknown_link", "link", rpc.SchoolScope(b.EDITION_ID, b.SCHOOL_ID)
            ),
            rpc.GetSchoolPage: b.a_school_page(),
            rpc.GetRegistrationForm: b.a_registration_form(),
            rpc.SaveDraft: None,
            rpc.RegisterSchool: rpc.SchoolScope(b.EDITION_ID, b.SCHOOL_ID),
            rpc.ConfirmSlots: b.a_school_page(),
            rpc.DeclineSlot: b.a_school_page(),
            rpc.AskForSlot: b.a_school_page(),
            rpc.ListWishes: (b.a_school_wish(),),
            rpc.SettleWish: b.a_school_wish().wish,
            rpc.PriceAlternatives: (b.an_alternative(), b.an_alternative("pm", kilometres=-2, exact=True)),
            rpc.PriceCells: b.some_cells(),
            rpc.PriceTime: replace(b.some_cells()[1], starts_at=b.a_counter().proposed[0]),
            rpc.MoveToTime: b.PROPOSAL_ID,
            rpc.RestoreRelease: b.PROPOSAL_ID,
            rpc.ListStretches: b.some_stretches(),
            rpc.ListPins: (b.a_pin(),),
            rpc.PinSession: b.a_pin(),
            rpc.UnpinSession: None,
            rpc.MoveSession: b.PROPOSAL_ID,
            rpc.PriceExactly: b.a_running_job(),
            rpc.ListPermissions: (rpc.SchoolPermissions(b.SCHOOL_ID, "École d’Acy", b.some_permissions()),),
            rpc.SetPermissionLevels: b.an_asking(),
            rpc.MarkPermission: rpc.SchoolPermissions(b.SCHOOL_ID, "École d’Acy", ()),
            rpc.ListReminders: b.some_reminders(),
            rpc.PrepareReminders: 1,
            rpc.UndoAnswer: b.a_school_page(),
            rpc.GetAsking: b.an_asking(),
            rpc.GetPlaces: b.some_places(),
            rpc.SetPlaces: b.some_places(),
            rpc.SetPriorities: b.an_edition(),
            rpc.AnswerPlace: b.some_places()[0].queue,
            rpc.SetDeadline: b.an_asking(),
            rpc.OpenProviderLink: _known(
                token_hash(b.PROVIDER_TOKEN), "unknown_link", "link", rpc.ProviderScope(b.EDITION_ID, b.PROVIDER_ID)
            ),
            rpc.GetProviderPage: b.a_provider_page(),
            rpc.ListParties: b.some_parties(),
            rpc.ListWordings: (b.a_wording(),),
            rpc.SaveWording: b.a_wording(own=True),
            rpc.PreviewWording: b.a_mail().raw,
            rpc.ListFeeds: b.feeds_asked,
            rpc.ListBusyCalendars: b.BUSY_CALENDARS,
            rpc.SetBusyCalendar: None,
            rpc.RotateFeed: b.some_feeds()[0],
            rpc.ChooseStyle: b.some_parties()[0],
            rpc.SetTexts: None,
            rpc.NoteFeedRead: None,
            rpc.GetFeed: _known(b.FEED_TOKEN, "unknown_link", "token", b.a_feed()),
            rpc.PreviewRelease: lambda r: replace(b.a_preview(), mail=b.a_mail() if r.mail_id else None),
            rpc.ListMails: (b.a_mail_summary(), b.a_mail_summary(id="mail-2", state="failed", error="550 inconnu")),
            rpc.GetMail: b.a_mail(),
            rpc.ListLetters: (b.a_paper_letter(),),
            rpc.MarkPrinted: 1,
            rpc.ListIncoming: (
                b.an_incoming(),
                b.an_incoming(id="in-2", outcome="for_a_person", note="Question"),
                b.a_counter(),
            ),
        }

    async def __call__(self, request: rpc.Request[Any], traceid: str = "") -> Any:
        self.asked.append(request)
        answer = self.answers[type(request)]
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer

    def commands(self) -> list[rpc.Request[Any]]:
        """Return what was asked that may change something; feeds read are only noted, and signing in is no work."""
        quiet = (rpc.Query, rpc.NoteFeedRead, rpc.SignInByPassword, rpc.SignInByLink)
        return [request for request in self.asked if not isinstance(request, quiet)]

    def _sign_in(self, request: rpc.SignInByPassword | rpc.SignInByLink) -> rpc.Admission:
        if isinstance(request, rpc.SignInByPassword) and request.password != PASSWORD:
            return rpc.Admission("wrong")
        self.signed_in.add(request.sign_in)
        return rpc.Admission("in")

    def _open_sign_in(self, request: rpc.OpenSignIn) -> rpc.SignedIn:
        if request.sign_in not in self.signed_in:
            raise refused("signed_out")
        return rpc.SignedIn(self.account, waits=False, to_note=False)

    def silence(self, service: str) -> None:
        """Make a service not answer any more."""
        for kind in self.answers:
            if getattr(kind, "service", None) == service:
                self.answers[kind] = Unavailable(service)


class Visitor:
    """A browser: keeps cookies, does not follow redirects by itself, fills in the CSRF token of the page it is on."""

    def __init__(self, services: FakeServices, settings: Settings = SETTINGS, mailbox: Any = None) -> None:
        self.link: Callable[[], str] = lambda: "a-token-of-a-mail"
        self.app = create_app(services, settings, mailbox)
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url=settings.base_url)
        self.cookies = self._client.cookies

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send one request."""
        return asyncio.run(self._client.request(method, path, **options))

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Open a page."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        """Post as it stands, without a CSRF token."""
        return self.request("POST", path, **options)

    def csrf(self, path: str) -> str:
        """Return the CSRF token of a page."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.get(path).text)
        assert found, f"no form on {path}"
        return found.group(1)

    def submit(self, path: str, fields: dict[str, Any], page: str = "", **options: Any) -> httpx.Response:
        """Post a form as the page ``page`` (by default the same path) would."""
        return self.post(path, data={"csrf": self.csrf(page or path)} | fields, **options)

    def sign_in(self) -> Visitor:
        """Come in by a link, as an administrator."""
        assert self.submit(f"/connexion/{self.link()}", {}).status_code == 303
        return self

    def open_school(self) -> Visitor:
        """Open a school's link."""
        assert self.get(f"/ecole/{b.SCHOOL_TOKEN}").status_code == 303
        return self

    def open_provider(self) -> Visitor:
        """Open a provider's link."""
        assert self.get(f"/prestataire/{b.PROVIDER_TOKEN}").status_code == 303
        return self


def _known(expected: str, code: str, field: str, answer: Any) -> Callable[[Any], Any]:
    def respond(request: Any) -> Any:
        if getattr(request, field) != expected:
            raise refused(code, edition=getattr(request, field))
        return answer

    return respond
