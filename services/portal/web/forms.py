"""What a person typed, read with care: bounded, cleaned of control characters, never guessed."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message

from services.portal.web import auth
from services.portal.web.auth import View

MAX_BODY = 3 * 1024 * 1024 + 64 * 1024
"""Bytes of a request: two files, with a little room for the other fields."""
LONGEST_READ = 10 * MAX_BODY
"""Bytes read, and dropped, of a request that is too large: a browser shows no answer before it has sent all."""
MOST_FIELDS = 10_000
"""Fields of a form: the mails of a large edition, to be reviewed before they leave."""
MAX_FILE = 1024 * 1024
"""Bytes of an uploaded file."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Characters of Unicode's category Cc but tabs and line ends."""


@dataclass(frozen=True)
class FieldError:
    """What is wrong with a form, in the visitor's language; ``field`` empty: with the whole of it."""

    sentence: str
    field: str = ""


def read_day(text: str) -> dt.date | None:
    """Return the day that a text of ISO form names, None when it names none."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


class Form:
    """The fields of a submitted form."""

    def __init__(self, data: FormData) -> None:
        self._data = data

    def text(self, name: str, limit: int = 500) -> str:
        """Return a field as one clean line or paragraph, empty when absent."""
        return _clean(self._raw(name))[:limit].strip()

    def whole(self, name: str) -> str:
        """Return a field as typed, for the text of a file."""
        return self._raw(name).replace("\r\n", "\n")

    def names(self) -> list[str]:
        """Return the names of the fields, each once."""
        return list(dict.fromkeys(self._data))

    def all(self, name: str) -> list[str]:
        """Return every value of a field that may be ticked several times."""
        return [_clean(value) for value in self._data.getlist(name) if isinstance(value, str)]

    def starting(self, prefix: str) -> dict[str, str]:
        """Return the fields whose name starts with ``prefix``, without it."""
        return {name.removeprefix(prefix): self.text(name) for name in self._data if name.startswith(prefix)}

    async def file(self, name: str) -> tuple[str, bytes] | None:
        """Return an uploaded file as its name and bytes, cut one byte beyond MAX_FILE; None when none was chosen."""
        upload = self._data.get(name)
        if not isinstance(upload, UploadFile) or not upload.filename:
            return None
        return _clean(upload.filename)[:120], await upload.read(MAX_FILE + 1)

    def _raw(self, name: str) -> str:
        value = self._data.get(name, "")
        return value if isinstance(value, str) else ""


def with_form(view: View) -> View:
    """Read the form of a POST and check that it comes from one of our own pages, before the view runs."""

    async def read_then_view(request: Request) -> Response:
        form = bounded(request).form(max_files=3, max_fields=MOST_FIELDS, max_part_size=MAX_FILE)
        async with form as data:
            if not auth.csrf_matches(request, str(data.get("csrf", ""))):
                raise HTTPException(403, "csrf")
            request.state.form = Form(data)
            return await view(request)

    return read_then_view


def bounded(request: Request) -> Request:
    """Return the request with its body refused (413) beyond MAX_BODY, whatever length it declares."""
    size = 0

    async def receive() -> Message:
        nonlocal size
        message = await request.receive()
        size += len(message.get("body", b""))
        while MAX_BODY < size <= LONGEST_READ and message.get("more_body"):
            message = await request.receive()
            size += len(message.get("body", b""))
        if size > MAX_BODY:
            raise HTTPException(413)
        return message

    return Request(request.scope, receive)


def form_of(request: Request) -> Form:
    """Return the form that ``with_form`` has read."""
    form: Form = request.state.form
    return form


def _clean(text: str) -> str:
    return _CONTROL.sub("", unicodedata.normalize("NFC", text))
