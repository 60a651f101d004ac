"""What identity must be told to run."""

import base64
import binascii
import os

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from florin_chassis.settings import ServiceSettings

_KEY_BYTES = 32


class Settings(ServiceSettings):
    """The secret that opens the signing keys, how long things live, how many hash at once."""

    model_config = SettingsConfigDict(hide_input_in_errors=True)

    key_encryption_secret: SecretStr = Field(
        description="base64 of 32 random bytes; the signing keys in the database are sealed with it"
    )
    token_life_s: int = Field(default=300, ge=1)
    impersonation_life_s: int = Field(default=900, ge=1)
    invitation_life_hours: int = Field(default=72, ge=1)
    hashing_threads: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1)
    hashing_waiting_max: int = Field(
        default=200, ge=1, description="Sign-ins that may wait for a hashing thread; more get 503"
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
