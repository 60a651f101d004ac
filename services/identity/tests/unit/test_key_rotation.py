"""At every moment every token that has not ended verifies with the keys as they are published."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florin_chassis.published_keys import AGE_S_MAX
from florin_chassis.tokens import LEEWAY_S
from florin_identity.models.key_rotation import RING_AGE_MAX, Make, Schedule, Wanted, turn
from florin_identity.models.signing_key import KeyState, SigningKey

START = datetime(2026, 3, 3, tzinfo=UTC)
LIFE = timedelta(seconds=900)
LEEWAY = timedelta(seconds=LEEWAY_S)
COPY_AGE_MAX = timedelta(seconds=AGE_S_MAX)
SCHEDULE = Schedule(
    period=timedelta(seconds=2_000),
    lead=timedelta(seconds=600),
    keep=LIFE + LEEWAY + RING_AGE_MAX,
)
Snapshot = tuple[datetime, str, frozenset[str]]


def maker() -> Make:
    numbers = count()

    def make(state: KeyState, now: datetime) -> SigningKey:
        return SigningKey(
            kid=str(next(numbers)), public={}, sealed_private="sealed", state=state, since=now
        )

    return make


class Installation:
    """The keys over time, as the database had them."""

    def __init__(self) -> None:
        self.now, self.make = START, maker()
        self.keys: list[SigningKey] = []
        self.history: list[Snapshot] = []
        self.turn(Wanted.COMPLETE)

    def turn(self, wanted: Wanted) -> None:
        done = turn(self.keys, self.now, SCHEDULE, self.make, wanted)
        if done.succession:
            done.succession[0].retire(self.now)
            done.succession[1].promote(self.now)
        self.keys = [key for key in self.keys if key not in done.removed] + done.made
        (current,) = [key.kid for key in self.keys if key.state is KeyState.CURRENT]
        assert len([key for key in self.keys if key.state is KeyState.NEXT]) == 1
        self.history.append((self.now, current, frozenset(key.kid for key in self.keys)))

    def as_read(self, at: datetime) -> Snapshot:
        """As somebody knows the keys who read them at this moment."""
        return next((s for s in reversed(self.history) if s[0] <= at), self.history[0])


ages = st.timedeltas(timedelta(0), RING_AGE_MAX)
steps = st.lists(
    st.tuples(st.timedeltas(timedelta(0), timedelta(seconds=700)), st.sampled_from(Wanted), ages),
    min_size=1,
    max_size=40,
).map(lambda drawn: [step for step in drawn if step[1] is not Wanted.COMPROMISED])


def tokens_over(
    installation: Installation, taken: Sequence[tuple[timedelta, Wanted, timedelta]]
) -> list[tuple[datetime, str, datetime]]:
    """Go through the steps; a token is signed at each, by a process that read the keys before."""
    signed = []
    for later, wanted, ring_age in taken:
        installation.now += later
        installation.turn(wanted)
        kid = installation.as_read(installation.now - ring_age)[1]
        signed.append((installation.now, kid, installation.now + LIFE + LEEWAY))
    return signed


@given(steps, ages)
def test_a_token_verifies_until_it_ends_wherever_the_keys_are_asked_for(
    taken: list[tuple[timedelta, Wanted, timedelta]], ring_age: timedelta
) -> None:
    installation = Installation()
    signed = tokens_over(installation, taken)
    for now, _, _ in installation.history:
        for since, kid, until in signed:
            if since <= now < until:
                assert kid in installation.as_read(now)[2]
    for (now, _, _), (following, _, _) in pairwise(installation.history):
        last = following - timedelta(microseconds=1)
        for since, kid, until in signed:
            if since <= last < until and last >= since + ring_age:
                assert kid in installation.as_read(max(last - ring_age, now))[2]


@given(
    steps.map(lambda drawn: [step for step in drawn if step[1] is not Wanted.NOW]),
    ages,
    st.timedeltas(timedelta(0), COPY_AGE_MAX),
)
def test_no_verifier_ever_meets_a_key_that_it_has_not_read(
    taken: list[tuple[timedelta, Wanted, timedelta]], ring_age: timedelta, copy_age: timedelta
) -> None:
    """It has a copy of some age, of what a process published that had read it some time before."""
    installation = Installation()
    for since, kid, until in tokens_over(installation, taken):
        for now in (since, since + LIFE / 2, until - timedelta(microseconds=1)):
            if now <= installation.now:
                assert kid in installation.as_read(now - ring_age - copy_age)[2]


@given(steps)
def test_retired_keys_do_not_pile_up(taken: list[tuple[timedelta, Wanted, timedelta]]) -> None:
    installation = Installation()
    tokens_over(installation, taken)
    installation.now += SCHEDULE.keep
    installation.turn(Wanted.COMPLETE)
    assert [key.state for key in installation.keys].count(KeyState.RETIRED) == 0


def test_a_key_that_retires_loses_its_private_part() -> None:
    installation = Installation()
    installation.now += SCHEDULE.lead
    installation.turn(Wanted.READY)
    (retired,) = [key for key in installation.keys if key.state is KeyState.RETIRED]
    assert retired.sealed_private is None


@pytest.mark.parametrize("wanted", [Wanted.READY, Wanted.IF_DUE, Wanted.COMPLETE])
def test_nothing_signs_before_every_verifier_knows_it(wanted: Wanted) -> None:
    installation = Installation()
    installation.now += SCHEDULE.lead - timedelta(microseconds=1)
    installation.turn(wanted)
    assert installation.history[-1][1:] == installation.history[0][1:]


def test_by_itself_a_key_signs_for_its_period() -> None:
    installation = Installation()
    for _ in range(50):
        installation.now += timedelta(seconds=100)
        installation.turn(Wanted.IF_DUE)
    changes = [
        at for (_, before, _), (at, now, _) in pairwise(installation.history) if before != now
    ]
    assert [(at - START).total_seconds() for at in changes] == [2_000, 4_000]


def test_in_an_emergency_nothing_is_left_of_what_there_was() -> None:
    installation = Installation()
    installation.now += timedelta(seconds=1)
    installation.turn(Wanted.NOW)
    before = installation.history[-1][2]
    installation.turn(Wanted.COMPROMISED)
    assert not before & installation.history[-1][2]
    assert len(installation.keys) == 2
