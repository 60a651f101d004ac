"""A quota for each key: how a burst uses it up, when it is refilled, what is remembered."""

import pytest

from florin_chassis.errors import Quota, TooManyRequests
from florin_gateway.rates import Rate

QUOTA = Quota("test", 3, 60)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def rate(keys_max: int = 10) -> tuple[Rate, Clock]:
    clock = Clock()
    return Rate(QUOTA, keys_max, clock), clock


def test_a_burst_may_use_the_whole_quota_and_no_more() -> None:
    limit, _ = rate()
    assert [limit.take("a") for _ in range(3)] == [
        '"test";r=2;t=20',
        '"test";r=1;t=40',
        '"test";r=0;t=60',
    ]
    with pytest.raises(TooManyRequests) as refused:
        limit.take("a")
    assert refused.value.headers["Retry-After"] == "20"
    limit.take("b")


def test_after_the_wait_that_a_refusal_names_one_more_is_let_through() -> None:
    limit, clock = rate()
    for _ in range(3):
        limit.take("a")
    for wait_s, allowed in ((19.9, False), (0.2, True), (0.1, False), (20, True)):
        clock.now += wait_s
        if allowed:
            limit.take("a")
        else:
            with pytest.raises(TooManyRequests):
                limit.take("a")


def test_what_is_refused_does_not_count() -> None:
    limit, clock = rate()
    for _ in range(100):
        try:
            limit.take("a")
        except TooManyRequests:
            continue
    clock.now += 60
    assert limit.take("a") == '"test";r=2;t=20'


def test_memory_is_bounded_and_the_last_seen_are_remembered() -> None:
    limit, _ = rate(keys_max=2)
    for _ in range(3):
        limit.take("a")
    for key in "bcbc":
        limit.take(key)
    assert len(limit._full_at) == 2
    limit.take("a")  # forgotten
    limit.take("c")
    with pytest.raises(TooManyRequests):
        limit.take("c")
