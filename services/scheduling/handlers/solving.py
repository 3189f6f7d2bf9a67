"""The loop that carries out jobs one after the other: it hands each to the solver and keeps what comes of it."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field, replace

from services.contracts import rpc
from services.contracts.errors import Problem as Wrong
from services.kit.clock import Clock
from services.scheduling.domain.changes import compare
from services.scheduling.domain.choices import MOST_TRIES, changes_slot, kilometres, next_limit, told
from services.scheduling.domain.demand import Basis, build, fingerprint, question
from services.scheduling.domain.explain.labels import labels_of_basis
from services.scheduling.domain.history import is_sayable, minute_of, moves_by_school
from services.scheduling.domain.moves import Moves, frontier
from services.scheduling.domain.outdated import changes_since, names_of
from services.scheduling.domain.pinned import fixed_too
from services.scheduling.domain.plan import Proposal, Release, sessions
from services.scheduling.domain.problem import Placement, Problem
from services.scheduling.domain.rules import KEEPS_OUT, at, judge
from services.scheduling.domain.score import cost, moved
from services.scheduling.domain.solution import Progress, Solution, SolverCancelled, SolverFailed
from services.scheduling.handlers.editions import asked_of, basis_of
from services.scheduling.ports import Begin, SolverRun, Transaction

ABANDONED = dt.timedelta(seconds=15)
"""A running job of which its worker has not spoken for so long is queued again."""
REPORT_EVERY = dt.timedelta(seconds=1)
MOST_STARTS = 3
"""A job that brings down whoever works at it is not taken up for ever."""
MOST_POINTS = 160
"""Points of a curve; of a longer one every second is left out."""
FIRST_SHARE = 0.6
"""Part of a job's time that its first plan gets, when others are looked for after it."""


@dataclass
class _Work:
    """The job in hand: what the solver was given for it, and what was found so far."""

    job: rpc.Job
    seed: int
    basis: Basis
    problem: Problem
    release: int
    gone: int
    started: dt.datetime
    limit: int | None = None
    tried: list[tuple[int | None, Moves]] = field(default_factory=list)
    found: list[tuple[Moves, rpc.Choice]] = field(default_factory=list)

    @property
    def asked(self) -> Problem:
        """What the solver is asked now."""
        if self.limit is None or self.problem.baseline is None:
            return self.problem
        return replace(self.problem, baseline=replace(self.problem.baseline, most_moved=self.limit))

    @property
    def seconds(self) -> float:
        """How long the solver may take now."""
        return self.job.seconds * self._share

    @property
    def steps(self) -> int | None:
        """How much work it may do now; None: time alone counts."""
        return None if self.job.steps is None else max(1, int(self.job.steps * self._share))

    @property
    def _share(self) -> float:
        if not self.job.several:
            return 1.0
        return FIRST_SHARE if not self.tried else (1 - FIRST_SHARE) / (MOST_TRIES - 1)


