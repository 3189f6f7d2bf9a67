"""Keep every calendar in step: compare what it says with what it should, save the difference, mail what it takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial

from services.contracts.values import PARIS, Edition, School, Session
from services.notifications.domain.choice import Choice, usual
from services.notifications.domain.delivery import (
    GATHERED,
    GATHERING,
    NOT_BEFORE_REVIEW,
    ON_PAPER,
    REVIEWED,
    UNHURRIED,
    Draft,
    Letter,
    postal,
)
from services.notifications.domain.entry import Facts, NotYetKnown, Party, gather
from services.notifications.domain.feed import (
    FeedContent,
    feed_of,
    readers,
    readers_of_edition,
    source,
    without_details,
)
from services.notifications.domain.invitation import (
    Attendee,
    Invitation,
    Message,
    Sent,
    Wanted,
    first,
    plan,
    revise,
    standing,
)
from services.notifications.handlers.links import give_links
from services.notifications.ports import Desk, Postmark, Press, Tx

_Key = tuple[str, Party]

RESEND_AFTER = dt.timedelta(hours=1)
"""How long nothing is sent again to a calendar that asks again and again."""


@dataclass(frozen=True)
class _Wish:
    """What a party's calendar should say of a session."""

    session: Session
    wanted: Wanted


