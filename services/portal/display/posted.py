"""A mail laid out as a letter, for a school that does not read mail."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from services.contracts.rpc import PaperLetter
from services.contracts.values import PARIS, School
from services.kit.i18n import day_in_words
from services.portal.files.paper import qr_code
from services.portal.mail.letters import read_letter


@dataclass(frozen=True)
class Sheet:
    """A letter to print, in the language of the school. ``link``: the first in its text, ``code`` the same as a QR."""

    school: School
    day: str
    subject: str
    paragraphs: tuple[str, ...]
    link: str
    code: str

    @property
    def address(self) -> tuple[str, ...]:
        """Lines of the envelope's window: the school, whom it may concern, the road and the town."""
        place = self.school.place
        road = tuple(line.strip() for line in re.split(r"[,\n]", place.address) if line.strip())
        lines = (self.school.name, self.school.contact.name, *road)
        return lines if self.school.commune in " ".join(road) else (*lines, self.school.commune)


def sheet_of(letter: PaperLetter) -> Sheet:
    """Return a letter as it is printed."""
    mail, language = read_letter(base64.b64decode(letter.raw)), letter.school.contact.language
    found = re.search(r"https?://\S+", mail.text)
    link = found[0] if found else ""
    return Sheet(
        school=letter.school,
        day=day_in_words(letter.summary.created_at.astimezone(PARIS).date(), language),
        subject=mail.subject,
        paragraphs=tuple(part.strip("\n") for part in re.split(r"\n\s*\n", mail.text) if part.strip()),
        link=link,
        code=qr_code(link) if link else "",
    )
