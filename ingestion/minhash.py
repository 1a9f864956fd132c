"""MinHash (Broder, 1997), bit for bit as datasketch's scheme "affine32" makes it.

Not the library itself: importing it loads SciPy, 46 MB and half a second in every process, for parts that are not used.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint32]

_SEED = 1
# MurmurHash3's last step, which spreads hashes that are close together.
_FIRST_FACTOR, _SECOND_FACTOR = np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35)


class MinHasher:
    """Permutes hashes in a fixed number of ways, the same in every process."""

    def __init__(self, permutations: int) -> None:
        random = np.random.RandomState(_SEED)
        # Odd factors, so that each permutation is one, modulo 2 ** 32.
        self._factors = random.randint(0, 1 << 31, permutations, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
        self._terms = random.randint(0, 1 << 32, permutations, dtype=np.uint32)

    def lowest(self, batches: Iterable[list[int]]) -> Hashes:
        """Return the lowest hash under each permutation, over all batches of 32-bit hashes."""
        lowest = np.full(len(self._factors), 0xFFFFFFFF, dtype=np.uint32)
        for batch in batches:
            mixed = _mix(np.array(batch, dtype=np.uint32).reshape(-1, 1))
            lowest = np.minimum(lowest, (mixed * self._factors + self._terms).min(axis=0, initial=0xFFFFFFFF))
        return lowest


def _mix(hashes: Hashes) -> Hashes:
    hashes = (hashes ^ (hashes >> np.uint32(16))) * _FIRST_FACTOR
    hashes = (hashes ^ (hashes >> np.uint32(13))) * _SECOND_FACTOR
    return hashes ^ (hashes >> np.uint32(16))
