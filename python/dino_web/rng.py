"""The generator of `src/rng.rs`, number for number: Philox4x32-10 of Salmon et al. (2011).

Invariant: a number depends on (seed, step, image, stream) alone, so a run is the same however many
processes share it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Domains of the `stream` key; a use adds its own index.
CROP = 0
DROP_PATH = 0x1_0000
SAMPLE = 0x3_0000

_LOW = np.uint64(0xFFFF_FFFF)
_HALF = np.uint64(32)
_AHEAD = 16  # blocks that are made at a time: a crop needs about six


class Rng:
    """The numbers of one key, in order."""

    def __init__(self, seed: int, step: int, image: int, stream: int) -> None:
        counter = np.array([[step & 0xFFFF_FFFF, step >> 32, image, stream]], dtype=np.uint64)
        block = _philox((seed & 0xFFFF_FFFF, seed >> 32), counter)[0]
        self._key = (int(block[0]), int(block[1]))
        self._high = block[2:]
        self._block = 0
        self._words: list[int] = []

    def u64(self, count: int) -> NDArray[np.uint64]:
        """The next `count` numbers of 64 random bits."""
        missing = 2 * count - len(self._words)
        if missing > 0:
            self._extend(-(-missing // 4))
        words = np.array(self._words[: 2 * count], dtype=np.uint64)
        del self._words[: 2 * count]
        return words[0::2] | words[1::2] << _HALF

    def uniform(self) -> float:
        """In [0, 1), a multiple of 2⁻⁵³."""
        return (self._next() >> 11) / (1 << 53)

    def range(self, low: float, high: float) -> float:
        return low + (high - low) * self.uniform()

    def below(self, n: int) -> int:
        """In 0..n."""
        return self._next() * n >> 64

    def chance(self, p: float) -> bool:
        return self.uniform() < p

    def permutation(self, n: int) -> NDArray[np.int64]:
        """Fisher and Yates' shuffle of 0..n."""
        order = list(range(n))
        numbers = self.u64(max(n - 1, 0)).tolist()
        for i, number in zip(range(n - 1, 0, -1), numbers):
            j = number * (i + 1) >> 64
            order[i], order[j] = order[j], order[i]
        return np.array(order, dtype=np.int64)

    def _next(self) -> int:
        if not self._words:
            self._extend(_AHEAD)
        low, high = self._words[:2]
        del self._words[:2]
        return low | high << 32

    def _extend(self, blocks: int) -> None:
        counter = np.empty((blocks, 4), dtype=np.uint64)
        index = np.arange(self._block, self._block + blocks, dtype=np.uint64)
        counter[:, 0], counter[:, 1] = index & _LOW, index >> _HALF
        counter[:, 2:] = self._high
        self._block += blocks
        self._words += _philox(self._key, counter).ravel().tolist()


def _philox(key: tuple[int, int], counter: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Ten rounds over every row of `counter` (n, 4), 32 bits in each word."""
    a, b, c, d = (counter[:, i].copy() for i in range(4))
    k0, k1 = key
    for _ in range(10):
        low_high0, low_high1 = a * np.uint64(0xD251_1F53), c * np.uint64(0xCD9E_8D57)
        a, b, c, d = (
            low_high1 >> _HALF ^ b ^ np.uint64(k0),
            low_high1 & _LOW,
            low_high0 >> _HALF ^ d ^ np.uint64(k1),
            low_high0 & _LOW,
        )
        k0, k1 = (k0 + 0x9E37_79B9) & 0xFFFF_FFFF, (k1 + 0xBB67_AE85) & 0xFFFF_FFFF
    return np.stack([a, b, c, d], axis=1)
