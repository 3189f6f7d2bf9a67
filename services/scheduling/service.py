"""What the scheduling service offers and hears."""

from __future__ import annotations

from typing import Any

from services.contracts.events import (
    AnswerUndone,
    BusyTimeRead,
    InvitationAnswered,
    PermissionLevelsSet,
    PermissionsMarked,
    PersonErased,
    RegistrationSubmitted,
    SlotDeclined,
    SlotsConfirmed,
)
from services.contracts.rpc import (
    CancelJob,
    CompareReleases,
    DiscardProposal,
    ExplainPlan,
    ExplainSession,
    ExportRotation,
    GetDemand,
    GetDisplay,
    GetEdition,
    GetJob,
    GetPlan,
    GetPublicChanges,
    GetPublicProgramme,
    GetTheme,
    ListDemand,
    ListEditions,
    ListIncidents,
    ListJobs,
    ListPins,
    ListProposals,
    ListReleases,
    ListStretches,
    ListTeamDays,
    MoveSession,
    MoveToTime,
    OpenEdition,
    PinSession,
    PriceAlternatives,
    PriceCells,
    PriceExactly,
    PriceTime,
    ProposePlan,
    RecordOutcome,
    ReleasePlan,
    ReportIncident,
    RestoreRelease,
    SetContours,
    SetPriorities,
    SetPublic,
    SetTheme,
    StopJob,
    TakeUpProposal,
    UnpinSession,
    WithdrawIncident,
)
from services.kit.hosting import Hosted, Service, on, rpc
from services.scheduling.bootstrap import bootstrap


