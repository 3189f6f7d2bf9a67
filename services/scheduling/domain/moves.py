"""What a plan changes of the one released before, and the choice between placing more and moving fewer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Moves:
    """Released sessions, confirmed and offered, that a plan moves to another half-day or place, or leaves out.

    ``unplaced``: sessions left out. ``proved``: how many of these aims, in order, no plan can serve better:
    moves beyond ``Baseline.most_moved``, sessions left out, confirmed sessions moved, offered sessions moved.
    """

    unplaced: int
    confirmed: int
    offered: int
    proved: int = 0

    @property
    def total(self) -> int:
        """All released sessions moved."""
        return self.confirmed + self.offered

    @property
    def proved_confirmed(self) -> bool:
        """Whether no plan that places as many sessions moves fewer confirmed ones."""
        return self.proved >= 3

    @property
    def proved_all(self) -> bool:
        """Whether, besides, none moves fewer offered ones."""
        return self.proved >= 4


def frontier(found: Sequence[Moves]) -> tuple[Moves, ...]:
    """Return what is worth choosing from, fewest left out first: no other leaves out and moves as few, or fewer.

    Of equals the one whose aims are proved furthest, then the earliest, stays.
    """
    ranked = sorted(found, key=lambda moves: (moves.unplaced, moves.confirmed, moves.total, -moves.proved))
    kept: list[Moves] = []
    for moves in ranked:
        if not any(k.confirmed <= moves.confirmed and k.total <= moves.total for k in kept):
            kept.append(moves)
    return tuple(kept)
