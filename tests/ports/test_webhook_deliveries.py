"""Webhooks leave the queue by HTTP: told once, tried again, never inside, never through a redirection."""

from __future__ import annotations

import datetime as dt
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from services.kit.database import Database
from services.kit.migrate import migrate
from services.notifications.adapters import webhooks
from services.notifications.adapters.outside import Outside
from services.notifications.adapters.queue import Mails
from services.notifications.adapters.webhooks import GONE, INSIDE, REDIRECTED, Webhooks, WebhookSender, post
from services.notifications.domain.delivery import PAUSES, Draft, Letter
from services.notifications.domain.webhook import Subscription, signed
from tests.unit.notifications.builders import EDITION_ID, NOW

HOUSE = "x" * 32
BODY = b'{"type":"slots_confirmed"}'


class Receiver:
    """Software that is told: keeps what came, answers by its script, 204 when that is empty."""

    def __init__(self) -> None:
        self.came: list[tuple[str, dict[str, str], bytes]] = []
        self.script: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.came.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(receiver.script.pop(0) if receiver.script else 204)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?a=b"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


class Queue:
    """The queue on a real database, with a clock that stands until it is moved and one message in it, ``msg_1``."""

    def __init__(self, database: Database, url: str, **inside: Any) -> None:
        self.database, self.now, self.hook = database, NOW, Subscription("h1", EDITION_ID, url)
        self.sender = WebhookSender(database, HOUSE, lambda: self.now, **inside)
        with database.begin() as connection:
            Webhooks(connection).add(self.hook, NOW)
        self.put("msg_1", self.hook)

    def put(self, name: str, hook: Subscription) -> None:
        draft = Draft(EDITION_ID, hook.url, "webhook", hook.id, 0)
        with self.database.begin() as connection:
            Mails(connection).enqueue(name, name, draft, Letter("slots_confirmed", BODY), NOW, NOW)

    def state(self) -> tuple[str, int, str]:
        with self.database.read() as connection:
            (delivery,) = Webhooks(connection).deliveries(self.hook)
        return delivery.state, delivery.attempts, delivery.error


@pytest.fixture
def queue(database: Database, receiver: Receiver) -> Queue:
    migrate("notifications", database)
    return Queue(database, receiver.url, outside=Outside(allowed=lambda address: True))


def test_a_message_leaves_once_with_a_signature_the_receiver_can_check(queue: Queue, receiver: Receiver) -> None:
    assert [queue.sender.tick(), queue.sender.tick()] == [True, False]
    ((path, headers, body),) = receiver.came
    seconds = int(headers["webhook-timestamp"])
    secret = webhooks.secret_of(queue.hook, house=HOUSE)
    assert (path, body, seconds) == ("/hook?a=b", BODY, int(NOW.timestamp()))
    assert headers["webhook-id"] == "msg_1"
    assert headers["webhook-signature"] == signed(secret, "msg_1", seconds, BODY)
    assert queue.state() == ("sent", 1, "")


def test_mails_and_messages_do_not_take_each_others_turn(queue: Queue) -> None:
    with queue.database.begin() as connection:
        assert Mails(connection).claim(NOW) is None
        assert Mails(connection).of_edition(EDITION_ID, None) == ()


def test_a_message_that_fails_is_tried_again_later_and_after_a_day_no_more(queue: Queue, receiver: Receiver) -> None:
    receiver.script = [500, 302]
    queue.sender.tick()
    assert queue.state() == ("waiting", 1, "HTTP 500")
    assert not queue.sender.tick()
    queue.now += PAUSES[0]
    queue.sender.tick()
    assert (queue.state(), len(receiver.came)) == (("waiting", 2, REDIRECTED), 2)
    receiver.script = [500]
    queue.now += dt.timedelta(days=1)
    queue.sender.tick()
    assert queue.state() == ("failed", 3, "HTTP 500")


class StuckServer:
    """Takes what comes and answers nothing before it is told to."""

    def __init__(self) -> None:
        self.came, self.go_on = threading.Event(), threading.Event()
        self.line = socket.create_server(("127.0.0.1", 0))
        self.hook = Subscription("slow", EDITION_ID, f"http://127.0.0.1:{self.line.getsockname()[1]}/")
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        peer, _ = self.line.accept()
        with peer, self.line:
            peer.recv(10_000)
            self.came.set()
            self.go_on.wait(60)
            peer.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")


