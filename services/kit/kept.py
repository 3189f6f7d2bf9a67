"""Secrets that a house makes for itself at its first start and keeps in its data directory."""

from __future__ import annotations

import os
import secrets
from dataclasses import replace
from pathlib import Path

from services.kit.settings import Settings


def with_secrets(settings: Settings) -> Settings:
    """Return the settings with what they leave out: the key of links and sign-ins."""
    return replace(settings, secret=settings.secret or _kept(settings.data_dir / "links.secret", 32))


def _kept(path: Path, size: int) -> str:
    """Return the secret in a file that only its owner can read, made at first use; never half written."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(size))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    return path.read_text(encoding="ascii").strip()
