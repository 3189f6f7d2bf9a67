"""The outgoing queue on a real database, against mail servers that misbehave; numbers are acceptance scenarios."""

from __future__ import annotations

import datetime as dt
import random
import smtplib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope

from services.commands.running import free_port
from services.contracts import rpc
from services.kit.database import Database
from services.kit.migrate import migrate
from services.notifications.adapters.queue import BAD_ADDRESS, LEASE, LINE_BROKE, NO_SERVER, Mails
from services.notifications.adapters.smtp import Route, Sender
from services.notifications.domain.delivery import Draft, Letter, MailKind
from services.notifications.handlers import queries
from tests.unit.notifications.builders import EDITION_ID, NOW
from tests.unit.notifications.test_invitation import FIRST, MOVED, TRUCK, after

SECOND = after(MOVED)
LATER = SECOND.modified + dt.timedelta(hours=1)


class Server:
    """A mail server: takes mails, or does what ``script`` says: a code, ``drop`` before or ``lost`` after taking."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.script: list[int | str] = []
        self.connections = 0
        self.up = True

    def sendmail(self, sender: str, recipients: list[str], raw: bytes) -> None:
        step = self.script.pop(0) if self.script else 250
        if step == "drop":
            raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
        if isinstance(step, int) and step >= 400:
            raise smtplib.SMTPRecipientsRefused({recipients[0]: (step, b"said so")})
        self.taken.append(raw)
        if step == "lost":
            raise TimeoutError("timed out")

    def quit(self) -> None:
        pass


class FakeRoute(Route):
    def __init__(self, server: Server) -> None:
        super().__init__("smtp://nowhere", "agenda@quinzaine.example")
        object.__setattr__(self, "server", server)

    def connect(self) -> smtplib.SMTP:
        server: Server = self.server  # type: ignore[attr-defined]
        server.connections += 1
        if not server.up:
            raise ConnectionRefusedError(111, "Connection refused")
        return server  # type: ignore[return-value]


class Post:
    """A queue, its sender and its server, with a clock that goes when told."""

    def __init__(self, database: Database, per_minute: int = 600, per_person: int = 1000) -> None:
        self.database = database
        self.now = NOW
        self.server = Server()
        self.sender = Sender(database, FakeRoute(self.server), lambda: self.now, per_minute, per_person=per_person)

    @contextmanager
    def mails(self) -> Iterator[Mails]:
        with self.database.begin() as connection:
            yield Mails(connection)

    def queue(
        self,
        mail_id: str,
        thread: str = "u1",
        recipient: str = TRUCK.email,
        told: object = FIRST,
        quiet: dt.timedelta = dt.timedelta(),
        kind: MailKind = "invitation",
    ) -> None:
        draft = Draft(EDITION_ID, recipient, kind, "truck", 1, thread, "s", told)  # type: ignore[arg-type]
        with self.mails() as mails:
            mails.enqueue(
                mail_id, f"<{mail_id}@x>", draft, Letter("Objet", mail_id.encode()), self.now, self.now + quiet
            )

    def tick(self, after: dt.timedelta = dt.timedelta()) -> bool:
        self.now += after
        return self.sender.tick()

    def states(self) -> dict[str, tuple[str, int, str]]:
        with self.mails() as mails:
            return {m.id: (m.state, m.attempts, m.error) for m in mails.of_edition(EDITION_ID, None)}

    def trouble(self) -> str:
        with self.mails() as mails:
            return mails.trouble()

    def told(self) -> dict[str, int]:
        with self.mails() as mails:
            return {uid: sent[TRUCK.key].sequence for uid, sent in mails.told(EDITION_ID).items()}


@pytest.fixture
def post(database: Database) -> Post:
    migrate("notifications", database)
    return Post(database)


def test_mails_leave_in_order_on_one_connection(post: Post) -> None:
    for number in range(7):
        post.queue(f"m{number}", thread=f"u{number}")
    assert post.tick() is False
    assert post.server.taken == [f"m{number}".encode() for number in range(7)]
    assert post.server.connections == 1
    assert set(post.states().values()) == {("sent", 1, "")}


def test_a_batch_ends_and_says_that_there_is_more(post: Post) -> None:
    for number in range(51):
        post.queue(f"m{number}", thread=f"u{number}")
    assert post.tick() is True
    assert (len(post.server.taken), post.server.connections) == (50, 1)
    post.tick()
    assert (len(post.server.taken), post.server.connections) == (51, 2)


def test_a_newer_mail_supersedes_the_one_that_waits(post: Post) -> None:
    post.queue("old")
    post.queue("other", recipient="autre@truck.example")
    post.queue("new", told=SECOND)
    post.tick()
    assert post.server.taken == [b"other", b"new"]
    assert post.states()["old"] == ("superseded", 0, "")


def test_what_has_not_left_was_not_told(post: Post) -> None:
    post.queue("first")
    assert post.told() == {}
    post.tick()
    assert post.told() == {"u1": 0}
    post.queue("second", told=SECOND)
    assert post.told() == {"u1": 0}
    post.tick()
    assert post.told() == {"u1": 1}


def test_withdrawing_leaves_what_may_have_left(post: Post) -> None:
    post.server.script = ["lost"]
    post.queue("doubtful")
    post.tick()
    post.queue("fresh", thread="u2")
    with post.mails() as mails:
        mails.withdraw("u1")
        mails.withdraw("u2")
    assert {name: state[0] for name, state in post.states().items()} == {"doubtful": "waiting", "fresh": "superseded"}


def test_scenario_38_a_line_lost_after_the_mail_was_taken_sends_the_same_bytes_again(post: Post) -> None:
    post.server.script = ["lost"]
    post.queue("m1")
    post.queue("m2", thread="u2")
    assert post.tick() is True
    assert post.states()["m1"] == ("waiting", 1, LINE_BROKE)
    assert post.told() == {"u1": 0}, "the recipient may have it"
    post.tick()
    post.tick(dt.timedelta(seconds=5))
    assert post.server.taken == [b"m1", b"m2", b"m1"]
    assert post.states() == {"m1": ("sent", 2, ""), "m2": ("sent", 1, "")}


def test_scenario_39_a_worker_that_died_leaves_its_mail_to_another_after_the_lease(post: Post) -> None:
    post.queue("m1")
    with post.mails() as mails:
        claimed = mails.claim(post.now)
    assert claimed is not None
    assert (claimed.id, claimed.left_before) == ("m1", False)
    post.tick(LEASE - dt.timedelta(seconds=1))
    assert post.server.taken == []
    post.tick(dt.timedelta(seconds=1))
    assert post.server.taken == [b"m1"]


def test_scenario_39_a_newer_mail_waits_while_an_older_one_is_being_sent(post: Post) -> None:
    post.queue("old")
    with post.mails() as mails:
        held = mails.claim(post.now)
    post.queue("new", told=SECOND)
    post.tick()
    assert post.server.taken == [], "the older one may still arrive"
    assert held is not None
    with post.mails() as mails:
        mails.sent(held, post.now)
    post.tick()
    assert post.server.taken == [b"new"]
    assert {name: state[0] for name, state in post.states().items()} == {"old": "sent", "new": "sent"}


@pytest.mark.parametrize("settle", ["postpone", "fail"])
def test_scenario_39_a_superseded_mail_stays_superseded_when_its_try_fails(post: Post, settle: str) -> None:
    post.queue("old")
    with post.mails() as mails:
        held = mails.claim(post.now)
    post.queue("new", told=SECOND)
    assert held is not None
    with post.mails() as mails:
        if settle == "fail":
            mails.fail(held, "550 no", may_have_left=False)
        else:
            mails.postpone(held, "450 later", post.now, may_have_left=False)
    post.tick()
    assert post.server.taken == [b"new"]
    assert post.states()["old"][0] == "superseded"


def test_scenario_39_what_a_killed_process_held_is_free_at_its_restart(post: Post) -> None:
    post.queue("m1")
    with post.mails() as mails:
        mails.claim(post.now)
        mails.release_claims()
    post.tick()
    assert post.server.taken == [b"m1"]


def test_scenario_40_a_passing_refusal_is_tried_again_for_a_day(post: Post) -> None:
    post.server.script = [450] * 100
    post.queue("m1")
    for _ in range(200):
        post.tick(dt.timedelta(minutes=10))
    state, attempts, error = post.states()["m1"]
    assert (state, error) == ("failed", "450 said so")
    assert attempts == 29
    assert post.told() == {}


def through_all_weathers(post: Post, seed: int, thread: str) -> dict[str, list[str]]:
    """Return, by UID, the revisions a server took that was away for half an hour, then answered 451 at random, dropped
    the line or lost its answer. ``thread``: what names a mail's thread, of ``uid`` and ``number``.
    """
    chance = random.Random(seed)
    post.server.up = False
    for number, told in enumerate((FIRST, SECOND, replace(SECOND, sequence=2, modified=LATER))):
        for uid in range(10):
            post.queue(f"{uid}-{number}", thread=thread.format(uid=uid, number=number), told=told)
        for _ in range(15):
            post.tick(dt.timedelta(minutes=1))
        post.server.up = number > 0
        post.server.script = [chance.choice((250, 451, "drop", "lost")) for _ in range(40)]
    for _ in range(300):
        post.tick(dt.timedelta(minutes=4))
    taken = [raw.decode().split("-") for raw in post.server.taken]
    return {uid: [number for name, number in taken if name == uid] for uid in map(str, range(10))}


@pytest.mark.parametrize("seed", range(5))
def test_scenario_40_through_all_weathers_everything_arrives_in_order(post: Post, seed: int) -> None:
    for numbers in through_all_weathers(post, seed, "u{uid}").values():
        assert numbers == sorted(numbers), "an older revision never comes after a newer one"
        assert numbers[-1] == "2"
    assert {state[0] for state in post.states().values()} == {"sent", "superseded"}


def test_scenario_40_without_threads_older_revisions_would_come_last(post: Post) -> None:
    """The control: the same weather mixes up mails that do not know of each other."""
    arrived = through_all_weathers(post, 0, "u{uid}-{number}").values()
    assert {number for numbers in arrived for number in numbers} == {"0", "1", "2"}
    assert [numbers for numbers in arrived if numbers != sorted(numbers)] != []


class Moody:
    """A real mail server that answers 451 at random, and hangs up on every other mail it has taken before saying so."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self._chance = random.Random(40)

    async def handle_DATA(self, server: SMTP, _session: object, envelope: Envelope) -> str:
        mood = self._chance.choice(("take", "later", "hang up"))
        if mood == "later":
            return "451 come again"
        self.taken.append(bytes(envelope.original_content or b"").strip())
        if mood == "hang up":
            assert server.transport is not None
            server.transport.close()
        return "250 OK"


