"""The counter-based generator of ``spectra``, bit for bit.

A stream is named by a seed and a path of whole numbers; its numbers are pure functions of both and of their position, so
fixed random matrices need no storage but a seed. The definition is that of the Rust module ``random``: the path is
folded by SplitMix64's finaliser, blocks are Philox 4x32-10 (Salmon, Moraes, Dror, Shaw 2011), normal entries are
interpolated quantiles that are multiples of 2**-20.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

__all__ = ["Entries", "Stream", "shuffled"]

_WORD = (1 << 32) - 1
_LONG = (1 << 64) - 1
_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_WEYL = (0x9E3779B9, 0xBB67AE85)
_ROUNDS = 10
_KNOT_BITS = 6
_KNOTS = 32 << _KNOT_BITS
_FRACTION_BITS = 16
_POINT = 20
# blocks that are made together, so that memory stays bounded
_BATCH = 1 << 18


def _mix(x: int) -> int:
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _LONG
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _LONG
    return x ^ (x >> 31)


def _name(path: Sequence[int]) -> int:
    """Folds the path into 64 bits."""
    h = 0
    for p in path:
        h = _mix(((h + 0x9E3779B97F4A7C15) & _LONG) ^ (p & _LONG))
    return h


def _philox(first: int, count: int, name: int, seed: int) -> NDArray[np.uint64]:
    """Returns the words of blocks ``first`` … ``first + count - 1``, shape (count, 4), each below 2**32."""
    block = np.arange(first, first + count, dtype=np.uint64)
    word, half = np.uint64(_WORD), np.uint64(32)
    c0, c1 = block & word, block >> half
    c2 = np.full(count, name & _WORD, dtype=np.uint64)
    c3 = np.full(count, name >> 32, dtype=np.uint64)
    k0, k1 = seed & _WORD, (seed >> 32) & _WORD
    for _ in range(_ROUNDS):
        low = np.uint64(_MULTIPLIERS[0]) * c0
        high = np.uint64(_MULTIPLIERS[1]) * c2
        c0, c1, c2, c3 = (
            (high >> half) ^ c1 ^ np.uint64(k0),
            high & word,
            (low >> half) ^ c3 ^ np.uint64(k1),
            low & word,
        )
        k0, k1 = (k0 + _WEYL[0]) & _WORD, (k1 + _WEYL[1]) & _WORD
    return np.stack([c0, c1, c2, c3], axis=1)


@cache
def _quantiles() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Returns normal quantiles at the knots in units of 2**-20, and how much lower the next one is than each."""
    normal = NormalDist()

    def at(knot: int) -> int:
        if knot == _KNOTS:
            return 0
        octave, step = knot >> _KNOT_BITS, knot % (1 << _KNOT_BITS)
        tail = (1.0 + step / (1 << _KNOT_BITS)) * 2.0 ** (octave - 33)
        return round(-normal.inv_cdf(tail) * (1 << _POINT))

    knots = np.array([at(knot) for knot in range(_KNOTS + 1)], dtype=np.int64)
    return knots[:-1], knots[:-1] - knots[1:]


class Entries:
    """Random entries named by a seed and a path, addressed by position.

    >>> all_, part = Entries(7, (1, 2)).normals(0, 9), Entries(7, (1, 2)).normals(5, 4)
    >>> bool((part == all_[5:]).all())
    True
    """

    def __init__(self, seed: int, path: Sequence[int]) -> None:
        self._seed = seed & _LONG
        self._name = _name(path)

    def _words(self, start: int, count: int) -> NDArray[np.uint64]:
        """Returns 32-bit words ``start`` … ``start + count - 1``."""
        first, last = start // 4, (start + count + 3) // 4
        parts = [
            _philox(block, min(_BATCH, last - block), self._name, self._seed).reshape(-1)
            for block in range(first, last, _BATCH)
        ]
        words = np.concatenate(parts) if parts else np.empty(0, np.uint64)
        return words[start - 4 * first :][:count]

    def normals(self, start: int, count: int) -> NDArray[np.float64]:
        """Returns standard normal numbers at the positions from ``start``, shape (count,)."""
        words = self._words(start, count)
        knots, drops = _quantiles()
        tail = (words | np.uint64(1)).astype(np.float64)
        bits = tail.view(np.uint64) >> np.uint64(52 - _KNOT_BITS - _FRACTION_BITS)
        knot = ((bits >> np.uint64(_FRACTION_BITS)).astype(np.int64) - (1023 << _KNOT_BITS)) % _KNOTS
        fraction = (bits & np.uint64((1 << _FRACTION_BITS) - 1)).astype(np.int64)
        size = knots[knot] - ((drops[knot] * fraction) >> _FRACTION_BITS)
        sign = 1 - 2 * (words & np.uint64(1)).astype(np.int64)
        result: NDArray[np.float64] = (size * sign).astype(np.float64) * 2.0**-_POINT
        return result

    def signs(self, start: int, count: int) -> NDArray[np.float64]:
        """Returns signs ±1 at the positions from ``start``, shape (count,)."""
        first, last = start // 32, (start + count + 31) // 32
        words = self._words(first, last - first)
        bits = (words[:, None] >> np.arange(32, dtype=np.uint64)) & np.uint64(1)
        chosen = bits.reshape(-1)[start - 32 * first :][:count]
        return 1.0 - 2.0 * chosen.astype(np.float64)


