"""The generator against golden numbers of the Rust program."""

import numpy as np
import pytest

from spectra_weights.torch import random
from spectra_weights.torch.random import Entries, Stream, shuffled


def test_entries_have_the_bits_of_the_program() -> None:
    """Catches any change of a bit: these are the golden vectors of ``src/random/entries.rs``."""
    entries = Entries(2026, (1, 2, 3))
    assert (entries.normals(2, 5) * 2**20).tolist() == [137_386, 778_662, 494_073, -1_282_709, -704_228]
    assert entries.signs(30, 8).tolist() == [-1, 1, 1, 1, 1, -1, -1, 1]


def test_the_table_of_quantiles_has_its_checksum() -> None:
    """Catches a knot that another inverse normal distribution rounds elsewhere."""
    knots, drops = random._quantiles()
    total = 0
    for knot in [*knots.tolist(), int(knots[-1] - drops[-1])]:
        total = (((total << 5) | (total >> 27)) & 0xFFFFFFFF) ^ (knot & 0xFFFFFFFF)
    assert total == 1_914_740_926


def test_blocks_agree_with_the_published_vectors() -> None:
    """Known answers of Random123: catches a wrong constant, word order or round count."""
    assert random._philox(0, 1, 0, 0)[0].tolist() == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]
    ones = 2**64 - 1
    assert random._philox(ones, 1, ones, ones)[0].tolist() == [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]


def test_streams_have_the_words_of_the_program() -> None:
    """Golden vectors of ``src/random/stream.rs``; normals to the last bit but one, as logarithms are the platform's."""
    words = Stream(2026, (1, 2, 3))
    expected = [3_182_306_712_964_433_404, 8_443_658_815_883_215_150, 4_080_845_350_623_257_860]
    assert [words.word() for _ in range(3)] == expected
    normals = Stream(2026, (1, 2, 3))
    bits = np.array([13_826_896_000_770_814_133, 4_594_987_564_497_474_884, 13_825_325_813_457_771_161], np.uint64)
    drawn = np.array([normals.normal() for _ in range(3)])
    np.testing.assert_allclose(drawn, bits.view(np.float64), rtol=4e-16)


@pytest.mark.parametrize(("start", "count"), [(0, 1), (1, 2), (3, 9), (5, 131), (31, 2), (64, 64), (7, 0)])
def test_windows_are_parts_of_the_whole(start: int, count: int) -> None:
    """Catches a wrong first block or bit."""
    entries = Entries(3, (9,))
    assert (entries.normals(start, count) == entries.normals(0, 200)[start : start + count]).all()
    assert (entries.signs(start, count) == entries.signs(0, 200)[start : start + count]).all()


def test_shuffles_are_permutations() -> None:
    for count in [0, 1, 2, 13, 14, 100]:
        assert sorted(shuffled(count, Stream(1, (2,)))) == list(range(count))
    assert shuffled(50, Stream(1, (2,))) != list(range(50))
