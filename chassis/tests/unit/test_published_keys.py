"""Verifiers keep the published keys, and ask for them again when they must."""

import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from florin_chassis.errors import Unauthenticated, Unavailable
from florin_chassis.published_keys import AGE_S_MAX, RENEWED_AFTER_S, PublishedKeys
from florin_chassis.testing.tokens import AUDIENCE, ISSUER, Issuer
from florin_chassis.tokens import ALGORITHM, TokenVerifier


class Identity:
    """Publishes keys, or fails to; counts how often it is asked."""

    def __init__(self) -> None:
        self.issuer, self.asked, self.down = Issuer(), 0, False
        self.document: Any = {"keys": [self.issuer.key.as_dict(private=False)]}

    def __call__(self, _: httpx.Request) -> httpx.Response:
        self.asked += 1
        return httpx.Response(503) if self.down else httpx.Response(200, json=self.document)


@pytest.fixture
def identity() -> Identity:
    return Identity()


@pytest.fixture
async def keys(identity: Identity) -> AsyncIterator[PublishedKeys]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(identity)) as client:
        yield PublishedKeys("http://identity/jwks.json", client)


@pytest.fixture
def pass_time(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let seconds pass on the clock that keys age by."""
    passed = 0.0
    real = time.monotonic

    def sleep(seconds: float) -> None:
        nonlocal passed
        passed += seconds

    monkeypatch.setattr("florin_chassis.published_keys.time.monotonic", lambda: real() + passed)
    return sleep


async def settled(keys: PublishedKeys) -> None:
    if keys._renewal is not None:
        await keys._renewal


async def test_keys_are_read_once_and_kept(identity: Identity, keys: PublishedKeys) -> None:
    assert await keys.keys() is await keys.keys()
    assert identity.asked == 1


async def test_ageing_keys_are_read_again_without_anyone_waiting(
    identity: Identity, keys: PublishedKeys, pass_time: Callable[[float], None]
) -> None:
    first = await keys.keys()
    pass_time(RENEWED_AFTER_S)
    assert await keys.keys() is first
    await settled(keys)
    assert identity.asked == 2
    assert await keys.keys() is first  # the same keys are the same object: nothing is verified anew


async def test_old_keys_are_believed_only_after_asking(
    identity: Identity, keys: PublishedKeys, pass_time: Callable[[float], None]
) -> None:
    first = await keys.keys()
    identity.document = {"keys": [Issuer().key.as_dict(private=False)]}
    pass_time(AGE_S_MAX)
    assert await keys.keys() is not first
    assert identity.asked == 2


async def test_while_identity_is_down_the_last_keys_serve_and_one_attempt_is_waited_for(
    identity: Identity, keys: PublishedKeys, pass_time: Callable[[float], None]
) -> None:
    first = await keys.keys()
    identity.down = True
    pass_time(AGE_S_MAX)
    for _ in range(10):
        assert await keys.keys() is first
    await settled(keys)
    assert identity.asked == 2
    pass_time(10)
    assert await keys.keys() is first
    assert identity.asked == 2  # nobody waited
    await settled(keys)
    assert identity.asked == 3


async def test_while_none_were_ever_read_there_are_none(
    identity: Identity, keys: PublishedKeys
) -> None:
    identity.down = True
    for _ in range(10):
        with pytest.raises(Unavailable):
            await keys.keys()
    assert identity.asked == 1


@pytest.mark.parametrize(
    "document", [[], {}, {"keys": []}, {"keys": "x"}, {"keys": [{"kty": "EC"}]}, None, 1]
)
async def test_an_answer_that_holds_no_keys_replaces_none(
    identity: Identity,
    keys: PublishedKeys,
    pass_time: Callable[[float], None],
    document: Any,
) -> None:
    first = await keys.keys()
    identity.document = document
    pass_time(AGE_S_MAX)
    assert await keys.keys() is first


async def test_a_token_of_an_unknown_key_has_them_asked_for_at_most_every_two_seconds(
    identity: Identity, keys: PublishedKeys, pass_time: Callable[[float], None]
) -> None:
    verifier = TokenVerifier(keys, ISSUER, AUDIENCE)
    await verifier.verify(identity.issuer.token())
    key = ECKey.generate_key("P-256", {"kid": "other"})
    token = jwt.encode({"alg": ALGORITHM, "kid": "other"}, {"sub": "x"}, key)
    for _ in range(10):
        with pytest.raises(Unauthenticated):
            await verifier.verify(token)
    assert identity.asked == 1
    pass_time(2)
    for _ in range(10):
        with pytest.raises(Unauthenticated):
            await verifier.verify(token)
    assert identity.asked == 2


async def test_a_token_that_was_verified_is_refused_once_its_key_is_published_no_more(
    identity: Identity, keys: PublishedKeys, pass_time: Callable[[float], None]
) -> None:
    verifier, token = TokenVerifier(keys, ISSUER, AUDIENCE), identity.issuer.token()
    await verifier.verify(token)
    identity.document = {"keys": [{**Issuer().key.as_dict(private=False), "kid": "new"}]}
    await verifier.verify(token)
    pass_time(AGE_S_MAX)
    with pytest.raises(Unauthenticated):
        await verifier.verify(token)
