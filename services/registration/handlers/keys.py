"""A form that is sent again, by a double click or by a client that lost the answer, counts once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import TypeVar, cast

from services.contracts import rpc
from services.contracts.codec import dumps, loads
from services.contracts.errors import refused
from services.registration.ports import Transaction

Keyed = rpc.ConfirmSlots | rpc.DeclineSlot | rpc.UndoAnswer | rpc.AskForSlot | rpc.RegisterSchool | rpc.AnswerPlace
R = TypeVar("R", bound=Keyed)
A = TypeVar("A")


def once(handler: Callable[[R, Transaction], A]) -> Callable[[R, Transaction], A]:
    """Let a form that comes again with its key change nothing, and be answered as it was the first time.

    What was answered is kept with the key by the work that the form caused. Another form with the key is refused.
    """

    @wraps(handler)
    def answer_once(request: R, tx: Transaction) -> A:
        key, fingerprint = _hash([request.edition_id, request.school_id, request.key]), _hash(request)
        if tx.keys.claim(key, fingerprint, tx.now):
            answered = dumps(handler(request, tx))
            tx.keys.keep(key, answered)
        else:
            known, answered = tx.keys.get(key)
            if known != fingerprint or not answered:  # one of before answers were kept: nobody knows what it said
                raise refused("key_reused")
        return cast(A, loads(request.answer, answered))  # read back the first time too: the same to the byte

    return answer_once


def _hash(value: object) -> str:
    return hashlib.sha256(dumps(value).encode()).hexdigest()
