"""``quinzaine solve``: a rotation-1 instance in, a plan out.

Exit codes: 0 all is placed, 1 refused or failed, 2 a valid plan that leaves sessions out.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from services.commands.instance import add_instance, must_be_writable, number, read_problem, seconds_of, write
from services.commands.left_out import reasons_of
from services.commands.say import MOST_TOLD, Say, put
from services.commands.stopping import interrupts
from services.contracts.errors import Refused
from services.kit.i18n import N_
from services.portal.web.labels import PHASES, PLAN_STATUSES
from services.scheduling.adapters.solver_process import SolverProcess, solver_version
from services.scheduling.domain import rotation
from services.scheduling.domain.demand import question
from services.scheduling.domain.explain.room_for import room_told
from services.scheduling.domain.problem import Problem
from services.scheduling.domain.rules import judge
from services.scheduling.domain.solution import MOST_STEPS, Progress, Solution, SolverFailed

QUIET_SECONDS = 5.0
"""Seconds after which progress is told again although nothing is better."""

SECONDS, LONG = "60", "3600"
"""Of a search, and of one that ends by its steps."""

PROGRESS = N_("{seconds} s, {phase} : {placed} séances sur {sessions}, coût {value}, minimum prouvé {bound}")
SUMMARY = N_("{status} : {placed} séances sur {sessions}, coût {value}, minimum prouvé {bound}, {seconds} s.")
WRITTEN = N_("Plan écrit dans {file}.")
CERTIFIED = N_("Certificat écrit dans {file} : un programme indépendant peut vérifier la preuve.")
NO_CERTIFICATE = N_(
    "Pas de certificat dans {file} : la preuve n’est pas achevée, ou ce problème n’a pas la forme qu’il demande."
)
INTERRUPTED = N_("Interrompu : le meilleur plan trouvé est gardé.")
AGAIN = N_("Les mêmes fichiers, le germe {seed} et {steps} pas de calcul redonneront ce plan.")
ONCE = N_(
    "Arrêté par le temps avant la fin des {steps} pas de calcul : ce plan ne peut pas être refait à l’identique. "
    "Donnez plus de temps avec --time-limit."
)
LEFT_OUT = N_("Séances sans place : {count}.")


def add(commands: Any) -> None:
    """Declare the command."""
    solve = commands.add_parser("solve", help="plan a rotation-1 instance")
    add_instance(solve)
    solve.add_argument("-o", "--output", type=Path, required=True, metavar="SOLUTION.json")
    solve.add_argument("--time-limit", metavar="S", help=f"seconds (default {SECONDS}, with --steps {LONG})")
    solve.add_argument("--seed", default="0", metavar="N", help="of what is left to chance (default 0)")
    solve.add_argument("--steps", metavar="N", help="work, about 1000 a second: the same again gives the same plan")
    solve.add_argument("--baseline", type=Path, metavar="BASELINE.json", help="a released plan to disturb little")
    solve.add_argument("--certificate", type=Path, metavar="FILE", help="where the proof goes, when one is reached")
    solve.set_defaults(run=_run)


def _run(options: argparse.Namespace, _settings: object) -> int:
    options.time_limit = options.time_limit or (LONG if options.steps else SECONDS)
    options.steps = options.steps and int(number(options.steps, "--steps", 1, MOST_STEPS))
    seconds = seconds_of(options)
    options.seed = int(number(options.seed, "--seed", 0, 2**31 - 1))
    problem = read_problem(options.instance, options.baseline)
    for path in filter(None, (options.output, options.certificate)):
        must_be_writable(path)
    say, began = Say(options.language, problem), time.monotonic()
    solution = _solution(problem, seconds, options.seed, options.steps, say)
    if broken := judge(problem, solution.placements, {}):
        put(sys.stderr, say.verdict(solution.placements, broken))
        return 1
    return _hand_over(problem, solution, options, round(time.monotonic() - began, 2), say)


def _hand_over(problem: Problem, solution: Solution, options: argparse.Namespace, seconds: float, say: Say) -> int:
    """Write what was found and say so; return the exit code."""
    reasons = {id_: say.of(reason) for id_, reason in reasons_of(problem, solution.placements).items()}
    took = None if solution.steps else seconds  # what is found again is the same file
    plan = rotation.to_solution(problem, solution, seconds=took, seed=options.seed, reasons=reasons)
    write(options.output, {**plan, "question": question(problem), "made_by": solver_version()})
    put(sys.stderr, [_summary(problem, solution, seconds, say), *say.moved(solution.placements)])
    if options.steps:
        put(sys.stderr, [say.text(AGAIN if solution.steps else ONCE, steps=options.steps, seed=options.seed)])
    put(sys.stderr, [say.text(WRITTEN, file=options.output)])
    if options.certificate:
        put(sys.stderr, [_certified(problem, solution, options.certificate, say)])
    if not reasons:
        return 0
    put(sys.stdout, [say.text(LEFT_OUT, count=len(reasons)), *list(reasons.values())[:MOST_TOLD]])
    put(sys.stdout, say.all(room_told(problem, solution.placements)))
    return 2


def _certified(problem: Problem, solution: Solution, path: Path, say: Say) -> str:
    """Write the certificate of an optimal plan; return what became of it."""
    from services.scheduling.adapters.cpsat.exact.certificate import certificate_of

    certificate = certificate_of(problem, solution)
    if certificate is None:
        return say.text(NO_CERTIFICATE, file=path)
    write(path, certificate)
    return say.text(CERTIFIED, file=path)


def _solution(problem: Problem, seconds: float, seed: int, steps: int | None, say: Say) -> Solution:
    """Solve in a child process; Ctrl+C and a crash keep the best plan so far. Raises Refused when there is none."""
    teller = _Teller(problem, say)
    with interrupts() as interrupted:
        try:
            return SolverProcess().solve(
                problem, seconds=seconds, seed=seed, report=teller, cancelled=interrupted.is_set, steps=steps
            )
        except SolverFailed as failure:
            if failure.best is None:
                raise Refused(failure.reason) from None
            put(sys.stderr, [say.text(INTERRUPTED) if interrupted.is_set() else say.of(failure.reason)])
            return failure.best


class _Teller:
    """Tells progress: what is better or proved at once, else a sign of life now and then."""

    def __init__(self, problem: Problem, say: Say) -> None:
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
            "phase": self.say.text(PHASES.get(progress.phase) or PHASES[""]),
            "placed": progress.placed or 0,
            "sessions": self.sessions,
            "value": _figure(progress.value),
            "bound": _figure(progress.bound),
        }
        put(sys.stderr, [self.say.text(PROGRESS, **facts)])


def _summary(problem: Problem, solution: Solution, seconds: float, say: Say) -> str:
    facts = {
        "status": say.text(PLAN_STATUSES[solution.status]),
        "placed": len(solution.placements),
        "sessions": len(problem.demands),
        "value": _figure(solution.value),
        "bound": _figure(solution.bound),
        "seconds": seconds,
    }
    return say.text(SUMMARY, **facts)


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"
