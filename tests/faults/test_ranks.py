"""The rank-sum test against published examples, and against what it must not find."""

from random import Random

import pytest
from tests.faults.ranks import compare


def test_the_share_counts_pairs_and_ties_for_half() -> None:
    assert compare([1, 2, 3], [2, 4]).share == pytest.approx(1.5 / 6)


def test_p_is_that_of_the_normal_approximation() -> None:
    first, second = range(20), [value + 6.5 for value in range(20)]
    found = compare(first, second)
    # U is 91 of 400; without ties its deviation is the root of 400 * 41 / 12.
    assert found.share == pytest.approx(91 / 400)
    assert found.p == pytest.approx(0.00334, abs=0.00001)


def test_equal_samples_are_no_difference_and_separate_ones_surely_are() -> None:
    assert compare([1.0] * 30, [1.0] * 30).p == 1.0
    assert compare(range(60), range(60, 120)).p < 1e-15


def test_of_alike_samples_about_one_in_a_hundred_is_called_different_at_one_percent() -> None:
    rng = Random(1)  # noqa: S311 - chance that can be repeated
    samples = [
        ([rng.random() for _ in range(60)], [rng.random() for _ in range(60)]) for _ in range(1_000)
    ]
    called = sum(compare(*pair).p < 0.01 for pair in samples)
    assert 2 <= called <= 25
