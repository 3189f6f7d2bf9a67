"""The commands ``solve``, ``check`` and ``explain``: rotation-1 files in, a plan, a verdict or reasons out.

Exit codes: 0 all is well, 1 refused or failed, 2 (``solve``) a valid plan that leaves sessions out.
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from services.contracts.errors import Problem as Finding
from services.contracts.errors import Refused, refused
from services.contracts.values import Violation
from services.kit.i18n import N_, sentence, translations, violation_in_words
from services.portal.words import COSTS, PHASES
from services.scheduling.adapters.solver_process import SolverProcess
from services.scheduling.domain import rotation
from services.scheduling.domain.explain.before import findings, slack
from services.scheduling.domain.explain.labels import Labels, labels_of_problem
from services.scheduling.domain.explain.places import Places
from services.scheduling.domain.explain.room_for import room_told
from services.scheduling.domain.json_reader import LONGEST_FILE, read_json, too_long
from services.scheduling.domain.problem import Placement, Problem
from services.scheduling.domain.rules import judge
from services.scheduling.domain.score import cost, moved
from services.scheduling.domain.solution import Progress, Solution, SolverFailed

LONGEST_SOLVE = 24 * 3600
HALVES = {"am": 0, "pm": 1}
MOST_TOLD = 50
"""Sentences of one kind printed; the others are counted."""
REASON_SECONDS = 5.0
MOST_SEARCHED = 2000
"""Sessions of a plan up to which free places for those left out are looked for; each search reads the whole plan."""

QUIET_SECONDS = 5.0
"""Seconds after which progress is told again although nothing is better."""

TEXTS = {
    "progress": N_("{seconds} s, {phase} : {placed} séances sur {sessions}, coût {value}, minimum prouvé {bound}"),
    "summary": N_("{status} : {placed} séances sur {sessions}, coût {value}, minimum prouvé {bound}, {seconds} s."),
    "written": N_("Plan écrit dans {file}."),
    "certified": N_("Certificat écrit dans {file} : un programme indépendant peut vérifier la preuve."),
    "no_certificate": N_(
        "Pas de certificat dans {file} : la preuve n’est pas achevée, ou ce problème n’a pas la forme qu’il demande."
    ),
    "interrupted": N_("Interrompu : le meilleur plan trouvé est gardé."),
    "valid": N_("Le plan respecte toutes les règles : {placed} séances sur {sessions}."),
    "invalid": N_("Le plan ne respecte pas les règles : {count} fautes."),
    "cost": N_("Coût : {total} points."),
    "moved": N_(
        "Par rapport au plan publié : {confirmed} séances confirmées déplacées, {offered} proposées déplacées."
    ),
    "more": N_("… et {count} autres."),
    "left_out": N_("Séances sans place : {count}."),
    "nothing_wrong": N_("Rien n’empêche de tout placer, d’après le compte des places."),
}
STATUS = {
    "optimal": N_("optimal : aucun plan ne coûte moins"),
    "feasible": N_("valable, peut-être perfectible"),
}


def add_commands(commands: Any) -> None:
    """Declare the commands beside the others of ``quinzaine``."""
    solve = commands.add_parser("solve", help="plan a rotation-1 instance")
    solve.add_argument("instance", type=Path, metavar="INSTANCE.json")
    solve.add_argument("-o", "--output", type=Path, required=True, metavar="SOLUTION.json")
    solve.add_argument("--time-limit", default="60", metavar="S", help="seconds (default 60)")
    solve.add_argument("--seed", default="0", metavar="N", help="the same seed gives the same plan (default 0)")
    solve.add_argument("--baseline", type=Path, metavar="BASELINE.json", help="a released plan to disturb little")
    solve.add_argument("--certificate", type=Path, metavar="FILE", help="where the proof goes, when one is reached")
    solve.set_defaults(run=_solve)
    check = commands.add_parser("check", help="say whether a plan keeps the rules, and what it costs")
    check.add_argument("instance", type=Path, metavar="INSTANCE.json")
    check.add_argument("solution", type=Path, metavar="SOLUTION.json")
    check.add_argument("baseline", type=Path, nargs="?", metavar="BASELINE.json")
    check.set_defaults(run=_check)
    explain = commands.add_parser("explain", help="say what cannot work, why a session stands here and not there")
    explain.add_argument("instance", type=Path, metavar="INSTANCE.json")
    explain.add_argument("solution", type=Path, nargs="?", metavar="SOLUTION.json")
    explain.add_argument("--session", metavar="GROUP/ACTIVITY", help="one session, such as 4/video")
    explain.add_argument("--at", metavar="DAY/HALF[/TEAM]", help="a place for it, such as 3/am or 2020-11-05/pm/1")
    explain.add_argument("--time-limit", default="3", metavar="S", help="seconds (default 3)")
    explain.set_defaults(run=_explain)
    for parser in (solve, check, explain):
        parser.add_argument("--language", choices=("fr", "en"), default="fr", help="of what is said (default fr)")


class _Say:
    """Writes sentences in one language, with names in place of ids."""

    def __init__(self, language: str, labels: Labels) -> None:
        self.language, self.labels = language, labels
        self.gettext = translations(language).gettext

    def text(self, key: str, **facts: object) -> str:
        """Return one of the texts of this module."""
        return self.gettext(TEXTS[key]).format(**facts)

    def of(self, said: Finding | Violation) -> str:
        """Return a finding or a violation in words."""
        if isinstance(said, Violation):
            return violation_in_words(self.labels.named(said), self.language)
        return sentence(self.labels.named(said), self.language)

    def all(self, said: Sequence[Finding | Violation]) -> Iterator[str]:
        """Yield the sentences, at most MOST_TOLD of them."""
        yield from (self.of(one) for one in said[:MOST_TOLD])
        if len(said) > MOST_TOLD:
            yield self.text("more", count=len(said) - MOST_TOLD)


def _solve(options: argparse.Namespace, _settings: object) -> int:
    seconds = _number(options.time_limit, "--time-limit", 0.1, LONGEST_SOLVE)
    seed = int(_number(options.seed, "--seed", 0, 2**31 - 1))
    problem = _problem(options.instance, options.baseline)
    for path in filter(None, (options.output, options.certificate)):
        _must_be_writable(path)
    say, began = _Say(options.language, labels_of_problem(problem)), time.monotonic()
    solution = _solution(problem, seconds, seed, say)
    broken = judge(problem, solution.placements, {})
    if broken:
        _print(sys.stderr, [say.text("invalid", count=len(broken)), *say.all(broken)])
        return 1
    elapsed = round(time.monotonic() - began, 2)
    reasons = _reasons(problem, solution.placements)
    texts = {demand_id: " ".join(say.of(reason) for reason in found) for demand_id, found in reasons.items()}
    _write(options.output, rotation.to_solution(problem, solution, seconds=elapsed, seed=seed, reasons=texts))
    _print(sys.stderr, _summary(problem, solution, elapsed, say))
    _print(sys.stderr, [say.text("written", file=options.output)])
    if options.certificate:
        _print(sys.stderr, [_certified(problem, solution, options.certificate, say)])
    if texts:
        _print(sys.stdout, [say.text("left_out", count=len(texts)), *list(texts.values())[:MOST_TOLD]])
        _print(sys.stdout, list(say.all(room_told(problem, solution.placements))))
    return 2 if texts else 0


def _certified(problem: Problem, solution: Solution, path: Path, say: _Say) -> str:
    """Write the certificate of an optimal plan; return what became of it."""
    from services.scheduling.adapters.cpsat.exact.certificate import certificate_of

    certificate = certificate_of(problem, solution)
    if certificate is None:
        return say.text("no_certificate", file=path)
    _write(path, certificate)
    return say.text("certified", file=path)


def _solution(problem: Problem, seconds: float, seed: int, say: _Say) -> Solution:
    """Solve in a child process; Ctrl+C and a crash keep the best plan so far. Raises Refused when there is none."""
    with _interrupts() as interrupted:
        try:
            return SolverProcess().solve(
                problem,
                seconds=seconds,
                seed=seed,
                report=_Teller(problem, say),
                cancelled=interrupted.is_set,
            )
        except SolverFailed as failure:
            if failure.best is None:
                raise Refused(failure.reason) from None
            _print(sys.stderr, [say.text("interrupted") if interrupted.is_set() else say.of(failure.reason)])
            return failure.best


@contextmanager
def _interrupts() -> Iterator[threading.Event]:
    """Turn Ctrl+C and SIGTERM into an event."""
    interrupted = threading.Event()
    before = {number: signal.signal(number, lambda *_: interrupted.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interrupted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Teller:
    """Tells progress: what is better or proved at once, else a sign of life now and then."""

    def __init__(self, problem: Problem, say: _Say) -> None:
        self.sessions, self.say = len(problem.demands), say
        self.last: tuple[object, ...] = ()
        self.told = 0.0

    def __call__(self, progress: Progress) -> None:
        """Hear of progress."""
        news = (progress.placed, progress.value, progress.bound)
        if news == self.last and progress.elapsed < self.told + QUIET_SECONDS:
            return
        self.last, self.told = news, progress.elapsed
        facts = {
            "seconds": f"{progress.elapsed:.1f}",
            "phase": self.say.gettext(PHASES.get(progress.phase) or PHASES[""]),
            "placed": progress.placed or 0,
            "sessions": self.sessions,
            "value": _figure(progress.value),
            "bound": _figure(progress.bound),
        }
        _print(sys.stderr, [self.say.text("progress", **facts)])


def _summary(problem: Problem, solution: Solution, seconds: float, say: _Say) -> list[str]:
    facts = {
        "status": say.gettext(STATUS[solution.status]),
        "placed": len(solution.placements),
        "sessions": len(problem.demands),
        "value": _figure(solution.value),
        "bound": _figure(solution.bound),
        "seconds": seconds,
    }
    return [say.text("summary", **facts), *_changes(problem, solution.placements, say)]


def _reasons(problem: Problem, placements: Sequence[Placement]) -> dict[str, tuple[Finding, ...]]:
    """Return why each session left out has no place; free places are looked for where that is quick."""
    places, until = Places(problem, placements), time.monotonic() + REASON_SECONDS
    quick = len(problem.demands) <= MOST_SEARCHED
    left_out = [demand.id for demand in problem.demands if demand.id not in places.placed]
    return {id_: places.why_left_out(id_, search=quick and time.monotonic() < until) for id_ in left_out}


def _check(options: argparse.Namespace, _settings: object) -> int:
    problem = _problem(options.instance, options.baseline)
    placements = _read(options.solution, lambda data: rotation.from_solution(problem, data))
    say, broken = _Say(options.language, labels_of_problem(problem)), judge(problem, placements, {})
    verdict = say.text("invalid", count=len(broken)) if broken else _verdict(problem, placements, say)
    terms = cost(problem, placements)
    lines = [say.text("cost", total=sum(terms.values()))]
    lines += [f"  {say.gettext(COSTS[term])} : {points}" for term, points in terms.items() if points]
    _print(sys.stdout, [verdict, *say.all(broken), *lines, *_changes(problem, placements, say)])
    return 1 if broken else 0


def _verdict(problem: Problem, placements: Sequence[Placement], say: _Say) -> str:
    return say.text("valid", placed=len(placements), sessions=len(problem.demands))


def _changes(problem: Problem, placements: Sequence[Placement], say: _Say) -> list[str]:
    if problem.baseline is None:
        return []
    changes = moved(problem, placements)
    return [say.text("moved", confirmed=len(changes["confirmed"]), offered=len(changes["offered"]))]


def _explain(options: argparse.Namespace, _settings: object) -> int:
    seconds = _number(options.time_limit, "--time-limit", 0.1, LONGEST_SOLVE)
    problem = _problem(options.instance, None)
    say = _Say(options.language, labels_of_problem(problem))
    if options.solution is None:
        _print(sys.stdout, _whole_explained(problem, seconds, say))
        return 0
    placements = _read(options.solution, lambda data: rotation.from_solution(problem, data))
    places = Places(problem, placements)
    if options.session is None:
        left = [reason for found in _reasons(problem, placements).values() for reason in found]
        _print(
            sys.stdout, [_verdict(problem, placements, say), *say.all(left), *say.all(room_told(problem, placements))]
        )
        return 0
    _print(sys.stdout, _session_explained(problem, places, options.session, options.at, say))
    return 0


def _whole_explained(problem: Problem, seconds: float, say: _Say) -> Iterator[str]:
    from services.scheduling.adapters.cpsat.explained.way_out import explain

    found = explain(problem, seconds)
    if not found:
        yield say.text("nothing_wrong")
    for row in slack(problem) if not findings(problem) else ():
        facts = {"providers": ", ".join(row.providers), "places": str(row.places), "sessions": str(row.sessions)}
        yield say.of(Finding("explain_slack", facts))
    yield from say.all(found)


def _session_explained(problem: Problem, places: Places, session: str, at: str | None, say: _Say) -> Iterator[str]:
    demand_id = _demand(problem, session)
    if at is None:
        reasons = places.why_here(demand_id) if demand_id in places.placed else places.why_left_out(demand_id)
        yield from say.all(reasons)
        return
    day, half, crew_id = _place(problem, at)
    place = places.at(demand_id, problem.days[day], half, crew_id)
    if place is None:
        demand = problem.demand_by_id[demand_id]
        half_day = f"{problem.days[day].isoformat()} {('am', 'pm')[half]}"
        facts = {"group": demand.group_id, "activity": demand.task_id, "half_day": half_day}
        yield say.of(Finding("explain_nobody_there", facts))
        return
    yield say.of(places.told(demand_id, place))
    yield from (f"  {text}" for text in say.all(place.broken))


def _demand(problem: Problem, session: str) -> str:
    group, _, activity = session.partition("/")
    found = [d.id for d in problem.demands if (d.group_id, d.task_id) == (group, activity)]
    if not found:
        raise refused("command_session", value=session)
    return found[0]


def _place(problem: Problem, at: str) -> tuple[int, int, str | None]:
    """Read a place such as ``3/am`` or ``2020-11-05/pm/1``."""
    day, half, *team = [*at.split("/"), ""][:3]
    days = {str(i): i for i in range(len(problem.days))} | {d.isoformat(): i for i, d in enumerate(problem.days)}
    crew = next((name for name in team if name), None)
    if day not in days or half not in HALVES or (crew is not None and crew not in problem.crew_by_id):
        raise refused("command_place", value=at)
    return days[day], HALVES[half], crew


def _problem(instance: Path, baseline: Path | None) -> Problem:
    problem = _read(instance, rotation.from_instance)
    if baseline is None:
        return problem
    return replace(problem, baseline=_read(baseline, lambda data: rotation.from_baseline(problem, data)))


def _read(path: Path, build: Any) -> Any:
    """Read a JSON file into what ``build`` makes of it; faults are told with the file's name."""
    size = path.stat().st_size
    if size > LONGEST_FILE:
        raise too_long(path.name, size)
    data = read_json(path.name, path.read_bytes())
    try:
        return build(data)
    except Refused as refusal:
        raise Refused(*(replace(problem, file=path.name) for problem in refusal.problems)) from None


def _number(text: str, option: str, low: float, high: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = low - 1
    if not low <= value <= high or (isinstance(low, int) and value != int(value)):
        raise refused("command_number", option=option, low=f"{low:g}", high=high, value=text)
    return value


def _must_be_writable(path: Path) -> None:
    """Say before a long solve that its plan could not be written. Raises OSError."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path.parent))
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


def _write(path: Path, data: Mapping[str, Any]) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    draft.replace(path)


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"


def _print(stream: Any, lines: Iterator[str] | Sequence[str]) -> None:
    for line in lines:
        stream.write(f"{line}\n")
    stream.flush()