class Stream:
    """A sequential stream of 64-bit words, uniform, normal and chi numbers."""

    def __init__(self, seed: int, path: Sequence[int]) -> None:
        self._seed = seed & _LONG
        self._name = _name(path)
        self._blocks = self._all_blocks()
        self._word: int | None = None
        self._normal: float | None = None

    def _all_blocks(self) -> Iterator[tuple[int, int]]:
        first, count = 0, 16
        while True:
            made = _philox(first, count, self._name, self._seed)
            pairs = made[:, 0::2] | (made[:, 1::2] << np.uint64(32))
            yield from ((int(a), int(b)) for a, b in pairs)
            first, count = first + count, min(2 * count, _BATCH)

    def word(self) -> int:
        """Returns the next 64 bits."""
        if self._word is not None:
            word, self._word = self._word, None
            return word
        first, self._word = next(self._blocks)
        return first

    def uniform(self) -> float:
        """Returns the next number on [0, 1), a multiple of 2**-53."""
        return (self.word() >> 11) * 2.0**-53

    def normal(self) -> float:
        """Returns the next standard normal number; logarithm and sine are the platform's, so the last bit may differ."""
        if self._normal is not None:
            normal, self._normal = self._normal, None
            return normal
        first, second = next(self._blocks)
        radius = math.sqrt(-2.0 * math.log(1.0 - (first >> 11) * 2.0**-53))
        angle = math.tau * ((second >> 11) * 2.0**-53)
        self._normal = radius * math.sin(angle)
        return radius * math.cos(angle)

    def chi(self, degrees: int) -> float:
        """Returns the length of a vector of ``degrees`` standard normal numbers (Marsaglia, Tsang 2000)."""
        if degrees == 1:
            return abs(self.normal())
        d = degrees / 2.0 - 1.0 / 3.0
        c = 1.0 / math.sqrt(9.0 * d)
        while True:
            x = self.normal()
            v = (1.0 + c * x) ** 3
            if v > 0.0 and math.log(1.0 - self.uniform()) < 0.5 * x * x + d - d * v + d * math.log(v):
                return math.sqrt(2.0 * d * v)

    def below(self, bound: int, count: int) -> list[int]:
        """Returns ``count`` numbers below ``bound``, words multiplied into the range."""
        return [(self.word() * bound) >> 64 for _ in range(count)]

    def signed_below(self, bound: int) -> tuple[int, bool]:
        """Returns a number below ``bound`` and a sign: the word without its lowest bit, and that bit."""
        word = self.word()
        return ((word >> 1) * bound) >> 63, bool(word & 1)

    def _range_u32(self, bound: int) -> int:
        """Returns a number below ``bound`` < 2**32, by Canon's method as the crate ``rand`` has it."""
        product = (self.word() >> 32) * bound
        result, low = product >> 32, product & _WORD
        if low > (1 << 32) - bound:
            more = ((self.word() >> 32) * bound) >> 32
            result += low + more > _WORD
        return result


def shuffled(count: int, stream: Stream) -> list[int]:
    """Returns 0 … ``count - 1`` shuffled by ``stream``, as ``SliceRandom::shuffle`` of the crate ``rand`` 0.10 does.

    Several indices come from one random number below the product of their ranges.
    """
    if count >= _WORD:
        raise ValueError(f"cannot shuffle {count} numbers; there can be at most {_WORD - 1}")
    order = list(range(count))
    chunk, left = 0, 1
    for n in range(count if count > 1 else 0):
        ranges = n + 1
        if left == 0:
            bound, following = ranges, ranges + 1
            while bound * following <= _WORD:
                bound, following = bound * following, following + 1
            chunk, left = stream._range_u32(bound), following - ranges
        left -= 1
        if left == 0:
            index = chunk
        else:
            chunk, index = divmod(chunk, ranges)
        order[n], order[index] = order[index], order[n]
    return order
