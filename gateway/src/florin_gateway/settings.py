"""What the gateway must be told to run."""

from typing import Final

from pydantic import Field, HttpUrl

from florin_chassis.settings import HttpSettings

SERVICES: Final = ("identity", "providers", "clients", "payers")


class Settings(HttpSettings):
    """Where each service answers, how long it may take, and what is open to the outside."""

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

    def url_of(self, service: str) -> str:
        """Where a service answers, without a slash at the end."""
        return str(getattr(self, f"{service}_url")).rstrip("/")
