"""The part of a large search that looks at one task alone, fit to run in a process of its own."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

from services.scheduling.adapters.cpsat.budget import Budget
from services.scheduling.adapters.cpsat.large.cover import Cover
from services.scheduling.adapters.cpsat.large.field import field_of
from services.scheduling.adapters.cpsat.large.relaxation import relax
from services.scheduling.adapters.cpsat.shape import Shape
from services.scheduling.adapters.spool import bind_to_parent

CUT_SHARE, RELAX_SHARE = 0.33, 0.6
"""Shares of the time after which no cuts are looked for, and after which there are prices, good or not."""


def cover(shape: Shape, task: int, until: float, seed: int, budget: Budget) -> tuple[Cover, float]:
    """Return undated routes for a task and what is spent of the budget; ``until``: what may be used of it by then.

    Raises TooMany when its half-days cannot be listed.
    """
    began, field = budget.used, field_of(shape)

    def after(share: float) -> Callable[[], bool]:
        return lambda: budget.used > began + share * (until - began)

    relaxation = relax(field, task, after(CUT_SHARE), after(RELAX_SHARE), seed, budget)
    search = Cover(field, relaxation, seed, budget)
    search.run(after(1), (until - began) / 3)
    return search, budget.spent


def nothing() -> None:
    """Do nothing."""


def workers(count: int, first: Callable[[], None] = nothing) -> ProcessPoolExecutor:
    """Return processes that die with this one; ``first``: what each does before all else."""
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(count, mp_context=spawn, initializer=_begin, initargs=(os.getpid(), first))


def _begin(parent: int, first: Callable[[], None]) -> None:
    bind_to_parent(parent)
    first()
