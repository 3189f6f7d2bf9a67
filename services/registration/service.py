"""What the registration service offers: nothing but a table of contents."""

from __future__ import annotations

from typing import Any

from services.contracts.events import EditionOpened, PersonErased, PlanReleased
from services.contracts.rpc import (
    AnswerPlace,
    AskForSlot,
    AskSignInLink,
    ChangeAccount,
    ChangeOwnAccount,
    CloseSchool,
    ConfirmSlots,
    DeclineSlot,
    EndSignIns,
    ErasePerson,
    GetAsking,
    GetPlaces,
    GetRegistrationForm,
    GetSchoolPage,
    GiveCode,
    GrantAccess,
    ImportSchools,
    InviteAccount,
    ListAccesses,
    ListAccounts,
    ListPermissions,
    ListRegistrations,
    ListSignIns,
    ListWishes,
    MakeAdministrator,
    MarkPermission,
    NoteSignIn,
    OfferCodes,
    OpenAccess,
    OpenSchoolLink,
    OpenSignIn,
    ReadColumns,
    RegisterSchool,
    ReopenSchool,
    RevokeAccess,
    RevokeSchoolLink,
    SaveDraft,
    SetDeadline,
    SetPassword,
    SetPermissionLevels,
    SetPlaces,
    SettleException,
    SettleWish,
    SignInByLink,
    SignInByPassword,
    StartCodes,
    UndoAnswer,
)
from services.kit.hosting import Hosted, Service, on, rpc
from services.registration.bootstrap import bootstrap


