"""What is sealed is opened by the same key for the same purpose alone; the key has one form."""

import base64
import traceback

import pytest
from pydantic import ValidationError

from florin_chassis.sealing import NotReadable, SealingSettings, seal, unseal

OTHERS = {"database_url": "x", "kafka_bootstrap": "x", "jwks_url": "x", "token_issuer": "x"}
KEY, OTHER_KEY = bytes(range(32)), bytes(32)


def test_what_is_sealed_does_not_show_and_is_opened_again() -> None:
    sealed = seal(b"the secret", "umbrella", KEY)
    assert b"the secret" not in base64.urlsafe_b64decode(sealed.split(".")[3] + "==")
    assert unseal(sealed, "umbrella", KEY) == b"the secret"
    assert seal(b"the secret", "umbrella", KEY) != sealed


@pytest.mark.parametrize(
    ("purpose", "key"), [("raincoat", KEY), ("umbrella", OTHER_KEY)], ids=["purpose", "key"]
)
def test_another_purpose_or_key_does_not_open_it(purpose: str, key: bytes) -> None:
    with pytest.raises(NotReadable):
        unseal(seal(b"the secret", "umbrella", KEY), purpose, key)


@pytest.mark.parametrize("sealed", ["", "a.b.c.d.e", "no JWE"])
def test_what_was_never_sealed_is_not_readable(sealed: str) -> None:
    with pytest.raises(NotReadable):
        unseal(sealed, "umbrella", KEY)


def test_the_secret_is_the_key_in_base64() -> None:
    encoded = base64.b64encode(KEY).decode()
    settings = SealingSettings(**OTHERS, key_encryption_secret=encoded)  # type: ignore[arg-type]
    assert settings.key_encryption_key == KEY
    assert encoded not in repr(settings)


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "no base64 at all!",
        base64.b64encode(b"x" * 31).decode(),
        base64.b64encode(b"x" * 33).decode(),
    ],
)
def test_a_secret_of_another_form_is_refused_and_not_shown(secret: str) -> None:
    with pytest.raises(ValidationError) as refused:
        SealingSettings(**OTHERS, key_encryption_secret=secret)  # type: ignore[arg-type]
    assert "base64 of exactly 32 bytes" in str(refused.value)
    shown = "".join(traceback.format_exception(refused.value, limit=0))
    assert not secret or secret not in shown


def test_no_secret_has_a_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLORIN_KEY_ENCRYPTION_SECRET", raising=False)
    with pytest.raises(ValidationError, match="key_encryption_secret"):
        SealingSettings(**OTHERS)  # type: ignore[arg-type]