class SchedulingService(Service):
    """Editions, demand, plans and releases."""

    name = "scheduling"
    app = Hosted(bootstrap)

    @rpc
    def open_edition(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Create or replace an edition."""
        return self.app.answer(OpenEdition, request, traceid)

    @rpc
    def set_priorities(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Say which schools come first."""
        return self.app.answer(SetPriorities, request, traceid)

    @rpc
    def list_editions(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """All editions."""
        return self.app.answer(ListEditions, request, traceid)

    @rpc
    def get_edition(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """One edition."""
        return self.app.answer(GetEdition, request, traceid)

    @rpc
    def get_demand(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """What there is to place."""
        return self.app.answer(GetDemand, request, traceid)

    @rpc
    def list_demand(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Every session there is to place."""
        return self.app.answer(ListDemand, request, traceid)

    @rpc
    def propose_plan(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Start a solve in the background."""
        return self.app.answer(ProposePlan, request, traceid)

    @rpc
    def get_job(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """State and progress of a solve."""
        return self.app.answer(GetJob, request, traceid)

    @rpc
    def list_jobs(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Solves of an edition."""
        return self.app.answer(ListJobs, request, traceid)

    @rpc
    def cancel_job(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Stop a solve."""
        return self.app.answer(CancelJob, request, traceid)

    @rpc
    def stop_job(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """End a solve early and keep its best plan."""
        return self.app.answer(StopJob, request, traceid)

    @rpc
    def report_incident(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Record why plans have to change."""
        return self.app.answer(ReportIncident, request, traceid)

    @rpc
    def withdraw_incident(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Take an incident back."""
        return self.app.answer(WithdrawIncident, request, traceid)

    @rpc
    def list_incidents(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Incidents of an edition."""
        return self.app.answer(ListIncidents, request, traceid)

    @rpc
    def get_plan(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """A proposal or a release."""
        return self.app.answer(GetPlan, request, traceid)

    @rpc
    def explain_plan(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Why a proposal leaves sessions out."""
        return self.app.answer(ExplainPlan, request, traceid)

    @rpc
    def explain_session(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Why a session is where it is."""
        return self.app.answer(ExplainSession, request, traceid)

    @rpc
    def price_alternatives(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Where else a released session could be held."""
        return self.app.answer(PriceAlternatives, request, traceid)

    @rpc
    def price_cells(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """What each cell of the board would cost a session."""
        return self.app.answer(PriceCells, request, traceid)

    @rpc
    def move_session(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Make a proposal that moves a session."""
        return self.app.answer(MoveSession, request, traceid)

    @rpc
    def price_time(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """What a session would take at another minute."""
        return self.app.answer(PriceTime, request, traceid)

    @rpc
    def move_to_time(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Make a proposal that moves a session to another minute."""
        return self.app.answer(MoveToTime, request, traceid)

    @rpc
    def price_exactly(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Start a solve that holds a session in a cell."""
        return self.app.answer(PriceExactly, request, traceid)

    @rpc
    def restore_release(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Make a draft of an earlier release."""
        return self.app.answer(RestoreRelease, request, traceid)

    @rpc
    def get_public_changes(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """What each release changed of the public programme."""
        return self.app.answer(GetPublicChanges, request, traceid)

    @rpc
    def take_up_proposal(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Make a draft of an earlier proposal."""
        return self.app.answer(TakeUpProposal, request, traceid)

    @rpc
    def list_proposals(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Proposals and drafts with their states."""
        return self.app.answer(ListProposals, request, traceid)

    @rpc
    def discard_proposal(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Give a proposal up."""
        return self.app.answer(DiscardProposal, request, traceid)

    @rpc
    def list_stretches(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """What teams do between their sessions."""
        return self.app.answer(ListStretches, request, traceid)

    @rpc
    def pin_session(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Fix a session where it is."""
        return self.app.answer(PinSession, request, traceid)

    @rpc
    def unpin_session(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Let a session move again."""
        return self.app.answer(UnpinSession, request, traceid)

    @rpc
    def list_pins(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """The sessions fixed."""
        return self.app.answer(ListPins, request, traceid)

    @rpc
    def release_plan(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Make a proposal the next release."""
        return self.app.answer(ReleasePlan, request, traceid)

    @rpc
    def list_releases(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Releases of an edition."""
        return self.app.answer(ListReleases, request, traceid)

    @rpc
    def compare_releases(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """What changed between two plans."""
        return self.app.answer(CompareReleases, request, traceid)

    @rpc
    def export_rotation(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """A release in the rotation-1 format."""
        return self.app.answer(ExportRotation, request, traceid)

    @rpc
    def list_team_days(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Where each team goes on each day."""
        return self.app.answer(ListTeamDays, request, traceid)

    @rpc
    def record_outcome(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Say what became of a session."""
        return self.app.answer(RecordOutcome, request, traceid)

    @rpc
    def get_display(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """How an edition is shown."""
        return self.app.answer(GetDisplay, request, traceid)

    @rpc
    def set_public(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Open the programme to everyone, or close it."""
        return self.app.answer(SetPublic, request, traceid)

    @rpc
    def set_contours(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Draw lines under the maps."""
        return self.app.answer(SetContours, request, traceid)

    @rpc
    def get_theme(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """How all pages look."""
        return self.app.answer(GetTheme, request, traceid)

    @rpc
    def set_theme(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Give all pages a colour and a logo."""
        return self.app.answer(SetTheme, request, traceid)

    @rpc
    def get_public_programme(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """The programme that everyone may read."""
        return self.app.answer(GetPublicProgramme, request, traceid)

    @on(RegistrationSubmitted)
    def registration_submitted(self, message: Any) -> None:
        """A school registered, or changed what it had registered."""
        self.app.receive(RegistrationSubmitted, message)

    @on(PermissionLevelsSet)
    def permission_levels_set(self, message: Any) -> None:
        """Keep which permissions are watched."""
        self.app.receive(PermissionLevelsSet, message)

    @on(PermissionsMarked)
    def permissions_marked(self, message: Any) -> None:
        """Keep the permissions of a school."""
        self.app.receive(PermissionsMarked, message)

    @on(SlotsConfirmed)
    def slots_confirmed(self, message: Any) -> None:
        """A school takes sessions it was offered."""
        self.app.receive(SlotsConfirmed, message)

    @on(SlotDeclined)
    def slot_declined(self, message: Any) -> None:
        """A school cannot take a session."""
        self.app.receive(SlotDeclined, message)

    @on(AnswerUndone)
    def answer_undone(self, message: Any) -> None:
        """Take back a school's answer."""
        self.app.receive(AnswerUndone, message)

    @on(InvitationAnswered)
    def invitation_answered(self, message: Any) -> None:
        """A provider answered an invitation."""
        self.app.receive(InvitationAnswered, message)

    @on(BusyTimeRead)
    def busy_time_read(self, message: Any) -> None:
        """A provider's calendars were read."""
        self.app.receive(BusyTimeRead, message)

    @on(PersonErased)
    def person_erased(self, message: Any) -> None:
        """Take a person out."""
        self.app.receive(PersonErased, message)
