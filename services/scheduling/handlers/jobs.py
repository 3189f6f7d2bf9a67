"""Solves that organisers ask for, watch, stop and cancel; ``solving`` carries them out."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace

from services.contracts import rpc
from services.contracts.errors import refused
from services.contracts.values import Edition
from services.scheduling.domain.demand import build
from services.scheduling.domain.history import first_open_day
from services.scheduling.domain.solution import MOST_STEPS
from services.scheduling.handlers.editions import basis_of
from services.scheduling.ports import Transaction

LONGEST_SOLVE = 3600
LARGEST_SEED = 2**31 - 1


def propose_plan(request: rpc.ProposePlan, tx: Transaction) -> rpc.Job:
    """Queue a solve."""
    return queued(request, tx)


def queued(request: rpc.ProposePlan, tx: Transaction, tried: rpc.Tried | None = None) -> rpc.Job:
    """Queue a solve, which holds a session at ``tried``. Raises Refused for what cannot be asked."""
    if not 1 <= request.seconds <= LONGEST_SOLVE:
        raise refused("job_seconds", limit=LONGEST_SOLVE)
    if not 0 <= request.seed <= LARGEST_SEED:
        raise refused("job_seed", limit=LARGEST_SEED)
    if request.steps is not None and not 1 <= request.steps <= MOST_STEPS:
        raise refused("job_steps", limit=MOST_STEPS)
    tx.editions.lock(request.edition_id)
    basis = basis_of(tx, request.edition_id)
    sessions = len(build(basis).demands)
    if not sessions:
        raise refused("nothing_to_plan")
    _refuse_day(basis.edition, request.frozen_before)
    if tx.jobs.active(request.edition_id):
        raise refused("job_running")
    replanning = tx.releases.current(request.edition_id) is not None
    job = rpc.Job(
        id=str(uuid.uuid4()),
        edition_id=request.edition_id,
        state="queued",
        created_at=tx.now,
        seconds=request.seconds,
        elapsed=0.0,
        sessions=sessions,
        several=request.several and replanning,
        frozen_before=first_open_day(basis.edition, tx.now, request.frozen_before) if replanning else None,
        tried=tried,
        steps=request.steps,
    )
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


def stop_job(request: rpc.StopJob, tx: Transaction) -> rpc.Job:
    """End a solve early: whoever runs it sees it and keeps the best plan. Stopping twice changes nothing."""
    job = tx.jobs.lock(request.job_id)
    if job.state not in ("queued", "running"):
        raise refused("job_over")
    if not job.placed:
        raise refused("job_without_plan")
    stopping = replace(job, stopping=True)
    tx.jobs.save(stopping)
    return stopping


def _refuse_day(edition: Edition, asked: dt.date | None) -> None:
    first, last = edition.first_day, edition.last_day
    if asked and not first <= asked <= last:
        raise refused("job_frozen_day", first=first, last=last)
