"""Builds the scheduling service from its settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from services.contracts import events, rpc
from services.kit.application import Application, Context, Loop, new_trace
from services.kit.clock import utc_now
from services.kit.database import service_database
from services.kit.migrate import migrate
from services.kit.people import person_erased
from services.kit.retention import Keeper
from services.kit.settings import Settings
from services.scheduling.adapters.explain_process import ExplainProcess
from services.scheduling.adapters.part_queue import PartQueue
from services.scheduling.adapters.repository import SchedulingTransaction
from services.scheduling.adapters.school_calendar import FrenchSchoolCalendar
from services.scheduling.adapters.solver_process import SolverProcess, solver_version
from services.scheduling.adapters.solver_thread import SolverThread
from services.scheduling.adapters.tables import messages
from services.scheduling.handlers import (
    alternatives,
    board,
    days,
    display,
    editions,
    explanations,
    facts,
    incidents,
    jobs,
    plans,
    proposals,
)
from services.scheduling.handlers.parts import PartLoop
from services.scheduling.handlers.solving import JobLoop
from services.scheduling.ports import Solver

MEBIBYTE = 2**20


def bootstrap(settings: Settings, solver: Solver | None = None) -> Application[SchedulingTransaction]:
    """Open the database, bring it up to date and bind the handlers. ``solver``: another than the child process."""
    database = service_database(settings, "scheduling")
    migrate("scheduling", database)

    @contextmanager
    def begin() -> Iterator[SchedulingTransaction]:
        with database.begin() as connection:
            yield SchedulingTransaction(connection, messages, utc_now, Context(new_trace()))

    memory, amqp_url = settings.solver_memory * MEBIBYTE, settings.amqp_url
    run = SolverThread(solver or SolverProcess(memory=memory, workers=amqp_url), solver_version())
    loops: dict[str, JobLoop | PartLoop] = {"jobs": JobLoop(begin, run, utc_now, alone=not amqp_url)}
    if amqp_url:
        worker = SolverThread(SolverProcess(memory=memory, workers="alone"))
        loops["parts"] = PartLoop(PartQueue(amqp_url), worker)

    def close() -> None:
        for loop in loops.values():
            loop.close()

    keeper = Keeper("scheduling", database, messages, settings, utc_now)
    return Application(
        name="scheduling",
        database=database,
        messages=messages,
        transaction=SchedulingTransaction,
        requests={
            rpc.ListDue: keeper.due,
            rpc.OpenEdition: partial(editions.open_edition, calendar=FrenchSchoolCalendar()),
            rpc.SetPriorities: editions.set_priorities,
            rpc.ListEditions: editions.list_editions,
            rpc.GetEdition: editions.get_edition,
            rpc.GetDemand: editions.get_demand,
            rpc.ListDemand: plans.list_demand,
            rpc.ProposePlan: jobs.propose_plan,
            rpc.GetJob: jobs.get_job,
            rpc.ListJobs: jobs.list_jobs,
            rpc.CancelJob: jobs.cancel_job,
            rpc.StopJob: jobs.stop_job,
            rpc.ReportIncident: partial(incidents.report_incident, calendar=FrenchSchoolCalendar()),
            rpc.WithdrawIncident: incidents.withdraw_incident,
            rpc.ListIncidents: incidents.list_incidents,
            rpc.GetPlan: plans.get_plan,
            rpc.ExplainPlan: partial(explanations.explain_plan, explainer=ExplainProcess()),
            rpc.ExplainSession: explanations.explain_session,
            rpc.PriceAlternatives: alternatives.price_alternatives,
            rpc.PriceCells: alternatives.price_cells,
            rpc.MoveSession: alternatives.move_session,
            rpc.PriceTime: alternatives.price_time,
            rpc.MoveToTime: alternatives.move_to_time,
            rpc.PriceExactly: alternatives.price_exactly,
            rpc.RestoreRelease: alternatives.restore_release,
            rpc.TakeUpProposal: alternatives.take_up_proposal,
            rpc.ListProposals: proposals.list_proposals,
            rpc.DiscardProposal: proposals.discard_proposal,
            rpc.ListStretches: board.list_stretches,
            rpc.PinSession: board.pin_session,
            rpc.UnpinSession: board.unpin_session,
            rpc.ListPins: board.list_pins,
            rpc.ReleasePlan: plans.release_plan,
            rpc.ListReleases: plans.list_releases,
            rpc.CompareReleases: plans.compare_releases,
            rpc.ExportRotation: plans.export_rotation,
            rpc.ListTeamDays: days.list_team_days,
            rpc.RecordOutcome: days.record_outcome,
            rpc.GetTheme: display.get_theme,
            rpc.SetTheme: display.set_theme,
            rpc.GetDisplay: display.get_display,
            rpc.SetPublic: display.set_public,
            rpc.SetContours: display.set_contours,
            rpc.GetPublicProgramme: display.get_public_programme,
            rpc.GetPublicChanges: display.get_public_changes,
        },
        events={
            events.RegistrationSubmitted: facts.registration_submitted,
            events.PermissionLevelsSet: facts.permission_levels_set,
            events.PermissionsMarked: facts.permissions_marked,
            events.SlotsConfirmed: facts.slots_confirmed,
            events.SlotDeclined: facts.slot_declined,
            events.AnswerUndone: facts.answer_undone,
            events.InvitationAnswered: facts.invitation_answered,
            events.BusyTimeRead: facts.busy_time_read,
            events.PersonErased: partial(person_erased, messages=messages, secret=settings.secret),
        },
        loops=(*(Loop(name, loop.tick, 0.5) for name, loop in loops.items()), keeper.loop()),
        close=close,
    )
