"""Webhooks: who outside is told of events over HTTP."""

from enum import StrEnum
from uuid import UUID

from florin_contracts.event import Event
from florin_contracts.values import Value
from florin_contracts.vocabulary import Open


class WebhookStatus(StrEnum):
    """Whether events are delivered to a webhook."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    DELETED = "deleted"


class WebhookDisabledReason(StrEnum):
    """Why nothing is delivered any more: somebody asked, it said 410, or it failed for days."""

    REQUESTED = "requested"
    GONE = "gone"
    FAILING = "failing"


class WebhookState(Value):
    """Who outside is told of events over HTTP. Neither its secret nor its path is stated."""

    id: UUID
    """The webhook."""
    provider_id: UUID | None
    """The provider whose events it is told of; none when of every provider's."""
    origin: str
    """Where it is: scheme, host and port. The path stays here, for it may hold a token."""
    description: str
    """What it is for, in its owner's words."""
    event_types: tuple[str, ...] | None
    """The types of events it is told of; none when of all."""
    status: Open[WebhookStatus]
    """Whether events are delivered to it."""


class WebhookCreated(WebhookState, Event, type="florin.providers.webhook.created.v1"):
    """Somebody outside is told of events from now on."""


class WebhookChanged(WebhookState, Event, type="florin.providers.webhook.changed.v1"):
    """A webhook's address, description, choice of events or notes were changed."""


class WebhookEnabled(WebhookState, Event, type="florin.providers.webhook.enabled.v1"):
    """Deliveries to a webhook that was disabled go on, with those that waited."""


class WebhookDisabled(WebhookState, Event, type="florin.providers.webhook.disabled.v1"):
    """Nothing is delivered to a webhook until it is enabled again."""

    reason: Open[WebhookDisabledReason]
    """Why."""


class WebhookSecretRotated(WebhookState, Event, type="florin.providers.webhook.secret-rotated.v1"):
    """A webhook got another secret to verify deliveries with."""


class WebhookDeleted(WebhookState, Event, type="florin.providers.webhook.deleted.v1"):
    """A webhook is told of nothing any more; its secrets and its log go."""
