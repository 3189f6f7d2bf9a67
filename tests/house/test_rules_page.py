"""The page of rules says what the list says. ``python -m tests.house.test_rules_page`` writes its tables again."""

from __future__ import annotations

import re
from pathlib import Path

from services.kit.i18n import translations
from services.scheduling.domain.constraints.rule import Rule
from services.scheduling.domain.rules import EVERY

PAGE = Path(__file__).parents[2] / "docs/reference/rules.md"


def row(rule: Rule) -> str:
    english = translations("en").gettext(rule.sentence)
    last = f"`{rule.weight}` | `{rule.term}`" if rule.kind == "soft" else "always" if rule.fixed else "`block`"
    return f"| `{rule.name}` | {rule.sentence} | {english} | {last} |"


def rows(kind: str) -> list[str]:
    return [row(rule) for rule in EVERY if rule.kind == kind]


def rewritten(text: str) -> str:
    for kind in ("hard", "soft"):
        table = "\n".join(rows(kind))
        text = re.sub(rf"(<!-- {kind} -->\n\|.*\n\|[-|]+\n)(\|.*\n)*", lambda m, t=table: f"{m[1]}{t}\n", text)
    return text


def test_the_page_of_rules_says_what_the_list_says() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == rewritten(text)
    assert [line for line in text.splitlines() if line.startswith("| `")] == [*rows("hard"), *rows("soft")]


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