def test_scenario_40_a_real_server_that_hangs_up_before_its_answer_gets_everything_in_order(post: Post) -> None:
    moody = Moody()
    door = Controller(moody, hostname="127.0.0.1", port=free_port())
    door.start()
    try:
        post.sender = Sender(post.database, Route(f"smtp://127.0.0.1:{door.port}", "x@y.example"), lambda: post.now)
        for number in range(20):
            post.queue(f"m{number:02}", thread=f"u{number}")
        post.tick()
        first_tries = list(moody.taken)
        while "waiting" in {state[0] for state in post.states().values()}:
            post.tick(dt.timedelta(minutes=10))
    finally:
        door.stop()
    assert first_tries == sorted(first_tries)
    assert set(moody.taken) == {f"m{number:02}".encode() for number in range(20)}
    assert len(moody.taken) > 20, "what it took without saying so comes again, the very same"
    assert set(post.states().values()) == {("sent", attempts, "") for _, attempts, _ in post.states().values()}


def test_scenario_40_a_refusal_for_good_is_shown_and_not_tried_again(post: Post) -> None:
    post.server.script = [550]
    post.queue("m1")
    post.tick()
    post.tick(dt.timedelta(days=1))
    assert post.states() == {"m1": ("failed", 1, "550 said so")}
    assert post.told() == {}


