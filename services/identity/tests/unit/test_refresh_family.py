"""The rules of refresh tokens: whatever holders do, one token is good, and theft comes out."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from florin_chassis.ids import new_id
from florin_chassis.origin import Origin
from florin_identity.models.refresh_family import (
    LENGTH,
    RefreshFamily,
    RefreshToken,
    RefreshTokenRefused,
    RefreshTokenReused,
    digest,
)

SOMEWHERE = Origin("192.0.2.1", "browser")
GRACE = RefreshFamily.repeatable
START = datetime(2026, 1, 1, tzinfo=UTC)


def begun() -> tuple[RefreshFamily, RefreshToken]:
    return RefreshFamily.begin(new_id(), START, SOMEWHERE)


def test_a_token_is_read_as_it_was_written() -> None:
    _, token = begun()
    assert RefreshToken.parse(str(token)) == token
    assert len(str(token)) == LENGTH


@pytest.mark.parametrize(
    "text",
    ["", "x", "é" * LENGTH, "!" * LENGTH, "A" * (LENGTH + 1), "A" * (LENGTH - 1) + "!"],
)
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(RefreshTokenRefused):
        RefreshToken.parse(text)


def test_nothing_that_is_kept_is_a_token_or_a_part_of_one() -> None:
    family, token = begun()
    kept = [family.family_hash, family.current_hash]
    assert token.family not in kept
    assert token.turn not in kept


def test_an_answer_that_was_lost_can_be_asked_for_again_for_a_moment() -> None:
    family, first = begun()
    lost = family.renew(first, START, SOMEWHERE)
    again = family.renew(first, START + GRACE, SOMEWHERE)
    assert again != lost
    family.renew(again, START + GRACE, SOMEWHERE)


def test_a_moment_later_it_cannot() -> None:
    family, first = begun()
    family.renew(first, START, SOMEWHERE)
    family.renew(first, START + GRACE, SOMEWHERE)  # asking again makes the moment no longer
    with pytest.raises(RefreshTokenReused):
        family.renew(first, START + GRACE + timedelta(seconds=1), SOMEWHERE)


def test_nor_once_the_successor_was_used() -> None:
    family, first = begun()
    second = family.renew(first, START, SOMEWHERE)
    family.renew(second, START, SOMEWHERE)
    with pytest.raises(RefreshTokenReused):
        family.renew(first, START, SOMEWHERE)


def test_a_thief_within_that_moment_is_found_out_at_the_next_turn_of_the_other() -> None:
    family, stolen = begun()
    users = family.renew(stolen, START, SOMEWHERE)
    thiefs = family.renew(stolen, START, SOMEWHERE)
    with pytest.raises(RefreshTokenReused):
        family.renew(users, START, SOMEWHERE)
    assert digest(thiefs.turn) == family.current_hash


class Family(RuleBasedStateMachine):
    """Holders present any token that there ever was, at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.family, first = begun()
        self.now = START
        self.issued = [first]
        self.good = first
        self.before: tuple[RefreshToken, datetime] | None = None
        self.given_away = False

    @rule(seconds=st.integers(0, 40))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @precondition(lambda self: not self.given_away)
    @rule(data=st.data())
    def somebody_presents_a_token(self, data: st.DataObject) -> None:
        token = data.draw(st.sampled_from(self.issued))
        acceptable = token == self.good or (
            self.before is not None
            and token == self.before[0]
            and self.now - self.before[1] <= GRACE
        )
        try:
            successor = self.family.renew(token, self.now, SOMEWHERE)
        except RefreshTokenReused:
            assert not acceptable
            self.given_away = True
            return
        assert acceptable
        assert successor not in self.issued
        if token == self.good:
            self.before = token, self.now
        self.good = successor
        self.issued.append(successor)

    @invariant()
    def exactly_one_token_is_the_present_one(self) -> None:
        present = [t for t in self.issued if digest(t.turn) == self.family.current_hash]
        assert present == [self.good]

    @invariant()
    def all_are_of_one_family(self) -> None:
        assert {digest(token.family) for token in self.issued} == {self.family.family_hash}


TestFamily = Family.TestCase
TestFamily.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
