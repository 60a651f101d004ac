"""When failures lock, for how long, and when they are forgotten."""

from datetime import UTC, datetime, timedelta

import pytest

from florin_chassis.errors import Quota
from florin_chassis.origin import network_of
from florin_identity.models.attempts import Attempt, Budget, Limit, TooManyAttempts

LIMIT = Limit(Quota("test", 3, 100), lock_s=60, lock_s_max=200, memory_s=1_000)
START = datetime(2026, 1, 1, tzinfo=UTC)


def after(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


def fresh() -> Attempt:
    return Attempt(
        failures=0,
        since=START - timedelta(days=1),
        strikes=0,
        locked_until=None,
        forgotten_at=START - timedelta(days=1),
    )


def locked_s(attempt: Attempt, at: datetime) -> float:
    assert attempt.locked_until is not None
    return (attempt.locked_until - at).total_seconds()


def test_the_last_allowed_failure_locks_and_not_the_one_before() -> None:
    attempt = fresh()
    assert [attempt.fail(LIMIT, after(n)) for n in range(3)] == [False, False, True]
    assert locked_s(attempt, after(2)) == 60


def test_while_it_is_locked_the_refusal_says_how_long_it_will_be() -> None:
    attempt = fresh()
    for _ in range(3):
        attempt.fail(LIMIT, START)
    with pytest.raises(TooManyAttempts) as refused:
        attempt.require_open(LIMIT, after(59))
    assert refused.value.headers == {
        "Retry-After": "1",
        "RateLimit": '"test";r=0;t=1',
        "RateLimit-Policy": '"test";q=3;w=100',
    }
    attempt.require_open(LIMIT, after(60))


def test_each_further_lock_is_twice_as_long_up_to_the_longest() -> None:
    attempt, now, locks = fresh(), START, []
    for _ in range(4):
        for _ in range(3):
            attempt.fail(LIMIT, now)
        locks.append(locked_s(attempt, now))
        now = attempt.locked_until or now
    assert locks == [60, 120, 200, 200]


def test_failures_older_than_the_window_do_not_count() -> None:
    attempt = fresh()
    assert not attempt.fail(LIMIT, after(0))
    assert not attempt.fail(LIMIT, after(1))
    assert not attempt.fail(LIMIT, after(100))
    assert attempt.failures == 1


def test_earlier_locks_are_forgotten_after_a_while() -> None:
    attempt = fresh()
    for _ in range(3):
        attempt.fail(LIMIT, START)
    for _ in range(3):
        attempt.fail(LIMIT, after(60 + 1_000))
    assert locked_s(attempt, after(60 + 1_000)) == 60


def test_nothing_overflows_however_often_it_was_locked() -> None:
    assert LIMIT.lock_after(10_000) == timedelta(seconds=200)


def test_two_things_never_share_a_key() -> None:
    keys = [Budget(LIMIT, *of).key for of in (("ab", "c"), ("a", "bc"), ("abc",), ("abc", ""))]
    assert len(set(keys)) == 4


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        (None, "unknown"),
        ("unknown", "unknown"),
        ("1.2.3.4, 5.6.7.8", "unknown"),
    ],
)
def test_an_address_counts_for_itself_or_for_its_64(address: str | None, network: str) -> None:
    assert network_of(address) == network
