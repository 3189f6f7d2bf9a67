from __future__ import annotations

from importlib.resources import files

from babel.messages.extract import extract

from services.kit.i18n import translations
from services.notifications.adapters.queue import BAD_ADDRESS


def sentences() -> set[str]:
    """Every French sentence of the templates and adapters."""
    found = {BAD_ADDRESS}
    folder = files("services.notifications.adapters") / "templates"
    for path in folder.iterdir():
        with (folder / path.name).open("rb") as file:
            found |= {
                message for _, message, _, _ in extract("jinja2.ext:babel_extract", file) if isinstance(message, str)
            }
    for name in ("adapters/ical", "adapters/words", "domain/wording"):
        with (files("services.notifications") / f"{name}.py").open("rb") as file:
            found |= {str(message) for _, message, _, _ in extract("python", file, {"gettext": None, "N_": None})}
    return found


def test_every_sentence_has_its_english() -> None:
    catalogue = translations("en")._catalog  # type: ignore[attr-defined]
    assert len(sentences()) > 50
    assert sorted(sentence for sentence in sentences() if sentence not in catalogue) == []


def test_the_english_has_the_same_blanks() -> None:
    import string

    def blanks(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    english = translations("en")
    assert [s for s in sentences() if blanks(s) != blanks(english.gettext(s))] == []
