"""Our MinHash is the library's, bit for bit; what is stored stays comparable."""

import zlib

import numpy as np
from datasketch import MinHash
from hypothesis import given
from hypothesis import strategies as st

from ingestion.minhash import MinHasher


@given(st.lists(st.lists(st.binary(max_size=8), max_size=6), max_size=4))
def test_the_reference_agrees(batches: list[list[bytes]]) -> None:
    reference = MinHash(16, seed=1, hashfunc=zlib.crc32, scheme="affine32")
    for batch in batches:
        reference.update_batch(batch)
    ours = MinHasher(16).lowest([zlib.crc32(value) for value in batch] for batch in batches)
    assert np.array_equal(ours, reference.hashvalues)


def test_the_hashes_themselves_do_not_change() -> None:
    """Signatures in databases were made with these numbers."""
    assert MinHasher(3).lowest([[1, 2, 3]]).tolist() == [2922174949, 3249271488, 1273432351]
