"""A webhook: somebody outside who is told of events over HTTP."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.actor import Actor
from florin_chassis.errors import Refusal
from florin_chassis.orm import Aggregate, Fact
from florin_chassis.outside.addresses import origin_of
from florin_chassis.tenancy import Tenanted
from florin_contracts.providers import (
    WebhookChanged,
    WebhookCreated,
    WebhookDeleted,
    WebhookDisabled,
    WebhookDisabledReason,
    WebhookEnabled,
    WebhookSecretRotated,
    WebhookStatus,
)
from florin_providers.models.base import Base
from florin_providers.models.rights import require_everywhere
from florin_providers.models.webhook_rights import require_readable


class WebhookNotEnabled(Refusal):
    """Nothing is delivered to a webhook that is disabled: enable it first."""

    code = "webhook_not_enabled"


class TooManyWebhooks(Refusal):
    """The installation has as many webhooks as it allows."""

    code = "too_many_webhooks"


class Webhook(Aggregate, Tenanted, Base):
    """See `florin_contracts.providers.WebhookState`.

    Who works for its provider sees it; one of every provider is seen by its equals only. `notes`
    are its owner's own, under the name `metadata` outside.
    """

    __tablename__ = "webhooks"
    __history__ = True
    tenants: ClassVar = {"provider": "provider_id"}

    provider_id: Mapped[UUID | None] = mapped_column(ForeignKey("providers.id"), index=True)
    url: Mapped[str]
    description: Mapped[str]
    event_types: Mapped[tuple[str, ...] | None] = mapped_column(ARRAY(String, as_tuple=True))
    status: Mapped[WebhookStatus]
    notes: Mapped[dict[str, str]] = mapped_column("metadata", JSONB)

    @property
    def origin(self) -> str:
        """What is stated of its URL."""
        return origin_of(self.url)

    @property
    def enabled(self) -> bool:
        """Whether events are delivered to it."""
        return self.status is WebhookStatus.ENABLED

    def create(self, by: Actor) -> Fact:
        """Be told of events from now on. Raises `GrantsMoreThanHeld`."""
        if self.provider_id is None:
            require_everywhere(by)
        require_readable(by, self.event_types)
        return self.fact(WebhookCreated)

    def change(self, by: Actor, changes: Mapping[str, Any]) -> Fact | None:
        """Set columns to new values; nothing to state if all were so. Raises `GrantsMoreThanHeld`.

        Another address is another reader, so it asks for as much as a new webhook would.
        """
        differing = {k: v for k, v in changes.items() if getattr(self, k) != v}
        for column, value in differing.items():
            setattr(self, column, value)
        if not differing:
            return None
        require_readable(by, self.event_types)
        return self.fact(WebhookChanged)

    def enable(self, by: Actor) -> Fact | None:
        """Be told again, if it is disabled. Raises `GrantsMoreThanHeld`."""
        if self.enabled:
            return None
        require_readable(by, self.event_types)
        self.status = WebhookStatus.ENABLED
        return self.fact(WebhookEnabled)

    def disable(self, reason: WebhookDisabledReason) -> Fact | None:
        """Be told nothing until it is enabled again, if it is enabled."""
        if not self.enabled:
            return None
        self.status = WebhookStatus.DISABLED
        return self.fact(WebhookDisabled, reason=reason)

    def rotate_secret(self) -> Fact:
        """State that there is another secret."""
        return self.fact(WebhookSecretRotated)

    def delete(self) -> Fact:
        """Be told nothing any more; of the URL only what was stated stays."""
        self.url, self.notes, self.status = self.origin, {}, WebhookStatus.DELETED
        return self.fact(WebhookDeleted)

    def require_enabled(self) -> None:
        """Raise `WebhookNotEnabled` when it is disabled."""
        if not self.enabled:
            raise WebhookNotEnabled("the webhook is disabled: enable it first")
