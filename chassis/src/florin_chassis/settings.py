"""What a process must be told to run: read once from `FLORIN_*` variables, then passed down."""

import ipaddress
import sys
from typing import Literal, TypeVar

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class HttpSettings(BaseSettings):
    """What every process that answers HTTP needs."""

    model_config = SettingsConfigDict(env_prefix="FLORIN_", frozen=True, extra="ignore")

    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8000, ge=0, le=65535)
    jwks_url: str = Field(description="Where identity publishes its signing keys")
    token_issuer: str = Field(description="The `iss` of accepted tokens: the gateway's public URL")
    token_audience: str = "florin"  # noqa: S105 - a name, no secret
    trusted_proxies: tuple[str, ...] = Field(
        default=(),
        description="Addresses or networks of proxies in front of the gateway, as JSON: what they"
        " say of the caller's address and scheme is believed, what anyone else says is not",
    )
    token_life_s_max: int = Field(
        default=900,
        ge=1,
        description="The longest that a token may live: so long is it remembered what was revoked",
    )
    kafka_bootstrap: str = Field(description="host:port of Kafka brokers, comma separated")
    topic_prefix: str = ""
    body_bytes_max: int = Field(default=1_048_576, ge=1)
    drain_s: float = Field(
        default=5.0,
        ge=0,
        description="Told to stop, an API answers on for so long, each answer the last of its"
        " connection: longer than callers keep idle connections, and than balancers take to turn"
        " to other replicas",
    )
    otlp_endpoint: str | None = Field(default=None, description="OTLP/HTTP collector, if any")
    trace_ratio: float = Field(default=1.0, ge=0, le=1)
    log_level: str = "INFO"

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(ipaddress.ip_network(proxy)) for proxy in proxies)


class ServiceSettings(HttpSettings):
    """What a service with a database and events of its own needs besides."""

    database_url: SecretStr = Field(description="postgresql+asyncpg://role:password@host/database")
    database_pool_size: int = Field(default=10, ge=1)
    topic_replicas: int = Field(default=1, ge=1)
    relay: Literal["wal", "poll"] = Field(
        default="wal",
        description="Whether facts are read from the write-ahead log or by polling, which is also"
        " the fall-back where there is no replication slot to be had",
    )
    relay_poll_ms: int = Field(default=20, ge=1)
    relay_batch_max: int = Field(default=2_000, ge=1, description="Rows read at a time")
    relay_slot: str | None = Field(
        default=None, description="The replication slot's name; by default after the database"
    )
    outbox_retention_hours: int = Field(default=168, ge=1)
    inbox_retention_days: int = Field(
        default=30, ge=1, description="Longer than any event may come again: past Kafka's retention"
    )
    idempotency_retention_hours: int = Field(default=24, ge=1)
    consumer_batch_max: int = Field(default=500, ge=1, description="Events a transaction")
    consumer_buffer_max: int = Field(
        default=2_000, ge=1, description="Events read ahead of a partition before it is paused"
    )
    consumer_instance: str | None = Field(
        default=None,
        description="A name of this replica that stays over its restarts (a StatefulSet's pod):"
        " with it, a restart within the session's ten seconds moves no partition",
    )
    event_bytes_max: int = Field(default=524_288, ge=1, description="A longer one is parked")
    parked_in_row_max: int = Field(
        default=20, ge=1, description="After so many poisoned events in a row the consumer stops"
    )
    parked_max: int = Field(
        default=10_000, ge=1, description="With so many events parked the consumer stops"
    )
    position_wait_ms_max: int = Field(
        default=2_000, ge=0, description="How long a request waits for the events it must follow"
    )


S = TypeVar("S", bound=HttpSettings)


def read_settings(kind: type[S]) -> S:
    """The settings from the environment; exits with 2, naming each variable that is wrong."""
    try:
        return kind()
    except ValidationError as error:
        for fault in error.errors(include_input=False):
            name = "_".join(["FLORIN", *map(str, fault["loc"])]).upper()
            sys.stderr.write(f"{name}: {fault['msg']}\n")
        raise SystemExit(2) from None
