"""Put the registration service together."""

from __future__ import annotations

from functools import partial

from services.contracts import events, rpc
from services.kit.application import Application, Context, Loop, new_trace
from services.kit.clock import Clock, utc_now
from services.kit.database import service_database
from services.kit.migrate import migrate
from services.kit.people import person_erased
from services.kit.retention import Keeper
from services.kit.settings import Settings
from services.registration.adapters import tables
from services.registration.adapters.codes import Totp
from services.registration.adapters.passwords import Argon2
from services.registration.adapters.repository import RegistrationTransaction
from services.registration.handlers import (
    access,
    accounts,
    answers,
    asking,
    forms,
    links,
    permissions,
    places,
    schools,
    sign_in,
    wishes,
)


def bootstrap(settings: Settings, clock: Clock = utc_now) -> Application[RegistrationTransaction]:
    """Open and migrate the database, and bind the handlers to it."""
    database = service_database(settings, "registration")
    migrate("registration", database)
    transaction = partial(RegistrationTransaction, secret=settings.secret)

    def end_overdue_offer() -> bool:
        with database.begin() as connection:
            return places.end_overdue_offer(transaction(connection, tables.messages, clock, Context(new_trace())))

    passwords, codes = Argon2(), Totp(settings.secret)
    erase = partial(person_erased, messages=tables.messages, secret=settings.secret)
    keeper = Keeper("registration", database, tables.messages, settings, clock)
    return Application(
        name="registration",
        database=database,
        messages=tables.messages,
        transaction=transaction,
        requests={
            rpc.ListDue: keeper.due,
            rpc.ImportSchools: schools.import_schools,
            rpc.ReadColumns: schools.read_columns,
            rpc.ListRegistrations: schools.list_registrations,
            rpc.SettleException: schools.settle_exception,
            rpc.CloseSchool: schools.close_school,
            rpc.ReopenSchool: schools.reopen_school,
            rpc.OpenSchoolLink: links.open_school_link,
            rpc.RevokeSchoolLink: links.revoke_school_link,
            rpc.ErasePerson: accounts.erase_person,
            rpc.ListAccounts: accounts.list_accounts,
            rpc.InviteAccount: accounts.invite_account,
            rpc.ChangeAccount: accounts.change_account,
            rpc.ChangeOwnAccount: accounts.change_own_account,
            rpc.MakeAdministrator: accounts.make_administrator,
            rpc.AskSignInLink: sign_in.ask_sign_in_link,
            rpc.SignInByLink: sign_in.sign_in_by_link,
            rpc.SignInByPassword: partial(sign_in.sign_in_by_password, passwords=passwords),
            rpc.GiveCode: partial(sign_in.give_code, codes=codes),
            rpc.OpenSignIn: sign_in.open_sign_in,
            rpc.NoteSignIn: sign_in.note_sign_in,
            rpc.ListSignIns: sign_in.list_sign_ins,
            rpc.EndSignIns: sign_in.end_sign_ins,
            rpc.SetPassword: partial(sign_in.set_password, passwords=passwords),
            rpc.OfferCodes: partial(sign_in.offer_codes, codes=codes),
            rpc.StartCodes: partial(sign_in.start_codes, codes=codes),
            rpc.ListAccesses: access.list_accesses,
            rpc.GrantAccess: access.grant_access,
            rpc.RevokeAccess: access.revoke_access,
            rpc.OpenAccess: access.open_access,
            rpc.GetSchoolPage: answers.get_school_page,
            rpc.GetRegistrationForm: forms.get_registration_form,
            rpc.SaveDraft: forms.save_draft,
            rpc.RegisterSchool: forms.register_school,
            rpc.ConfirmSlots: answers.confirm_slots,
            rpc.DeclineSlot: answers.decline_slot,
            rpc.ListPermissions: permissions.list_permissions,
            rpc.SetPermissionLevels: permissions.set_permission_levels,
            rpc.MarkPermission: permissions.mark_permission,
            rpc.AskForSlot: wishes.ask_for_slot,
            rpc.ListWishes: wishes.list_wishes,
            rpc.SettleWish: wishes.settle_wish,
            rpc.UndoAnswer: asking.undo_answer,
            rpc.GetAsking: asking.get_asking,
            rpc.SetDeadline: asking.set_deadline,
            rpc.GetPlaces: places.get_places,
            rpc.SetPlaces: places.set_places,
            rpc.AnswerPlace: places.answer_place,
        },
        events={
            events.EditionOpened: schools.edition_opened,
            events.PlanReleased: answers.plan_released,
            events.PersonErased: partial(accounts.person_erased, erase=erase),
        },
        loops=(Loop("offers", end_overdue_offer, 30.0), keeper.loop()),
        clock=clock,
    )
