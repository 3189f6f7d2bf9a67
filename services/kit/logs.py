"""Logs as JSON lines; ``traceid`` and other extras become fields of their line."""

from __future__ import annotations

import datetime as dt
import json
import logging
from typing import TextIO

_STANDARD = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}
_CHATTY = ("amqp", "kombu", "nameko", "aio_pika", "aiormq", "alembic", "mail.log")
"""Libraries that tell every step; aiosmtpd's ``mail.log`` tells every sender and recipient."""


def configure(service: str, level: str, stream: TextIO | None = None) -> None:
    """Send every log of this process to ``stream``, standard error by default.

    ``level``: a name such as INFO; libraries only warn.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines(service))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


class JsonLines(logging.Formatter):
    """One JSON object a line: time (UTC), level, service, logger, message, extras, stack."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "time": dt.datetime.fromtimestamp(record.created, dt.timezone.utc).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            line["stack"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)