@dataclass(frozen=True)
class Office:
    """The work on one edition in one transaction."""

    tx: Tx
    edition: Edition
    desk: Desk

    @property
    def deadline(self) -> dt.date | None:
        """The last day on which schools are asked to answer; None once it has passed, or when there is none."""
        day = self.tx.editions.deadline(self.edition.id)
        return day if day and self.tx.now.astimezone(PARIS).date() <= day else None

    def keep_in_step(self, school_id: str | None = None) -> None:
        """Bring invitations and feeds to the present state of the copies, of one school's sessions when given.

        Done again without a change in between it changes nothing and mails nothing. A session that can no longer
        be described, because the edition lost its activity or provider, stays as it is until the next release.
        """
        wishes, unclear = self._wishes(school_id)
        known = {(i.session.id, i.party): i for i in self.tx.invitations.latest(self.edition.id, school_id)}
        keys = sorted(key for key in known.keys() | wishes.keys() if key[0] not in unclear)
        touched: set[Party] = set()
        for key in keys:
            before, after = known.get(key), self._step(key[1], known.get(key), wishes.get(key))
            if after is not before:
                touched = touched.union(*(readers(i) for i in (before, after) if i))
        self.render_feeds(touched)

    def catch_up(self, party: Party) -> None:
        """Mail a party what it has not been told yet."""
        for invitation in self.tx.invitations.latest(self.edition.id):
            if invitation.party == party:
                self._mail(invitation)

    def resend(self, invitation: Invitation) -> bool:
        """Mail an invitation again as it is, unless a mail about it was queued within the hour; say whether it was."""
        last = self.tx.mails.last_queued(invitation.uid, invitation.revision.attendee.email)
        if last is not None and self.tx.now - last < RESEND_AFTER:
            return False
        answer = standing(invitation, self._told.get(invitation.uid, {}))
        message = Message("REQUEST", invitation.revision, partstat=answer)
        self.post(self._draft(invitation, message), partial(self._letter, invitation, message))
        return True

    def render_feeds(self, parties: set[Party]) -> None:
        """Render the feeds of these parties, but for those that already show the very same."""
        for party in sorted(parties):
            content = self._content(party, *self._reader(party))
            if not self.tx.parties.shows(self.edition.id, party, content.digest):
                body = self.desk.press.feed(content)
                self.tx.parties.put(self.edition.id, party, content.digest, body, self.tx.now)
            give_links(self.edition.id, party, self.tx, self.desk)

    def render_all_feeds(self) -> None:
        """Render the feeds of everyone in the edition anew."""
        schools = {Party("school", school_id) for school_id in self.tx.schools.of_edition(self.edition.id)}
        self.render_feeds(schools | set(readers_of_edition(self.edition)))

    def post(self, draft: Draft, compose: Callable[[Postmark], Letter]) -> str:
        """Compose a mail and queue it, its bytes final. Return its id."""
        draft = self.addressed(draft)
        number = self.tx.mails.count(draft) + 1
        mail_id = self.desk.names.mail_id(draft, number)
        message_id = self.desk.names.message_id(mail_id)
        now = self.tx.now
        mark = Postmark(message_id, now, self.tx.mails.first_message_id(draft.thread))
        leaves_at = now + self.desk.quiet if draft.kind in UNHURRIED else now
        if draft.kind in GATHERED:
            leaves_at = now + max(self.desk.quiet, GATHERING)
        if draft.kind in REVIEWED:
            leaves_at = NOT_BEFORE_REVIEW
        self.tx.mails.enqueue(mail_id, message_id, draft, compose(mark), now, draft.leaves_at or leaves_at)
        facts = {"party": draft.party, "session": draft.session_id, "number": str(number)}
        self.tx.history.add(self.edition.id, f"{draft.kind}_queued", **facts)
        return mail_id

    def addressed(self, draft: Draft) -> Draft:
        """Return a mail to a school that gets letters with the address it is posted to."""
        if draft.kind not in ON_PAPER or not self.choice(Party("school", draft.party)).on_paper:
            return draft
        return replace(draft, recipient=postal(self.school(draft.party).place), on_paper=True)

    def redirect(self, party: Party) -> None:
        """Let what waits for a school go where it wants its mails now."""
        school, on_paper = self.school(party.id), self.choice(party).on_paper
        recipient = postal(school.place) if on_paper else school.contact.email
        self.tx.mails.redirect(self.edition.id, party.id, recipient, on_paper)

    def school(self, school_id: str) -> School:
        """Return a school that has registered."""
        return self.tx.schools.of_edition(self.edition.id, school_id)[school_id].school

    def choice(self, party: Party) -> Choice:
        """Return how a party gets its calendar."""
        return self._choices.get(party) or usual(party)

    # -------------------------------------------------------------------------------------------------------

    @cached_property
    def press(self) -> Press:
        """The press in the words of this edition's organiser."""
        return self.desk.press.in_words_of(self.tx.wordings.of_edition(self.edition.id))

    @cached_property
    def _choices(self) -> dict[Party, Choice]:
        return self.tx.parties.choices(self.edition.id)

    @cached_property
    def _told(self) -> Mapping[str, Sent]:
        return self.tx.mails.told(self.edition.id)

    @cached_property
    def _organiser(self) -> Attendee:
        return self.desk.names.organiser(self.edition)

    def _wishes(self, school_id: str | None) -> tuple[dict[_Key, _Wish], set[str]]:
        registered = self.tx.schools.of_edition(self.edition.id, school_id)
        wishes, unclear = {}, set()
        for planned in self.tx.sessions.of_edition(self.edition.id, school_id).values():
            try:
                wishes.update(self._wishes_of(planned.session, gather(self.edition, registered, planned)))
            except NotYetKnown:
                unclear.add(planned.session.id)
        return wishes, unclear

    def _wishes_of(self, session: Session, facts: Facts) -> dict[_Key, _Wish]:
        wishes = {}
        invited = Party("provider", session.provider_id), Party("school", session.school_id)
        for party in (*invited, Party("edition", self.edition.id)):
            contact = facts.reader(party)
            attendee = Attendee(contact.email, contact.name, contact.language)
            wishes[session.id, party] = _Wish(session, Wanted(self.desk.press.entry(facts, party), attendee))
        return wishes

    def _step(self, party: Party, known: Invitation | None, wish: _Wish | None) -> Invitation | None:
        """Bring one invitation up to date; return ``known`` itself when it did not change."""
        if known and known.live:
            # Calendars refuse changes from another mailbox: the UID ends with the old one, a new one begins.
            same_organiser = known.organiser.key == self._organiser.key
            known = self._keep(known, self._revised(known, wish if same_organiser else None))
        if wish and not (known and known.live):
            known = self._keep(None, self._opened(party, known.generation + 1 if known else 1, wish))
        return known

    def _keep(self, known: Invitation | None, invitation: Invitation) -> Invitation:
        """Save an invitation that changed and mail what that takes; return ``known`` itself when it did not."""
        if known == invitation:
            return known
        self.tx.invitations.save(invitation)
        if known is None or invitation.revision != known.revision:
            self._mail(invitation)
        return invitation

    def _opened(self, party: Party, generation: int, wish: _Wish) -> Invitation:
        return Invitation(
            edition_id=self.edition.id,
            party=party,
            session=wish.session,
            generation=generation,
            uid=self.desk.names.uid(self.edition.id, wish.session.id, party, generation),
            organiser=self._organiser,
            revision=first(wish.wanted, self.tx.now),
        )

    def _revised(self, known: Invitation, wish: _Wish | None) -> Invitation:
        # In a calendar that is only a feed, shown is told.
        shown = {known.revision.attendee.key: known.revision}
        sent = self._told.get(known.uid, {}) if self._by_mail(known) else shown
        revision = revise(known.revision, sent, wish.wanted if wish else None, self.tx.now)
        return replace(known, revision=revision, session=wish.session if wish else known.session)

    def _by_mail(self, invitation: Invitation) -> bool:
        """Whether changes go by mail: to those who want it, and to those who were invited while they did."""
        return self.choice(invitation.party).invites or invitation.uid in self._told

    def _mail(self, invitation: Invitation) -> None:
        self.tx.mails.withdraw(invitation.uid)
        if not self._by_mail(invitation):
            return
        sent = self._told.get(invitation.uid, {})
        for message in plan(sent, invitation.revision, standing(invitation, sent)):
            self.post(self._draft(invitation, message), partial(self._letter, invitation, message))

    def _letter(self, invitation: Invitation, message: Message, mark: Postmark) -> Letter:
        return self.press.invitation(self.edition, invitation, message, mark)

    def _draft(self, invitation: Invitation, message: Message) -> Draft:
        return Draft(
            edition_id=self.edition.id,
            thread=invitation.uid,
            recipient=message.revision.attendee.email,
            kind="invitation" if message.method == "REQUEST" else "cancellation",
            party=invitation.party.id,
            release=self.tx.editions.release(self.edition.id),
            session_id=invitation.session.id,
            told=message.revision,
        )

    def _reader(self, party: Party) -> tuple[str, str]:
        if party.kind == "school":
            school = self.school(party.id)
            return school.name, school.contact.language
        contacts = {provider.id: provider.contact for provider in self.edition.providers}
        contact = contacts.get(source(party, self.edition.id).id, self.edition.organiser)
        # Who left the edition keeps a calendar, with its cancelled sessions.
        return readers_of_edition(self.edition).get(party, party.id), contact.language

    def _content(self, party: Party, name: str, language: str) -> FeedContent:
        made_of = self.tx.invitations.of_party(self.edition.id, source(party, self.edition.id))
        shown = [invitation for invitation in made_of if party in readers(invitation)]
        content = feed_of(self.desk.press.feed_name(self.edition, party, name), language, shown, self.tx.now)
        if party.kind == "team":
            return replace(content, cards=True)
        return without_details(content) if party.kind == "public" else content
