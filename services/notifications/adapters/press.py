"""The press: facts become entries, calendars and mails in the language of their reader."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial

from services.contracts.values import Edition, School
from services.kit.i18n import translations
from services.notifications.adapters import ical, mail, words
from services.notifications.adapters.links import blank
from services.notifications.adapters.names import DerivedNames
from services.notifications.adapters.reading import read_mail
from services.notifications.domain.delivery import Letter, deliverable
from services.notifications.domain.digest import Item
from services.notifications.domain.entry import Entry, Facts, Party, PartyKind
from services.notifications.domain.feed import FeedContent
from services.notifications.domain.invitation import Attendee, Invitation, Message
from services.notifications.domain.reply import ReadMail, Reply
from services.notifications.ports import Postmark


class HousePress:
    """Words, calendars and mails of this house.

    ``base_url``: where its portal answers. ``authserv_id``: the name of the mail server whose checks we believe.
    """

    def __init__(self, names: DerivedNames, base_url: str, authserv_id: str = "") -> None:
        self._authserv_id = authserv_id
        self._names = names
        self._base_url = base_url.rstrip("/")

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

    def invitation(self, edition: Edition, invitation: Invitation, message: Message, mark: Postmark) -> Letter:
        """The mail that invites, changes or cancels."""
        attendee = message.revision.attendee
        facts = {
            "edition": edition,
            "message": message,
            "entry": message.revision.entry,
            "page": self._page_address(invitation.party.kind),
            "feed": self._feed_address(invitation.party.kind),
        }
        calendar = partial(ical.render_message, invitation, message)
        return self._letter("invitation", attendee, facts, mark, invitation.organiser, (message.method, calendar))

    def digest(self, edition: Edition, school: School, release: int, items: tuple[Item, ...], mark: Postmark) -> Letter:
        """The summary of a release for a school."""
        facts = self._school_facts(edition, school) | {"items": items, "release": release}
        return self._letter("digest", _mailbox(school), facts, mark, self._names.organiser(edition))

    def receipt(
        self, edition: Edition, school: School, entries: tuple[Entry, ...], reason: str, mark: Postmark
    ) -> Letter:
        """Tell a school what it confirmed or declined."""
        facts = self._school_facts(edition, school) | {"entries": entries, "reason": reason}
        return self._letter("receipt", _mailbox(school), facts, mark, self._names.organiser(edition))

    def place(
        self, edition: Edition, school: School, programme: str, group: str, until: dt.datetime, mark: Postmark
    ) -> Letter:
        """Offer a group that waited a place in a programme."""
        facts = self._school_facts(edition, school) | {"programme": programme, "group": group, "until": until}
        return self._letter("place", _mailbox(school), facts, mark, self._names.organiser(edition))

    def welcome(self, edition: Edition, school: School, deadline: dt.date | None, mark: Postmark) -> Letter:
        """Invite a school to register."""
        facts = self._school_facts(edition, school) | {"deadline": deadline}
        return self._letter("welcome", _mailbox(school), facts, mark, self._names.organiser(edition))

    def reminder(
        self, edition: Edition, school: School, unanswered: int, deadline: dt.date | None, mark: Postmark
    ) -> Letter:
        """Remind a school of its sessions without an answer, or of registering."""
        facts = self._school_facts(edition, school) | {"unanswered": unanswered, "deadline": deadline}
        return self._letter("reminder", _mailbox(school), facts, mark, self._names.organiser(edition))

    def notice(self, edition: Edition, school: School, entry: Entry, reason: str, mark: Postmark) -> Letter:
        """Tell the organiser that a school declined."""
        contact = edition.organiser
        recipient = Attendee(contact.email, contact.name, contact.language)
        facts = {"edition": edition, "school": school, "entry": entry, "reason": reason, "page": self._base_url}
        return self._letter("notice", recipient, facts, mark, self._names.organiser(edition))

    def refusal(self, edition: Edition, invitation: Invitation, reply: Reply, words: str, mark: Postmark) -> Letter:
        """Say no to the time that ``reply`` proposes."""
        attendee, entry = invitation.revision.attendee, invitation.revision.entry
        facts = {
            "edition": edition,
            "entry": entry,
            "words": words,
            "page": self._page_address(invitation.party.kind),
        }
        calendar = partial(ical.render_refusal, invitation, reply, words, mark.date)
        return self._letter("refusal", attendee, facts, mark, invitation.organiser, ("DECLINECOUNTER", calendar))

    def read(self, raw: bytes) -> ReadMail:
        """Read a mail that came in."""
        return read_mail(raw, self._authserv_id)

    # -------------------------------------------------------------------------------------------------------

    def _letter(
        self,
        template: str,
        recipient: Attendee,
        facts: dict[str, object],
        mark: Postmark,
        sender: Attendee,
        calendar: tuple[str, Callable[[], bytes]] | None = None,
    ) -> Letter:
        said = words.write(template, recipient.language, **facts)
        if not deliverable(recipient.email):
            return Letter(said.title, b"")
        html = words.write_html(template, recipient.language, title=said.title, **facts)
        attached = (calendar[0], calendar[1]()) if calendar else None
        raw = mail.compose(sender, recipient, mail.Content(said.title, said.text + "\n", html, attached), mark)
        return Letter(said.title, raw)

    def _school_facts(self, edition: Edition, school: School) -> dict[str, object]:
        page, feed = self._page_address("school"), self._feed_address("school")
        return {"edition": edition, "school": school, "page": page, "feed": feed}

    def _page_address(self, kind: PartyKind) -> str:
        door = "ecole" if kind == "school" else "prestataire"
        return f"{self._base_url}/{door}/{blank(kind, 'page')}"

    def _feed_address(self, kind: PartyKind) -> str:
        return f"{self._base_url}/feeds/{blank(kind, 'feed')}.ics"


def _mailbox(school: School) -> Attendee:
    return Attendee(school.contact.email, school.contact.name, school.contact.language)