class JobLoop:
    """Takes queued jobs one after the other to the solver; each tick is short, so that cancelling is seen in time.

    Several processes may do so at once: a job belongs to the worker that claimed it for as long as the worker says so.
    ``alone``: no other process does, so that a job found running is one that a crash left behind.
    """

    def __init__(self, begin: Begin, run: SolverRun, clock: Clock, *, alone: bool = False) -> None:
        self._begin = begin
        self._run = run
        self._clock = clock
        self._patience = dt.timedelta(0) if alone else ABANDONED
        self._worker = str(uuid.uuid4())
        self._work: _Work | None = None
        self._reported = clock()

    def tick(self) -> bool:
        """Do one step; say whether there may be another at once."""
        if self._work is None:
            return self._claim()
        outcome = self._run.take_outcome()
        if outcome is not None:
            self._take(self._work, outcome)
            return True
        if self._clock() - self._reported >= REPORT_EVERY:
            self._report(self._work)
        return False

    def close(self) -> None:
        """Stop the solver and queue its job again, for the next start."""
        self._run.cancel()
        with self._begin() as tx:
            tx.jobs.release(self._worker)

    def _claim(self) -> bool:
        with self._begin() as tx:
            tx.jobs.requeue_abandoned(tx.now - self._patience)
            claimed = tx.jobs.claim(self._worker, tx.now)
            if claimed is None:
                return False
            job, seed = claimed
            if job.starts > MOST_STARTS:
                tx.jobs.save(_failed(job, Wrong("job_given_up", {"starts": str(MOST_STARTS)})))
                return True
            basis = basis_of(tx, job.edition_id)
            problem = asked_of(tx, basis, job.frozen_before)
            if job.tried:
                held = _held_at(job.tried)
                if not is_sayable(problem, held):
                    tx.jobs.save(_failed(job, Wrong("half_day_gone")))
                    return True
                problem = fixed_too(problem, held)
            fresh = replace(job, elapsed=0.0, sessions=len(problem.demands), stopping=False, choices=(), curve=())
            release = tx.releases.current(job.edition_id)
            work = _Work(fresh, seed, basis, problem, release.number if release else 0, _gone(problem, release), tx.now)
            tx.jobs.save(fresh)
        self._begin_step(work)
        return True

    def _begin_step(self, work: _Work) -> None:
        self._run.start(work.asked, seconds=work.seconds, seed=work.seed, steps=work.steps)
        self._work, self._reported = work, self._clock()

    def _report(self, work: _Work) -> None:
        with self._begin() as tx:
            job = tx.jobs.hold(work.job.id, self._worker, tx.now)
            if job:
                tx.jobs.save(self._advanced(work, job))
        self._reported = self._clock()
        if job is None or job.stopping:
            self._run.cancel()

    def _take(self, work: _Work, outcome: Solution | SolverFailed) -> None:
        """Keep what the solver found, and go on looking when there is more to choose from."""
        self._work = None
        with self._begin() as tx:
            job = tx.jobs.hold(work.job.id, self._worker, tx.now)
            if job is None:
                return  # cancelled, or taken over: nothing more is kept
            job = self._advanced(work, job)
            release = tx.releases.current(job.edition_id)  # a new one ends the search: all is chosen
            chosen = (release.number if release else 0) != work.release
            if not chosen:
                job = _kept(tx, work, job, outcome, self._run.version)
            more = job.state == "running" and job.several and not (job.stopping or chosen)
            work.limit = next_limit(work.tried) if more else None
            if job.state == "running" and work.limit is None:
                job = replace(job, state="done", phase="")
            tx.jobs.save(job)
        if job.state == "running":
            work.job = job
            self._begin_step(work)

    def _advanced(self, work: _Work, job: rpc.Job) -> rpc.Job:
        """Return the job with what the solver last said; other plans than the first only take time."""
        job = replace(job, elapsed=(self._clock() - work.started).total_seconds())
        progress = self._run.progress
        if work.tried:
            return replace(job, phase="alternatives")
        return _with_progress(job, progress, work.gone) if progress else job


def _held_at(tried: rpc.Tried) -> Placement:
    return Placement(tried.session_id, tried.team_id, tried.site_id, *minute_of(tried.start))


def _with_progress(job: rpc.Job, progress: Progress, gone: int) -> rpc.Job:
    """``gone``: released sessions whose day, team or place is no more, which every plan disturbs."""
    moves = progress.moves
    return _drawn(
        replace(
            job,
            phase=progress.phase,
            placed=progress.placed,
            value=progress.value,
            bound=progress.bound,
            moved=moves.total + gone if moves else None,
            fewest_moved=moves is not None and moves.proved_all,
        )
    )


def _drawn(job: rpc.Job) -> rpc.Job:
    """Return the job with a point more on its curve when it got further."""
    point = rpc.Point(round(job.elapsed, 1), job.placed, job.value, job.bound, job.moved)
    last = job.curve[-1] if job.curve else None
    if point.value is None or (last and replace(point, seconds=last.seconds) == last):
        return job
    curve = job.curve if len(job.curve) < MOST_POINTS else job.curve[::2]
    return replace(job, curve=(*curve, point))


def _kept(tx: Transaction, work: _Work, job: rpc.Job, outcome: Solution | SolverFailed, made_by: str) -> rpc.Job:
    """Return the job after one plan: still running, or failed with the reason; what is valid is kept either way."""
    outdated = _outdated(tx, work)
    if outdated:
        return _failed(replace(job, proposal_id=None, choices=()), outdated)
    failure = outcome if isinstance(outcome, SolverFailed) else None
    solution = outcome.best if isinstance(outcome, SolverFailed) else outcome
    levels = work.basis.edition.rules
    broken = at(judge(work.asked, solution.placements, levels), KEEPS_OUT) if solution else ()
    if solution and not broken:
        job = _with_plan(tx, work, job, solution, made_by)
    if failure and not (isinstance(failure, SolverCancelled) and job.stopping and job.proposal_id):
        return _failed(job, labels_of_basis(work.basis).named(failure.reason))
    if broken:
        return _failed(job, Wrong("plan_breaks_rules", {"rules": ", ".join(sorted({v.rule for v in broken}))}))
    return job