class RegistrationService(Service):
    """Schools, their classes and groups, their availabilities and their answers."""

    name = "registration"
    app = Hosted(bootstrap)

    @rpc
    def import_schools(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Register schools and classes from two CSV files."""
        return self.app.answer(ImportSchools, request, traceid)

    @rpc
    def read_columns(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Recognise the columns of the files of an import."""
        return self.app.answer(ReadColumns, request, traceid)

    @rpc
    def list_registrations(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Every school of an edition."""
        return self.app.answer(ListRegistrations, request, traceid)

    @rpc
    def settle_exception(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Decide what becomes of a class that the group rule cannot cut."""
        return self.app.answer(SettleException, request, traceid)

    @rpc
    def close_school(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Record half-days on which a school cannot receive anyone."""
        return self.app.answer(CloseSchool, request, traceid)

    @rpc
    def reopen_school(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Take back a closure."""
        return self.app.answer(ReopenSchool, request, traceid)

    @rpc
    def open_school_link(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Say what a link opens."""
        return self.app.answer(OpenSchoolLink, request, traceid)

    @rpc
    def revoke_school_link(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Close a school's link, with or without a new one."""
        return self.app.answer(RevokeSchoolLink, request, traceid)

    @rpc
    def list_accesses(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Programs let in by the API."""
        return self.app.answer(ListAccesses, request, traceid)

    @rpc
    def grant_access(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Let a program in."""
        return self.app.answer(GrantAccess, request, traceid)

    @rpc
    def revoke_access(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Keep a program out."""
        return self.app.answer(RevokeAccess, request, traceid)

    @rpc
    def open_access(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Say what a program's token opens."""
        return self.app.answer(OpenAccess, request, traceid)

    @rpc
    def get_school_page(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """A school's page."""
        return self.app.answer(GetSchoolPage, request, traceid)

    @rpc
    def get_registration_form(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """A school's registration form."""
        return self.app.answer(GetRegistrationForm, request, traceid)

    @rpc
    def save_draft(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Keep what a school has typed so far."""
        return self.app.answer(SaveDraft, request, traceid)

    @rpc
    def register_school(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Register a school by its own word."""
        return self.app.answer(RegisterSchool, request, traceid)

    @rpc
    def confirm_slots(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Confirm offered sessions."""
        return self.app.answer(ConfirmSlots, request, traceid)

    @rpc
    def decline_slot(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Decline an offered session."""
        return self.app.answer(DeclineSlot, request, traceid)

    @rpc
    def undo_answer(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Take back an answer."""
        return self.app.answer(UndoAnswer, request, traceid)

    @rpc
    def get_asking(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """How the schools of an edition are asked."""
        return self.app.answer(GetAsking, request, traceid)

    @rpc
    def set_deadline(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Set the day by which schools answer."""
        return self.app.answer(SetDeadline, request, traceid)

    @rpc
    def get_places(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """The places of each programme, and who waits for one."""
        return self.app.answer(GetPlaces, request, traceid)

    @rpc
    def set_places(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Say how many groups a programme takes."""
        return self.app.answer(SetPlaces, request, traceid)

    @rpc
    def answer_place(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Accept or give up a group's place, or ask for one."""
        return self.app.answer(AnswerPlace, request, traceid)

    @rpc
    def ask_for_slot(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Wish for another slot."""
        return self.app.answer(AskForSlot, request, traceid)

    @rpc
    def list_wishes(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Other slots that schools wish for."""
        return self.app.answer(ListWishes, request, traceid)

    @rpc
    def settle_wish(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Accept or refuse a wish."""
        return self.app.answer(SettleWish, request, traceid)

    @rpc
    def erase_person(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Take a person out of every service."""
        return self.app.answer(ErasePerson, request, traceid)

    @rpc
    def list_accounts(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Who organises."""
        return self.app.answer(ListAccounts, request, traceid)

    @rpc
    def invite_account(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Make an account and mail its person a link."""
        return self.app.answer(InviteAccount, request, traceid)

    @rpc
    def change_account(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Give a role, let sign in or not."""
        return self.app.answer(ChangeAccount, request, traceid)

    @rpc
    def change_own_account(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Set one's own name and language."""
        return self.app.answer(ChangeOwnAccount, request, traceid)

    @rpc
    def make_administrator(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """A link for whoever runs the server."""
        return self.app.answer(MakeAdministrator, request, traceid)

    @rpc
    def ask_sign_in_link(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Mail a link that signs in once."""
        return self.app.answer(AskSignInLink, request, traceid)

    @rpc
    def sign_in_by_link(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Use a link up."""
        return self.app.answer(SignInByLink, request, traceid)

    @rpc
    def sign_in_by_password(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Sign in with a password."""
        return self.app.answer(SignInByPassword, request, traceid)

    @rpc
    def give_code(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Let in who gives the right code."""
        return self.app.answer(GiveCode, request, traceid)

    @rpc
    def open_sign_in(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Whose sign-in it is."""
        return self.app.answer(OpenSignIn, request, traceid)

    @rpc
    def note_sign_in(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Note that a sign-in is in use."""
        return self.app.answer(NoteSignIn, request, traceid)

    @rpc
    def list_sign_ins(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Where a person is signed in."""
        return self.app.answer(ListSignIns, request, traceid)

    @rpc
    def end_sign_ins(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """End sign-ins of a person."""
        return self.app.answer(EndSignIns, request, traceid)

    @rpc
    def set_password(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Set a password."""
        return self.app.answer(SetPassword, request, traceid)

    @rpc
    def offer_codes(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """The secret of a device that gives codes."""
        return self.app.answer(OfferCodes, request, traceid)

    @rpc
    def start_codes(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Take a device that gives codes into use."""
        return self.app.answer(StartCodes, request, traceid)

    @rpc
    def list_permissions(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """The permissions of every school."""
        return self.app.answer(ListPermissions, request, traceid)

    @rpc
    def set_permission_levels(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Say which permissions are watched."""
        return self.app.answer(SetPermissionLevels, request, traceid)

    @rpc
    def mark_permission(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Tick a permission or take it back."""
        return self.app.answer(MarkPermission, request, traceid)

    @on(EditionOpened)
    def edition_opened(self, message: Any) -> None:
        """Keep a copy of the edition."""
        self.app.receive(EditionOpened, message)

    @on(PlanReleased)
    def plan_released(self, message: Any) -> None:
        """Offer the sessions of a release."""
        self.app.receive(PlanReleased, message)

    @on(PersonErased)
    def person_erased(self, message: Any) -> None:
        """Take a person out."""
        self.app.receive(PersonErased, message)
