"""What providers must be told to run."""

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated

from pydantic import Field

from florin_chassis.outside.addresses import AddressRules
from florin_chassis.sealing import SealingSettings

Seconds = Annotated[int, Field(ge=1)]
Port = Annotated[int, Field(ge=1, le=65_535)]


class Settings(SealingSettings):
    """How webhooks are delivered: where to, how often again, how much at once, how long kept.

    The retries are those that Standard Webhooks suggest: eight more tries within three days.
    """

    webhook_http_allowed: bool = Field(
        default=False, description="Also http:// without TLS: for a laptop and for tests"
    )
    webhook_ports: frozenset[Port] = Field(
        default=frozenset({80, 443, 8080, 8443}), description="An empty list allows any"
    )
    webhook_networks_allowed: tuple[IPv4Network | IPv6Network, ...] = Field(
        default=(), description="Private networks that hold receivers; all others are refused"
    )
    webhook_retry_s: tuple[Seconds, ...] = Field(
        default=(5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400),
        description="Before each further try, after the last of which a delivery has failed",
    )
    webhook_connect_ms_max: int = Field(default=5_000, ge=1)
    webhook_answer_ms_max: int = Field(
        default=15_000, ge=1, le=60_000, description="From resolving the name to the whole answer"
    )
    webhook_at_once_max: int = Field(default=64, ge=1, description="Of one process")
    webhook_at_once_each_max: int = Field(default=8, ge=1, description="To one webhook")
    webhook_poll_ms: int = Field(default=250, ge=1)
    webhook_failing_hours_max: int = Field(
        default=120, ge=1, description="One that failed so long without a success is disabled"
    )
    webhook_retention_days: int = Field(
        default=14, ge=1, description="How long deliveries and what they carried are kept"
    )
    webhooks_max: int = Field(default=500, ge=1)
    catalogue_import_lines_max: int = Field(default=500_000, ge=1)
    catalogue_import_bytes_max: int = Field(default=268_435_456, ge=1, description="Of one file")

    @property
    def webhook_addresses(self) -> AddressRules:
        """Where a webhook may be."""
        return AddressRules(
            self.webhook_http_allowed, self.webhook_ports, self.webhook_networks_allowed
        )
