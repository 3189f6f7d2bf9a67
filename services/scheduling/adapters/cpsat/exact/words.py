"""Counts by site packed into one 64-bit word each, so that thousands of them are compared at once.

Each site has a field as wide as its number of groups needs, and a guard bit above it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]
BITS = 63


class Packing:
    """How counts of at most ``sizes`` are packed; the last ``marks`` of them count no sessions.

    Raises ValueError when they need more than one word.
    """

    def __init__(self, sizes: tuple[int, ...], marks: int = 0) -> None:
        widths = [int(size).bit_length() + 1 for size in sizes]
        if sum(widths) > BITS:
            raise ValueError("too many sites for one word")
        starts = np.cumsum([0, *widths[:-1]])
        self.sizes, self.sites = sizes, len(sizes) - marks
        self.starts = starts.astype(np.uint64)
        self.guard = _word(1 << int(s + w - 1) for s, w in zip(starts, widths, strict=True))
        self.ones = _word(1 << int(s) for s in starts)
        self._by_worth = [
            (1 << bit, _word(1 << int(s) + bit for s, w in zip(starts, widths, strict=True) if bit < w - 1))
            for bit in range(max(widths, default=1) - 1)
        ]
        self._by_width = [
            (np.uint64(w - 1), _word(1 << int(s + w - 1) for s, v in zip(starts, widths, strict=True) if v == w))
            for w in sorted(set(widths))
        ]

    @cached_property
    def all(self) -> np.uint64:
        """Every group of every site."""
        return self.pack(np.array([self.sizes]))[0]

    @cached_property
    def sessions(self) -> np.uint64:
        """The bits of all that counts sessions."""
        return _word(int(self.field(site)) for site in range(self.sites))

    def pack(self, counts: NDArray[np.integer]) -> Words:
        """Pack rows of counts, of all fields or of the first."""
        return (counts.astype(np.uint64) << self.starts[: counts.shape[1]]).sum(axis=1, dtype=np.uint64)

    def but(self, counts: NDArray[np.integer]) -> np.uint64:
        """Return everything but these counts."""
        return np.uint64(self.all - self.pack(counts[None])[0])

    def unpack(self, words: Words) -> NDArray[np.int64]:
        """Return the counts of each word as a row."""
        masks = np.array([(1 << int(size).bit_length()) - 1 for size in self.sizes], dtype=np.uint64)
        return ((np.asarray(words)[:, None] >> self.starts) & masks).astype(np.int64)

    def fits(self, small: Words, large: Words) -> NDArray[np.bool_]:
        """Whether no count of ``small`` exceeds that of ``large``."""
        return (((large | self.guard) - small) & self.guard) == self.guard

    def minus(self, large: Words, small: Words) -> Words:
        """Subtract, stopping at zero."""
        difference = (large | self.guard) - small
        positive = difference & self.guard
        mask = np.zeros_like(difference)
        for shift, guards in self._by_width:
            own = positive & guards
            mask |= own - (own >> shift)
        return difference & mask

    def field(self, site: int) -> np.uint64:
        """Return the bits of one site's count."""
        return np.uint64(((1 << int(self.sizes[site]).bit_length()) - 1) << int(self.starts[site]))

    def some(self, words: Words) -> Words:
        """Return words whose guard bits tell which counts are not zero."""
        return ((words | self.guard) - self.ones) & self.guard

    def total(self, words: Words) -> NDArray[np.int64]:
        """Return the sum of the counts of each word: bits of equal worth are counted together."""
        words = np.asarray(words)
        found = np.zeros(words.shape, np.int64)
        for worth, bits in self._by_worth:
            found += np.bitwise_count(words & bits).astype(np.int64) * worth
        return found

    def scale(self, weights: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return tables that weigh words: for each byte of a word and each value it can have."""
        values = np.arange(256, dtype=np.uint64)
        return np.stack([self.unpack(values << np.uint64(shift)) @ weights for shift in range(0, BITS + 1, 8)])

    def weigh(self, words: Words, scale: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the sum of each word's counts, each times the weight of its site."""
        found = np.zeros(len(words), np.int64)
        for place, table in enumerate(scale):
            found += table[(words >> np.uint64(8 * place)) & np.uint64(255)]
        return found


def find(ascending: Words, words: Words) -> NDArray[np.int64]:
    """Return the place of each word among ascending ones, -1 where it is not."""
    at = np.minimum(np.searchsorted(ascending, words), len(ascending) - 1)
    return np.where(ascending[at] == words, at, -1)


def least(words: Words, values: NDArray[np.int64]) -> tuple[Words, NDArray[np.int64]]:
    """Return the distinct words, ascending, each with its least value."""
    if not len(words):
        return words, values
    order = np.argsort(words)
    ranked = words[order]
    first = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
    return ranked[first], np.minimum.reduceat(values[order], first)


def _word(bits: Iterable[int]) -> np.uint64:
    return np.uint64(sum(bits))
