"""What an access token weighs, and that it is read as it was written."""

import base64
from datetime import UTC, datetime

import pytest

from florin_chassis.actor import Actor
from florin_chassis.ids import new_id
from florin_identity.models.access_tokens import AccessTokens
from florin_identity.models.key_ring import KeyRing
from florin_identity.models.rights import EVERYTHING, Rights, owner_of
from florin_identity.models.signing_key import KeyState, make_signing_key
from florin_identity.models.standing import Standing
from florin_identity.settings import Settings

SECRET = bytes(32)


@pytest.fixture
def tokens() -> AccessTokens:
    told = {
        "database_url": "x",
        "kafka_bootstrap": "x",
        "jwks_url": "x",
        "token_issuer": "https://panel.hosting.example",
        "key_encryption_secret": base64.b64encode(SECRET).decode(),
    }
    key = make_signing_key(SECRET, KeyState.CURRENT, datetime.now(UTC))
    return AccessTokens(Settings.model_validate(told), KeyRing([key], SECRET))


@pytest.mark.parametrize("rights", [EVERYTHING, owner_of(new_id())])
def test_a_token_is_smaller_than_a_kilobyte(tokens: AccessTokens, rights: Rights) -> None:
    standing = Standing(["mfa", "otp", "pwd"], datetime.now(UTC), rights, provisional=False)
    assert len(tokens.for_session(new_id(), new_id(), standing)) < 1_000


def test_access_is_read_as_it_was_written() -> None:
    for rights in (
        EVERYTHING,
        owner_of(new_id()),
        Rights(),
        Rights(reach={"provider": frozenset()}),
    ):
        actor = Actor.from_claims({"sub": str(new_id()), **rights.claims()})
        assert Rights(actor.permissions, actor.reach, actor.everywhere) == rights


def test_an_employee_of_many_providers_still_has_a_token() -> None:
    providers = frozenset(new_id() for _ in range(150))
    claims = Rights(EVERYTHING.permissions, {"provider": providers}).claims()
    assert len(str(claims)) < 5_000
