"""The oracle's p-values and corrections, on cases worked by hand and against SciPy."""

import unittest

import numpy as np
import scipy.stats

from oracle import significance


class Tails(unittest.TestCase):
    def test_counts(self):
        values = np.array([1.0, 2.0, 2.0 + 1e-13, 3.0, np.nan])
        counts = significance.count(2.0, values)
        self.assertEqual((counts.below, counts.equal, counts.above, counts.undefined), (1, 2, 1, 1))
        self.assertEqual((counts.ge, counts.le, counts.resamples), (4, 4, 5))

    def test_p_values(self):
        self.assertEqual(significance.p_values(0, 99, 99), (0.01, 1.0, 0.02))
        self.assertEqual(significance.p_values(60, 60, 99)[2], 1.0)

    def test_grasp_and_direction(self):
        values = np.array([1.0, 2.0, 3.0, 4.0])
        self.assertEqual(significance.direction(0.5, values), -1)
        self.assertEqual(significance.p_grasp(0.5, values), 0.0)
        self.assertEqual(significance.direction(3.5, values), 1)
        self.assertEqual(significance.p_grasp(3.5, values), 0.25)
        self.assertEqual(significance.direction(2.5, values), 0)
        self.assertEqual(significance.direction(2.5, np.full(3, np.nan)), 0)

    def test_monte_carlo_interval(self):
        low, high = significance.monte_carlo_interval(5, 90, 99)
        exact = scipy.stats.binomtest(5, 99).proportion_ci(method="exact")
        self.assertAlmostEqual(low, 2 * exact.low, 9)
        self.assertAlmostEqual(high, 2 * exact.high, 9)
        self.assertEqual(significance.monte_carlo_interval(0, 99, 99)[0], 0.0)
        self.assertEqual(significance.monte_carlo_interval(60, 60, 99)[1], 1.0)


class Families(unittest.TestCase):
    def test_benjamini_hochberg_against_scipy(self):
        rng = np.random.default_rng(1)
        for size in (1, 2, 7, 40):
            p = rng.integers(1, 20, size) / 20
            np.testing.assert_allclose(significance.benjamini_hochberg(p),
                                       scipy.stats.false_discovery_control(p), atol=1e-14)

    def test_holm_and_bonferroni(self):
        p = [0.01, 0.04, 0.03, 0.005]
        np.testing.assert_allclose(significance.holm(p), [0.03, 0.06, 0.06, 0.02])
        np.testing.assert_allclose(significance.bonferroni(p), [0.04, 0.16, 0.12, 0.02])


class StepDown(unittest.TestCase):
    def test_single_test_counts_its_own_tail(self):
        values = np.array([[-1.0, 0.0, 1.0, 4.0]])
        # mean 1.5 of these and 3.5: |v - 1.5| = 2.5, 1.5, 0.5, 2.5 against 2
        self.assertEqual(significance.step_down_maxt([3.5], values)[0], 3 / 5)

    def test_all_arrangements_hold_the_observed_one(self):
        values = np.array([[-1.0, 0.0, 1.0, 4.0]])
        # mean 1: |v - 1| = 2, 1, 0, 3 against |4 - 1|
        self.assertEqual(significance.step_down_maxt([4.0], values, exact=True)[0], 2 / 5)

    def test_two_tests_by_hand(self):
        values = np.array([[-1.0, 1.0, -1.0, 1.0], [-2.0, 1.0, -2.0, 1.0]])
        observed = [5.0, 2.0]
        # Means 1 and 0 of five values each; deviations -2 0 -2 0 | 4 and -2 1 -2 1 | 2, so with
        # sds sqrt(24 / 4) and sqrt(14 / 4) the t are 0.82 0 0.82 0 | 1.63 and 1.07 0.53 1.07 0.53 | 1.07.
        found = significance.step_down_maxt(observed, values, slack=1e-12)
        np.testing.assert_allclose(found, [1 / 5, 3 / 5])

    def test_undefined_resamples_exceed(self):
        values = np.array([[0.0, 1.0, np.nan, 2.0, 1.0]])
        self.assertEqual(significance.step_down_maxt([9.0], values)[0], 2 / 6)

    def test_a_null_without_spread(self):
        """Nothing at its value, everything elsewhere; it never owns another test's maximum."""
        constant = np.full((1, 9), 0.1)
        self.assertEqual(significance.step_down_maxt([0.1], constant)[0], 1.0)
        self.assertEqual(significance.step_down_maxt([5.0], constant)[0], 0.1)
        other = np.arange(9.0)[None, :]
        np.testing.assert_array_equal(
            significance.step_down_maxt([4.5, 0.1], np.concatenate([other, constant])),
            [significance.step_down_maxt([4.5], other)[0], 1.0])


if __name__ == "__main__":
    unittest.main(verbosity=1)
