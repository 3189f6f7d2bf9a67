"""What a demo leaves in its folder: the plan in three forms, every mail, every feed, and what was checked."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

from services.commands.journey import Journey
from services.contracts import rpc
from services.contracts.codec import encode
from services.portal.files.workbook import plan_workbook


def write_results(journey: Journey, edition_id: str, out: Path, checked: list[dict[str, str]]) -> None:
    """Write them. Raises OSError."""
    plan = journey.ask(rpc.GetPlan(edition_id))
    rotation = journey.ask(rpc.ExportRotation(edition_id))
    _write_json(out / "plan.json", encode(plan))
    (out / "plan.xlsx").write_bytes(plan_workbook(plan, "fr"))
    _write_json(out / "rotation-instance.json", rotation.instance)
    _write_json(out / "rotation-solution.json", rotation.solution)
    _write_mails(journey, edition_id, out / "mails")
    _write_feeds(journey, edition_id, out / "feeds")
    _write_json(out / "summary.json", checked)


def _write_mails(journey: Journey, edition_id: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for mail in journey.ask(rpc.ListMails(edition_id)):
        raw = base64.b64decode(journey.ask(rpc.GetMail(mail.id)).raw)
        (folder / f"{mail.release}-{mail.kind}-{mail.party}-{_file_name(mail.id)}.eml").write_bytes(raw)


def _write_feeds(journey: Journey, edition_id: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for party in journey.ask(rpc.ListParties(edition_id)):
        (folder / f"{party.kind}-{party.id}.ics").write_bytes(journey.fetch(f"/feeds/{party.feed_token}.ics"))


def _write_json(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")


def _file_name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]", "", text)[:16]
