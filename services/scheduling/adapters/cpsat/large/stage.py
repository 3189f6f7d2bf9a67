"""The part of a large search that looks at one task alone, fit to run in a process of its own."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from services.scheduling.adapters.cpsat.large.cover import Cover
from services.scheduling.adapters.cpsat.large.field import field_of
from services.scheduling.adapters.cpsat.large.pool import Pool
from services.scheduling.adapters.cpsat.large.relaxation import relax
from services.scheduling.adapters.cpsat.linear import Floats, Ints
from services.scheduling.adapters.cpsat.shape import Shape
from services.scheduling.adapters.spool import bind_to_parent

Clock = Callable[[], float]


@dataclass(frozen=True)
class Covered:
    """The routes of one task: those on offer, what each costs above the prices, the ones chosen, the bound of all.

    ``worth``: what all sessions cost at the prices.
    """

    pool: Pool
    reduced: Floats
    used: Ints
    bound: float
    worth: float = 0.0


def cover(shape: Shape, task: int, seconds: float, seed: int, clock: Clock = time.monotonic) -> Covered:
    """Return undated routes for a task. Raises TooMany when its half-days cannot be listed."""
    until = clock() + seconds
    field = field_of(shape)
    search = Cover(field, relax(field, task, lambda: clock() > until - seconds * 0.75, seed), seed)
    search.run(lambda: clock() > until, seconds / 3)
    return Covered(search.pool, search.reduced, search.used, search.bound, search.paid)


def workers(count: int) -> ProcessPoolExecutor:
    """Return processes that die with this one."""
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(count, mp_context=spawn, initializer=bind_to_parent, initargs=(os.getpid(),))
