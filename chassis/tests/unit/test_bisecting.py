"""One bad record costs few transactions, and nothing is handled out of order."""

from math import ceil, log2

from hypothesis import given
from hypothesis import strategies as st

from florin_chassis.road.bisecting import Bisection

Handled = list[int]


def handle(size: int, bad: frozenset[int], known: bool) -> tuple[Handled, Handled, int]:
    """What was handled, what was set apart, and how many tries it took."""
    handled: Handled = []
    apart: Handled = []
    work, tries = Bisection(size), 0
    while span := work.next:
        tries += 1
        failing = [index for index in range(*span) if index in bad]
        if not failing:
            handled += range(*span)
            work.done()
        elif work.is_single:
            apart.append(span[0])
            handled.append(span[0])
            work.done()
        else:
            work.around(failing[0] - span[0] if known else None)
    return handled, apart, tries


@given(st.integers(0, 300), st.frozensets(st.integers(0, 299)), st.booleans())
def test_every_record_is_handled_or_set_apart_once_and_in_order(
    size: int, bad: frozenset[int], known: bool
) -> None:
    handled, apart, _ = handle(size, bad, known)
    assert handled == list(range(size))
    assert apart == sorted(index for index in bad if index < size)


@given(st.integers(1, 5_000), st.frozensets(st.integers(0, 4_999), max_size=5))
def test_a_bad_record_costs_a_number_of_tries_that_grows_with_the_logarithm(
    size: int, bad: frozenset[int]
) -> None:
    _, apart, tries = handle(size, bad, known=False)
    assert tries <= 1 + 2 * len(apart) * ceil(log2(size) + 1)


@given(st.integers(1, 5_000), st.frozensets(st.integers(0, 4_999), max_size=5))
def test_a_bad_record_that_is_known_costs_three_more_tries(size: int, bad: frozenset[int]) -> None:
    _, apart, tries = handle(size, bad, known=True)
    assert tries <= 1 + 3 * len(apart)


def test_what_stands_before_a_record_that_waits_goes_first() -> None:
    work = Bisection(10)
    work.before(4)
    assert work.next == (0, 4)
    work.done()
    assert work.next == (4, 10)
