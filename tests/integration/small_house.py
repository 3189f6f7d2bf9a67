"""The whole house without its threads: the 2020 edition registered, four sessions released, every kind of mail sent."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import smtplib
import sqlite3
import uuid
from collections.abc import Callable, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from services.commands.running import SERVICES
from services.contracts import rpc
from services.contracts.codec import encode
from services.contracts.events import Envelope, Event, PlaceOffered, PlanReleased, WishesSettled
from services.contracts.values import Session, SettledWish
from services.embedded import House, ask_in_thread
from services.kit.clock import utc_now
from services.kit.loops import loops_of
from services.kit.settings import Settings
from services.notifications.adapters.tables import mail
from services.portal.mail.mailbox import Mailbox
from services.portal.mail.mailroom import reply_to_invitation
from tests.integration.mail_door import MailDoor
from tests.unit.portal.fakes import ADDRESS, Visitor

EXAMPLE = Path("examples/soissons-2020")
ACY, BELLEU = "acy", "belleu"


class SmallHouse:
    """All services and the portal on one folder; nothing happens until ``pump`` lets it.

    ``settings`` in place of the usual ones; the houses of ``beside`` get their mail at this one's door as well.
    """

    def __init__(
        self,
        folder: Path,
        base_url: str = "http://testserver",
        settings: Settings | None = None,
        beside: Sequence[SmallHouse] = (),
    ) -> None:
        changes = {"secret": "x" * 32, "base_url": base_url}
        self.settings = settings or MailDoor.settings(data_dir=folder, **changes)
        self.folder = self.settings.data_dir
        self.house = House(SERVICES, self.settings)
        self.ask = self.house.ask
        self.mailbox = Mailbox(self.folder / "mailbox")
        others = (MailDoor.letterbox(other.ask, other.settings, other.mailbox) for other in beside)
        self.door = MailDoor(self.ask, self.settings, self.mailbox, *others)
        self._numbers = 0

    def close(self) -> None:
        self.door.close()
        self.house.stop()

    def pump(self, mails: bool = True) -> None:
        """Let every event arrive and every mail leave; what failed, as scheduling knows no release, is left alone.

        So is what has outlived its term, as an edition of 2020 has.
        """
        loops = [loop for app in self.house.applications.values() for loop in loops_of(app, self.house._deliver)]
        still = {"retry", "retention"} | (set() if mails else {"sender"})
        while any([loop.tick() for loop in loops if loop.name not in still]):
            pass

    def visitor(self) -> Visitor:
        """Return a browser of its own on a portal of its own."""
        visitor = Visitor(ask_in_thread(self.house), self.settings)  # type: ignore[arg-type]
        visitor.link = lambda: self.ask(rpc.MakeAdministrator("anne", ADDRESS))
        return visitor

    def register(self, id_: str = "soissons-2020", change: Callable[[str], str] = str) -> str:
        """Open the edition under an id, register its schools and return the id. ``change``: of each file's text."""
        names = ("schools.csv", "classes.csv")
        text = {name: change((EXAMPLE / name).read_text(encoding="utf-8-sig")) for name in names}
        toml = change((EXAMPLE / "edition.toml").read_text(encoding="utf-8")).replace("soissons-2020", id_, 1)
        self.edition = self.ask(rpc.OpenEdition("edition.toml", toml))
        self.pump()
        files = (rpc.ImportFile(name, content) for name, content in text.items())
        self.ask(rpc.ImportSchools(self.edition.id, *files))
        self.pump()
        return self.edition.id

    def release(self, hour: int = 8) -> None:
        """Release two sessions for each of two schools, as scheduling would."""
        self._release(*self._sessions(hour))

    def _release(self, *sessions: Session) -> None:
        self._numbers += 1
        self._tell(PlanReleased(self.edition.id, self._numbers, sessions, ()), "registration", "notifications")

    def _tell(self, event: Event, *readers: str) -> None:
        now = dt.datetime.now(dt.timezone.utc)
        about = (event.source, event.type(), now, 1, "trace", event.subject, max(1, self._numbers))
        for name in readers:
            envelope = Envelope(uuid.uuid4().hex, *about, encode(event))
            self.house.applications[name].receive(type(event), encode(envelope))
        self.pump()

    def welcome(self) -> None:
        """Let the schools be invited to register, and reminded a week later: both come before an edition only."""
        notifications = self.house.applications["notifications"]
        for weeks in (6, 5):
            today = _at(self.edition.first_day - dt.timedelta(weeks=weeks), 8)
            notifications.clock = lambda today=today: today
            self.ask(rpc.PrepareReminders(self.edition.id, (ACY, BELLEU)))
            self.ask(rpc.SendNow(self.edition.id))
            self.pump()
            with notifications.database.begin() as connection:  # the sender's clock shows the present
                connection.execute(sa.update(mail).values(sent_at=today))
        notifications.clock = utc_now

    def send_every_kind(self) -> None:
        """Play what makes the house write every kind of mail it knows."""
        self.welcome()
        self.send_all_but_welcome()

    def send_all_but_welcome(self) -> None:
        """The same without what came weeks before the edition, by a clock of its own."""
        self.ask(rpc.InviteAccount("bob", "bob@ville.example", "Bob", "reader", "fr"))
        self.ask(rpc.MakeAdministrator("anne", ADDRESS))
        self.ask(rpc.AskSignInLink(ADDRESS))
        self.release()
        group = self.ask(rpc.GetSchoolPage(self.edition.id, BELLEU)).groups[0]
        place = PlaceOffered(self.edition.id, group.programme_id, BELLEU, group.id, _at(self.edition.first_day, 8))
        self._tell(place, "notifications")
        asked = _at(self.edition.first_day, 14)
        wish = SettledWish("s1", "Robotique", "CM1", asked, asked, accepted=False, words="La salle est prise.")
        self._tell(WishesSettled(self.edition.id, BELLEU, (wish,)), "notifications")
        self.ask(rpc.SendNow(self.edition.id))
        offers = self.ask(rpc.GetSchoolPage(self.edition.id, ACY)).offers
        confirmed, declined = (offer.session.id for offer in offers)
        scope = (self.edition.id, ACY, 1)
        self.ask(rpc.ConfirmSlots(*scope, {confirmed: 12}, "k1"))
        self.ask(rpc.DeclineSlot(*scope, declined, "Sortie scolaire", "k2"))
        self.pump()
        self._counter_and_refuse()
        self.release(hour=9)
        self._release()

    def letters(self) -> list[EmailMessage]:
        """Return every mail that left, oldest first."""
        raws = [self.mailbox.get(letter.id) or b"" for letter in reversed(self.mailbox.letters())]
        return [message_from_bytes(raw, policy=policy.default) for raw in raws]  # type: ignore[misc]

    def sign_in_link(self, email: str) -> str:
        """Return the token of the last link that was mailed to a person who organises."""
        letter = [letter for letter in self.letters() if email in str(letter["To"])][-1]
        (path,) = {path for path in _paths(letter, self.settings.base_url) if path.startswith("/connexion/")}
        return path.rpartition("/")[2]

    def links(self) -> dict[str, set[str]]:
        """Return the paths of our own in the mails, by the kind of mail, which its id begins with."""
        found: dict[str, set[str]] = {}
        for letter in self.letters():
            kind = letter["Message-ID"].strip("<>").partition(".")[0]
            found.setdefault(kind, set()).update(_paths(letter, self.settings.base_url))
        return found

    def dump(self) -> dict[str, bytes]:
        """Return every database whole, as the text that would make it again."""
        dumps = {}
        for name in self.house.applications:
            connection = sqlite3.connect(self.folder / f"{name}.db")
            dumps[name] = "\n".join(connection.iterdump()).encode()
            connection.close()
        return dumps

    def forget_readers(self) -> None:
        """Blank which program reads each feed and when: all that opening a link may leave behind."""
        with contextlib.closing(sqlite3.connect(self.folder / "notifications.db")) as connection, connection:
            connection.execute("update link set read_at = null, client = ''")

    def values(self) -> bytes:
        """Return every value of every table, the soft line breaks of mails taken out."""
        found = []
        for application in self.house.applications.values():
            with application.database.read() as connection:
                for table in application.messages.outbox.metadata.sorted_tables:
                    found += [value for row in connection.execute(sa.select(table)) for value in row]
        raw = b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in found)
        return raw.replace(b"=\r\n", b"")

    def _counter_and_refuse(self) -> None:
        self.ask(rpc.SettleIncoming(self.counter(), "refuse", "Le car est déjà réservé."))
        self.pump()

    def counter(self) -> str:
        """Let the provider of the first invitation ask for another hour; return the id of its mail."""
        invitation = next(letter for letter in self.letters() if letter["Message-ID"].startswith("<invitation."))
        with smtplib.SMTP(*self.door.address, timeout=10) as server:
            server.send_message(another_hour(invitation.as_bytes()))
        (waiting,) = [one for one in self.ask(rpc.ListIncoming()) if one.outcome == "countered"]
        return waiting.id

    def _sessions(self, hour: int) -> list[Session]:
        registered = {r.school.id: r for r in self.ask(rpc.ListRegistrations(self.edition.id))}
        found: list[Session] = []
        for number, school_id in enumerate((ACY, BELLEU)):
            group, school = registered[school_id].groups[0], registered[school_id].school
            programme = self.edition.programme(group.programme_id)
            for day, activity in zip(self.edition.action_days, programme.activities, strict=False):
                found.append(self._session(group.id, programme.id, activity, school, _at(day, hour + 3 * number)))
        return found

    def _session(self, group_id: str, programme_id: str, activity: Any, school: Any, start: dt.datetime) -> Session:
        provider = next(p for p in self.edition.providers if activity.provider_kind in p.kinds)
        return Session(
            id=f"{group_id}:{activity.id}",
            group_id=group_id,
            activity_id=activity.id,
            programme_id=programme_id,
            school_id=school.id,
            provider_id=provider.id,
            team_id=provider.teams[0].id,
            start=start,
            end=start + dt.timedelta(minutes=activity.duration),
            place=school.place,
        )


def another_hour(invitation: bytes) -> EmailMessage:
    """Return the mail by which a provider asks to come two hours later than its invitation at eight says."""
    reply = reply_to_invitation(invitation, "ACCEPTED")
    for part in reply.walk():
        if part.get_content_type() == "text/calendar":
            text = part.get_content().replace("METHOD:REPLY", "METHOD:COUNTER")
            text = re.sub(r"(DT(?:START|END)[^\r\n]*T)08", r"\g<1>10", text)
            part.set_content(text.encode(), "text", "calendar", params={"method": "COUNTER"}, cte="base64")
    return reply


def _at(day: dt.date, hour: int) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), dt.timezone.utc)


def _paths(letter: EmailMessage, base: str) -> set[str]:
    bodies = [letter.get_body((kind,)) for kind in ("plain", "html")]
    text = " ".join(body.get_content() for body in bodies if body is not None)
    return {path or "/" for path in re.findall(rf"{re.escape(base)}([^\s\"<>]*)", text)}
