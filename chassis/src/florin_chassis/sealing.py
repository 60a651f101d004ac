"""Secrets at rest: sealed with the service's own key, and bound to what each of them is for."""

import base64
import binascii
from typing import Final

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from florin_chassis.settings import ServiceSettings

_KEY_BYTES: Final = 32
_SEALED: Final = {"alg": "dir", "enc": "A256GCM"}


class NotReadable(Exception):
    """What is sealed was sealed with another secret than the one given, or as something else."""


def seal(secret: bytes, purpose: str, key: bytes) -> str:
    """The secret as a JWE, AES-256-GCM; only the same key and purpose open it again."""
    return jwe.encrypt_compact({**_SEALED, "kid": purpose}, secret, OctKey.import_key(key))


def unseal(sealed: str, purpose: str, key: bytes) -> bytes:
    """The secret itself; raises `NotReadable`."""
    try:
        opened = jwe.decrypt_compact(sealed, OctKey.import_key(key))
    except (JoseError, ValueError) as error:
        raise NotReadable("FLORIN_KEY_ENCRYPTION_SECRET does not open it") from error
    if opened.headers().get("kid") != purpose or opened.plaintext is None:
        raise NotReadable(f"what is sealed is not {purpose}")
    return opened.plaintext


class SealingSettings(ServiceSettings):
    """What a service needs that keeps secrets in its database."""

    model_config = SettingsConfigDict(hide_input_in_errors=True)

    key_encryption_secret: SecretStr = Field(
        description="base64 of 32 random bytes; the secrets in the database are sealed with it"
    )

    @field_validator("key_encryption_secret")
    @classmethod
    def _is_a_key(cls, secret: SecretStr) -> SecretStr:
        if len(_decoded(secret)) != _KEY_BYTES:
            raise ValueError(f"must be base64 of exactly {_KEY_BYTES} bytes")
        return secret

    @property
    def key_encryption_key(self) -> bytes:
        """The 32 bytes themselves."""
        return _decoded(self.key_encryption_secret)


def _decoded(secret: SecretStr) -> bytes:
    try:
        return base64.b64decode(secret.get_secret_value(), validate=True)
    except binascii.Error:
        return b""
