"""What the command line says while it works: one line a step, and a live line while a plan is computed."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable
from typing import Any, TextIO

from services.contracts import rpc
from services.kit.i18n import N_, day_in_words, hour_in_words, translations

STEPS = {
    "edition": N_("Édition « {name} » ouverte : {days} jours d’action."),
    "registered": N_("{schools} écoles inscrites, {groups} groupes, {pupils} élèves."),
    "released": N_("Version {number} publiée ; les courriels partent…"),
    "planned": N_("Plan publié : {placed} séances placées sur {total}."),
    "confirmed": N_("{school} confirme {sessions} séances par son lien."),
    "accepted": N_("{provider} accepte depuis son agenda la séance du {day} à {hour}."),
    "closed": N_("L’école {school} ferme le {day} : nouveau plan…"),
    "changed": N_("Version {number} : {changes} séances changent, seules les personnes concernées sont prévenues."),
}
"""Step of a journey -> French sentence (the msgid of the catalogues)."""


class Teller:
    """Writes steps to a terminal or a file, in the person's language."""

    def __init__(self, language: str, stream: TextIO) -> None:
        self._language = language
        self._ = translations(language).gettext
        self._stream = stream
        self._live = stream.isatty()
        self._started = time.monotonic()
        self._last_live = 0.0

    def __call__(self, step: str, facts: dict[str, Any]) -> None:
        """Tell a step of the journey."""
        if step == "solving":
            self._solving(facts["job"])
        else:
            self.say(self._sentence(step, facts))

    def say(self, text: str) -> None:
        """Write a line, over the live one when there is one."""
        clear = "\r\033[K" if self._live else ""
        print(f"{clear}{time.monotonic() - self._started:5.1f} s  {text}", file=self._stream, flush=True)

    def table(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """Write rows of three cells in columns."""
        rows = list(rows)
        widths = [max(len(row[i]) for row in rows) for i in range(3)]
        for row in rows:
            print(
                "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip(),
                file=self._stream,
            )
        self._stream.flush()

    def _sentence(self, step: str, facts: dict[str, Any]) -> str:
        return self._(STEPS[step]).format(**{name: self._words(fact) for name, fact in facts.items()})

    def _words(self, fact: Any) -> Any:
        if isinstance(fact, dt.datetime):
            return hour_in_words(fact, self._language)
        return day_in_words(fact, self._language) if isinstance(fact, dt.date) else fact

    def _solving(self, job: rpc.Job) -> None:
        now = time.monotonic()
        if now - self._last_live < (0.2 if self._live else 5.0):
            return
        self._last_live = now
        text = self._(
            "Calcul du plan : {placed} séances sur {sessions}, {elapsed:.0f} s (au plus {seconds:.0f} s)"
        ).format(placed=job.placed or 0, sessions=job.sessions, elapsed=job.elapsed, seconds=job.seconds)
        if self._live:
            print(f"\r\033[K{now - self._started:5.1f} s  {text}", end="", file=self._stream, flush=True)
        else:
            self.say(text)
