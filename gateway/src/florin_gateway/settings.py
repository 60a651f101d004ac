"""What the gateway must be told to run."""

import base64
import binascii
from typing import Final, Self

from pydantic import Field, HttpUrl, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from florin_chassis.settings import HttpSettings

SERVICES: Final = ("identity", "providers", "clients", "payers")
_KEY_BYTES: Final = 32


class Settings(HttpSettings):
    """Where each service answers, how long it may take, and what is open to the outside."""

    model_config = SettingsConfigDict(hide_input_in_errors=True)

    http_port: int = Field(default=8080, ge=0, le=65535)
    identity_url: HttpUrl
    providers_url: HttpUrl
    clients_url: HttpUrl
    payers_url: HttpUrl
    connect_timeout_s: float = Field(default=1.0, gt=0)
    total_timeout_s: float = Field(
        default=10.0, gt=0, description="From asking a service to its answer's first byte"
    )
    part_timeout_s: float = Field(
        default=5.0, gt=0, description="How long a composed view waits for an optional part"
    )
    connections_max: int = Field(default=200, ge=1, description="To each service")
    documents_served: bool = Field(default=True, description="/openapi.json and /docs")
    documents_fresh_s: float = Field(default=30.0, ge=0)
    metrics_exposed: bool = Field(default=False, description="Answer /metrics, on the same port")
    rate_per_address: int = Field(
        default=0, ge=0, description="Requests in a window from one address or /64; 0 is no limit"
    )
    rate_per_caller: int = Field(
        default=0, ge=0, description="Requests in a window with one user's or program's tokens"
    )
    rate_window_s: int = Field(default=60, ge=1)
    rate_keys_max: int = Field(
        default=100_000, ge=1, description="Addresses, and callers, that are remembered"
    )
    cors_origins: tuple[str, ...] = ()
    browser_session_secrets: tuple[SecretStr, ...] = Field(
        default=(),
        max_length=3,
        description="base64 of 32 random bytes each, as JSON: the first seals browsers' cookies,"
        " all open them; none means that there are no browser sessions",
    )

    @field_validator("browser_session_secrets")
    @classmethod
    def _are_keys(cls, secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if any(len(_decoded(secret)) != _KEY_BYTES for secret in secrets):
            raise ValueError(f"each must be base64 of exactly {_KEY_BYTES} bytes")
        return secrets

    @model_validator(mode="after")
    def _credentials_need_names(self) -> Self:
        if self.browser_session_secrets and "*" in self.cors_origins:
            raise ValueError("with browser sessions, CORS origins are named, not *")
        return self

    @property
    def browser_session_keys(self) -> tuple[bytes, ...]:
        """The bytes of the secrets."""
        return tuple(map(_decoded, self.browser_session_secrets))

    def url_of(self, service: str) -> str:
        """Where a service answers, without a slash at the end."""
        return str(getattr(self, f"{service}_url")).rstrip("/")


def _decoded(secret: SecretStr) -> bytes:
    try:
        return base64.b64decode(secret.get_secret_value(), validate=True)
    except binascii.Error:
        return b""