def _gone(problem: Problem, release: Release | None) -> int:
    """Return how many released sessions no plan can keep: what is still demanded, but is not in the baseline."""
    kept = {p.demand_id for p in problem.baseline.placements} if problem.baseline else set()
    wanted = (s.id for s in release.sessions if s.id in problem.demand_by_id) if release else ()
    return sum(id_ not in kept for id_ in wanted)


def _outdated(tx: Transaction, work: _Work) -> Wrong | None:
    """Return what changed since the job was taken up, if anything did."""
    today = basis_of(tx, work.job.edition_id)
    if fingerprint(build(today)) == fingerprint(build(work.basis)):
        return None
    return Wrong("job_outdated", {"what": names_of(changes_since(work.basis, today), today.edition.name)})


def _with_plan(tx: Transaction, work: _Work, job: rpc.Job, solution: Solution, made_by: str) -> rpc.Job:
    """Keep a plan as a proposal, and among the choices when it replans."""
    proposal = Proposal(
        id=str(uuid.uuid4()),
        edition_id=job.edition_id,
        made_at=tx.now,
        inputs=fingerprint(build(work.basis)),
        basis=work.basis,
        placements=solution.placements,
        status=solution.status,
        cost=cost(work.asked, solution.placements),
        bound=solution.bound,
        question=question(work.asked),
        seed=work.seed,
        steps=solution.steps,
        made_by=made_by,
    )
    tx.proposals.add(proposal)
    if not work.tried:
        job = _with_best(job, proposal)
    if work.problem.baseline is None:
        return job
    moves, choice = _choice(tx, work, proposal, solution)
    work.tried.append((work.limit, moves))
    work.found.append((moves, choice))
    worth = frontier([each for each, _ in work.found])
    choices = tuple(next(one for each, one in work.found if each == kept) for kept in worth)
    first = work.found[0][1]
    return replace(job, choices=choices, moved=first.moved + first.dropped, fewest_moved=first.proved)


def _with_best(job: rpc.Job, proposal: Proposal) -> rpc.Job:
    return _drawn(
        replace(
            job,
            placed=len(proposal.placements),
            value=float(sum(proposal.cost.values())),
            bound=proposal.bound,
            proposal_id=proposal.id,
        )
    )


def _choice(tx: Transaction, work: _Work, proposal: Proposal, solution: Solution) -> tuple[Moves, rpc.Choice]:
    """Return what a replanned proposal changes: to compare with others, and to show against the release in force."""
    problem, noon = work.problem, work.basis.edition.noon
    ids = moved(problem, proposal.placements)
    left = len(problem.demands) - len(proposal.placements)
    proved = solution.moves.proved if solution.moves else 0
    moves = Moves(left, len(ids["confirmed"]), len(ids["offered"]), proved)
    release = tx.releases.current(proposal.edition_id)
    answers = tx.answers.of(proposal.edition_id)
    changes = compare(release.sessions if release else (), sessions(proposal.basis, proposal.placements))
    elsewhere = [c.before for c in changes if c.before and c.after and changes_slot(c, noon)]
    missing = {c.session_id for c in changes if c.kind == "dropped"}
    dropped = missing & problem.demand_by_id.keys()
    return moves, rpc.Choice(
        proposal_id=proposal.id,
        placed=len(proposal.placements),
        moved=len(elsewhere),
        confirmed=sum(answers.school(session) == "confirmed" for session in elsewhere),
        dropped=len(dropped),
        told=told(changes),
        kilometres=kilometres(problem, proposal.placements),
        proved=moves.proved_all,
        again=len({s.school_id for s in elsewhere} & moves_by_school(tx.releases.of(proposal.edition_id)).keys()),
        gone=len(missing - dropped),
    )


def _failed(job: rpc.Job, reason: Wrong) -> rpc.Job:
    return replace(job, state="failed", phase="", reason=reason)