def test_a_refused_mail_does_not_keep_the_others(post: Post) -> None:
    post.server.script = [450, 550]
    for number in range(3):
        post.queue(f"m{number}", thread=f"u{number}")
    post.tick()
    assert post.server.taken == [b"m2"]
    assert post.server.connections == 1


def test_a_server_that_is_down_is_left_alone_for_a_while(post: Post) -> None:
    post.server.up = False
    for number in range(3):
        post.queue(f"m{number}", thread=f"u{number}")
    for _ in range(30):
        assert post.tick(dt.timedelta(seconds=1)) is False
    assert post.server.connections == 4, "after 0, 2, 4 and 8 seconds more"
    assert (post.trouble(), {error for _, _, error in post.states().values()}) == (NO_SERVER, {NO_SERVER})
    post.server.up = True
    post.tick(dt.timedelta(minutes=1))
    post.tick(dt.timedelta(minutes=10))
    assert sorted(post.server.taken) == [b"m0", b"m1", b"m2"]
    assert post.trouble() == ""


def test_a_broken_line_does_not_burn_the_tries_of_the_others(post: Post) -> None:
    post.server.script = ["drop"]
    for number in range(3):
        post.queue(f"m{number}", thread=f"u{number}")
    assert post.tick() is True
    assert [state[1] for state in post.states().values()] == [0, 0, 1]
    assert post.trouble() == LINE_BROKE


