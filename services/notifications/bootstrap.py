"""Put the notifications service together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from sqlalchemy import Connection

from services.contracts import events, rpc
from services.contracts.values import deliverable
from services.kit.application import Application, Context, Loop, new_trace
from services.kit.clock import Clock, utc_now
from services.kit.database import Database, service_database
from services.kit.migrate import migrate
from services.kit.people import person_erased
from services.kit.retention import Keeper
from services.kit.settings import SettingError, Settings
from services.notifications.adapters import tables
from services.notifications.adapters.busy_reader import CalendarReader
from services.notifications.adapters.links import with_links
from services.notifications.adapters.names import DerivedNames
from services.notifications.adapters.numbers import MobileNumbers
from services.notifications.adapters.outside import INTERNET, Outside
from services.notifications.adapters.press import HousePress
from services.notifications.adapters.queue import Claimed, Mails
from services.notifications.adapters.repository import NotificationsTransaction
from services.notifications.adapters.signing import Signer
from services.notifications.adapters.smtp import Route, Sender
from services.notifications.adapters.texts import TextSender, texts_of
from services.notifications.adapters.webhooks import LINES, WebhookSender, secret_of
from services.notifications.handlers import (
    answers,
    busy,
    choices,
    copies,
    incoming,
    links,
    places,
    preview,
    queries,
    readings,
    release,
    reminders,
    sign_in,
    texts,
    webhooks,
    wishes,
    wordings,
)
from services.notifications.ports import Desk

Handler = Callable[[Any, NotificationsTransaction], None]


def bootstrap(
    settings: Settings, clock: Clock = utc_now, outside: Outside = INTERNET
) -> Application[NotificationsTransaction]:
    """Open and migrate the database, and bind the handlers to it, the press and the mail server.

    Raises SettingError when nobody could answer to the answer address.
    """
    if not deliverable(settings.answer_address):
        raise SettingError(
            f"QUINZAINE_ANSWER_ADDRESS is {settings.answer_address!r}: give an address such as agenda@town.example."
        )
    database = service_database(settings, "notifications")
    migrate("notifications", database)
    _free_claims(database)
    names = DerivedNames(settings.secret, settings.answer_address, settings.name or "Quinzaine")
    press = HousePress(names, settings.base_url, settings.authserv_id)
    erase = partial(person_erased, messages=tables.messages, secret=settings.secret)
    url = settings.smtp_url or f"smtp://{settings.mail_host}:{settings.mail_port}"
    signer = Signer(settings.dkim_key, settings.dkim_selector, settings.answer_address)
    route = Route(url, settings.answer_address)
    texting = texts_of(settings, route)
    desk = Desk(press, names, dt.timedelta(seconds=settings.quiet_seconds), MobileNumbers() if texting else None)

    def finish(connection: Connection, mail: Claimed) -> Claimed:
        return signer.signed(with_links(connection, mail, names))

    sender = Sender(database, route, clock, settings.mails_per_minute, finish, settings.mails_per_person)
    web = WebhookSender(database, settings.secret, clock, outside)
    lines = (Loop(f"webhooks-{number}", web.tick, 1.0) for number in range(LINES))
    texting_loops = [Loop("texts", TextSender(database, texting, clock).tick, 1.0)] if texting else []
    reader = CalendarReader(settings.answer_address.rpartition("@")[2], outside)

    @contextmanager
    def begin() -> Iterator[NotificationsTransaction]:
        with database.begin() as connection:
            yield NotificationsTransaction(connection, tables.messages, clock, Context(new_trace()))

    if texting:
        texting_loops.append(Loop("texts-reminders", texts.Reminding(begin, desk).tick, 300.0))
    sign_with = partial(secret_of, house=settings.secret)
    keeper = Keeper("notifications", database, tables.messages, settings, clock)
    return Application(
        name="notifications",
        database=database,
        messages=tables.messages,
        transaction=NotificationsTransaction,
        requests={
            rpc.ListDue: keeper.due,
            rpc.OpenProviderLink: links.open_provider_link,
            rpc.RevokeProviderLink: partial(links.revoke_provider_link, desk=desk),
            rpc.GetProviderPage: partial(queries.get_provider_page, desk=desk),
            rpc.ListParties: partial(queries.list_parties, names=names),
            rpc.GetFeed: partial(links.get_feed, names=names),
            rpc.ChooseStyle: partial(choices.choose_style, desk=desk),
            rpc.ListFeeds: partial(links.list_feeds, names=names, numbers=desk.numbers),
            rpc.SetTexts: partial(texts.set_texts, desk=desk),
            rpc.RotateFeed: partial(links.rotate_feed, desk=desk),
            rpc.NoteFeedRead: partial(readings.note_feed_read, desk=desk),
            rpc.ListReminders: reminders.list_reminders,
            rpc.PrepareReminders: partial(reminders.prepare_reminders, desk=desk),
            rpc.ListWordings: partial(wordings.list_wordings, desk=desk),
            rpc.SaveWording: partial(wordings.save_wording, desk=desk),
            rpc.PreviewWording: partial(wordings.preview_wording, desk=desk),
            rpc.PreviewRelease: partial(preview.preview_release, desk=desk),
            rpc.SendNow: choices.send_now,
            rpc.ListLetters: partial(queries.list_letters, names=names),
            rpc.MarkPrinted: choices.mark_printed,
            rpc.WithholdMails: choices.withhold_mails,
            rpc.ListMails: partial(queries.list_mails, per_person=settings.mails_per_person),
            rpc.GetMail: queries.get_mail,
            rpc.ReceiveMail: partial(incoming.receive_mail, desk=desk),
            rpc.SettleIncoming: partial(incoming.settle_incoming, desk=desk),
            rpc.ListIncoming: queries.list_incoming,
            rpc.ListWebhooks: partial(webhooks.list_webhooks, secret_of=sign_with),
            rpc.AddWebhook: partial(webhooks.add_webhook, secret_of=sign_with),
            rpc.RemoveWebhook: webhooks.remove_webhook,
            rpc.SendAgain: webhooks.send_again,
            rpc.ListBusyCalendars: busy.list_busy_calendars,
            rpc.SetBusyCalendar: busy.set_busy_calendar,
        },
        events={
            events.EditionOpened: partial(copies.edition_opened, desk=desk),
            events.RegistrationSubmitted: _telling(partial(copies.registration_submitted, desk=desk)),
            events.PlanReleased: partial(release.plan_released, desk=desk),
            events.SlotsConfirmed: _telling(partial(answers.slots_confirmed, desk=desk)),
            events.SlotDeclined: _telling(partial(answers.slot_declined, desk=desk)),
            events.OutcomeRecorded: webhooks.tell_software,
            events.AnswerDeadlineSet: copies.answer_deadline_set,
            events.PlaceOffered: partial(places.place_offered, desk=desk),
            events.WishesSettled: partial(wishes.wishes_settled, desk=desk),
            events.AnswerUndone: _telling(partial(answers.answer_undone, desk=desk)),
            events.SignInAsked: partial(sign_in.sign_in_asked, desk=desk),
            events.PersonErased: partial(copies.person_erased, erase=erase, desk=desk),
        },
        trouble=lambda tx: tx.mails.trouble(),
        loops=(
            Loop("sender", sender.tick, 1.0),
            *lines,
            *texting_loops,
            Loop("busy", busy.BusyLoop(begin, reader.read).tick, 5.0),
            keeper.loop(),
        ),
        clock=clock,
    )


def _telling(handler: Handler) -> Handler:
    """Return a handler that tells software as well, in the same transaction."""

    def handle(event: webhooks.Told, tx: NotificationsTransaction) -> None:
        handler(event, tx)
        webhooks.tell_software(event, tx)

    return handle


def _free_claims(database: Database) -> None:
    """Take back what a killed process held; on SQLite no other process can be at work."""
    if database.is_sqlite:
        with database.begin() as connection:
            Mails(connection).release_claims()
