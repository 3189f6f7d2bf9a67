"""What the notifications service offers: nothing but a table of contents."""

from __future__ import annotations

from typing import Any

from services.contracts.events import (
    AnswerDeadlineSet,
    AnswerUndone,
    EditionOpened,
    OutcomeRecorded,
    PersonErased,
    PlaceOffered,
    PlanReleased,
    RegistrationSubmitted,
    SignInAsked,
    SlotDeclined,
    SlotsConfirmed,
    WishesSettled,
)
from services.contracts.rpc import (
    AddWebhook,
    ChooseStyle,
    GetFeed,
    GetMail,
    GetProviderPage,
    ListBusyCalendars,
    ListFeeds,
    ListIncoming,
    ListLetters,
    ListMails,
    ListParties,
    ListReminders,
    ListWebhooks,
    ListWordings,
    MarkPrinted,
    NoteFeedRead,
    OpenProviderLink,
    PrepareReminders,
    PreviewRelease,
    PreviewWording,
    ReceiveMail,
    RemoveWebhook,
    RevokeProviderLink,
    RotateFeed,
    SaveWording,
    SendAgain,
    SendNow,
    SetBusyCalendar,
    SetTexts,
    SettleIncoming,
    WithholdMails,
)
from services.kit.hosting import Hosted, Service, on, rpc
from services.notifications.bootstrap import bootstrap


class NotificationsService(Service):
    """Invitations, mails, feeds, and the replies that come back."""

    name = "notifications"
    app = Hosted(bootstrap)

    @rpc
    def open_provider_link(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Say what a provider's link opens."""
        return self.app.answer(OpenProviderLink, request, traceid)

    @rpc
    def revoke_provider_link(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Close a provider's link, with or without a new one."""
        return self.app.answer(RevokeProviderLink, request, traceid)

    @rpc
    def get_provider_page(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Everything a provider sees."""
        return self.app.answer(GetProviderPage, request, traceid)

    @rpc
    def list_parties(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Providers and schools with their feeds."""
        return self.app.answer(ListParties, request, traceid)

    @rpc
    def get_feed(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """A calendar to subscribe to."""
        return self.app.answer(GetFeed, request, traceid)

    @rpc
    def choose_style(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Choose how a party gets its calendar."""
        return self.app.answer(ChooseStyle, request, traceid)

    @rpc
    def list_feeds(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Addresses of feeds and who reads them."""
        return self.app.answer(ListFeeds, request, traceid)

    @rpc
    def set_texts(self, request: dict[str, Any], traceid: str = "") -> None:
        """Text a party, or no more."""
        return self.app.answer(SetTexts, request, traceid)

    @rpc
    def note_feed_read(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Note that a feed was read."""
        return self.app.answer(NoteFeedRead, request, traceid)

    @rpc
    def rotate_feed(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Give a feed a new address."""
        return self.app.answer(RotateFeed, request, traceid)

    @rpc
    def list_reminders(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Who would be reminded, and who not."""
        return self.app.answer(ListReminders, request, traceid)

    @rpc
    def prepare_reminders(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Write reminders for the organiser to review."""
        return self.app.answer(PrepareReminders, request, traceid)

    @rpc
    def list_wordings(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """The words of mails."""
        return self.app.answer(ListWordings, request, traceid)

    @rpc
    def save_wording(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Change the words of mails."""
        return self.app.answer(SaveWording, request, traceid)

    @rpc
    def preview_wording(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Show a mail in other words."""
        return self.app.answer(PreviewWording, request, traceid)

    @rpc
    def preview_release(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Tell what a release would send."""
        return self.app.answer(PreviewRelease, request, traceid)

    @rpc
    def send_now(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """End the quiet period of mails."""
        return self.app.answer(SendNow, request, traceid)

    @rpc
    def withhold_mails(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Do not send mails that wait."""
        return self.app.answer(WithholdMails, request, traceid)

    @rpc
    def list_letters(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Letters to print."""
        return self.app.answer(ListLetters, request, traceid)

    @rpc
    def mark_printed(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Note that letters were printed."""
        return self.app.answer(MarkPrinted, request, traceid)

    @rpc
    def list_mails(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Mails of an edition."""
        return self.app.answer(ListMails, request, traceid)

    @rpc
    def get_mail(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """One mail whole."""
        return self.app.answer(GetMail, request, traceid)

    @rpc
    def receive_mail(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Take in a mail that came for the answer address."""
        return self.app.answer(ReceiveMail, request, traceid)

    @rpc
    def list_incoming(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Mails that came in."""
        return self.app.answer(ListIncoming, request, traceid)

    @rpc
    def settle_incoming(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Decide what becomes of an incoming mail."""
        return self.app.answer(SettleIncoming, request, traceid)

    @rpc
    def list_webhooks(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Addresses of software that is told."""
        return self.app.answer(ListWebhooks, request, traceid)

    @rpc
    def add_webhook(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Tell an address from now on."""
        return self.app.answer(AddWebhook, request, traceid)

    @rpc
    def remove_webhook(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Tell an address no more."""
        return self.app.answer(RemoveWebhook, request, traceid)

    @rpc
    def send_again(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Try a delivery again."""
        return self.app.answer(SendAgain, request, traceid)

    @rpc
    def list_busy_calendars(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Calendars of a provider that are read."""
        return self.app.answer(ListBusyCalendars, request, traceid)

    @rpc
    def set_busy_calendar(self, request: dict[str, Any], traceid: str = "") -> dict[str, Any]:
        """Read a calendar of a provider from now on."""
        return self.app.answer(SetBusyCalendar, request, traceid)

    @on(EditionOpened)
    def edition_opened(self, message: Any) -> None:
        """Keep a copy of the edition."""
        self.app.receive(EditionOpened, message)

    @on(RegistrationSubmitted)
    def registration_submitted(self, message: Any) -> None:
        """Keep a copy of the school."""
        self.app.receive(RegistrationSubmitted, message)

    @on(OutcomeRecorded)
    def outcome_recorded(self, message: Any) -> None:
        """It was told what became of a session."""
        self.app.receive(OutcomeRecorded, message)

    @on(PlanReleased)
    def plan_released(self, message: Any) -> None:
        """Bring every calendar in step."""
        self.app.receive(PlanReleased, message)

    @on(SlotsConfirmed)
    def slots_confirmed(self, message: Any) -> None:
        """Show a school's confirmation."""
        self.app.receive(SlotsConfirmed, message)

    @on(SlotDeclined)
    def slot_declined(self, message: Any) -> None:
        """Show a school's refusal."""
        self.app.receive(SlotDeclined, message)

    @on(PlaceOffered)
    def place_offered(self, message: Any) -> None:
        """Tell a school of a free place."""
        self.app.receive(PlaceOffered, message)

    @on(WishesSettled)
    def wishes_settled(self, message: Any) -> None:
        """Tell a school where its wishes stand."""
        self.app.receive(WishesSettled, message)

    @on(AnswerUndone)
    def answer_undone(self, message: Any) -> None:
        """Show that a session waits for an answer again."""
        self.app.receive(AnswerUndone, message)

    @on(AnswerDeadlineSet)
    def answer_deadline_set(self, message: Any) -> None:
        """Keep the day by which schools answer."""
        self.app.receive(AnswerDeadlineSet, message)

    @on(SignInAsked)
    def sign_in_asked(self, message: Any) -> None:
        """Mail a link that signs in."""
        self.app.receive(SignInAsked, message)

    @on(PersonErased)
    def person_erased(self, message: Any) -> None:
        """Take a person out."""
        self.app.receive(PersonErased, message)