def test_a_slow_receiver_delays_no_other_and_gets_one_message_at_a_time(queue: Queue, receiver: Receiver) -> None:
    slow = StuckServer()
    queue.sender.tick()
    for name in ("slow_1", "slow_2"):
        queue.put(name, slow.hook)
    queue.put("msg_2", queue.hook)
    busy = threading.Thread(target=queue.sender.tick)
    busy.start()
    assert slow.came.wait(60)
    assert [queue.sender.tick(), queue.sender.tick()] == [True, False]
    assert [headers["webhook-id"] for _, headers, _ in receiver.came] == ["msg_1", "msg_2"]
    slow.go_on.set()
    busy.join()
    with queue.database.begin() as connection:
        next_one = Mails(connection).claim_for_web(queue.now)
    assert next_one and next_one.id == "slow_2"


def test_a_receiver_that_does_not_answer_keeps_its_messages_until_its_next_try(queue: Queue) -> None:
    queue.sender.tick()
    with socket.create_server(("127.0.0.1", 0)) as unused:
        gone = Subscription("gone", EDITION_ID, f"http://127.0.0.1:{unused.getsockname()[1]}/")
    for name in ("gone_1", "gone_2"):
        queue.put(name, gone)
    queue.put("msg_2", queue.hook)
    assert [queue.sender.tick() for _ in range(3)] == [True, True, False]
    with queue.database.read() as connection:
        tries = [(one.id, one.attempts, one.next_at) for one in Webhooks(connection).deliveries(gone)]
    assert tries == [("gone_2", 0, NOW + PAUSES[0]), ("gone_1", 1, NOW + PAUSES[0])]


def test_a_message_sent_again_begins_anew(queue: Queue, receiver: Receiver) -> None:
    receiver.script = [410]
    queue.sender.tick()
    assert queue.state() == ("failed", 1, GONE)
    with queue.database.begin() as connection:
        assert Webhooks(connection).send_again(EDITION_ID, "msg_1", queue.now)
        assert not Webhooks(connection).send_again("another edition", "msg_1", queue.now)
    queue.sender.tick()
    assert queue.state() == ("sent", 1, "")


def test_nothing_leaves_for_an_address_that_is_told_no_more(queue: Queue, receiver: Receiver) -> None:
    with queue.database.begin() as connection:
        assert Webhooks(connection).remove(EDITION_ID, "h1")
        assert not Webhooks(connection).send_again(EDITION_ID, "msg_1", NOW)
    assert (queue.sender.tick(), receiver.came) == (False, [])


def test_nothing_is_sent_inside_whatever_the_name_says(database: Database, receiver: Receiver) -> None:
    """The control is every other test here: the same receiver is reached when its address is allowed."""
    migrate("notifications", database)
    port = receiver.server.server_port
    queue = Queue(database, f"http://localhost:{port}/")
    queue.sender.tick()
    assert (queue.state(), receiver.came) == (("failed", 1, INSIDE), [])


def test_an_answer_that_never_ends_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "WHOLE_TIME", 0.3)
    with SlowServer() as url:
        outcome = post(url, {}, BODY, Outside(allowed=lambda address: True))
    assert outcome.kind == "broken"


class SlowServer:
    """Begins its answer, a letter at a time, for ever."""

    def __enter__(self) -> str:
        self.line = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.drip, daemon=True).start()
        return f"http://127.0.0.1:{self.line.getsockname()[1]}/"

    def drip(self) -> None:
        peer, _ = self.line.accept()
        with peer:
            try:
                while True:
                    peer.sendall(b"H")
                    threading.Event().wait(0.05)
            except OSError:
                pass

    def __exit__(self, *_: object) -> None:
        self.line.close()


def test_what_is_sent_is_json(queue: Queue, receiver: Receiver) -> None:
    queue.sender.tick()
    assert json.loads(receiver.came[0][2]) == {"type": "slots_confirmed"}
    assert receiver.came[0][1]["content-type"] == "application/json"
