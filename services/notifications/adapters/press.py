"""The press: facts become entries, calendars and mails in the language of their reader."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from functools import partial

from services.contracts.events import SignInAsked
from services.contracts.values import Edition, School, SettledWish, deliverable
from services.kit.i18n import translations, unbroken
from services.notifications.adapters import ical, mail, words
from services.notifications.adapters.links import blank
from services.notifications.adapters.names import DerivedNames
from services.notifications.adapters.reading import read_mail
from services.notifications.domain.delivery import Letter
from services.notifications.domain.digest import Item
from services.notifications.domain.entry import Entry, Facts, Party, PartyKind
from services.notifications.domain.feed import FeedContent
from services.notifications.domain.invitation import Attendee, Invitation, Message
from services.notifications.domain.reply import ReadMail, Reply
from services.notifications.domain.texting import plain
from services.notifications.domain.wording import INVITED, KINDS, SIGN_IN, Wording, WordingKind, filled, translated
from services.notifications.ports import Postmark


class HousePress:
    """Words, calendars and mails of this house.

    ``base_url``: where its portal answers. ``authserv_id``: the name of the mail server whose checks we believe.
    """

    def __init__(self, names: DerivedNames, base_url: str, authserv_id: str = "") -> None:
        self._authserv_id = authserv_id
        self._names = names
        self._base_url = base_url.rstrip("/")
        self._own: dict[tuple[WordingKind, str], Wording] = {}

    def entry(self, facts: Facts, party: Party) -> Entry:
        """A session as that party's calendar shows it."""
        said = words.write(f"{party.kind}_entry", facts.reader(party).language, facts=facts)
        place, session = facts.session.place, facts.session
        return Entry(
            start=session.start,
            end=session.end,
            where=facts.where,
            by=session.provider_id if party.kind == "school" else session.team_id,
            summary=said.title,
            description=said.text,
            location=", ".join(part for part in (place.name, place.address) if part),
            lat=place.lat,
            lon=place.lon,
            parts=facts.parts,
        )

    def feed(self, content: FeedContent) -> bytes:
        """A calendar to subscribe to."""
        return ical.render_feed(content)

    def feed_name(self, edition: Edition, party: Party, name: str) -> str:
        """What a subscribed calendar is called; the public one bears the edition's name alone."""
        if party.kind == "edition":
            name = translations(edition.organiser.language).gettext("Toutes les séances")
        return f"{edition.name} - {name}" if name else edition.name

    def in_words_of(self, own: Mapping[tuple[WordingKind, str], Wording]) -> HousePress:
        """The same press with the organiser's own words, by kind of mail and language."""
        press = copy(self)
        press._own = dict(own)
        return press

    def wording(self, kind: WordingKind, language: str) -> Wording:
        """The words of a kind of mail: the organiser's own, or the usual ones."""
        usual = translated(KINDS[kind].usual, translations(language).gettext)
        return self._own.get((kind, language), usual)

    def invitation(self, edition: Edition, invitation: Invitation, message: Message, mark: Postmark) -> Letter:
        """The mail that invites, changes or cancels."""
        facts = {
            "edition": edition,
            "message": message,
            "entry": message.revision.entry,
            "page": self._page_address(invitation.party.kind),
            "feed": self._feed_address(invitation.party.kind),
        }
        calendar = message.method, partial(ical.render_message, invitation, message)
        to = _Envelope(message.revision.attendee, invitation.organiser, mark, calendar)
        return self._letter(_kind_of(message), "invitation", to, facts)

    def digest(
        self,
        edition: Edition,
        school: School,
        release: int,
        items: tuple[Item, ...],
        deadline: dt.date | None,
        mark: Postmark,
    ) -> Letter:
        """The summary of a release for a school."""
        facts = self._school_facts(edition, school) | {"items": items, "release": release, "deadline": deadline}
        return self._letter(
            "first_digest" if release == 1 else "digest", "digest", self._to(edition, school, mark), facts
        )

    def receipt(
        self, edition: Edition, school: School, entries: tuple[Entry, ...], reason: str, mark: Postmark
    ) -> Letter:
        """Tell a school what it confirmed or declined."""
        facts = self._school_facts(edition, school) | {"entries": entries, "reason": reason}
        return self._letter("declined" if reason else "confirmed", "receipt", self._to(edition, school, mark), facts)

    def place(
        self, edition: Edition, school: School, programme: str, group: str, until: dt.datetime, mark: Postmark
    ) -> Letter:
        """Offer a group that waited a place in a programme."""
        facts = self._school_facts(edition, school) | {"programme": programme, "group": group, "until": until}
        return self._letter("place", "place", self._to(edition, school, mark), facts)

    def wishes(
        self,
        edition: Edition,
        school: School,
        wishes: tuple[SettledWish, ...],
        deadline: dt.date | None,
        mark: Postmark,
    ) -> Letter:
        """Tell a school what was decided about the other slots it wishes for."""
        facts = self._school_facts(edition, school) | {"wishes": wishes, "deadline": deadline}
        return self._letter("wishes", "wishes", self._to(edition, school, mark), facts)

    def welcome(self, edition: Edition, school: School, deadline: dt.date | None, mark: Postmark) -> Letter:
        """Invite a school to register."""
        facts = self._school_facts(edition, school) | {"deadline": deadline}
        return self._letter("welcome", "welcome", self._to(edition, school, mark), facts)

    def reminder(
        self, edition: Edition, school: School, unanswered: int, deadline: dt.date | None, mark: Postmark
    ) -> Letter:
        """Remind a school of its sessions without an answer, or of registering."""
        facts = self._school_facts(edition, school) | {"n": unanswered, "deadline": deadline}
        kind: WordingKind = "unanswered" if unanswered else "unregistered"
        return self._letter(kind, "welcome", self._to(edition, school, mark), facts)

    def text_changes(self, edition: Edition, language: str, items: tuple[Item, ...]) -> Letter:
        """The short text about sessions that changed at short notice."""
        return _text("text_changes", edition, language, items=items)

    def text_reminder(self, edition: Edition, language: str, entries: tuple[Entry, ...]) -> Letter:
        """The short text about sessions of the next weekday."""
        return _text("text_reminder", edition, language, entries=entries)

    def notice(self, edition: Edition, school: School, entry: Entry, reason: str, mark: Postmark) -> Letter:
        """Tell the organiser that a school declined."""
        contact = edition.organiser
        to = _Envelope(
            Attendee(contact.email, contact.name, contact.language), self._names.organiser(edition), mark, None
        )
        facts = {"edition": edition, "school": school, "entry": entry, "reason": reason, "page": self._base_url}
        return self._letter("notice", "notice", to, facts)

    def refusal(self, edition: Edition, invitation: Invitation, reply: Reply, words: str, mark: Postmark) -> Letter:
        """Say no to the time that ``reply`` proposes."""
        page = self._page_address(invitation.party.kind)
        facts = {"edition": edition, "entry": invitation.revision.entry, "words": words, "page": page}
        calendar = "DECLINECOUNTER", partial(ical.render_refusal, invitation, reply, words, mark.date)
        to = _Envelope(invitation.revision.attendee, invitation.organiser, mark, calendar)
        return self._letter("refusal", "refusal", to, facts)

    def sign_in(self, event: SignInAsked, mark: Postmark) -> Letter:
        """Give a person who organises a link that signs in."""
        known = {"name": event.name, "moment": words.moment(event.until, event.language), "house": self._base_url}
        usual = translated(INVITED if event.invited else SIGN_IN, translations(event.language).gettext)
        said, page = filled(usual, known), f"{self._base_url}/connexion/{blank('account', 'page')}"
        recipient = Attendee(event.email, event.name, event.language)
        content = _content("sign_in", event.language, said, {"page": page})
        return Letter(content.subject, mail.compose(self._names.house(), recipient, content, mark))

    def read(self, raw: bytes) -> ReadMail:
        """Read a mail that came in."""
        return read_mail(raw, self._authserv_id)

    # -------------------------------------------------------------------------------------------------------

    def _letter(self, kind: WordingKind, template: str, to: _Envelope, facts: dict[str, object]) -> Letter:
        language = to.recipient.language
        said = filled(self.wording(kind, language), words.values(language, facts))
        if to.calendar and not deliverable(to.recipient.email):
            return Letter(unbroken(said.subject, language), b"")
        attached = (to.calendar[0], to.calendar[1]()) if to.calendar else None
        content = _content(template, language, said, facts, attached)
        return Letter(content.subject, mail.compose(to.sender, to.recipient, content, to.mark))

    def _to(self, edition: Edition, school: School, mark: Postmark) -> _Envelope:
        recipient = Attendee(school.contact.email, school.contact.name, school.contact.language)
        return _Envelope(recipient, self._names.organiser(edition), mark, None)

    def _school_facts(self, edition: Edition, school: School) -> dict[str, object]:
        page, feed = self._page_address("school"), self._feed_address("school")
        return {"edition": edition, "school": school, "page": page, "feed": feed}

    def _page_address(self, kind: PartyKind) -> str:
        door = "ecole" if kind == "school" else "prestataire"
        return f"{self._base_url}/{door}/{blank(kind, 'page')}"

    def _feed_address(self, kind: PartyKind) -> str:
        return f"{self._base_url}/feeds/{blank(kind, 'feed')}.ics"


@dataclass(frozen=True)
class _Envelope:
    """Who writes to whom. ``calendar``: its METHOD and what renders it."""

    recipient: Attendee
    sender: Attendee
    mark: Postmark
    calendar: tuple[str, Callable[[], bytes]] | None


def _content(
    template: str, language: str, said: Wording, facts: Mapping[str, object], attached: tuple[str, bytes] | None = None
) -> mail.Content:
    text, html = words.write_mail(template, language, said=said, **facts)
    return mail.Content(unbroken(said.subject, language), text + "\n", html, attached)


def _text(template: str, edition: Edition, language: str, **facts: object) -> Letter:
    words_of_it = plain(words.line(template, language, edition=edition, **facts))
    return Letter(words_of_it, words_of_it.encode())


def _kind_of(message: Message) -> WordingKind:
    if message.method == "CANCEL":
        return "cancellation"
    if message.before is None:
        return "invitation"
    return "change" if message.partstat == "NEEDS-ACTION" else "reassigned"