def test_a_wrong_address_is_shown_and_never_tried(post: Post) -> None:
    post.queue("m1", recipient="pas une adresse")
    post.tick()
    assert post.states() == {"m1": ("failed", 0, BAD_ADDRESS)}
    assert post.server.connections == 0


def test_awaiting_compares_what_is_told(post: Post) -> None:
    post.queue("m1")
    same = Draft(EDITION_ID, TRUCK.email, "invitation", "truck", 2, "u1", "s", FIRST)
    other = Draft(EDITION_ID, TRUCK.email, "invitation", "truck", 2, "u1", "s", SECOND)
    with post.mails() as mails:
        assert (mails.awaits(same), mails.awaits(other)) == (True, False)
        assert (mails.count(same), mails.first_message_id("u1"), mails.first_message_id("u2")) == (1, "<m1@x>", "")


def test_scenario_14_forty_cancellations_leave_in_order_a_few_a_minute_and_go_on_after_a_crash(
    database: Database,
) -> None:
    migrate("notifications", database)
    post = Post(database, per_minute=15)
    for number in range(40):
        post.queue(f"m{number:02}", thread=f"u{number}")
    post.tick()
    assert len(post.server.taken) == 15
    post.tick(dt.timedelta(seconds=30))
    assert len(post.server.taken) == 15, "not before the minute is over"
    again = Post(database, per_minute=15)
    again.now = post.now + dt.timedelta(minutes=1)
    with again.mails() as mails:
        mails.claim(again.now)  # a worker takes one and dies
        mails.release_claims()
    for _ in range(4):
        again.tick(dt.timedelta(minutes=1))
    taken = post.server.taken + again.server.taken
    assert taken == [f"m{number:02}".encode() for number in range(40)]


def test_scenario_08_a_mail_waits_for_the_end_of_the_quiet_period_unless_it_is_hastened(post: Post) -> None:
    for number in (1, 2):
        post.queue(f"m{number}", thread=f"u{number}", quiet=dt.timedelta(minutes=5))
    post.tick(dt.timedelta(minutes=4))
    assert post.server.taken == []
    with post.mails() as mails:
        assert mails.hasten(EDITION_ID, ("m2", "unknown"), post.now) == 1
        assert mails.hasten("another edition", (), post.now) == 0
    post.tick()
    assert post.server.taken == [b"m2"]
    post.tick(dt.timedelta(minutes=1))
    assert post.server.taken == [b"m2", b"m1"]


def test_scenario_08_only_what_certainly_has_not_left_is_withheld(post: Post) -> None:
    post.server.script = ["lost"]
    post.queue("doubtful")
    post.tick()
    post.queue("fresh", thread="u2", quiet=dt.timedelta(minutes=5))
    with post.mails() as mails:
        assert mails.withhold(EDITION_ID, ("doubtful", "fresh")) == 1
        assert [m.leaves_at is None for m in mails.of_edition(EDITION_ID, None)] == [True, False]
    assert post.states()["fresh"] == ("held", 0, "")
    post.tick(dt.timedelta(minutes=5))
    assert post.server.taken == [b"doubtful", b"doubtful"]


