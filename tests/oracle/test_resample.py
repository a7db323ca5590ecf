"""The oracle's generator and shuffles."""

import collections
import itertools
import unittest

import numpy as np

from oracle import resample


class Philox(unittest.TestCase):
    """Known answers that Random123 publishes for philox4x32, 10 rounds."""

    def test_known_answers(self):
        full = 0xFFFFFFFF
        for counter, key, expected in (
                ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
                ((full,) * 4, (full,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
                ((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0),
                 (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1))):
            self.assertEqual(resample.philox4x32(counter, key), expected)

    def test_words_come_from_the_documented_counter(self):
        draws = resample.Draws(seed=(7 << 32) + 5, resample=(3 << 32) + 2)
        words = resample.philox4x32((2, (1 << 16) + 4, 2, 3), (5, 7))
        self.assertEqual([draws.word(j, 4) for j in range(8, 12)], list(words))


class BoundedDraw(unittest.TestCase):
    def test_rejects_exactly_the_surplus(self):
        # With n = 3 * 2^30 a quarter of the words must be rejected.
        n, rejected = 3 << 30, 0
        for b in range(400):
            draws = resample.Draws(1, b)
            first = draws.word(0, 0)
            rejected += ((first * n) & 0xFFFFFFFF) < (1 << 32) % n
            self.assertLess(draws.below(0, n), n)
        self.assertTrue(60 <= rejected <= 140, rejected)


class Shuffle(unittest.TestCase):
    def test_strata_keep_to_themselves(self):
        codes = np.array([1, 0, -1, 1, 0, 1, -1])
        blocks = resample.strata(codes, 3, 7)
        self.assertEqual(blocks, [[1, 4], [0, 3, 5], [2, 6]])
        for b in range(50):
            source = resample.carried(blocks, 9, b)
            self.assertEqual(sorted(source), list(range(7)))
            np.testing.assert_array_equal(codes[source], codes)

    def test_every_assignment_is_equally_likely(self):
        draws, blocks = 6000, resample.strata(None, 0, 4)
        seen = collections.Counter(tuple(resample.carried(blocks, 3, b)) for b in range(draws))
        expected = draws / 24
        statistic = sum((seen[tuple(p)] - expected) ** 2 / expected
                        for p in itertools.permutations(range(4)))
        self.assertTrue(statistic < 49.7, statistic)  # chi-squared, 23 degrees, p = 0.001


if __name__ == "__main__":
    unittest.main(verbosity=1)
