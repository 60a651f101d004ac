"""What identity must be told to run."""

import os
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from florin_chassis.outside.addresses import AddressRules
from florin_chassis.sealing import SealingSettings

Port = Annotated[int, Field(ge=1, le=65_535)]


class MailSettings(SealingSettings):
    """Where letters are handed in, whom they are from and where their links lead.

    Without `smtp_host` letters wait, and end when they have waited for too long.
    """

    smtp_host: str | None = Field(
        default=None, description="The mail server; without, none is sent"
    )
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_ca_file: Path | None = Field(
        default=None, description="Whom to trust as the mail server's issuer, if not the system's"
    )
    smtp_timeout_s: float = Field(default=30, gt=0)
    letters_from: str | None = Field(
        default=None,
        pattern=r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+$",
        description="The sender's address",
    )
    letters_from_name: str = Field(default="Florin", pattern=r"^[^\x00-\x1f]+$")
    letters_poll_ms: int = Field(default=1_000, ge=1)
    letter_waiting_hours_max: int = Field(
        default=72, ge=1, description="What could not be sent for so long is not sent any more"
    )
    letter_retention_days: int = Field(default=30, ge=1)
    frontend_url: str | None = Field(
        default=None, pattern=r"^https?://[^\s#?]+[^\s#?/]$", description="What letters link to"
    )

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.smtp_host and not (self.letters_from and self.frontend_url):
            raise ValueError("FLORIN_SMTP_HOST needs FLORIN_LETTERS_FROM and FLORIN_FRONTEND_URL")
        if (self.smtp_username is None) != (self.smtp_password is None):
            raise ValueError("FLORIN_SMTP_USERNAME and FLORIN_SMTP_PASSWORD go together")
        if self.smtp_password is not None and self.smtp_security == "none":
            raise ValueError("FLORIN_SMTP_PASSWORD does not travel without TLS")
        return self


class LogoutSettings(MailSettings):
    """How applications are told that a session has ended, and where they may be."""

    logout_http_allowed: bool = Field(
        default=False, description="Also http:// without TLS: for a laptop and for tests"
    )
    logout_ports: frozenset[Port] = Field(
        default=frozenset({80, 443, 8080, 8443}), description="An empty list allows any"
    )
    logout_networks_allowed: tuple[IPv4Network | IPv6Network, ...] = Field(
        default=(), description="Private networks that hold applications; all others are refused"
    )
    logout_answer_ms_max: int = Field(default=10_000, ge=1, le=60_000)
    logout_at_once_max: int = Field(default=32, ge=1, description="Of one process")
    logout_poll_ms: int = Field(default=250, ge=1)
    logout_waiting_hours_max: int = Field(
        default=24, ge=1, description="An application that could not be told for so long is not"
    )
    logout_retention_days: int = Field(default=14, ge=1)

    @property
    def logout_addresses(self) -> AddressRules:
        """Where applications are told."""
        return AddressRules(
            self.logout_http_allowed, self.logout_ports, self.logout_networks_allowed
        )


class Settings(LogoutSettings):
    """How long things live, and how many passwords are hashed at once."""

    token_life_s: int = Field(default=300, ge=1)
    impersonation_life_s: int = Field(default=900, ge=1)
    session_life_hours: int = Field(default=168, ge=1, description="However much it is used")
    session_idle_hours: int = Field(default=12, ge=1, description="Since it was last refreshed")
    session_kept_days: int = Field(
        default=30, ge=1, description="How long it is known of a session that is over"
    )
    invitation_life_hours: int = Field(default=72, ge=1)
    email_link_life_hours: int = Field(
        default=24, ge=1, description="Links that verify or change an address"
    )
    password_reset_life_minutes: int = Field(default=30, ge=1)
    signing_key_period_s: int = Field(
        default=30 * 86_400, ge=1, description="For how long a key signs before the next one does"
    )
    signing_key_lead_s: int = Field(
        default=600,
        ge=1,
        description="For how long a key is published before it signs: longer than any verifier"
        " goes without reading the keys again, which is a minute for Florin's own",
    )
    browser_login_hours: int = Field(
        default=12, ge=1, description="How long a browser stays signed in here, for applications"
    )
    authorization_code_life_s: int = Field(default=60, ge=1, le=600)
    application_grant_days: int = Field(
        default=30, ge=1, description="An application's refresh token ends when unused so long"
    )
    applications_max: int = Field(default=500, ge=1)
    hashing_threads: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1)
    hashing_waiting_max: int = Field(
        default=200, ge=1, description="Sign-ins that may wait for a hashing thread; more get 503"
    )
    sign_in_failures_max: int = Field(
        default=10, ge=1, description="Of one login from one address, before that is locked"
    )
    sign_in_failures_max_per_login: int = Field(
        default=100, ge=1, description="Of one login, from addresses that it never signed in from"
    )
    sign_in_failures_max_per_address: int = Field(
        default=100, ge=1, description="From one address, or one /64 of IPv6, of whatever logins"
    )
    sign_in_lock_s: int = Field(default=60, ge=1, description="The first lock; each next is twice")
    sign_in_lock_s_max: int = Field(default=3_600, ge=1)
    second_factor_failures_max: int = Field(
        default=10, ge=1, description="Of one user, before its second factors are locked"
    )
    recent_proof_s: int = Field(
        default=600,
        ge=1,
        description="How recently who changes credentials must have proved itself",
    )
    sign_in_name: str = Field(
        default="Florin", max_length=60, description="What authenticators show their users"
    )
    passkey_rp_id: str | None = Field(
        default=None, description="The domain passkeys are bound to; by default the token issuer's"
    )
    passkey_origins: tuple[str, ...] = Field(
        default=(), description="Where pages that use passkeys stand; by default the token issuer"
    )

    @property
    def passkey_domain(self) -> str:
        """The relying party's id."""
        return self.passkey_rp_id or urlsplit(self.token_issuer).hostname or self.token_issuer

    @property
    def passkey_pages(self) -> tuple[str, ...]:
        """The origins that are believed."""
        issuer = urlsplit(self.token_issuer)
        return self.passkey_origins or (f"{issuer.scheme}://{issuer.netloc}",)

    @model_validator(mode="after")
    def _outlive_no_revocation(self) -> Self:
        if max(self.token_life_s, self.impersonation_life_s) > self.token_life_s_max:
            raise ValueError("no token may live longer than FLORIN_TOKEN_LIFE_S_MAX")
        return self