def test_what_was_held_back_leaves_when_asked_for_by_name_and_only_then(post: Post) -> None:
    for number in (1, 2):
        post.queue(f"m{number}", thread=f"u{number}", quiet=dt.timedelta(minutes=5))
    with post.mails() as mails:
        mails.withhold(EDITION_ID, ("m1", "m2"))
        assert mails.hasten(EDITION_ID, (), post.now) == 0
        assert mails.hasten("another edition", ("m2",), post.now) == 0
    post.tick(dt.timedelta(days=3))
    with post.mails() as mails:
        assert mails.hasten(EDITION_ID, ("m2", "unknown"), post.now) == 1
    post.tick()
    assert (post.server.taken, post.states()["m1"], post.states()["m2"][0]) == ([b"m2"], ("held", 0, ""), "sent")


def test_a_newer_mail_takes_the_place_of_one_held_back(post: Post) -> None:
    post.queue("old")
    with post.mails() as mails:
        mails.withhold(EDITION_ID, ("old",))
    post.queue("new")
    with post.mails() as mails:
        assert mails.hasten(EDITION_ID, ("old",), post.now) == 0
    post.tick()
    assert (post.server.taken, post.states()["old"][0]) == ([b"new"], "superseded")


def test_scenario_35_a_mail_that_came_back_was_not_told(post: Post) -> None:
    post.queue("m1")
    post.tick()
    with post.mails() as mails:
        assert mails.bounced("<m1@x>", "5.1.1 nobody") == "s"
        assert mails.bounced("<m9@x>", "5.1.1 nobody") is None
    assert post.states() == {"m1": ("failed", 1, "5.1.1 nobody")}
    assert post.told() == {}


def test_scenario_39_several_workers_never_send_twice_nor_an_older_mail_last(post: Post) -> None:
    server = SlowServer()
    senders = [Sender(post.database, FakeRoute(server), lambda: post.now) for _ in range(3)]
    queued = threading.Event()

    def work(sender: Sender) -> None:
        while sender.tick() or not queued.is_set():
            pass

    workers = [threading.Thread(target=work, args=(sender,)) for sender in senders]
    for worker in workers:
        worker.start()
    for revision in range(6):
        for uid in range(8):
            post.queue(f"{uid}-{revision}", thread=f"u{uid}")
    queued.set()
    for worker in workers:
        worker.join()
    post.tick()
    taken = [raw.decode() for raw in (*server.taken, *post.server.taken)]
    assert len(taken) == len(set(taken))
    for uid in range(8):
        revisions = [name for name in taken if name.startswith(f"{uid}-")]
        assert revisions == sorted(revisions)
        assert revisions[-1] == f"{uid}-5"
    assert {state[0] for state in post.states().values()} <= {"sent", "superseded"}


class SlowServer(Server):
    """Takes its time over every other revision of some, so that the next one overtakes if it can."""

    def sendmail(self, sender: str, recipients: list[str], raw: bytes) -> None:
        uid, revision = raw.decode().split("-")
        time.sleep(0.4 if uid in "01" and int(revision) % 2 == 0 else 0)
        super().sendmail(sender, recipients, raw)


def test_one_person_gets_only_so_many_summaries_and_receipts_in_a_day(database: Database) -> None:
    migrate("notifications", database)
    post = Post(database, per_person=2)
    for number in range(4):
        post.queue(f"receipt{number}", thread=f"r{number}", kind="receipt")
        post.queue(f"invitation{number}", thread=f"i{number}")
    post.queue("other", thread="o", recipient="autre@ecole.example", kind="receipt")
    post.tick()
    invitations = [f"invitation{number}".encode() for number in range(4)]
    assert sorted(post.server.taken) == sorted([*invitations, b"other", b"receipt0", b"receipt1"])
    with post.mails() as mails:
        assert mails.full(2, NOW) == {TRUCK.email: NOW + dt.timedelta(days=1)}
        assert mails.full(3, NOW) == {}
        tx: Any = SimpleNamespace(mails=mails, now=NOW)
        shown = queries.list_mails(rpc.ListMails(EDITION_ID), tx, per_person=2)
        assert {mail.id for mail in shown if mail.capped_until} == {"receipt2", "receipt3"}
    post.tick(dt.timedelta(hours=23))
    assert len(post.server.taken) == 7
    post.tick(dt.timedelta(hours=2))
    assert post.server.taken[7:] == [b"receipt2", b"receipt3"]
