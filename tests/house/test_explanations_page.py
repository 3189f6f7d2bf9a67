"""The page of explanations shows what is said. ``python -m tests.house.test_explanations_page`` writes it again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from services.contracts.errors import Problem as Finding
from services.contracts.values import Violation
from services.kit.i18n import sentence, violation_in_words
from services.scheduling.adapters.cpsat.explained.way_out import explain
from services.scheduling.adapters.cpsat.insertion import first_plan
from services.scheduling.domain.explain.before import slack
from services.scheduling.domain.explain.labels import labels_of_problem
from services.scheduling.domain.explain.left_out import why_left_out
from services.scheduling.domain.explain.places import Places
from services.scheduling.domain.problem import Problem
from tests.unit.scheduling.rotations import problem_2020
from tests.unit.scheduling.test_explain import belleu_late, juvigny_once, video_away

PAGE = Path(__file__).parents[2] / "docs/explanations.md"
ENOUGH = 60.0

Said = Finding | Violation


def slack_of(problem: Problem) -> Iterator[Said]:
    for row in slack(problem):
        numbers = {"places": str(row.places), "sessions": str(row.sessions), "missing": str(row.missing)}
        code = "explain_short" if row.missing else "explain_slack"
        yield Finding(code, {"providers": ", ".join(row.providers), **numbers})


def case(problem: Problem) -> Iterator[Said]:
    found = explain(problem, ENOUGH, conflict_seconds=ENOUGH, verify=False)
    codes = {finding.code for finding in found}
    yield from (row for row in slack_of(problem) if isinstance(row, Violation) or row.code not in codes)
    yield from found


def places() -> Iterator[Said]:
    """A session of the first plan: why it is there, and three other places for it."""
    problem = problem_2020()
    asked = Places(problem, first_plan(problem))
    yield from asked.why_here("4-video")
    for day, half in ((0, 1), (3, 1), (2, 0)):
        place = asked.at("4-video", problem.days[day], half)
        assert place is not None
        yield asked.told("4-video", place)
        yield from place.broken


def left_out() -> Iterator[Said]:
    problem = belleu_late()
    asked = Places(problem, first_plan(problem))
    for demand in problem.demands:
        if demand.id not in asked.placed:
            yield why_left_out(asked, demand.id)


SECTIONS = {
    "juvigny": lambda: case(juvigny_once()),
    "belleu": lambda: case(belleu_late()),
    "video": lambda: case(video_away()),
    "places": places,
    "left out": left_out,
}


def in_words(said: list[Said], language: str) -> str:
    labels = labels_of_problem(problem_2020())
    lines = (
        "  " + violation_in_words(labels.named(one), language)
        if isinstance(one, Violation)
        else sentence(labels.named(one), language)
        for one in said
    )
    return "\n".join(["```text", *lines, "```"])


def rewritten(text: str) -> str:
    for name, section in SECTIONS.items():
        said = list(section())
        for language in ("fr", "en"):
            block = in_words(said, language)
            pattern = rf"(<!-- {name} {language} -->\n)```text\n.*?```"
            text, found = re.subn(pattern, lambda m, b=block: m[1] + b, text, count=1, flags=re.DOTALL)
            assert found == 1
    return text


def test_the_page_of_explanations_shows_what_is_said() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == rewritten(text)


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
