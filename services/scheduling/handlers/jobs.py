"""Solves that organisers ask for, and the loop that carries them out one after the other."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, replace

from services.contracts import rpc
from services.contracts.errors import SENTENCES, refused
from services.kit.clock import Clock
from services.scheduling.domain.checker import check
from services.scheduling.domain.demand import Basis, build, fingerprint
from services.scheduling.domain.plan import Proposal, baseline
from services.scheduling.domain.problem import Problem
from services.scheduling.domain.score import cost
from services.scheduling.domain.solution import Progress, Solution, SolverFailed
from services.scheduling.handlers.editions import basis_of
from services.scheduling.ports import Begin, SolverRun, Transaction

LONGEST_SOLVE = 3600
LARGEST_SEED = 2**31 - 1
ABANDONED = dt.timedelta(seconds=15)
"""A running job of which its worker has not spoken for so long is queued again."""
REPORT_EVERY = dt.timedelta(seconds=1)


def propose_plan(request: rpc.ProposePlan, tx: Transaction) -> rpc.Job:
    """Queue a solve."""
    if not 1 <= request.seconds <= LONGEST_SOLVE:
        raise refused("job_seconds", limit=LONGEST_SOLVE)
    if not 0 <= request.seed <= LARGEST_SEED:
        raise refused("job_seed", limit=LARGEST_SEED)
    tx.editions.lock(request.edition_id)
    sessions = len(build(basis_of(tx, request.edition_id)).demands)
    if not sessions:
        raise refused("nothing_to_plan")
    if tx.jobs.active(request.edition_id):
        raise refused("job_running")
    job = rpc.Job(str(uuid.uuid4()), request.edition_id, "queued", tx.now, request.seconds, 0.0, sessions)
    tx.jobs.add(job, request.seed)
    return job


def get_job(request: rpc.GetJob, tx: Transaction) -> rpc.Job:
    """State and progress of a solve."""
    return tx.jobs.get(request.job_id)


def list_jobs(request: rpc.ListJobs, tx: Transaction) -> tuple[rpc.Job, ...]:
    """Solves of an edition, latest first."""
    tx.editions.get(request.edition_id)
    return tx.jobs.of(request.edition_id)


def cancel_job(request: rpc.CancelJob, tx: Transaction) -> rpc.Job:
    """Stop a solve: whoever runs it sees that the job is no longer running. Cancelling twice changes nothing."""
    job = tx.jobs.lock(request.job_id)
    if job.state in ("done", "failed"):
        raise refused("job_over")
    cancelled = replace(job, state="cancelled", phase="")
    tx.jobs.save(cancelled)
    return cancelled


@dataclass(frozen=True)
class _Work:
    """The job in hand, and what the solver was given for it."""

    job: rpc.Job
    basis: Basis
    problem: Problem
    started: dt.datetime


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
            self._finish(self._work, outcome)
            self._work = None
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
            basis = basis_of(tx, job.edition_id)
            work = _Work(job, basis, _problem(tx, basis), tx.now)
            tx.jobs.save(replace(job, elapsed=0.0, sessions=len(work.problem.demands)))
        self._run.start(work.problem, seconds=job.seconds, seed=seed)
        self._work, self._reported = work, work.started
        return True

    def _report(self, work: _Work) -> None:
        with self._begin() as tx:
            mine = tx.jobs.hold(work.job.id, self._worker, tx.now)
            if mine:
                tx.jobs.save(self._advanced(work, self._run.progress))
        self._reported = self._clock()
        if not mine:
            self._run.cancel()

    def _finish(self, work: _Work, outcome: Solution | SolverFailed) -> None:
        with self._begin() as tx:
            if not tx.jobs.hold(work.job.id, self._worker, tx.now):
                return  # cancelled, or taken over: nothing is kept
            job = self._advanced(work, self._run.progress)
            if isinstance(outcome, SolverFailed):
                tx.jobs.save(replace(job, state="failed", reason=outcome.reason))
            else:
                tx.jobs.save(_stored(tx, work, job, outcome))

    def _advanced(self, work: _Work, progress: Progress | None) -> rpc.Job:
        elapsed = (self._clock() - work.started).total_seconds()
        job = replace(work.job, elapsed=elapsed, sessions=len(work.problem.demands))
        if progress is None:
            return job
        return replace(job, phase=progress.phase, placed=progress.placed, value=progress.value, bound=progress.bound)


def _stored(tx: Transaction, work: _Work, job: rpc.Job, solution: Solution) -> rpc.Job:
    """Keep the plan as a proposal, unless the checker finds fault with it; return the job as it ends."""
    broken = check(work.problem, solution.placements)
    if broken:
        rules = ", ".join(sorted({violation.rule for violation in broken}))
        return replace(job, state="failed", reason=SENTENCES["plan_breaks_rules"].format(rules=rules))
    proposal = Proposal(
        id=str(uuid.uuid4()),
        edition_id=job.edition_id,
        made_at=tx.now,
        inputs=fingerprint(work.problem),
        basis=work.basis,
        placements=solution.placements,
        status=solution.status,
        cost=cost(work.problem, solution.placements),
        bound=solution.bound,
    )
    tx.proposals.add(proposal)
    return replace(
        job,
        state="done",
        placed=len(solution.placements),
        value=float(sum(proposal.cost.values())),
        bound=solution.bound,
        proposal_id=proposal.id,
    )


def _problem(tx: Transaction, basis: Basis) -> Problem:
    """Return the problem, with the current release as what to keep; sessions that someone declined are free to move."""
    problem = build(basis)
    release = tx.releases.current(basis.edition.id)
    if release is None:
        return problem
    answers = tx.answers.of(basis.edition.id)
    refused_by_someone = {s.id for s in release.sessions if "declined" in (answers.school(s), answers.provider(s))}
    confirmed = {s.id for s in release.sessions if answers.school(s) == "confirmed"} - refused_by_someone
    released = tx.proposals.get(basis.edition.id, release.proposal_id).placements
    return replace(problem, baseline=baseline(problem, released, refused_by_someone, confirmed))
