"""Which tokens are refused, and for how long that is remembered."""

from uuid import UUID

import pytest

from florin_chassis.ids import new_id
from florin_chassis.revocations import SKEW_S, Revocations, Stamp, TokenRevoked
from florin_chassis.testing.tokens import AUDIENCE, ISSUER, Issuer
from florin_chassis.tokens import TokenVerifier

LIFE_S = 900.0
KEPT_S = LIFE_S + SKEW_S
HOLDER, SESSION, OTHER = new_id(), new_id(), new_id()


class Clock:
    """Tells the time that it is told."""

    now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


def refused(revocations: Revocations, holder: UUID, issued_in: UUID | None, version: int) -> bool:
    try:
        revocations.refuse(Stamp(holder, issued_in, version))
    except TokenRevoked:
        return True
    return False


def test_what_was_issued_in_an_ended_session_is_refused_whatever_its_version() -> None:
    revocations = Revocations(LIFE_S)
    revocations.add(SESSION)
    assert refused(revocations, HOLDER, SESSION, 7)
    assert not refused(revocations, HOLDER, OTHER, 7)
    assert not refused(revocations, HOLDER, None, 7)


def test_what_was_issued_before_access_was_reduced_is_refused_and_nothing_later() -> None:
    revocations = Revocations(LIFE_S)
    revocations.add(HOLDER, below=4)
    assert [refused(revocations, HOLDER, SESSION, v) for v in (0, 3, 4, 5)] == [
        True,
        True,
        False,
        False,
    ]
    assert not refused(revocations, OTHER, SESSION, 0)


def test_an_older_event_that_comes_again_lowers_no_bound() -> None:
    revocations = Revocations(LIFE_S)
    revocations.add(HOLDER, below=9)
    revocations.add(HOLDER, below=4)
    assert refused(revocations, HOLDER, SESSION, 8)
    revocations.add(SESSION)
    revocations.add(SESSION, below=2)
    assert refused(revocations, OTHER, SESSION, 1 << 62)


def test_nothing_is_remembered_for_longer_than_a_token_lives_by_the_slowest_clock() -> None:
    clock = Clock()
    revocations = Revocations(LIFE_S, clock)
    revocations.add(SESSION)
    clock.now_s += KEPT_S / 2
    revocations.add(HOLDER, below=2)
    clock.now_s += KEPT_S / 2 - 1
    assert (len(revocations), refused(revocations, OTHER, SESSION, 0)) == (2, True)
    clock.now_s += 1
    revocations.forget()
    assert (len(revocations), refused(revocations, HOLDER, None, 0)) == (1, True)
    clock.now_s += KEPT_S
    revocations.add(OTHER)
    assert len(revocations) == 1


def test_the_stamp_is_of_the_person_behind_an_impersonation() -> None:
    claims = {"sub": str(OTHER), "act": {"sub": str(HOLDER)}, "sid": str(SESSION), "ver": 3}
    assert Stamp.of(claims) == Stamp(HOLDER, SESSION, 3)


def test_a_token_without_a_version_has_no_stamp() -> None:
    with pytest.raises(KeyError):
        Stamp.of({"sub": str(HOLDER)})


async def test_a_verifier_listens_to_revocations_that_nothing_was_heard_of_yet() -> None:
    revocations, issuer = Revocations(LIFE_S), Issuer()
    revocations.settle()
    verifier = TokenVerifier(issuer, ISSUER, AUDIENCE, revocations)
    token = issuer.token(sub=str(HOLDER), sid=str(SESSION))
    await verifier.verify(token)
    revocations.add(SESSION)
    with pytest.raises(TokenRevoked):
        await verifier.verify(token)
