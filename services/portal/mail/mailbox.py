"""The development mailbox: every mail the mail door took, one file each, so that nothing leaves this machine."""

from __future__ import annotations

import datetime as dt
import os
import re
import uuid
from dataclasses import dataclass
from email import policy
from email.parser import BytesParser
from pathlib import Path

_STAMP = "%Y%m%dT%H%M%S%f"
_ID = re.compile(r"(\d{8}T\d{12})-[0-9a-f]{12}")


@dataclass(frozen=True)
class StoredLetter:
    """A mail in the list. ``recipient``: the addresses of its To."""

    id: str
    received_at: dt.datetime
    sender: str
    recipient: str
    subject: str


class Mailbox:
    """A folder of ``.eml`` files; the name of a file is the id of its mail and begins with the instant it came."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def store(self, raw: bytes, now: dt.datetime) -> str:
        """Keep a mail and return its id; once this returns, the mail survives a crash of the machine."""
        self._folder.mkdir(parents=True, exist_ok=True)
        id_ = f"{now.astimezone(dt.timezone.utc):{_STAMP}}-{uuid.uuid4().hex[:12]}"
        fresh = self._folder / f"{id_}.new"
        with fresh.open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(self._folder / f"{id_}.eml")
        _sync_folder(self._folder)
        return id_

    def letters(self) -> list[StoredLetter]:
        """Return every mail, the newest first."""
        return [_summary(path) for path in sorted(self._folder.glob("*.eml"), reverse=True) if _ID.fullmatch(path.stem)]

    def get(self, id_: str) -> bytes | None:
        """Return a mail as it came, None when there is none of that id."""
        path = self._folder / f"{id_}.eml"
        return path.read_bytes() if _ID.fullmatch(id_) and path.exists() else None


def _summary(path: Path) -> StoredLetter:
    with path.open("rb") as file:
        head = BytesParser(policy=policy.default).parse(file, headersonly=True)
    stamp = path.stem.partition("-")[0]
    received = dt.datetime.strptime(stamp, _STAMP).replace(tzinfo=dt.timezone.utc)
    sender, recipient, subject = (str(head[name] or "") for name in ("From", "To", "Subject"))
    return StoredLetter(path.stem, received, sender, recipient, subject)


def _sync_folder(folder: Path) -> None:
    """Make the new name itself durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
