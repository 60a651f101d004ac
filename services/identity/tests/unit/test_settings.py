"""The secret that the signing keys are sealed with."""

import base64
import traceback

import pytest
from pydantic import ValidationError

from florin_identity.settings import Settings

OTHERS = {"database_url": "x", "kafka_bootstrap": "x", "jwks_url": "x", "token_issuer": "x"}


def test_the_secret_is_the_key_in_base64() -> None:
    key = bytes(range(32))
    settings = Settings(**OTHERS, key_encryption_secret=base64.b64encode(key).decode())  # type: ignore[arg-type]
    assert settings.key_encryption_key == key
    assert base64.b64encode(key).decode() not in repr(settings)


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
        Settings(**OTHERS, key_encryption_secret=secret)  # type: ignore[arg-type]
    assert "base64 of exactly 32 bytes" in str(refused.value)
    shown = "".join(traceback.format_exception(refused.value, limit=0))
    assert not secret or secret not in shown


def test_no_secret_has_a_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLORIN_KEY_ENCRYPTION_SECRET", raising=False)
    with pytest.raises(ValidationError, match="key_encryption_secret"):
        Settings(**OTHERS)  # type: ignore[arg-type]
