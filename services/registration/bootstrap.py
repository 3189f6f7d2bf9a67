"""Put the registration service together."""

from __future__ import annotations

from functools import partial

from services.contracts import events, rpc
from services.kit.application import Application
from services.kit.database import service_database
from services.kit.migrate import migrate
from services.kit.settings import Settings
from services.registration import handlers
from services.registration.adapters import tables
from services.registration.adapters.repository import RegistrationTransaction


def bootstrap(settings: Settings) -> Application[RegistrationTransaction]:
    """Open and migrate the database, and bind the handlers to it."""
    database = service_database(settings, "registration")
    migrate("registration", database)
    return Application(
        name="registration",
        database=database,
        messages=tables.messages,
        transaction=partial(RegistrationTransaction, secret=settings.secret),
        requests={
            rpc.ImportSchools: handlers.import_schools,
            rpc.ListRegistrations: handlers.list_registrations,
            rpc.SettleException: handlers.settle_exception,
            rpc.CloseSchool: handlers.close_school,
            rpc.ReopenSchool: handlers.reopen_school,
            rpc.OpenSchoolLink: handlers.open_school_link,
            rpc.GetSchoolPage: handlers.get_school_page,
            rpc.ConfirmSlots: handlers.confirm_slots,
            rpc.DeclineSlot: handlers.decline_slot,
        },
        events={
            events.EditionOpened: handlers.edition_opened,
            events.PlanReleased: handlers.plan_released,
        },
    )
